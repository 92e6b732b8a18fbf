"""Google's generateContent and streamGenerateContent (API versions v1 and v1beta).

Model and stream flag are in the URL, so `peek` and `parse` leave them open and `render` puts none in the body. Field
names are read in camelCase and snake_case and written in camelCase. Streams are SSE; `ArrayFrames` cuts the JSON array
that Google sends without `alt=sse`.
"""

from faregate.formats.dialect import Dialect, Fault, Opening
from faregate.formats.faults import read_fault
from faregate.formats.gemini.array import ArrayFrames
from faregate.formats.gemini.errors import render_error
from faregate.formats.gemini.foreign import carries_foreign, without_foreign
from faregate.formats.gemini.glimpse import glimpse, glimpse_reply
from faregate.formats.gemini.peek import count_tokens_reply, peek, peek_count
from faregate.formats.gemini.reader import Reader
from faregate.formats.gemini.reply import parse_reply, render_reply, show_usage
from faregate.formats.gemini.request import parse, render
from faregate.formats.gemini.usage import merge
from faregate.formats.gemini.weigh import weigh
from faregate.formats.gemini.writer import Passage, Writer
from faregate.formats.turn import DialectName


class _Gemini:
    """The dialect: every member is a function of this room."""

    name: DialectName = "gemini"
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
    render_error = staticmethod(render_error)

    def reader(self, origin: str) -> Reader:
        """A new reader; `origin` is the account that seals are bound to."""
        return Reader(origin)

    def writer(self, opening: Opening) -> Writer:
        """A new writer."""
        return Writer(opening)

    def passage(self, opening: Opening) -> Passage:
        """A new passage."""
        return Passage()

    def parse_error(self, body: bytes, status: int) -> Fault:
        """What an upstream's error body says, whatever its form."""
        return read_fault(body, status)


DIALECT: Dialect = _Gemini()

__all__ = ["DIALECT", "ArrayFrames", "count_tokens_reply", "peek_count"]
