"""Content parts of messages and tool outputs, both ways.

A part this house has no type for is carried as Opaque of kind `content.<type>`, so that it is not taken for an item.
"""

from collections.abc import Iterable

from msgspec import Raw

from faregate.formats.openai_responses.wire import (
    MALFORMED,
    OWN,
    Part,
    compact,
    decode_raws,
    present,
    read,
    refused,
)
from faregate.formats.turn import (
    CacheMark,
    FileReference,
    Inline,
    Link,
    Media,
    MediaKind,
    Opaque,
    Refusal,
    Text,
)
from faregate.kernel.errors import BadRequest, Unrepresentable

Content = Text | Media | Refusal | Opaque
CONTENT = "content."
_TEXTS = frozenset(("input_text", "output_text", "text", "summary_text", "reasoning_text"))
_AUDIO_MIMES = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "opus": "audio/opus"}
_AUDIO_FORMATS = {mime: name for name, mime in _AUDIO_MIMES.items()} | {"audio/x-wav": "wav", "audio/mp3": "mp3"}
_EXTENSIONS = {"application/pdf": "pdf", "text/plain": "txt", "text/markdown": "md", "text/csv": "csv"}


def parse_content(raw: Raw, where: str) -> tuple[Content, ...]:
    """The parts of a `content` or `output` value: a string, a list of parts, or nothing. Raises BadRequest."""
    if not present(raw):
        return ()
    if bytes(raw).startswith(b'"'):
        text = read(raw, str, where)
        return (Text(text),) if text else ()
    try:
        listed = decode_raws(raw)
    except MALFORMED as error:
        raise refused(error, where) from error
    return tuple(_parse_part(one, f"{where}[{index}]") for index, one in enumerate(listed))


def _parse_part(raw: Raw, where: str) -> Content:
    part = read(raw, Part, where)
    if part.type in _TEXTS:
        return Text(part.text or "", cache=_mark(part))
    if part.type == "refusal":
        return Refusal(part.refusal or "")
    media = _parse_media(part, where)
    return media or Opaque(OWN, CONTENT + part.type, compact(raw))


def _parse_media(part: Part, where: str) -> Media | None:
    cache, name, detail = _mark(part), part.filename or "", part.detail or ""
    match part.type:
        case "input_image":
            address = _address(part.image_url, f"{where}.image_url")
            return Media("image", _source(address, part.file_id, where), detail, name, cache)
        case "input_file":
            if part.file_data:
                return Media("file", inline_of(part.file_data) or Inline("", part.file_data), detail, name, cache)
            return Media("file", _source(part.file_url or "", part.file_id, where), detail, name, cache)
        case "input_video":
            address = _address(part.video_url, f"{where}.video_url")
            return Media("video", _source(address, part.file_id, where), detail, name, cache)
        case "input_audio":
            if part.input_audio is None:
                raise BadRequest(f"{where}.input_audio is required", param=f"{where}.input_audio")
            mime = _AUDIO_MIMES.get(part.input_audio.format, f"audio/{part.input_audio.format}")
            return Media("audio", Inline(mime, part.input_audio.data), detail, name, cache)
        case _:
            return None


def _mark(part: Part) -> CacheMark | None:
    return CacheMark() if present(part.prompt_cache_breakpoint) else None


def _address(raw: Raw, where: str) -> str:
    """An address as text; chat's object form `{"url": ...}`, which clients mix up, is understood too."""
    if not present(raw):
        return ""
    if bytes(raw).startswith(b"{"):
        return read(raw, dict[str, object], where).get("url") or ""  # type: ignore[return-value]
    return read(raw, str, where)


def _source(address: str, file_id: str | None, where: str) -> Inline | Link | FileReference:
    if address:
        return inline_of(address) or Link(address)
    if file_id:
        return FileReference(OWN, file_id)
    raise BadRequest(f"{where} needs an address, data or a file_id", param=where)


def inline_of(address: str) -> Inline | None:
    """The media inside a base64 `data:` address, None for any other address."""
    if not address.startswith("data:"):
        return None
    head, found, data = address.partition(";base64,")
    return Inline(head[5:], data) if found else None


# --- rendering -------------------------------------------------------------------------------------------


def render_content(parts: Iterable[Content], *, assistant: bool, own: bool) -> str | list[object]:
    """The `content` of a message, or the `output` of a tool: plain text for a single text, else a list of parts."""
    listed = list(parts)
    if not listed:
        return ""
    only = listed[0]
    if len(listed) == 1 and isinstance(only, Text) and (not own or (only.text and only.cache is None)):
        return only.text
    return [_render_part(part, assistant=assistant, own=own) for part in listed]


def _render_part(part: Content, *, assistant: bool, own: bool) -> object:
    match part:
        case Text() if assistant:
            return {"type": "output_text", "text": part.text, "annotations": []}
        case Text():
            return _marked({"type": "input_text", "text": part.text}, part.cache, own=own)
        case Refusal():
            return {"type": "refusal", "refusal": part.text}
        case Opaque():
            return Raw(part.raw)
        case Media():
            if assistant:
                raise Unrepresentable(f"{_article(part.kind)} in an assistant message", OWN)
            return _marked(_render_media(part, own=own), part.cache, own=own)


def _render_media(part: Media, *, own: bool) -> dict[str, object]:
    match part.kind:
        case "image":
            shown = _address_or_id(part, "image_url")
        case "file":
            shown = _render_file(part, own=own)
        case "video":
            shown = _address_or_id(part, "video_url")
        case "audio":
            shown = _render_audio(part)
    shown["type"] = f"input_{part.kind}"
    if part.detail:
        shown["detail"] = part.detail
    return shown


def _render_file(part: Media, *, own: bool) -> dict[str, object]:
    name = part.name
    shown: dict[str, object] = {}
    if isinstance(part.source, Inline):
        shown["file_data"] = _data_address(part.source)
        # OpenAI refuses file data without a name; dialects that have no names get one made from the type.
        name = name if name or own else f"file.{_EXTENSIONS.get(part.source.mime, 'bin')}"
    else:
        shown = _address_or_id(part, "file_url")
    if name:
        shown["filename"] = name
    return shown


def _render_audio(part: Media) -> dict[str, object]:
    if not isinstance(part.source, Inline):
        raise Unrepresentable("audio by address", OWN)
    mime = part.source.mime
    return {"input_audio": {"data": part.source.data, "format": _AUDIO_FORMATS.get(mime, mime.partition("/")[2])}}


def _address_or_id(part: Media, address: str) -> dict[str, object]:
    match part.source:
        case Inline():
            return {address: _data_address(part.source)}
        case Link(url):
            return {address: url}
        case FileReference(dialect, file_id):
            if dialect not in (OWN, "openai_chat"):  # both speak of the same file store
                raise Unrepresentable(f"{_article(part.kind)} stored with another provider", OWN)
            return {"file_id": file_id}


def _data_address(source: Inline) -> str:
    return f"data:{source.mime};base64,{source.data}" if source.mime else source.data


def _marked(shown: dict[str, object], cache: CacheMark | None, *, own: bool) -> dict[str, object]:
    if cache is not None and own:
        shown["prompt_cache_breakpoint"] = {"mode": "explicit"}
    return shown


def _article(kind: MediaKind) -> str:
    return "an image" if kind == "image" else "audio" if kind == "audio" else f"a {kind}"
