"""Counting the tokens of a request without calling anybody: an estimate, free, in both dialects that ask for it."""

from collections.abc import Callable

from faregate.formats import anthropic, gemini
from faregate.formats.dialect import Envelope
from faregate.formats.turn import DialectName
from faregate.relay.request import Request


def peek_of(dialect: DialectName) -> Callable[[bytes], Envelope]:
    """How a counting request of this dialect is peeked at."""
    return anthropic.peek_count if dialect == "anthropic" else gemini.peek_count


def counted(request: Request) -> bytes:
    """The answer to a counting request."""
    tokens = request.prompt_tokens
    return anthropic.count_tokens_reply(tokens) if request.dialect == "anthropic" else gemini.count_tokens_reply(tokens)
