"""What the pipeline needs of a request, without parsing it."""

from collections.abc import Iterator
from typing import cast

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Envelope, Weight
from faregate.formats.openai_responses.wire import MALFORMED, MAX_TOKENS, NO_RAW, present, refused
from faregate.kernel.errors import BadRequest


class _Effort(Struct):
    effort: str | None = None


class _Glance(Struct):
    model: str | None = None
    input: Raw = NO_RAW
    stream: bool | None = None
    max_output_tokens: int | None = None
    prompt_cache_key: object = None
    reasoning: _Effort | None = None
    prompt: Raw = NO_RAW
    previous_response_id: Raw = NO_RAW
    conversation: Raw = NO_RAW


_decode = msgspec.json.Decoder(_Glance).decode
_WEIGHED_FIELDS = ("instructions", "metadata", "text", "tool_choice", "prompt", "tools")
_TEXTS = ("text", "refusal", "arguments", "output", "input", "name", "content")


def peek(body: bytes) -> Envelope:
    """The envelope. Raises BadRequest for a missing model or input, wrong types and token counts out of bounds."""
    try:
        glance = _decode(body)
    except MALFORMED as error:
        raise refused(error) from error
    if not glance.model:
        raise BadRequest("model is required", param="model")
    if not (present(glance.input) or _has_stored_input(glance)):
        raise BadRequest("input is required", param="input")
    key = glance.prompt_cache_key
    return Envelope(
        model=glance.model,
        stream=glance.stream is True,
        max_output_tokens=bounded(glance.max_output_tokens) or 0,
        affinity=key if isinstance(key, str) else "",
        effort=(glance.reasoning.effort or "") if glance.reasoning is not None else "",
    )


def bounded(tokens: int | None) -> int | None:
    """`max_output_tokens` when it is within bounds. Raises BadRequest."""
    if tokens is not None and not 0 <= tokens <= MAX_TOKENS:
        raise BadRequest("max_output_tokens is invalid", param="max_output_tokens")
    return tokens


def _has_stored_input(glance: _Glance) -> bool:
    """True when the words come from what the provider keeps: a stored prompt or an earlier response."""
    return present(glance.prompt) or present(glance.previous_response_id) or present(glance.conversation)


def weigh(body: bytes) -> Weight:
    """Text and media of a request, for an estimate. Odd content weighs nothing."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, Raw])
        pieces = [bytes(fields[name]).decode("utf8", "replace") for name in _WEIGHED_FIELDS if name in fields]
        content: object = msgspec.json.decode(fields.get("input", b"null"))
        tools: object = msgspec.json.decode(fields.get("tools", b"null"))
    except MALFORMED:
        return Weight("")
    counts: dict[str, int] = dict.fromkeys(("images", "audio", "video", "files"), 0)
    pieces += _texts(content, counts)
    items = cast("list[object]", content) if isinstance(content, list) else [content]
    count = len(cast("list[object]", tools)) if isinstance(tools, list) else 0
    return Weight("\n".join(pieces), messages=len(items), tools=count, **counts)


_MEDIA = {"input_image": "images", "input_audio": "audio", "input_video": "video", "input_file": "files"}


def _texts(value: object, counts: dict[str, int]) -> Iterator[str]:
    """Every piece of text below `value`; media are counted, their data left out."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            stack.extend(reversed(cast("list[object]", one)))
        elif isinstance(one, dict):
            found = cast("dict[str, object]", one)
            kind = found.get("type")
            if isinstance(kind, str) and kind in _MEDIA:
                counts[_MEDIA[kind]] += 1
            else:
                stack.extend(found[name] for name in reversed(_TEXTS) if name in found)
