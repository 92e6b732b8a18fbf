"""A Turn to a Responses request.

A turn of this dialect comes back as it was. Others are said in this dialect's words: system texts become
`instructions`, nothing is stored, and reasoning is asked for in the form that can be sent back.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.openai import suited
from faregate.formats.openai_responses.content import CONTENT, Content, render_content
from faregate.formats.openai_responses.names import naming
from faregate.formats.openai_responses.reasoning import reasoning_item
from faregate.formats.openai_responses.tools import CACHED_SEARCH, note_once, render_choice, render_tools
from faregate.formats.openai_responses.wire import OWN, encode
from faregate.formats.seal import opens_for
from faregate.formats.turn import (
    Media,
    Message,
    Opaque,
    OutputFormat,
    Part,
    Reasoning,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from faregate.kernel.errors import Unrepresentable

# What chat and Responses have in common beyond the Turn; the last two are Qwen's.
_SHARED_WITH_CHAT = ("safety_identifier", "prompt_cache_retention", "enable_thinking", "thinking_budget")
_BETWEEN_SYSTEM_TEXTS = "\n\n"


class _Scene(NamedTuple):
    """What rendering an item depends on."""

    own: bool
    origin: str
    custom_calls: frozenset[str]
    notes: Notes

    def note(self, what: str) -> None:
        """Note a loss, once for the whole request."""
        note_once(self.notes, what)


def render(turn: Turn, quirks: Quirks, notes: Notes) -> bytes:
    """The request body. Raises Unrepresentable for several answers, and for content and tools it has no words for."""
    if (turn.choices or 1) > 1:
        raise Unrepresentable("several answers (n)", OWN)
    if any(kind != "text" for kind in turn.modalities):
        raise Unrepresentable(f"output as {' and '.join(turn.modalities)}", OWN)
    if turn.dialect != OWN:
        turn = suited(turn, notes)
    scene = _Scene(turn.dialect == OWN, quirks.origin, _custom_calls(turn), notes)
    instructions, messages = _instructions(turn, scene)
    body: dict[str, object] = {"model": turn.model}
    if instructions:
        body["instructions"] = instructions
    body["input"] = [item for message in messages for item in _items(message, scene)]
    body |= _tool_fields(turn, notes)
    body |= _limits(turn)
    body |= _text_field(turn)
    body |= _thought_fields(turn, quirks, notes)
    body |= _labels(turn, notes)
    _note_dropped(turn, notes)
    return encode(body | _extras(turn, notes))


# --- words -----------------------------------------------------------------------------------------------


def _instructions(turn: Turn, scene: _Scene) -> tuple[str, list[Message]]:
    """The instructions and what is left of the messages: other dialects' leading system messages go along."""
    texts = [text.text for text in turn.system if text.text]
    if any(text.cache is not None for text in turn.system):
        scene.note("cache_control")
    messages = list(turn.messages)
    while not scene.own and messages and messages[0].role in ("system", "developer"):
        words = [part.text for part in messages.pop(0).parts if isinstance(part, Text) and part.text]
        texts += ["\n".join(words)] if words else []
    return _BETWEEN_SYSTEM_TEXTS.join(texts), messages


def _items(message: Message, scene: _Scene) -> Iterator[object]:
    """The items of one message, in order: parts in a row that are words or media share a message item."""
    if message.name:
        scene.note("messages.name")
    if not scene.own and message.role == "assistant" and _only_calls(message):
        # Harmless, and what New API sends: some hosts want the model's turn announced before its calls.
        yield {"role": "assistant", "content": ""}
    content: list[Content] = []
    for part in message.parts:
        if _is_content(part):
            content.append(_plain(part, scene))
            continue
        if content:
            yield _message_item(message, content, scene)
            content = []
        item = _item(part, scene, said=message.role == "assistant")
        if item is not None:
            yield item
    if content or not message.parts:
        yield _message_item(message, content, scene)


def _only_calls(message: Message) -> bool:
    return bool(message.parts) and all(isinstance(part, ToolCall) for part in message.parts)


def _is_content(part: Part) -> TypeGuard[Content]:
    own_piece = isinstance(part, Opaque) and part.dialect == OWN and part.kind.startswith(CONTENT)
    return own_piece or isinstance(part, Text | Media | Refusal)


def _plain(part: Content, scene: _Scene) -> Content:
    """The part itself, after noting what of it stays behind."""
    if isinstance(part, Text | Media):
        if part.cache is not None and not scene.own:
            scene.note("cache_control")
        if part.sealed is not None:
            scene.note("thought signature")
    return part


def _message_item(message: Message, content: list[Content], scene: _Scene) -> dict[str, object]:
    assistant = message.role == "assistant"
    return {"role": message.role, "content": render_content(content, assistant=assistant, own=scene.own)}


def _item(part: Part, scene: _Scene, *, said: bool) -> object:
    """The item of a part that is not content, None when it cannot go to this upstream.

    `said`: by the model, whose own items of other dialects may stay behind; what a user gave may not.
    """
    match part:
        case Thinking():
            return _reasoning(part, scene)
        case ToolCall():
            return _call(part, scene)
        case ToolResult():
            return _result(part, scene)
        case Opaque(dialect, kind, raw):
            if dialect == OWN:
                return Raw(raw)
            if not said:
                raise Unrepresentable(f"a part of type {kind!r}", OWN)
            scene.note(f"messages.{kind}")
            return None
        case _:
            return None


def _reasoning(part: Thinking, scene: _Scene) -> object:
    """The item of thoughts this upstream issued; OpenAI refuses a reasoning item it does not know."""
    if part.sealed is not None and opens_for(part.sealed, OWN, scene.origin):
        return reasoning_item(part.text, part.sealed, "")
    scene.note("thinking")
    return None


def _call(part: ToolCall, scene: _Scene) -> dict[str, object]:
    if part.sealed is not None:
        scene.note("thought signature")
    if part.cache is not None:
        scene.note("cache_control")
    kind, field = ("custom_tool_call", "input") if part.custom else ("function_call", "arguments")
    return {"type": kind, "call_id": part.id, **naming(part.name), field: part.arguments}


def _result(part: ToolResult, scene: _Scene) -> dict[str, object]:
    if part.is_error:
        scene.note("tool_result.is_error")
    if part.cache is not None:
        scene.note("cache_control")
    for one in part.content:
        if isinstance(one, Opaque) and one.dialect != OWN:
            raise Unrepresentable(f"a part of type {one.kind!r} in a tool result", OWN)
    content = [_plain(one, scene) for one in part.content]
    output = render_content(content, assistant=False, own=scene.own) or part.structured
    custom = part.custom or part.id in scene.custom_calls
    return {"type": f"{'custom_tool' if custom else 'function'}_call_output", "call_id": part.id, "output": output}


def _custom_calls(turn: Turn) -> frozenset[str]:
    """Ids of the calls of free-text tools: some dialects do not mark their results."""
    parts = (part for message in turn.messages for part in message.parts)
    return frozenset(part.id for part in parts if isinstance(part, ToolCall) and part.custom)


# --- settings --------------------------------------------------------------------------------------------


def _tool_fields(turn: Turn, notes: Notes) -> dict[str, object]:
    shown: dict[str, object] = {}
    tools = render_tools(turn, notes)
    if tools:
        shown["tools"] = tools
    if turn.tool_choice is not None and (tools or turn.dialect == OWN):
        shown["tool_choice"] = render_choice(turn.tool_choice, turn.tools)
    if turn.parallel_tools is not None:
        shown["parallel_tool_calls"] = turn.parallel_tools
    return shown


def _limits(turn: Turn) -> dict[str, object]:
    shown: dict[str, object] = {
        "max_output_tokens": turn.max_output_tokens,
        "temperature": turn.sampling.temperature,
        "top_p": turn.sampling.top_p,
        "top_logprobs": turn.sampling.top_logprobs if turn.dialect == OWN else None,
        "stream": turn.stream or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _text_field(turn: Turn) -> dict[str, object]:
    text: dict[str, object] = {}
    if turn.output is not None:
        text["format"] = _format(turn.output, own=turn.dialect == OWN)
    if turn.verbosity:
        text["verbosity"] = turn.verbosity
    return {"text": text} if text else {}


def _format(output: OutputFormat, *, own: bool) -> dict[str, object]:
    if output.kind != "schema":
        return {"type": "json_object" if output.kind == "object" else "text"}
    shown: dict[str, object] = {"type": "json_schema"}
    name = output.name if output.name or own else "answer"  # required here, unknown to some dialects
    if name:
        shown["name"] = name
    if output.description:
        shown["description"] = output.description
    if output.schema:
        shown["schema"] = Raw(output.schema)
    if output.strict is not None:
        shown["strict"] = output.strict
    return shown


def _thought_fields(turn: Turn, quirks: Quirks, notes: Notes) -> dict[str, object]:
    """`reasoning`, and for other dialects what makes a stateless conversation: `store` off, sealed thoughts back."""
    own = turn.dialect == OWN
    shown: dict[str, object] = {}
    if turn.reasoning is not None:
        wish = turn.reasoning
        told = _own_reasoning(wish) if own else _foreign_reasoning(wish, quirks, notes)
        if told or own:
            shown["reasoning"] = told
    if turn.store is not None or not own:
        shown["store"] = turn.store or False  # the default here is to keep, everywhere else it is not
    if "reasoning" in shown and not own:
        # Only beside a wish to reason: models that cannot reason refuse it.
        shown["include"] = ["reasoning.encrypted_content"]
    return shown


def _own_reasoning(wish: Reasoning) -> dict[str, object]:
    return {name: value for name, value in (("effort", wish.effort), ("summary", wish.summary)) if value}


def _foreign_reasoning(wish: Reasoning, quirks: Quirks, notes: Notes) -> dict[str, object]:
    effort = wish.effort
    if not effort and wish.budget_tokens is not None and wish.mode != "disabled":
        effort = _nearest_effort(wish.budget_tokens, quirks)
    if not effort and wish.mode == "disabled":
        notes.dropped("reasoning.disabled")  # "none" is refused by most models
    shown: dict[str, object] = {"effort": effort} if effort else {}
    hidden = wish.shown is False or wish.display == "omitted" or effort == "none" or wish.mode == "disabled"
    if not hidden and (effort or wish.shown or wish.display):
        shown["summary"] = wish.summary or "detailed"
    return shown


def _nearest_effort(budget: int, quirks: Quirks) -> str:
    """The effort whose budget is nearest; 0 asks for none at all, which is left to the model's least."""
    levels = quirks.effort_budgets
    if not levels or budget < 0:
        return ""
    return min(levels, key=lambda level: abs(level[1] - budget))[0]


def _labels(turn: Turn, notes: Notes) -> dict[str, object]:
    shown: dict[str, object] = {}
    if turn.metadata is not None and turn.dialect in (OWN, "openai_chat"):
        shown["metadata"] = turn.metadata
    elif turn.metadata is not None:
        notes.dropped("metadata")
    labels = {"user": turn.user, "service_tier": turn.service_tier, "prompt_cache_key": turn.prompt_cache_key}
    return shown | {name: value for name, value in labels.items() if value}


def _note_dropped(turn: Turn, notes: Notes) -> None:
    """Note the knobs this dialect does not have."""
    sampling = turn.sampling
    knobs = ("top_k", "frequency_penalty", "presence_penalty", "seed", "logprobs", "logit_bias")
    for name in knobs:
        if getattr(sampling, name) is not None:
            notes.dropped(name)
    if sampling.top_logprobs is not None and turn.dialect != OWN:
        notes.dropped("top_logprobs")
    if turn.stop:
        notes.dropped("stop")


def _extras(turn: Turn, notes: Notes) -> dict[str, object]:
    if turn.dialect == OWN:
        return {name: raw for name, raw in turn.extras.items() if name != CACHED_SEARCH}
    shown: dict[str, object] = {}
    for name, raw in turn.extras.items():
        if turn.dialect == "openai_chat" and name in _SHARED_WITH_CHAT:
            shown[name] = raw
        else:
            notes.dropped(f"extras.{name}")
    return shown
