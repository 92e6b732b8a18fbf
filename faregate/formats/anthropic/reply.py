"""Whole answers, both ways."""

import msgspec
from msgspec import Raw, Struct

from faregate.formats.anthropic.parts import parse_block
from faregate.formats.anthropic.reader import STOP_REASONS
from faregate.formats.anthropic.shown import shown_blocks, stop_word
from faregate.formats.anthropic.usage import read_usage, show
from faregate.formats.dialect import Opening
from faregate.formats.events import Choice, Glimpse, Reply, ReplyPart
from faregate.formats.turn import Media, Opaque, Refusal, Text, Thinking, ToolCall
from faregate.formats.usage import NOTHING, Usage
from faregate.kernel.body import splice
from faregate.kernel.errors import BadRequest, Garbage

_REPLY_PARTS = (Text, Thinking, ToolCall, Refusal, Media, Opaque)


class _Body(Struct):
    type: str | None = None
    id: str | None = None
    model: str | None = None
    content: list[Raw] | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: Raw = Raw()
    error: Raw = Raw()


_BODY = msgspec.json.Decoder(_Body)


def parse_reply(body: bytes) -> Reply:
    """The typed answer. Raises Garbage when it is not this dialect's."""
    try:
        found = _BODY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbage("the upstream's answer is not an Anthropic message", detail=str(error)) from error
    if found.type == "error" or (found.content is None and found.stop_reason is None):
        raise Garbage("the upstream's answer is not an Anthropic message")
    raw = found.stop_reason or ""
    parts = tuple(_part(item) for item in found.content or ())
    choice = Choice(parts, STOP_REASONS.get(raw, "other"), raw, found.stop_sequence or "")
    return Reply(id=found.id or "", model=found.model or "", choices=(choice,), usage=read_usage(found.usage))


def _part(raw: Raw) -> ReplyPart:
    try:
        part = parse_block(raw, "content")
    except BadRequest as error:
        raise Garbage("the upstream's answer holds a block that is not Anthropic's", detail=error.message) from error
    return part if isinstance(part, _REPLY_PARTS) else Opaque("anthropic", "tool_result", bytes(raw))


def render_reply(reply: Reply, opening: Opening) -> bytes:
    """The answer as this dialect's clients expect it: one choice, at least one block, usage in its convention."""
    choice = reply.choices[0] if reply.choices else Choice((), "other")
    content = shown_blocks(choice.parts)
    called = any(isinstance(part, ToolCall) for part in choice.parts)
    return msgspec.json.encode(
        {
            "id": reply.id or opening.id,
            "type": "message",
            "role": "assistant",
            "model": reply.model or opening.model,
            "content": content or [{"type": "text", "text": ""}],
            "stop_reason": stop_word(choice.stop, called=called),
            "stop_sequence": choice.sequence or None,
            "usage": show(reply.usage or NOTHING),
        }
    )


def glimpse_reply(body: bytes) -> Glimpse:
    """What the pipeline must know of a whole answer; `junk` when it is not an answer of this dialect."""
    try:
        found = _BODY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Glimpse(junk=True)
    if found.type == "error" or (found.error and found.content is None):
        return Glimpse(error=body)
    if found.content is None:
        return Glimpse(junk=True)
    texts, calls = _weighed(found.content)
    return Glimpse(
        live=bool(found.content),
        final=found.stop_reason is not None,
        text="".join(texts),
        usage=read_usage(found.usage),
        tool_calls=calls,
    )


def _weighed(content: list[Raw]) -> tuple[list[str], int]:
    """The words of an answer, and how many calls it makes."""
    texts: list[str] = []
    calls = 0
    for raw in content:
        try:
            part = parse_block(raw, "content")
        except BadRequest:
            continue
        if isinstance(part, Text | Thinking):
            texts.append(part.text)
        elif isinstance(part, ToolCall):
            texts += [part.name, part.arguments]
            calls += 1
    return texts, calls


def show_usage(body: bytes, usage: Usage) -> bytes:
    """The answer with this usage in place of its own."""
    return splice(body, usage=show(usage))
