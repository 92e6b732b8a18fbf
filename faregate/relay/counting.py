"""Counting the tokens of a request without calling anybody: an estimate, free, in both dialects that ask for it."""

from collections.abc import Callable

from faregate.formats.anthropic import peek_count as peek_anthropic
from faregate.formats.anthropic.peek import count_tokens_reply as anthropic_reply
from faregate.formats.dialect import Envelope
from faregate.formats.gemini.peek import count_tokens_reply as gemini_reply
from faregate.formats.gemini.peek import peek_count as peek_gemini
from faregate.formats.turn import DialectName
from faregate.relay.request import Request


def peek_of(dialect: DialectName) -> Callable[[bytes], Envelope]:
    """How a counting request of this dialect is peeked at."""
    return peek_anthropic if dialect == "anthropic" else peek_gemini


def counted(request: Request) -> bytes:
    """The answer to a counting request."""
    tokens = request.prompt_tokens
    return anthropic_reply(tokens) if request.dialect == "anthropic" else gemini_reply(tokens)
