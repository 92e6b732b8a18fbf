"""Parts of a reply as this dialect's clients see them."""

from collections.abc import Sequence
from typing import Any

from msgspec import Raw
from msgspec.structs import replace

from faregate.formats.anthropic.blocks import arguments_object
from faregate.formats.anthropic.seals import opaque_text, thinking_block
from faregate.formats.anthropic.wire import NAME
from faregate.formats.events import ReplyPart, StopReason
from faregate.formats.turn import Inline, Link, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall

STOP_WORDS: dict[StopReason, str] = {
    "stop": "end_turn",
    "stop_sequence": "stop_sequence",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "refusal": "refusal",
    "pause": "pause_turn",
    "context": "model_context_window_exceeded",
    "other": "end_turn",
}


def stop_word(reason: StopReason, *, called: bool) -> str:
    """The stop reason on the wire. Clients run tools only when told so: a plain or unknown stop after calls is one."""
    return "tool_use" if called and reason in ("stop", "other") else STOP_WORDS[reason]


def shown_blocks(parts: Sequence[ReplyPart]) -> list[Any]:
    """The blocks of an answer.

    The seal of closing words is left out: clients take the last block for the answer (Claude Code prints nothing when
    it is not text), and Gemini, whose seals sit on words, does not demand it back.
    """
    last = parts[-1] if parts else None
    if isinstance(last, Text) and last.sealed is not None:
        parts = (*parts[:-1], replace(last, sealed=None))
    return [block for part in parts for block in shown_parts(part)]


def shown_parts(part: ReplyPart) -> list[Any]:
    """The blocks of one part: the part itself, and behind it a seal that this dialect has no field for."""
    match part:
        case Text():
            return [{"type": "text", "text": part.text}, *carried_seal(part.sealed)]
        case Refusal():
            return [{"type": "text", "text": part.text}]
        case Thinking():
            return [thinking_block(part)]
        case ToolCall():
            call = {"type": "tool_use", "id": part.id, "name": part.name, "input": arguments_object(part)}
            return [call, *carried_seal(part.sealed)]
        case Media():
            return [{"type": "text", "text": media_words(part)}]
        case Opaque(words=words) if words:
            return [{"type": "text", "text": words}]
        case Opaque():
            return [Raw(part.raw)] if part.dialect == NAME else []


def carried_seal(sealed: Sealed | None) -> list[dict[str, Any]]:
    """A redacted block that carries the seal of words or a call (Gemini); `parts` puts it back where it was."""
    if sealed is None or sealed.dialect == NAME:
        return []
    return [{"type": "redacted_thinking", "data": opaque_text(sealed)}]


def media_words(part: Media) -> str:
    """Media made by the model, in words: this API's replies hold none."""
    match part.source:
        case Inline(mime, data):
            address = f"data:{mime};base64,{data}"
        case Link(url):
            address = url
        case _:
            address = part.source.id
    return f"![image]({address})" if part.kind == "image" else f"[media]({address})"
