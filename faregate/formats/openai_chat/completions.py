"""Legacy text completions (`POST /v1/completions`): only passed through, so only what the pipeline reads of them.

Their chunks carry `text` choices; `glimpse` and `glimpse_reply` of the dialect read those too.
"""

import msgspec
from msgspec import Struct

from faregate.formats.dialect import Envelope, Weight
from faregate.formats.events import Glimpse
from faregate.formats.openai_chat.reply import glimpse_reply
from faregate.formats.openai_chat.wire import check_limits, decoded
from faregate.kernel.errors import BadRequest


class _StreamOptions(Struct):
    include_usage: bool | None = None


class _Peek(Struct):
    model: str = ""
    prompt: str | list[str | int | list[int]] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = None
    n: int | None = None
    temperature: float | None = None


_PEEK = msgspec.json.Decoder(_Peek)


def peek_completion(body: bytes) -> Envelope:
    """The envelope of a completion request. Raises BadRequest naming the field."""
    seen = decoded(_PEEK, body)
    if not seen.model:
        raise BadRequest("model is required", param="model")
    if seen.prompt == "":
        raise BadRequest("prompt is invalid: it must not be empty", param="prompt")
    check_limits(max_tokens=seen.max_tokens, max_completion_tokens=None, n=seen.n)
    options = seen.stream_options
    return Envelope(
        model=seen.model,
        stream=bool(seen.stream),
        max_output_tokens=seen.max_tokens or 0,
        choices=seen.n or 1,
        wants_usage=options is None or bool(options.include_usage),
    )


def weigh_completion(body: bytes) -> Weight:
    """The prompts, joined by newlines; prompts given as token numbers weigh nothing."""
    try:
        prompt = _PEEK.decode(body).prompt
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Weight("")
    pieces = [prompt] if isinstance(prompt, str) else [piece for piece in prompt or () if isinstance(piece, str)]
    return Weight("\n".join(pieces))


def glimpse_completion_reply(body: bytes) -> Glimpse:
    """What the pipeline must know of a whole completion."""
    return glimpse_reply(body)
