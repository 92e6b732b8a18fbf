"""The text and media of a request, for an estimate. Only the conversation's words count, as in New API."""

import msgspec
from msgspec import Raw, Struct, field

from faregate.formats.dialect import Weight
from faregate.formats.gemini.media import kind_of
from faregate.formats.gemini.wire import FIELDS, absent, start_of


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
    parts: list[_Part] | None = None


class _Embedding(Struct):
    content: Raw = Raw()


class _Tool(Struct):
    functions: Raw = field(name="functionDeclarations", default=Raw())
    functions_snake: Raw = field(name="function_declarations", default=Raw())


_ITEMS = msgspec.json.Decoder(list[Raw])
_CONTENT = msgspec.json.Decoder(_Content)
_CONTENTS = msgspec.json.Decoder(list[_Content])
_EMBEDDINGS = msgspec.json.Decoder(list[_Embedding])
_PART = msgspec.json.Decoder(_Part)
_TOOL = msgspec.json.Decoder(_Tool)
_ODD = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def weigh(body: bytes) -> Weight:
    """The text of a request and the number of its media. What cannot be read counts nothing; never raises."""
    fields = _fields(body)
    if not absent(fields.get("generateContentRequest", Raw())):
        fields = _fields(fields["generateContentRequest"])
    contents = _contents(fields)
    parts = [part for content in contents for part in content.parts or ()]
    media = [part.inline or part.inline_snake or part.file or part.file_snake for part in parts]
    kinds = [kind_of(found.mime or found.mime_snake or "") for found in media if found is not None]
    return Weight(
        "\n".join(part.text for part in parts if part.text),
        messages=len(contents),
        tools=_tools(fields.get("tools")),
        images=kinds.count("image"),
        audio=kinds.count("audio"),
        video=kinds.count("video"),
        files=kinds.count("file"),
    )


def _contents(fields: dict[str, Raw]) -> list[_Content]:
    """The contents of a generation, or of one or many embeddings."""
    raw = fields.get("contents")
    if raw is not None:
        try:
            return _CONTENTS.decode(raw)
        except _ODD:
            return [_content(item) for item in _items(raw)]
    if "content" in fields:
        return [_content(fields["content"])]
    try:
        embeddings = _EMBEDDINGS.decode(fields.get("requests", Raw(b"[]")))
    except _ODD:
        return []
    return [_content(embedding.content) for embedding in embeddings]


def _content(raw: Raw) -> _Content:
    """A content, without the parts of it that are odd."""
    try:
        return _CONTENT.decode(raw)
    except _ODD:
        return _Content([part for item in _items(_fields(raw).get("parts")) for part in _part(item)])


def _part(raw: Raw) -> list[_Part]:
    try:
        return [_PART.decode(raw)]
    except _ODD:
        return []


def _fields(body: bytes | Raw) -> dict[str, Raw]:
    try:
        return FIELDS.decode(body)
    except _ODD:
        return {}


def _items(raw: Raw | None) -> list[Raw]:
    """The items of a list; a lone object counts as one."""
    if raw and start_of(raw) == b"{":
        return [raw]
    try:
        return _ITEMS.decode(raw) if raw else []
    except _ODD:
        return []


def _tools(raw: Raw | None) -> int:
    return sum(len(_items(tool.functions or tool.functions_snake)) for item in _items(raw) for tool in _tool(item))


def _tool(raw: Raw) -> list[_Tool]:
    try:
        return [_TOOL.decode(raw)]
    except _ODD:
        return []
