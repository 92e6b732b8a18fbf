"""Content blocks of a request -> parts. What only this dialect can say becomes Opaque, byte for byte."""

import base64
from collections.abc import Callable

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.seals import redacted, thinking
from faregate.formats.anthropic.wire import (
    NAME,
    CallBlock,
    MediaBlock,
    RedactedBlock,
    ResultBlock,
    Source,
    TextBlock,
    ThinkingBlock,
    Typed,
    given,
    is_text,
    mark,
    take,
)
from faregate.formats.turn import (
    FileReference,
    Inline,
    Link,
    Media,
    MediaKind,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from faregate.kernel.errors import BadRequest

_STRING = msgspec.json.Decoder(str)
_ITEMS = msgspec.json.Decoder(list[Raw])
_TYPED = msgspec.json.Decoder(Typed)
_TEXT = msgspec.json.Decoder(TextBlock)
_MEDIA = msgspec.json.Decoder(MediaBlock)
_SOURCE_KIND = msgspec.json.Decoder(dict[str, Raw])
_THINKING = msgspec.json.Decoder(ThinkingBlock)
_REDACTED = msgspec.json.Decoder(RedactedBlock)
_CALL = msgspec.json.Decoder(CallBlock)
_RESULT = msgspec.json.Decoder(ResultBlock)
_MEDIA_KINDS: dict[str, MediaKind] = {"image": "image", "document": "file"}
_SOURCES = ("base64", "text", "url", "file")  # any other stays as it is
_CARRIED = (Text, Media, Opaque)


def parse_content(raw: Raw, where: str, names: dict[str, str]) -> tuple[Part, ...]:
    """The parts of a message. `names`: tool names by call id, learned from calls and used for their results."""
    if not given(raw):
        raise BadRequest(f"{where} is required", param=where)
    if is_text(raw):
        text = take(raw, _STRING, where)
        return (Text(text),) if text else ()
    items = take(raw, _ITEMS, where)
    parts = [_part(item, f"{where}.{index}", names) for index, item in enumerate(items)]
    return tuple(_reunited(parts))


def parse_texts(raw: Raw, where: str) -> tuple[Text, ...]:
    """Content that may hold nothing but words (system instructions)."""
    parts = parse_content(raw, where, {})
    texts = tuple(part for part in parts if isinstance(part, Text))
    if len(texts) != len(parts):
        raise BadRequest(f"{where} may hold text blocks only", param=where)
    return texts


def parse_block(raw: Raw, where: str) -> Part:
    """The part of any block but a tool result. Raises BadRequest."""
    kind = take(raw, _TYPED, where).type
    if not kind:
        raise BadRequest(f"{where}.type is required", param=f"{where}.type")
    return _PARSERS[kind](raw, where) if kind in _PARSERS else Opaque(NAME, kind, bytes(raw))


def _part(raw: Raw, where: str, names: dict[str, str]) -> Part:
    if take(raw, _TYPED, where).type == "tool_result":
        return _result(raw, where, names)
    part = parse_block(raw, where)
    if isinstance(part, ToolCall):
        if not part.id or not part.name:
            raise BadRequest(f"{where} is a tool_use without an id or a name", param=where)
        names[part.id] = part.name
    return part


def _text(raw: Raw, where: str) -> Part:
    block = take(raw, _TEXT, where)
    return Text(block.text or "", cache=mark(block.cache_control))


def _media(raw: Raw, where: str) -> Part:
    kind = take(raw, _TYPED, where).type or ""
    if _source_type(raw, where) not in _SOURCES:
        return Opaque(NAME, kind, bytes(raw))
    block = take(raw, _MEDIA, where)
    return Media(_MEDIA_KINDS[kind], _source(block.source), name=block.title or "", cache=mark(block.cache_control))


def _source_type(raw: Raw, where: str) -> str:
    """The type of a block's source, "" when it has none."""
    fields = take(raw, _SOURCE_KIND, where)
    if "source" not in fields:
        raise BadRequest(f"{where}.source is required", param=f"{where}.source")
    return take(fields["source"], _TYPED, f"{where}.source").type or ""


def _source(source: Source) -> Inline | Link | FileReference:
    match source.type:
        case "url":
            return Link(source.url or "")
        case "file":
            return FileReference(NAME, source.file_id or "")
        case "text":
            data = base64.b64encode((source.data or "").encode("utf8", "replace")).decode()
            return Inline(source.media_type or "text/plain", data)
        case _:
            return Inline(source.media_type or "", source.data or "")


def _thinking(raw: Raw, where: str) -> Part:
    block = take(raw, _THINKING, where)
    return thinking(block.thinking or "", block.signature or "")


def _redacted(raw: Raw, where: str) -> Part:
    return redacted(take(raw, _REDACTED, where).data or "")


def _call(raw: Raw, where: str) -> Part:
    block = take(raw, _CALL, where)
    arguments = bytes(block.input).decode("utf8", "replace") if given(block.input) else "{}"
    return ToolCall(block.id or "", block.name or "", arguments, cache=mark(block.cache_control))


def _result(raw: Raw, where: str, names: dict[str, str]) -> ToolResult:
    block = take(raw, _RESULT, where)
    parts = parse_content(block.content, f"{where}.content", {}) if given(block.content) else ()
    content = tuple(part for part in parts if isinstance(part, _CARRIED))
    if len(content) != len(parts):
        raise BadRequest(f"{where}.content holds a block that no tool result may hold", param=f"{where}.content")
    return ToolResult(
        block.tool_use_id,
        content,
        name=names.get(block.tool_use_id, ""),
        is_error=bool(block.is_error),
        cache=mark(block.cache_control),
    )


_PARSERS: dict[str, Callable[[Raw, str], Part]] = {
    "text": _text,
    "image": _media,
    "document": _media,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _call,
}


def _reunited(parts: list[Part]) -> list[Part]:
    """Gemini seals sit on words and calls; this dialect carries them in a redacted block right behind (see writer)."""
    out: list[Part] = []
    for part in parts:
        carrier = out[-1] if out else None
        if (
            isinstance(part, Thinking)
            and part.redacted
            and part.sealed is not None
            and part.sealed.dialect == "gemini"
            and isinstance(carrier, Text | ToolCall)
            and carrier.sealed is None
        ):
            out[-1] = msgspec.structs.replace(carrier, sealed=part.sealed)
        else:
            out.append(part)
    return out
