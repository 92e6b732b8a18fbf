"""Legacy text completions (`POST /v1/completions`): only passed through, so only what the pipeline reads of them.

Their chunks carry `text` choices; `glimpse` and `glimpse_reply` of the dialect read those too.
"""

from collections.abc import Sequence

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


class _Numbered(Struct):
    prompt: list[str | float | list[float]] = []  # some hosts take 1.0 for 1


_PEEK = msgspec.json.Decoder(_Peek)
_NUMBERED = msgspec.json.Decoder(_Numbered)


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
    """The prompts, joined by newlines; those given as token numbers are for `token_numbers`."""
    try:
        prompt = _PEEK.decode(body).prompt
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Weight("")
    pieces = [prompt] if isinstance(prompt, str) else [piece for piece in prompt or () if isinstance(piece, str)]
    return Weight("\n".join(pieces))


def token_numbers(body: bytes) -> int:
    """How many tokens the prompts give by number: none without a list."""
    if b"[" not in body:
        return 0
    try:
        return count_numbers(_NUMBERED.decode(body).prompt)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0


def count_numbers(prompts: Sequence[str | float | list[float]]) -> int:
    """How many token numbers there are, in a list of them or in several; texts beside them do not count."""
    return sum(len(one) if isinstance(one, list) else 1 for one in prompts if not isinstance(one, str))


def glimpse_completion_reply(body: bytes) -> Glimpse:
    """What the pipeline must know of a whole completion."""
    return glimpse_reply(body)
