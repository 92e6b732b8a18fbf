"""Pieces of an answer as the parts that a Gemini client reads."""

from faregate.formats.events import ReplyPart
from faregate.formats.gemini.contents import WirePart, write_arguments
from faregate.formats.gemini.media import write_media
from faregate.formats.gemini.signature import show_signature
from faregate.formats.gemini.wire import FIELDS
from faregate.formats.turn import FileReference, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall


def show_part(part: ReplyPart) -> WirePart | None:
    """The part for `part`; None for what a Gemini client could not read."""
    match part:
        case Text():
            return sealed_part({"text": part.text}, part.sealed) if part.text or part.sealed else None
        case Thinking():
            return sealed_part({"text": part.text, "thought": True}, part.sealed)
        case ToolCall():
            call: dict[str, object] = {"id": part.id} if part.id else {}
            call |= {"name": part.name, "args": write_arguments(part)}
            return sealed_part({"functionCall": call}, part.sealed)
        case Refusal(text):
            return {"text": text}
        case Media():
            return _media(part)
        case Opaque(dialect, _, raw):
            return dict(FIELDS.decode(raw)) if dialect == "gemini" else None


def sealed_part(shown: WirePart, sealed: Sealed | None) -> WirePart:
    """`shown` with its signature."""
    if sealed is not None:
        shown["thoughtSignature"] = show_signature(sealed)
    return shown


def _media(media: Media) -> WirePart | None:
    source = media.source
    if isinstance(source, FileReference) and source.dialect != "gemini":
        return None
    return sealed_part(write_media(media, check=False), media.sealed)
