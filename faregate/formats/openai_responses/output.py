"""What this dialect shows of a reply: output items and the response object around them."""

import re

from msgspec import Raw

from faregate.formats.dialect import Opening
from faregate.formats.events import ReplyPart, StopReason
from faregate.formats.openai_responses.names import naming
from faregate.formats.openai_responses.reasoning import MADE, own_id, reasoning_item
from faregate.formats.openai_responses.wire import OWN
from faregate.formats.turn import Inline, Link, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall

_INCOMPLETE: dict[StopReason, str] = {
    "length": "max_output_tokens",
    "context": "max_output_tokens",
    "refusal": "content_filter",
}
_FOREIGN_ID = re.compile(r"^(?:chatcmpl|msg|gen)[-_]|[^A-Za-z0-9_]")


def response_id(upstream_id: str, opening: Opening) -> str:
    """The id of the response: the upstream's own `resp_...`, or one made of whatever id there is."""
    if upstream_id.startswith("resp_"):
        return upstream_id
    return f"resp_{_FOREIGN_ID.sub('', upstream_id or opening.id) or '0'}"


def made_id(prefix: str, response: str, index: int) -> str:
    """The id of output item `index`, unique within the response."""
    return f"{prefix}{response.removeprefix('resp_')}_{index}"


def id_of(part: ReplyPart, response: str, index: int) -> str:
    """The id of the item that shows `part`; reasoning that was issued here keeps the id it was issued under."""
    match part:
        case Thinking():
            return own_id(part.sealed) or made_id(MADE, response, index)
        case ToolCall():
            return made_id("ctc_" if part.custom else "fc_", response, index)
        case Media():
            return made_id("ig_" if _is_picture(part) else "msg_", response, index)
        case _:
            return made_id("msg_", response, index)


def item_of(part: ReplyPart, identity: str, status: str = "completed") -> dict[str, object] | Raw | None:
    """The output item that shows `part`, None for what only another dialect can say."""
    match part:
        case Text():
            return message_item(identity, [text_part(part.text)], status)
        case Refusal():
            return message_item(identity, [refusal_part(part.text)], status)
        case Thinking():
            return reasoning_item(part.text, part.sealed, identity)
        case ToolCall():
            return call_item(part, identity, status)
        case Media():
            return _media_item(part, identity)
        case Opaque(words=words) if words:
            return message_item(identity, [text_part(words)], status)
        case _:
            return Raw(part.raw) if part.dialect == OWN else None


def carrier_of(sealed: Sealed | None, identity: str) -> dict[str, object] | None:
    """A reasoning item without words that carries another dialect's signature of the item before it (Gemini)."""
    return reasoning_item("", sealed, identity) if sealed is not None and sealed.dialect != OWN else None


def message_item(identity: str, content: list[dict[str, object]], status: str) -> dict[str, object]:
    """A message of the model."""
    return {"type": "message", "id": identity, "status": status, "role": "assistant", "content": content}


def text_part(text: str) -> dict[str, object]:
    """The content part of words."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def refusal_part(text: str) -> dict[str, object]:
    """The content part of a refusal."""
    return {"type": "refusal", "refusal": text}


def call_item(part: ToolCall, identity: str, status: str) -> dict[str, object]:
    """A call of a function or of a free-text tool."""
    kind, field = ("custom_tool_call", "input") if part.custom else ("function_call", "arguments")
    named = {"type": kind, "id": identity, "call_id": part.id or identity, **naming(part.name)}
    return named | {field: part.arguments, "status": status}


def _is_picture(part: Media) -> bool:
    return part.kind == "image" and isinstance(part.source, Inline)


def _media_item(part: Media, identity: str) -> dict[str, object]:
    """Made media: pictures as the call that makes them here, other media as a link in words."""
    if _is_picture(part) and isinstance(part.source, Inline):
        made: dict[str, object] = {"type": "image_generation_call", "id": identity, "status": "completed"}
        return made | {"output_format": part.source.mime.removeprefix("image/"), "result": part.source.data}
    match part.source:
        case Inline(mime, data):
            address = f"data:{mime};base64,{data}"
        case Link(url):
            address = url
        case source:
            address = source.id
    mark = "!" if part.kind == "image" else ""
    return message_item(identity, [text_part(f"{mark}[{part.name or part.kind}]({address})")], "completed")


def outcome(stop: StopReason) -> tuple[str, str]:
    """Status and, for an incomplete response, the reason."""
    reason = _INCOMPLETE.get(stop, "")
    return ("incomplete", reason) if reason else ("completed", "")


def response_object(
    identity: str,
    created: int,
    model: str,
    *,
    status: str,
    output: list[object],
    reason: str = "",
    usage: dict[str, object] | None = None,
    error: dict[str, object] | None = None,
) -> dict[str, object]:
    """A whole response object: what the API reference demands, unknown settings of the request as null."""
    return {
        "id": identity,
        "object": "response",
        "created_at": created,
        "status": status,
        "background": False,
        "error": error,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": None,
        "max_output_tokens": None,
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": None,
        "store": False,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "truncation": None,
        "usage": usage,
        "user": None,
        "metadata": None,
    }
