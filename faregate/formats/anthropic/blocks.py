"""Parts -> content blocks of a request."""

import base64
import binascii
from typing import Any

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.call_ids import accepted_id
from faregate.formats.anthropic.seals import thinking_block
from faregate.formats.anthropic.wire import NAME, shown_mark
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.seal import opens_for
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
    Thinking,
    ToolCall,
    ToolResult,
)
from faregate.kernel.errors import Unrepresentable

PDF = "application/pdf"
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_PDF_BASE64 = "JVBERi0"  # "%PDF-"
_WORDS = ("text/", "application/json")
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
Block = dict[str, Any] | Raw


class Blocks:
    """Renders parts for one upstream; what had to be left out is noted.

    What this API refuses of the other dialects' words, ids and pictures is mended. `own`: the parts are this dialect's,
    and the upstream's to judge.
    """

    def __init__(self, quirks: Quirks, notes: Notes, *, own: bool) -> None:
        self._own = own
        self._origin = quirks.origin
        self._notes = notes

    def note(self, what: str) -> None:
        """Record a loss, once."""
        if what not in self._notes.lines:
            self._notes.dropped(what)

    def render(self, part: Part) -> Block | None:
        """The block of a part; None when there is nothing to send. Raises Unrepresentable."""
        match part:
            case Text():
                return marked({"type": "text", "text": part.text}, part.cache) if self._says(part.text) else None
            case Media():
                return self._media(part)
            case Thinking():
                return self._thinking(part)
            case ToolCall():
                call = {"type": "tool_use", "id": self._id(part.id), "name": part.name, "input": arguments_object(part)}
                return marked(call, part.cache)
            case ToolResult():
                return self._result(part)
            case Refusal():
                return {"type": "text", "text": part.text} if self._says(part.text) else None
            case Opaque():
                return own_raw(part)

    def _says(self, text: str) -> bool:
        """False for words that the API refuses: none, or nothing but blanks."""
        if self._own or not text or text.strip():
            return bool(text)
        self.note("blank text")
        return False

    def _id(self, id: str) -> str:
        accepted = id if self._own else accepted_id(id)
        if accepted != id:
            self.note("characters of tool call ids (replaced)")
        return accepted

    def _thinking(self, part: Thinking) -> Block | None:
        """Thoughts without a seal that opens here would be refused: they go as a whole."""
        if part.sealed is None or not opens_for(part.sealed, NAME, self._origin):
            self.note("thinking (not sealed for this upstream)")
            return None
        return thinking_block(part)

    def _result(self, part: ToolResult) -> Block:
        block: dict[str, Any] = {"type": "tool_result", "tool_use_id": self._id(part.id)}
        found = (self.render(inner) for inner in part.content)
        content = content_of([inner for inner in found if inner is not None])
        if content or part.structured:
            block["content"] = content or part.structured
        if part.is_error:
            block["is_error"] = True
        return marked(block, part.cache)

    def _media(self, part: Media) -> Block:
        if part.detail:
            self.note("image detail")
        if part.kind in ("audio", "video"):
            raise Unrepresentable(part.kind, NAME)
        if self._is_picture(part):
            return marked({"type": "image", "source": self._image_source(part.source)}, part.cache)
        block: dict[str, Any] = {"type": "document", "source": _document_source(part.source)}
        if part.name:
            block["title"] = part.name
        return marked(block, part.cache)

    def _is_picture(self, part: Media) -> bool:
        """Data are what their type says: chat clients send documents as pictures too."""
        if not isinstance(part.source, Inline):
            return part.kind == "image"
        mime = _mime(part.source)
        return mime.startswith("image/") or (part.kind == "image" and (self._own or mime != PDF))

    def _image_source(self, source: Inline | Link | FileReference) -> dict[str, Any]:
        if not isinstance(source, Inline):
            return _far_source(source)
        mime = source.mime if self._own else _mime(source)
        if not self._own and mime not in PICTURES:
            raise Unrepresentable(f"a picture of type {mime or 'unknown'!r}", NAME)
        return {"type": "base64", "media_type": mime, "data": source.data}


def _mime(source: Inline) -> str:
    """The media type in lower case, without parameters, by its registered name."""
    mime = source.mime.partition(";")[0].strip().lower()
    return "image/jpeg" if mime == "image/jpg" else mime


def _document_source(source: Inline | Link | FileReference) -> dict[str, Any]:
    if not isinstance(source, Inline):
        return _far_source(source)
    mime = _mime(source)
    if mime == PDF or (not mime and source.data.startswith(_PDF_BASE64)):
        return {"type": "base64", "media_type": PDF, "data": source.data}
    if mime.startswith(_WORDS):
        return {"type": "text", "media_type": "text/plain", "data": _words(source)}
    raise Unrepresentable(f"a file of type {mime or 'unknown'!r}", NAME)


def _far_source(source: Link | FileReference) -> dict[str, Any]:
    if isinstance(source, Link):
        return {"type": "url", "url": source.url}
    if source.dialect != NAME:
        raise Unrepresentable("a file uploaded to another provider", NAME)
    return {"type": "file", "file_id": source.id}


def _words(source: Inline) -> str:
    try:
        return base64.b64decode(source.data, validate=True).decode("utf8")
    except (binascii.Error, ValueError) as error:
        raise Unrepresentable(f"a file of type {source.mime!r} that is not UTF-8 text", NAME) from error


def marked(block: dict[str, Any], cache: CacheMark | None) -> dict[str, Any]:
    """The block with its cache breakpoint."""
    if cache is not None:
        block["cache_control"] = shown_mark(cache)
    return block


def own_raw(part: Opaque) -> Raw:
    """The exact JSON of a block of this dialect. Raises Unrepresentable for one of another."""
    if part.dialect != NAME:
        raise Unrepresentable(f"an item of kind {part.kind!r}", NAME)
    return Raw(part.raw)


def arguments_object(call: ToolCall) -> Any:
    """A call's arguments as the object this API insists on: their own bytes, or wrapped when they are no object."""
    raw = call.arguments.encode("utf8", "replace")
    if not raw.strip():
        return {}
    if not call.custom:
        try:
            _FIELDS.decode(raw)
        except (msgspec.MsgspecError, RecursionError):
            return {"arguments": call.arguments}
        return Raw(raw)
    return {"arguments": call.arguments}


def content_of(blocks: list[Block]) -> Any:
    """Blocks as content: a lone plain text as a string, anything else as a list."""
    if len(blocks) == 1 and isinstance(blocks[0], dict) and blocks[0].keys() == {"type", "text"}:
        return blocks[0]["text"]
    return blocks
