"""The little that the pipeline reads of a chat request, and the text of it that an estimate is made of."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Envelope, Weight
from faregate.formats.openai_chat.wire import ContentPiece, check_limits, decoded, is_given
from faregate.kernel.errors import BadRequest

SEARCH_SIZES = ("", "low", "medium", "high")


class _Shape(Struct, gc=False):
    """Any object: nothing of it is read."""


class _StreamOptions(Struct):
    include_usage: bool | None = None


class _Effort(Struct):
    effort: str | None = None


class _Search(Struct):
    search_context_size: str | None = None


class _Peek(Struct):
    model: str = ""
    group: str | None = None
    messages: list[_Shape] | None = None
    prefix: Raw = Raw()
    suffix: Raw = Raw()
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[_Shape] | None = None
    prompt_cache_key: str | None = None
    reasoning_effort: str | None = None
    reasoning: _Effort | None = None
    web_search_options: _Search | None = None


class _Function(Struct):
    name: str = ""
    description: str | None = None
    parameters: Any = None


class _WeighedTool(Struct):
    function: _Function | None = None


class _WeighedMessage(Struct):
    role: str = ""
    name: str | None = None
    content: str | list[ContentPiece] | None = None


class _Weighed(Struct):
    messages: list[_WeighedMessage] = []
    tools: list[_WeighedTool] | None = None


_PEEK = msgspec.json.Decoder(_Peek)
_WEIGHED = msgspec.json.Decoder(_Weighed)
_MEDIA = {"image_url": "images", "input_audio": "audio", "video_url": "video", "file": "files"}


def peek(body: bytes) -> Envelope:
    """The envelope of a chat request. Raises BadRequest naming the field."""
    seen = decoded(_PEEK, body)
    if not seen.model:
        raise BadRequest("model is required", param="model")
    if not seen.messages and not is_given(seen.prefix) and not is_given(seen.suffix):
        raise BadRequest("messages is required", param="messages")
    check_limits(max_tokens=seen.max_tokens, max_completion_tokens=seen.max_completion_tokens, n=seen.n)
    if seen.web_search_options is not None:
        check_search(seen.web_search_options)
    options = seen.stream_options
    return Envelope(
        model=seen.model,
        stream=bool(seen.stream),
        max_output_tokens=max(seen.max_tokens or 0, seen.max_completion_tokens or 0),
        choices=seen.n or 1,
        wants_usage=options is None or bool(options.include_usage),
        affinity=seen.prompt_cache_key or "",
        effort=seen.reasoning_effort or (seen.reasoning.effort if seen.reasoning else "") or "",
    )


def check_search(wish: _Search | None) -> None:
    """Raises BadRequest for a search context size that does not exist."""
    if wish and (wish.search_context_size or "") not in SEARCH_SIZES:
        name = "web_search_options.search_context_size"
        raise BadRequest(f"{name} is invalid: it must be high, medium or low", param=name)


def weigh(body: bytes) -> Weight:
    """The text of a request: roles, names, text parts, then tools; and the number of its media."""
    try:
        seen = _WEIGHED.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Weight("")
    pieces: list[str] = []
    media = dict.fromkeys(_MEDIA.values(), 0)
    named = 0
    for message in seen.messages:
        pieces.append(message.role)
        if message.name and message.content:
            pieces.append(message.name)
            named += 1
        _weigh_content(message.content, pieces, media)
    tools = [tool.function for tool in seen.tools or () if tool.function]
    for tool in tools:
        pieces += filter(None, (tool.name, tool.description, _printed(tool.parameters) if tool.parameters else ""))
    return Weight("\n".join(pieces), messages=len(seen.messages), named=named, tools=len(seen.tools or ()), **media)


def _weigh_content(content: str | list[ContentPiece] | None, pieces: list[str], media: dict[str, int]) -> None:
    if isinstance(content, str):
        pieces.append(content)
        return
    for piece in content or ():
        if piece.text is not None:
            pieces.append(piece.text)
        elif piece.type in _MEDIA:
            media[_MEDIA[piece.type]] += 1


def _printed(value: Any) -> str:
    """A schema as the reference counts it: Go's print form of a map, keys sorted."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_printed(value[key])}' for key in sorted(value))}]"  # pyright: ignore
    if isinstance(value, list):
        return f"[{' '.join(map(_printed, value))}]"  # pyright: ignore
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
