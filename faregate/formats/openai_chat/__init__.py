"""OpenAI's chat completions: the dialect most hosts speak, with the fields that their forks added."""

from faregate.formats.dialect import Dialect
from faregate.formats.faults import read_fault
from faregate.formats.openai_chat import (
    errors,
    foreign,
    glimpse,
    passage,
    peek,
    reader,
    render,
    reply,
    request,
    usage,
    writer,
)
from faregate.formats.turn import DialectName

__all__ = ["DIALECT"]


class OpenAIChat:
    """The members of the dialect, each from the module of its name. Stateless."""

    name: DialectName = "openai_chat"
    weigh = staticmethod(peek.weigh)
    peek = staticmethod(peek.peek)
    parse = staticmethod(request.parse)
    render = staticmethod(render.render)
    carries_foreign = staticmethod(foreign.carries_foreign)
    without_foreign = staticmethod(foreign.without_foreign)
    parse_reply = staticmethod(reply.parse_reply)
    render_reply = staticmethod(reply.render_reply)
    glimpse = staticmethod(glimpse.glimpse)
    glimpse_reply = staticmethod(reply.glimpse_reply)
    show_usage = staticmethod(reply.show_usage)
    reader = staticmethod(reader.Reader)
    writer = staticmethod(writer.Writer)
    passage = staticmethod(passage.Passage)
    merge = staticmethod(usage.merge)
    parse_error = staticmethod(read_fault)
    render_error = staticmethod(errors.render_error)


DIALECT: Dialect = OpenAIChat()
