"""Whole replies: a response object to a Reply and back, and the little of it that the pipeline needs."""

from typing import NamedTuple

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Opening
from faregate.formats.events import Choice, Glimpse, Reply, ReplyPart, StopReason
from faregate.formats.openai_responses.names import joined
from faregate.formats.openai_responses.output import (
    carrier_of,
    id_of,
    item_of,
    made_id,
    outcome,
    response_id,
    response_object,
)
from faregate.formats.openai_responses.reasoning import MADE, thinking_of
from faregate.formats.openai_responses.usage import read_usage, show
from faregate.formats.openai_responses.wire import (
    MALFORMED,
    OWN,
    Item,
    Response,
    compact,
    decode_item,
    decode_response,
    encode,
    lenient_parts,
    text_or_json,
    told,
    tolerantly,
)
from faregate.formats.turn import Opaque, Refusal, Text, Thinking, ToolCall
from faregate.formats.usage import NOTHING, Usage
from faregate.kernel.body import splice
from faregate.kernel.errors import Garbage

_NO_DIALECT = "the upstream's answer is not a response object"


class Ending(NamedTuple):
    """Why a response ended, and the upstream's own word for it."""

    reason: StopReason
    raw: str


def parse_reply(body: bytes) -> Reply:
    """A whole answer; tool calls, words and thoughts in the order of the output items. Raises Garbage."""
    try:
        response = tolerantly(decode_response, body)
    except MALFORMED as error:
        raise Garbage(_NO_DIALECT, detail=str(error)) from error
    if response.output is None or response.status == "failed" or told(response.error):
        raise Garbage(_NO_DIALECT, detail="no output, or an error in its place")
    parts = tuple(part for raw in response.output for part in parts_of(raw))
    ending = ending_of(response, any(isinstance(part, ToolCall) for part in parts))
    return Reply(
        id=response.id or "",
        model=response.model or "",
        created=int(response.created_at or 0),
        choices=(Choice(parts, ending.reason, ending.raw),),
        usage=read_usage(response.usage, response.output),
    )


def parts_of(raw: Raw) -> list[ReplyPart]:
    """The parts of one output item; an item that says nothing has none."""
    try:
        item = decode_item(raw)
    except MALFORMED:
        return []
    match item.type:
        case "message":
            return _message_parts(item)
        case "reasoning":
            thinking = thinking_of(item)
            return [thinking] if thinking.text or thinking.sealed else []
        case "function_call" | "custom_tool_call":
            return [call_of(item)]
        case None | "":
            return []
        case kind:
            return [Opaque(OWN, kind, compact(raw))]


def _message_parts(item: Item) -> list[ReplyPart]:
    parts: list[ReplyPart] = []
    for part in lenient_parts(item.content):
        if part.type == "refusal" and part.refusal:
            parts.append(Refusal(part.refusal))
        elif part.text:
            parts.append(Text(part.text))
    return parts


def call_of(item: Item) -> ToolCall:
    """The tool call of an item."""
    custom = item.type == "custom_tool_call"
    arguments = (item.input or "") if custom else text_or_json(item.arguments) or "{}"
    return ToolCall(item.call_id or item.id or "", joined(item.namespace or "", item.name or ""), arguments, custom)


def ending_of(response: Response, called: bool) -> Ending:
    """Why the response ended. `called`: it holds a tool call."""
    if response.status == "incomplete":
        raw = (response.incomplete_details.reason if response.incomplete_details else None) or "incomplete"
        return Ending("refusal" if raw == "content_filter" else "length", raw)
    if response.status in ("completed", "", None):
        return Ending("tool_calls" if called else "stop", response.status or "")
    return Ending("other", response.status)


def render_reply(reply: Reply, opening: Opening) -> bytes:
    """A whole response object of the first choice."""
    identity = response_id(reply.id, opening)
    choice = reply.choices[0] if reply.choices else Choice((), "stop")
    output: list[object] = []
    for part in choice.parts:
        item = item_of(part, id_of(part, identity, len(output)))
        if item is None:
            continue
        output.append(item)
        seal = part.sealed if isinstance(part, Text | ToolCall) else None
        carrier = carrier_of(seal, made_id(MADE, identity, len(output)))
        output += [carrier] if carrier else []
    status, reason = outcome(choice.stop)
    return encode(
        response_object(
            identity,
            reply.created or opening.created,
            opening.model or reply.model,
            status=status,
            reason=reason,
            output=output,
            usage=show(reply.usage or NOTHING),
        )
    )


def show_usage(body: bytes, usage: Usage) -> bytes:
    """The answer with `usage` in place of what the upstream left out."""
    return splice(body, usage=show(usage))


def glimpse_reply(body: bytes) -> Glimpse:
    """What the pipeline must know of a whole answer."""
    try:
        response = tolerantly(decode_response, body)
    except MALFORMED:
        return Glimpse(junk=True, error=_error_within(body))
    usage = read_usage(response.usage, response.output)
    if response.status == "failed" or told(response.error):
        return Glimpse(error=body, usage=usage)
    if response.output is None:
        return Glimpse(junk=True)
    parts = [part for raw in response.output for part in parts_of(raw)]
    calls = sum(isinstance(part, ToolCall) for part in parts)
    text = "".join(map(_words, parts))
    return Glimpse(live=True, final=True, text=text, usage=usage, tool_calls=calls)


def _words(part: ReplyPart) -> str:
    match part:
        case Text(text) | Thinking(text) | Refusal(text):
            return text
        case ToolCall(_, name, arguments):
            return name + arguments
        case _:
            return ""


def _error_within(body: bytes) -> bytes:
    """`body` when it is JSON that reports an error in a shape of its own, else b""."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, Raw])
    except MALFORMED:
        return b""
    return body if told(fields.get("error", Raw())) else b""
