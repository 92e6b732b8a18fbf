"""Content parts of chat messages, both ways: words, pictures, sound, films and documents."""

import re

import msgspec
from msgspec import Raw, Struct

from faregate.formats.openai_chat.wire import ContentPiece, decoded, is_given, piece_of, refused
from faregate.formats.turn import (
    CacheMark,
    FileReference,
    Inline,
    Link,
    Media,
    Opaque,
    Part,
    Refusal,
    Text,
)
from faregate.kernel.errors import Unrepresentable

NAME = "openai_chat"
_DATA_URL = re.compile(r"data:([^,]*?);base64,(.*)", re.DOTALL)
_SOUND_MIMES = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_SOUND_FORMATS = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
}
_EXTENSIONS = {"application/pdf": "pdf", "text/plain": "txt", "text/csv": "csv", "text/markdown": "md"}


class _Address(Struct):
    url: str
    detail: str | None = None


class _Sound(Struct):
    data: str
    format: str = ""


class _File(Struct):
    file_id: str | None = None
    filename: str | None = None
    file_data: str | None = None


class _Cache(Struct):
    type: str = ""
    ttl: str | None = None


_ADDRESS = msgspec.json.Decoder(str | _Address)
_SOUND = msgspec.json.Decoder(_Sound)
_FILE = msgspec.json.Decoder(_File)
_CACHE = msgspec.json.Decoder(_Cache)
_PIECE = msgspec.json.Decoder(ContentPiece)


# --- from the wire -----------------------------------------------------------------------------------------
def parse_content(content: str | list[Raw] | None, place: str) -> tuple[Part, ...]:
    """The parts of a message. Raises BadRequest naming the part; kinds nobody knows stay opaque."""
    if isinstance(content, str):
        return (Text(content),) if content else ()
    return tuple(_parse_part(raw, f"{place}.content[{index}]") for index, raw in enumerate(content or ()))


def cache_mark(raw: Raw) -> CacheMark | None:
    """The mark in a `cache_control` field; None when there is none."""
    if not is_given(raw):
        return None
    try:
        return CacheMark(_CACHE.decode(raw).ttl or "")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def read_source(url: str, mime: str = "") -> Inline | Link:
    """A data URL as inline media, any other address as a link."""
    found = _DATA_URL.fullmatch(url)
    return Inline(found.group(1), found.group(2)) if found else Link(url, mime)


def picture(raw: Raw) -> Media | None:
    """The picture of an `images` entry of an answer; None when it is none."""
    try:
        address = _ADDRESS.decode(piece_of(raw).image_url)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return Media("image", read_source(address if isinstance(address, str) else address.url))


def _parse_part(raw: Raw, place: str) -> Part:
    piece = decoded(_PIECE, raw, place)
    cache = cache_mark(piece.cache_control)
    match piece.type:
        case "text":
            if piece.text is None:
                raise refused("a text part needs a text", f"{place}.text")
            return Text(piece.text, cache=cache)
        case "refusal":
            return Refusal(piece.refusal or "")
        case "image_url":
            return _parse_picture(piece, place, cache)
        case "input_audio":
            sound = decoded(_SOUND, piece.input_audio, f"{place}.input_audio")
            mime = _SOUND_MIMES.get(sound.format, f"audio/{sound.format}")
            return Media("audio", Inline(mime, sound.data), cache=cache)
        case "video_url":
            address = decoded(_ADDRESS, piece.video_url, f"{place}.video_url")
            return Media("video", read_source(address if isinstance(address, str) else address.url), cache=cache)
        case "file":
            return _parse_file(piece, place, cache)
        case _:
            return Opaque(NAME, piece.type, bytes(raw))


def _parse_picture(piece: ContentPiece, place: str, cache: CacheMark | None) -> Media:
    address = decoded(_ADDRESS, piece.image_url, f"{place}.image_url")
    if isinstance(address, str):
        return Media("image", read_source(address), cache=cache)
    detail = address.detail or ""
    return Media("image", read_source(address.url), detail="" if detail == "auto" else detail, cache=cache)


def _parse_file(piece: ContentPiece, place: str, cache: CacheMark | None) -> Media:
    file = decoded(_FILE, piece.file, f"{place}.file")
    name = file.filename or ""
    if file.file_id:
        return Media("file", FileReference(NAME, file.file_id), name=name, cache=cache)
    if not file.file_data:
        raise refused("a file part needs file_id or file_data", f"{place}.file")
    if file.file_data.startswith(("http://", "https://", "data:")):
        return Media("file", read_source(file.file_data), name=name, cache=cache)
    mime = "application/pdf" if name.lower().endswith(".pdf") else "application/octet-stream"
    return Media("file", Inline(mime, file.file_data), name=name, cache=cache)


# --- to the wire -------------------------------------------------------------------------------------------
def render_part(part: Part) -> object:
    """One content part. Raises Unrepresentable for what chat has no part for."""
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Media():
            return _render_media(part)
        case Opaque(dialect="openai_chat"):
            return Raw(part.raw)
        case Opaque():
            raise Unrepresentable(f"a part of type {part.kind!r}", NAME)
        case _:
            raise Unrepresentable(f"a {type(part).__name__} inside content", NAME)


def address_of(source: Inline | Link) -> str:
    """The address of media: the link, or a data URL."""
    return source.url if isinstance(source, Link) else f"data:{source.mime};base64,{source.data}"


def _render_media(media: Media) -> object:
    source = media.source
    if isinstance(source, FileReference):
        if source.dialect != NAME:
            raise Unrepresentable(f"a file uploaded to a {source.dialect} provider", NAME)
        return {"type": "file", "file": {"file_id": source.id}}
    match media.kind:
        case "image":
            return {"type": "image_url", "image_url": {"url": address_of(source), "detail": media.detail or "auto"}}
        case "video":
            return {"type": "video_url", "video_url": {"url": address_of(source)}}
        case "audio":
            return _render_sound(source)
        case "file":
            return {
                "type": "file",
                "file": {"filename": media.name or _file_name(source), "file_data": address_of(source)},
            }


def _render_sound(source: Inline | Link) -> object:
    if isinstance(source, Link):
        raise Unrepresentable("sound by address", NAME)
    mime = source.mime.partition(";")[0].lower()
    sound_format = _SOUND_FORMATS.get(mime, mime.partition("/")[2])
    return {"type": "input_audio", "input_audio": {"data": source.data, "format": sound_format}}


def _file_name(source: Inline | Link) -> str:
    """Hosts refuse inline documents without a name."""
    if isinstance(source, Link):
        return source.url.rpartition("/")[2].partition("?")[0] or "document"
    return f"document.{_EXTENSIONS.get(source.mime.partition(';')[0], source.mime.rpartition('/')[2] or 'bin')}"
