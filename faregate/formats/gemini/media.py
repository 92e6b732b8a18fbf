"""Google's two ways to carry media (inlineData, fileData) and which types it takes."""

import re
from urllib.parse import urlsplit

from msgspec import Struct

from faregate.formats.gemini.wire import Blob, FileData
from faregate.formats.turn import FileReference, Inline, Link, Media, MediaKind, Sealed
from faregate.kernel.errors import Unrepresentable

_ALIASES = {
    "image/jpg": "image/jpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "video/quicktime": "video/mov",
    "video/x-msvideo": "video/avi",
    "video/x-ms-wmv": "video/wmv",
}
# Gemini API and Vertex AI documentation of supported input types, 2026-11
_ACCEPTED = re.compile(
    r"text/.+|application/(?:pdf|rtf|x-javascript|x-python)|image/(?:png|jpeg|webp|heic|heif)"
    r"|audio/(?:wav|mp3|mpeg|mpga|aiff|aac|x-aac|ogg|flac|mp4|m4a|x-m4a|pcm|opus|webm)"
    r"|video/(?:mp4|mpeg|mov|avi|flv|x-flv|mpg|mpegps|webm|wmv|3gpp)"
)
_EXTENSIONS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "wav": "audio/wav",
    "mp3": "audio/mp3",
    "mp4": "video/mp4",
    "mov": "video/mov",
    "webm": "video/webm",
}
_YOUTUBE = re.compile(r"https?://(?:www\.|m\.)?(?:youtube\.com|youtu\.be)/")
_UPLOADED = re.compile(r"gs://|https?://generativelanguage\.googleapis\.com/")
_STANDARD = str.maketrans("-_", "+/")
_KINDS: dict[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}


class Shown(Struct, rename="camel", omit_defaults=True):
    """The fields of an inlineData or fileData object."""

    mime_type: str = ""
    data: str = ""
    file_uri: str = ""
    display_name: str = ""


def kind_of(mime: str) -> MediaKind:
    """What a media type is shown as in the interior."""
    return _KINDS.get(mime.partition("/")[0], "file")


def read_blob(blob: Blob, sealed: Sealed | None = None) -> Media:
    """Inline media; base64 in the standard alphabet (Google's libraries write the other one)."""
    mime, data = blob.mime_type or "", blob.data or ""
    if "-" in data or "_" in data:
        data = data.translate(_STANDARD)
    return Media(kind_of(mime), Inline(mime, data), name=blob.display_name or "", sealed=sealed)


def read_file(file: FileData, sealed: Sealed | None = None) -> Media:
    """Media by address. What was uploaded to Google can be shown to Google alone: its id is the address and type."""
    uri, mime = file.file_uri or "", file.mime_type or ""
    kind: MediaKind = "video" if _YOUTUBE.match(uri) else kind_of(mime or _guessed(uri))
    name = file.display_name or ""
    if _UPLOADED.match(uri):
        return Media(kind, FileReference("gemini", f"{uri} {mime}".rstrip()), name=name, sealed=sealed)
    return Media(kind, Link(uri, mime), name=name, sealed=sealed)


def write_media(media: Media, *, check: bool) -> dict[str, object]:
    """The part for `media`. With `check` raises Unrepresentable for a type that Google refuses."""
    source = media.source
    match source:
        case Inline(mime, data):
            shown = _accepted(mime) if check else mime
            return {"inlineData": Shown(shown, data=data, display_name="" if check else media.name)}
        case Link(url, mime):
            shown = _link_mime(url, mime) if check else mime
            return {"fileData": Shown(shown, file_uri=url, display_name="" if check else media.name)}
        case FileReference("gemini", id):
            uri, _, mime = id.partition(" ")
            return {"fileData": Shown(mime, file_uri=uri, display_name="" if check else media.name)}
        case FileReference(dialect):
            raise Unrepresentable(f"a file uploaded to {dialect}", "gemini")


def _accepted(mime: str) -> str:
    plain = mime.partition(";")[0].strip().lower()
    plain = _ALIASES.get(plain, plain)
    if _ACCEPTED.fullmatch(plain):
        return plain
    raise Unrepresentable(f"media of type {mime!r}", "gemini")


def _link_mime(url: str, mime: str) -> str:
    found = mime or ("" if _YOUTUBE.match(url) else _guessed(url))
    return _accepted(found) if found else ""


def _guessed(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return _EXTENSIONS.get(path.rpartition(".")[2].lower(), "")
