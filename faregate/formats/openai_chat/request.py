"""A chat request to a Turn: `parse`. What has no place in a Turn travels as extras."""

from collections.abc import Iterable

import msgspec
from msgspec import Raw, Struct

from faregate.formats.openai_chat.parts import parse_content
from faregate.formats.openai_chat.thoughts import ON_TEXT, read_thoughts
from faregate.formats.openai_chat.tools import parse_choice, parse_tools
from faregate.formats.openai_chat.wire import (
    Call,
    FunctionCall,
    Request,
    RequestMessage,
    arguments_text,
    check_limits,
    decoded,
    is_given,
)
from faregate.formats.turn import (
    FileReference,
    Media,
    Message,
    Opaque,
    OutputFormat,
    Part,
    Reasoning,
    Refusal,
    Sampling,
    Sealed,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from faregate.kernel.body import fields
from faregate.kernel.errors import BadRequest

NAME = "openai_chat"
ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class _Schema(Struct):
    name: str = ""
    description: str | None = None
    schema: Raw = Raw()
    strict: bool | None = None


class _Format(Struct):
    type: str = ""
    json_schema: _Schema | None = None


_REQUEST = msgspec.json.Decoder(Request)
_FORMAT = msgspec.json.Decoder(_Format)
_OPTIONS = msgspec.json.Decoder(dict[str, Raw])
_FORMATS = {"text": "text", "json_object": "object", "json_schema": "schema"}
_KNOWN = frozenset(Request.__struct_fields__)


def parse(body: bytes) -> Turn:
    """The typed request. Raises BadRequest naming the field."""
    request = decoded(_REQUEST, body)
    if not request.model:
        raise BadRequest("model is required", param="model")
    check_limits(max_tokens=request.max_tokens, max_completion_tokens=request.max_completion_tokens, n=request.n)
    extras = _extras(body)
    if not request.messages and not {"prefix", "suffix"} & extras.keys():
        raise BadRequest("messages is required", param="messages")
    system, messages = _conversation(request.messages or [])
    output = _output(request.response_format)
    if output is None and is_given(request.response_format):
        extras["response_format"] = request.response_format
    limits = [limit for limit in (request.max_tokens, request.max_completion_tokens) if limit is not None]
    return Turn(
        dialect=NAME,
        model=request.model,
        system=system,
        messages=messages,
        tools=parse_tools(request),
        tool_choice=parse_choice(request),
        parallel_tools=request.parallel_tool_calls,
        output=output,
        reasoning=_reasoning(request),
        sampling=_sampling(request),
        stop=_stop(request.stop),
        max_output_tokens=max(limits) if limits else None,
        choices=request.n,
        stream=bool(request.stream),
        user=request.user or "",
        metadata=request.metadata if is_given(request.metadata) else None,
        service_tier=request.service_tier or "",
        store=request.store,
        prompt_cache_key=request.prompt_cache_key or "",
        verbosity=request.verbosity or "",
        modalities=tuple(request.modalities or ()),
        extras=extras,
    )


def _extras(body: bytes) -> dict[str, Raw]:
    extras = {name: raw for name, raw in fields(body).items() if name not in _KNOWN}
    options = extras.pop("stream_options", Raw())
    if is_given(options):  # include_usage is the gateway's own business; other options travel
        left = decoded(_OPTIONS, options, "stream_options")
        left.pop("include_usage", None)
        if left:
            extras["stream_options"] = Raw(msgspec.json.encode(left))
    return extras


def _stop(stop: str | list[str] | None) -> tuple[str, ...]:
    return (stop,) if isinstance(stop, str) else tuple(stop or ())


def _sampling(request: Request) -> Sampling:
    return Sampling(
        temperature=request.temperature,
        top_p=request.top_p,
        top_k=request.top_k,
        frequency_penalty=request.frequency_penalty,
        presence_penalty=request.presence_penalty,
        seed=request.seed,
        logprobs=request.logprobs,
        top_logprobs=request.top_logprobs,
        logit_bias=request.logit_bias if is_given(request.logit_bias) else None,
    )


def _reasoning(request: Request) -> Reasoning | None:
    wish = request.reasoning
    if wish is None:
        return Reasoning(effort=request.reasoning_effort) if request.reasoning_effort else None
    return Reasoning(
        mode=None if wish.enabled is None else "enabled" if wish.enabled else "disabled",
        effort=request.reasoning_effort or wish.effort or "",
        budget_tokens=wish.max_tokens,
        shown=None if wish.exclude is None else not wish.exclude,
        summary=wish.summary or "",
    )


def _output(raw: Raw) -> OutputFormat | None:
    if not is_given(raw):
        return None
    wish = decoded(_FORMAT, raw, "response_format")
    if wish.type not in _FORMATS or (wish.type == "json_schema") != (wish.json_schema is not None):
        return None
    schema = wish.json_schema or _Schema()
    return OutputFormat(
        kind=_FORMATS[wish.type],  # type: ignore[arg-type]
        name=schema.name,
        description=schema.description or "",
        schema=bytes(schema.schema) if is_given(schema.schema) else b"",
        strict=schema.strict,
    )


# --- the conversation --------------------------------------------------------------------------------------
def _conversation(wire: list[RequestMessage]) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    """System texts before the conversation, and the messages; consecutive tool results share one message."""
    system: list[Text] = []
    messages: list[Message] = []
    calls = _Calls()
    for index, message in enumerate(wire):
        place = f"messages[{index}]"
        if message.role not in ROLES:
            raise BadRequest(f"{place}.role is invalid: it must be one of {', '.join(ROLES)}", param=f"{place}.role")
        if message.role in ("system", "developer"):
            parts = parse_content(message.content, place)
            texts = [part for part in parts if isinstance(part, Text)]
            if not messages and len(texts) == len(parts):
                system += texts
            else:
                messages.append(Message(message.role, parts, message.name or ""))  # type: ignore[arg-type]
        elif message.role in ("tool", "function"):
            _add_result(
                messages, calls.result(message, place), joined=index > 0 and wire[index - 1].role == message.role
            )
        elif message.role == "assistant":
            messages.append(Message("assistant", tuple(_assistant(message, place, calls)), message.name or ""))
        else:
            messages.append(Message("user", parse_content(message.content, place), message.name or ""))
    return tuple(system), tuple(messages)


def _add_result(messages: list[Message], result: ToolResult, *, joined: bool) -> None:
    if joined and messages and messages[-1].role == "user":
        messages[-1] = Message("user", (*messages[-1].parts, result))
    else:
        messages.append(Message("user", (result,)))


class _Calls:
    """Names of the calls made so far, and an id for each legacy call that has none."""

    def __init__(self) -> None:
        self._calls: dict[str, ToolCall] = {}
        self._unanswered: list[ToolCall] = []
        self._made = 0

    def add(self, call: ToolCall) -> ToolCall:
        """`call`, remembered."""
        self._calls[call.id] = call
        return call

    def legacy(self, wire: FunctionCall) -> ToolCall:
        """A call in the old form, with an id of its own."""
        self._made += 1
        call = self.add(ToolCall(f"call_{self._made}", wire.name or "", arguments_text(wire.arguments) or "{}"))
        self._unanswered.append(call)
        return call

    def result(self, message: RequestMessage, place: str) -> ToolResult:
        """The answer to a call: by id, or in the old form by name and order."""
        content = tuple(
            part for part in parse_content(message.content, place) if isinstance(part, Text | Media | Opaque)
        )
        call_id = message.tool_call_id or ""
        if not call_id:
            found = next((call for call in self._unanswered if call.name == message.name), None)
            if found is None:
                raise BadRequest(f"{place}.tool_call_id is required", param=f"{place}.tool_call_id")
            self._unanswered.remove(found)
            call_id = found.id
        call = self._calls.get(call_id)
        name = message.name or (call.name if call else "")
        return ToolResult(call_id, content, name, custom=call.custom if call else False)


def _assistant(message: RequestMessage, place: str, calls: _Calls) -> Iterable[Part]:
    """Thoughts, words, a refusal, sound said before, then the calls; seals put where they belong."""
    wire_calls = message.tool_calls or []
    plain = message.reasoning_content or message.reasoning or ""
    targets = [call.id for call in wire_calls if call.id]
    thoughts = read_thoughts(plain, message.reasoning_details, targets)
    seals = {thought.target: thought.sealed for thought in thoughts if thought.target}
    for thought in thoughts:
        if not thought.target:
            yield Thinking(thought.text, thought.sealed, redacted=thought.sealed is not None and not thought.text)
    content = parse_content(message.content, place)
    yield from _with_seal(content, seals.get(ON_TEXT))
    if message.refusal:
        yield Refusal(message.refusal)
    if message.audio and message.audio.id:
        yield Media("audio", FileReference(NAME, message.audio.id))
    for index, call in enumerate(wire_calls):
        yield calls.add(_call(call, f"{place}.tool_calls[{index}]", seals))
    if message.function_call is not None:
        yield calls.legacy(message.function_call)


def _with_seal(content: tuple[Part, ...], sealed: Sealed | None) -> Iterable[Part]:
    for part in content:
        if sealed is not None and isinstance(part, Text):
            yield Text(part.text, part.cache, sealed)
            sealed = None
        else:
            yield part


def _call(call: Call, place: str, seals: dict[str, Sealed | None]) -> ToolCall:
    if not call.id:
        raise BadRequest(f"{place}.id is required", param=f"{place}.id")
    sealed = seals.get(call.id)
    if call.custom is not None:
        return ToolCall(call.id, call.custom.name or "", call.custom.input or "", custom=True, sealed=sealed)
    function = call.function or FunctionCall()
    return ToolCall(call.id, function.name or "", arguments_text(function.arguments) or "{}", sealed=sealed)
