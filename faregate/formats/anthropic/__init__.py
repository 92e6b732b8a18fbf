"""The Anthropic Messages dialect (`POST /v1/messages`), API versions 2023-06-01 and 2026-10-21.

Promises what formats/dialect.py says. Besides: token counting (`peek_count`, `count_tokens_reply`).
"""

from faregate.formats.anthropic.errors import render_error
from faregate.formats.anthropic.foreign import carries_foreign, without_foreign
from faregate.formats.anthropic.parse import parse
from faregate.formats.anthropic.peek import count_tokens_reply, peek, peek_count, weigh
from faregate.formats.anthropic.reader import Reader
from faregate.formats.anthropic.render import render
from faregate.formats.anthropic.reply import glimpse_reply, parse_reply, render_reply, show_usage
from faregate.formats.anthropic.stream import Passage, glimpse
from faregate.formats.anthropic.usage import merge
from faregate.formats.anthropic.wire import NAME
from faregate.formats.anthropic.writer import Writer
from faregate.formats.dialect import Dialect, Opening
from faregate.formats.faults import read_fault
from faregate.formats.turn import DialectName

__all__ = ["DIALECT", "Anthropic", "count_tokens_reply", "peek_count"]


class Anthropic:
    """The dialect; its members are the functions of this package."""

    name: DialectName = NAME
    peek = staticmethod(peek)
    weigh = staticmethod(weigh)
    parse = staticmethod(parse)
    render = staticmethod(render)
    carries_foreign = staticmethod(carries_foreign)
    without_foreign = staticmethod(without_foreign)
    parse_reply = staticmethod(parse_reply)
    render_reply = staticmethod(render_reply)
    glimpse = staticmethod(glimpse)
    glimpse_reply = staticmethod(glimpse_reply)
    show_usage = staticmethod(show_usage)
    merge = staticmethod(merge)
    parse_error = staticmethod(read_fault)
    render_error = staticmethod(render_error)

    def reader(self, origin: str) -> Reader:
        """A new reader; own seals are bound to `origin`."""
        return Reader(origin)

    def writer(self, opening: Opening) -> Writer:
        """A new writer."""
        return Writer(opening)

    def passage(self, opening: Opening) -> Passage:
        """A new passage."""
        return Passage()


DIALECT: Dialect = Anthropic()
