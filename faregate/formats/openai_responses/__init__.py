"""OpenAI's Responses dialect: `POST /v1/responses` as clients send it and as upstreams take it.

Promises: what this dialect can say survives `parse` and `render`; reasoning keeps its id and its sealed content; a
stream passes byte for byte or is written with OpenAI's whole event grammar.
Asks: call `refuse_stateful` before rendering a turn elsewhere.
"""

from typing import Final

from faregate.formats.dialect import Dialect
from faregate.formats.faults import read_fault
from faregate.formats.openai_responses.errors import render_error
from faregate.formats.openai_responses.foreign import carries_foreign, without_foreign
from faregate.formats.openai_responses.glimpse import glimpse
from faregate.formats.openai_responses.parse import parse
from faregate.formats.openai_responses.passage import Passage
from faregate.formats.openai_responses.peek import peek, weigh
from faregate.formats.openai_responses.reader import Reader
from faregate.formats.openai_responses.render import render
from faregate.formats.openai_responses.reply import glimpse_reply, parse_reply, render_reply, show_usage
from faregate.formats.openai_responses.stateful import refuse_stateful, stateful
from faregate.formats.openai_responses.usage import merge
from faregate.formats.openai_responses.wire import OWN
from faregate.formats.openai_responses.writer import Writer
from faregate.formats.turn import DialectName

__all__ = ["DIALECT", "carries_foreign", "refuse_stateful", "stateful"]


class _Responses:
    """The module's functions under the names of the protocol."""

    name: DialectName = OWN
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
    reader = staticmethod(Reader)
    writer = staticmethod(Writer)
    passage = staticmethod(Passage)
    merge = staticmethod(merge)
    parse_error = staticmethod(read_fault)
    render_error = staticmethod(render_error)


DIALECT: Final[Dialect] = _Responses()
