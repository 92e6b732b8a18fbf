"""The text and media of a request, for an estimate. Only the conversation's words count, as in New API."""

import msgspec
from msgspec import Raw, Struct, field

from faregate.formats.dialect import Weight
from faregate.formats.gemini.media import kind_of
from faregate.formats.gemini.wire import FIELDS, absent
from faregate.formats.turn import MediaKind


class _Media(Struct):
    mime: str | None = field(name="mimeType", default=None)
    mime_snake: str | None = field(name="mime_type", default=None)


class _Part(Struct):
    text: str | None = None
    inline: _Media | None = field(name="inlineData", default=None)
    inline_snake: _Media | None = field(name="inline_data", default=None)
    file: _Media | None = field(name="fileData", default=None)
    file_snake: _Media | None = field(name="file_data", default=None)


class _Content(Struct):
    parts: list[Raw] | None = None


class _Embedding(Struct):
    content: Raw = Raw()


class _Tool(Struct):
    functions: list[Raw] | None = field(name="functionDeclarations", default=None)
    functions_snake: list[Raw] | None = field(name="function_declarations", default=None)


_ITEMS = msgspec.json.Decoder(list[Raw])
_CONTENT = msgspec.json.Decoder(_Content)
_EMBEDDING = msgspec.json.Decoder(_Embedding)
_PART = msgspec.json.Decoder(_Part)
_TOOLS = msgspec.json.Decoder(list[_Tool])
_ODD = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def weigh(body: bytes) -> Weight:
    """The text of a request and the number of its media. What cannot be read counts nothing; never raises."""
    fields = _fields(body)
    if not absent(fields.get("generateContentRequest", Raw())):
        fields = _fields(bytes(fields["generateContentRequest"]))
    contents = _items(fields.get("contents"))
    contents += [content for request in _items(fields.get("requests")) if (content := _embedded(request))]
    contents += [content for content in (fields.get("content"),) if content is not None]
    texts: list[str] = []
    kinds: list[MediaKind] = []
    for content in contents:
        for part in _parts(content):
            _weigh_part(part, texts, kinds)
    return Weight(
        "\n".join(texts),
        messages=len(contents),
        tools=_tools(fields.get("tools")),
        images=kinds.count("image"),
        audio=kinds.count("audio"),
        video=kinds.count("video"),
        files=kinds.count("file"),
    )


def _weigh_part(raw: Raw, texts: list[str], kinds: list[MediaKind]) -> None:
    try:
        part = _PART.decode(raw)
    except _ODD:
        return
    if part.text:
        texts.append(part.text)
    media = part.inline or part.inline_snake or part.file or part.file_snake
    if media is not None:
        kinds.append(kind_of(media.mime or media.mime_snake or ""))


def _fields(body: bytes) -> dict[str, Raw]:
    try:
        return FIELDS.decode(body)
    except _ODD:
        return {}


def _items(raw: Raw | None) -> list[Raw]:
    try:
        return _ITEMS.decode(raw) if raw else []
    except _ODD:
        return []


def _parts(content: Raw) -> list[Raw]:
    try:
        return _CONTENT.decode(content).parts or []
    except _ODD:
        return []


def _embedded(request: Raw) -> Raw:
    try:
        return _EMBEDDING.decode(request).content
    except _ODD:
        return Raw()


def _tools(raw: Raw | None) -> int:
    try:
        tools = _TOOLS.decode(raw) if raw else []
    except _ODD:
        return 0
    return sum(len(tool.functions or tool.functions_snake or ()) for tool in tools)
