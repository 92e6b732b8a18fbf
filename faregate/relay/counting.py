"""Counting the tokens of a request, for free: asked of the upstream where it counts in the caller's dialect, else ours.

The upstream's count is exact; when it cannot be had at once, the estimate is as good as the one that holds go by.
"""

import asyncio
from collections.abc import Callable

import msgspec

from faregate.formats.anthropic import count_tokens_reply as anthropic_reply
from faregate.formats.anthropic import peek_count as peek_anthropic
from faregate.formats.dialect import Envelope
from faregate.formats.gemini.peek import count_tokens_reply as gemini_reply
from faregate.formats.gemini.peek import peek_count as peek_gemini
from faregate.formats.turn import DialectName
from faregate.kernel.errors import GatewayError
from faregate.relay.intake import ClientGone
from faregate.relay.pipeline import Pipeline
from faregate.relay.request import Request
from faregate.relay.watch import Watch

_REPLY_BYTES = 1 << 16
_PATIENCE_S = 5.0  # callers count before they ask: a late exact answer is worth less than an estimate


class _Count(msgspec.Struct):
    input_tokens: int | None = None
    total_tokens: int | None = msgspec.field(default=None, name="totalTokens")


_COUNT = msgspec.json.Decoder(_Count)


def peek_of(dialect: DialectName) -> Callable[[bytes], Envelope]:
    """How a counting request of this dialect is peeked at."""
    return peek_anthropic if dialect == "anthropic" else peek_gemini


async def counted(pipeline: Pipeline, request: Request, watch: Watch) -> bytes:
    """The answer to a counting request. Raises ClientGone when the caller under `watch` has left."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            exact = await _asked(pipeline, request)
    except TimeoutError:
        exact = b""
    except asyncio.CancelledError:
        if not watch.forgive():
            raise
        raise ClientGone from None
    if exact:
        return exact
    tokens = request.prompt_tokens
    return anthropic_reply(tokens) if request.dialect == "anthropic" else gemini_reply(tokens)


async def _asked(pipeline: Pipeline, request: Request) -> bytes:
    """The upstream's own count, or b"" when none counts or it did not answer."""
    candidate = pipeline.plan(request).next()
    if candidate is None or candidate.provider.local is not None:
        return b""
    try:
        prepared = pipeline.rules.preparer.prepare(request, candidate)
        async with await pipeline.egress.send(prepared.request) as answer:
            body = await answer.read(_REPLY_BYTES)
        found = _COUNT.decode(body) if answer.head.status == 200 else _Count()
    except (GatewayError, msgspec.MsgspecError):
        return b""
    return body if found.input_tokens is not None or found.total_tokens is not None else b""
