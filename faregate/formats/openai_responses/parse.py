"""A Responses request to a Turn.

Items in a row that the model said (reasoning, words, calls) form one assistant message, tool outputs in a row one user
message; words that follow words begin a new message. What has no place in a Turn stays in `extras`.
"""

from typing import get_args

from msgspec import Raw, Struct

from faregate.formats.openai_responses.content import parse_content
from faregate.formats.openai_responses.names import joined
from faregate.formats.openai_responses.peek import bounded
from faregate.formats.openai_responses.reasoning import thinking_of
from faregate.formats.openai_responses.stateful import STATEFUL_FIELDS
from faregate.formats.openai_responses.tools import parse_choice, parse_tools
from faregate.formats.openai_responses.wire import (
    NO_RAW,
    OWN,
    Item,
    compact,
    present,
    read,
    text_or_json,
)
from faregate.formats.turn import (
    Message,
    Opaque,
    OutputFormat,
    Part,
    Reasoning,
    Refusal,
    Role,
    Sampling,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from faregate.kernel.body import fields
from faregate.kernel.errors import BadRequest


class _Format(Struct):
    type: str = "text"
    name: str | None = None
    description: str | None = None
    schema: Raw = NO_RAW
    strict: bool | None = None


class _TextConfig(Struct):
    format: _Format | None = None
    verbosity: str | None = None


class _ReasoningConfig(Struct):
    effort: str | None = None
    summary: str | None = None
    generate_summary: str | None = None


class _Request(Struct):
    model: str | None = None
    input: Raw = NO_RAW
    instructions: str | None = None
    tools: Raw = NO_RAW
    tool_choice: Raw = NO_RAW
    parallel_tool_calls: bool | None = None
    text: _TextConfig | None = None
    reasoning: _ReasoningConfig | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: int | None = None
    max_output_tokens: int | None = None
    stream: bool | None = None
    user: str | None = None
    metadata: Raw = NO_RAW
    service_tier: str | None = None
    store: bool | None = None
    prompt_cache_key: str | None = None


_ROLES: tuple[str, ...] = get_args(Role)
_USER_SIDE = ("_output", "_response")  # endings of item types that answer the model


def parse(body: bytes) -> Turn:
    """The typed request. Raises BadRequest naming field and rule."""
    extras = fields(body)
    request = read(body, _Request)
    if not request.model:
        raise BadRequest("model is required", param="model")
    for name in _Request.__struct_fields__:
        extras.pop(name, None)
    tools, tool_extras = parse_tools(request.tools)
    choice, complete = parse_choice(request.tool_choice)
    extras |= tool_extras
    if not complete:
        extras["tool_choice"] = Raw(compact(request.tool_choice))
    return Turn(
        dialect=OWN,
        model=request.model,
        system=(Text(request.instructions),) if request.instructions else (),
        messages=_messages(request.input, stored=any(name in extras for name in STATEFUL_FIELDS)),
        tools=tools,
        tool_choice=choice,
        parallel_tools=request.parallel_tool_calls,
        output=_output(request.text),
        reasoning=_reasoning(request.reasoning),
        sampling=Sampling(temperature=request.temperature, top_p=request.top_p, top_logprobs=request.top_logprobs),
        max_output_tokens=bounded(request.max_output_tokens),
        stream=request.stream is True,
        user=request.user or "",
        metadata=request.metadata if present(request.metadata) else None,
        service_tier=request.service_tier or "",
        store=request.store,
        prompt_cache_key=request.prompt_cache_key or "",
        verbosity=(request.text.verbosity or "") if request.text is not None else "",
        extras=extras,
    )


def _output(config: _TextConfig | None) -> OutputFormat | None:
    if config is None or config.format is None:
        return None
    chosen = config.format
    match chosen.type:
        case "json_schema":
            schema = bytes(chosen.schema) if present(chosen.schema) else b""
            return OutputFormat("schema", chosen.name or "", chosen.description or "", schema, chosen.strict)
        case "json_object":
            return OutputFormat("object")
        case "text":
            return OutputFormat("text")
        case other:
            raise BadRequest(f"text.format.type is invalid: {other!r}", param="text.format.type")


def _reasoning(config: _ReasoningConfig | None) -> Reasoning | None:
    if config is None:
        return None
    summary = config.summary or config.generate_summary or ""
    return Reasoning(effort=config.effort or "", summary=summary, shown=True if summary else None)


def _messages(raw: Raw, *, stored: bool) -> tuple[Message, ...]:
    if not present(raw):
        if stored:
            return ()
        raise BadRequest("input is required", param="input")
    if bytes(raw).startswith(b'"'):
        return (Message("user", (Text(read(raw, str, "input")),)),)
    messages: list[Message] = []
    for index, one in enumerate(read(raw, list[Raw], "input")):
        _add(messages, *_parse_item(one, f"input[{index}]"))
    return tuple(messages)


def _parse_item(raw: Raw, where: str) -> tuple[Role, tuple[Part, ...], bool]:
    """Whose item it is, its parts, and whether it is a message of its own (against a piece of a longer one)."""
    item = read(raw, Item, where)
    kind = item.type or ("message" if item.role or present(item.content) else "")
    match kind:
        case "message":
            return _role(item, where), parse_content(item.content, f"{where}.content"), True
        case "reasoning":
            return "assistant", (thinking_of(item),), False
        case "function_call" | "custom_tool_call":
            return "assistant", (_call(item, where, custom=kind == "custom_tool_call"),), False
        case "function_call_output" | "custom_tool_call_output":
            return "user", (_result(item, where, custom=kind == "custom_tool_call_output"),), False
        case "":
            raise BadRequest(f"{where}.type is required", param=f"{where}.type")
        case other:
            role: Role = "user" if other.endswith(_USER_SIDE) else "assistant"
            return role, (Opaque(OWN, other, compact(raw)),), False


def _role(item: Item, where: str) -> Role:
    role = item.role or "user"
    if role not in _ROLES:
        raise BadRequest(f"{where}.role is invalid: {role!r}", param=f"{where}.role")
    return role  # type: ignore[return-value]


def _call(item: Item, where: str, *, custom: bool) -> ToolCall:
    if not item.name:
        raise BadRequest(f"{where}.name is required", param=f"{where}.name")
    arguments = item.input or "" if custom else text_or_json(item.arguments) or "{}"
    name = joined(item.namespace or "", item.name)
    return ToolCall(item.call_id or item.id or "", name, arguments, custom=custom)


def _result(item: Item, where: str, *, custom: bool) -> ToolResult:
    if not item.call_id:
        raise BadRequest(f"{where}.call_id is required", param=f"{where}.call_id")
    bare = bytes(item.output).startswith(b"{")  # clients that forget to write their JSON as a string
    content = (Text(text_or_json(item.output)),) if bare else parse_content(item.output, f"{where}.output")
    kept = tuple(Text(part.text) if isinstance(part, Refusal) else part for part in content)
    return ToolResult(item.call_id, kept, custom=custom)


def _add(messages: list[Message], role: Role, parts: tuple[Part, ...], whole: bool) -> None:
    last = messages[-1] if messages else None
    if last is None or last.role != role or not _continues(last, parts, whole=whole):
        messages.append(Message(role, parts))
        return
    messages[-1] = Message(role, _reseal(last.parts, parts))


def _continues(last: Message, parts: tuple[Part, ...], *, whole: bool) -> bool:
    """True when the item belongs to the message before it.

    A user's words stand alone. A model's words or thoughts that follow its words begin anew, unless calls are pending:
    nothing may come between those and their results.
    """
    if last.role != "assistant":
        return not whole and all(isinstance(part, ToolResult | Opaque) for part in last.parts) and bool(last.parts)
    starts = whole or any(isinstance(part, Thinking) and not _is_carrier(part) for part in parts)
    said = any(isinstance(part, Text | Refusal) for part in last.parts)
    pending = any(isinstance(part, ToolCall) for part in last.parts)
    return not (starts and said) or pending


def _is_carrier(part: Part) -> bool:
    """True for a reasoning item that only carries the signature a Gemini part had (output.py writes them)."""
    return isinstance(part, Thinking) and part.redacted and part.sealed is not None and part.sealed.dialect == "gemini"


def _reseal(before: tuple[Part, ...], parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """`before` and `parts`; a carrier gives its signature back to the part it was taken from."""
    only, last = parts[0] if parts else None, before[-1] if before else None
    if isinstance(only, Thinking) and _is_carrier(only):
        match last:
            case Text(text, cache, None):
                return (*before[:-1], Text(text, cache, only.sealed))
            case ToolCall(identity, name, arguments, custom, cache, None):
                return (*before[:-1], ToolCall(identity, name, arguments, custom, cache, only.sealed))
            case _:
                pass
    return (*before, *parts)
