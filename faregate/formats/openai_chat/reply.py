"""Whole chat answers: to a Reply and back, and what the pipeline must know of them."""

import msgspec
from msgspec import structs

from faregate.formats.dialect import Opening
from faregate.formats.events import Choice, Glimpse, Reply
from faregate.formats.fold import fold
from faregate.formats.openai_chat.glimpse import glimpse_answer, is_error
from faregate.formats.openai_chat.reader import Reader
from faregate.formats.openai_chat.thoughts import ON_TEXT, Details, details_of
from faregate.formats.openai_chat.usage import shown, usage_of
from faregate.formats.openai_chat.wire import Answer, answer_of
from faregate.formats.openai_chat.writer import finish_reason, media_delta
from faregate.formats.turn import Media, Opaque, Refusal, Text, Thinking, ToolCall
from faregate.formats.usage import Usage
from faregate.kernel.body import splice
from faregate.kernel.errors import Garbage


def parse_reply(body: bytes) -> Reply:
    """The whole answer. Raises Garbage when it is no chat completion or has no choices."""
    answer = _decoded(body)
    if answer is None or not answer.choices:
        raise Garbage("the upstream's answer is not a chat completion")
    for index, choice in enumerate(answer.choices):
        choice.index = index  # some hosts number every choice 0
    reader = Reader()
    events = [*reader.take(answer), *reader.end()]
    return fold(events, usage_of(answer))


def glimpse_reply(body: bytes) -> Glimpse:
    """What the pipeline must know of a whole answer; also of a legacy completion."""
    answer = _decoded(body)
    if answer is None:
        return Glimpse(junk=True)
    if is_error(answer):
        return Glimpse(error=body)
    seen = glimpse_answer(answer)
    if answer.choices is None:
        return structs.replace(seen, junk=True)
    whole = bool(answer.choices)
    return Glimpse(whole, whole, seen.text, seen.usage, tool_calls=seen.tool_calls)


def show_usage(body: bytes, usage: Usage) -> bytes:
    """The answer with this usage put in."""
    return splice(body, usage=shown(usage))


def render_reply(reply: Reply, opening: Opening) -> bytes:
    """The whole answer as a chat completion; what the upstream did not say comes from `opening`."""
    wire = {
        "id": reply.id or f"chatcmpl-{opening.id}",
        "object": "chat.completion",
        "created": reply.created or opening.created,
        "model": reply.model or opening.model,
        "choices": [_render_choice(choice, index, opening) for index, choice in enumerate(reply.choices)],
        "usage": shown(reply.usage or Usage()),
    }
    return msgspec.json.encode(wire)


def _decoded(body: bytes) -> Answer | None:
    try:
        return answer_of(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _render_choice(choice: Choice, index: int, opening: Opening) -> object:
    calls = [part for part in choice.parts if isinstance(part, ToolCall)]
    message = _said(choice)
    if calls:
        message["tool_calls"] = [_render_call(call, number, opening) for number, call in enumerate(calls)]
    if details := _details(choice):
        message["reasoning_details"] = details
    finish = finish_reason(choice.stop, bool(calls))
    return {"index": index, "message": message, "logprobs": None, "finish_reason": finish}


def _said(choice: Choice) -> dict[str, object]:
    """Role, words, thoughts, refusal and media of a message; `content` is null when nothing was said."""
    words: list[str] = []
    thoughts: list[str] = []
    refusals: list[str] = []
    message: dict[str, object] = {"role": "assistant", "content": None}
    for part in choice.parts:
        match part:
            case Text():
                words.append(part.text)
            case Thinking():
                thoughts.append(part.text)
            case Refusal():
                refusals.append(part.text)
            case Media() | Opaque():
                delta = media_delta(part, after_text=any(words))
                words.append(str(delta.pop("content", "")))
                message |= delta
            case ToolCall():
                pass
    if any(words) or (any(isinstance(part, Text) for part in choice.parts)):
        message["content"] = "".join(words)
    elif not any(isinstance(part, ToolCall | Refusal) for part in choice.parts):
        message["content"] = ""
    if said := "".join(thoughts):
        message["reasoning_content"] = said
    if refusals:
        message["refusal"] = "".join(refusals)
    return message


def _render_call(call: ToolCall, number: int, opening: Opening) -> object:
    call_id = call.id or f"call_{opening.id}_{number}"
    if call.custom:
        return {"id": call_id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _details(choice: Choice) -> list[object]:
    made = Details()
    details = details_of((part for part in choice.parts if isinstance(part, Thinking)), made)
    for part in choice.parts:
        if isinstance(part, Text | ToolCall) and part.sealed is not None:
            target = part.id if isinstance(part, ToolCall) else ON_TEXT
            details += made.entries(part.sealed, None, 0, target)
    return details
