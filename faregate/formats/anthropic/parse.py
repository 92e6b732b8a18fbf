"""A Messages request -> Turn."""

from typing import Literal, TypeVar

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.parts import parse_content, parse_texts
from faregate.formats.anthropic.tools import parse_choice, parse_tools
from faregate.formats.anthropic.wire import (
    NAME,
    Format,
    Metadata,
    ThinkingConfig,
    WireMessage,
    bounded,
    given,
    take,
)
from faregate.formats.turn import Message, OutputFormat, Reasoning, Role, Sampling, Text, ToolChoice, Turn
from faregate.kernel.body import fields
from faregate.kernel.errors import BadRequest

_STRING = msgspec.json.Decoder(str)
_STRINGS = msgspec.json.Decoder(tuple[str, ...])
_INTEGER = msgspec.json.Decoder(int)
_NUMBER = msgspec.json.Decoder(float)
_FLAG = msgspec.json.Decoder(bool)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_MESSAGES = msgspec.json.Decoder(list[WireMessage])
_THINKING = msgspec.json.Decoder(ThinkingConfig)
_METADATA = msgspec.json.Decoder(Metadata)
_FORMAT = msgspec.json.Decoder(Format)
_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}
_MODES: dict[str, Literal["enabled", "adaptive", "disabled"]] = {
    "enabled": "enabled",
    "adaptive": "adaptive",
    "disabled": "disabled",
}
_Value = TypeVar("_Value")
_Absent = TypeVar("_Absent")


class _Body:
    """State: the fields nobody has taken yet. What is left in the end are the extras."""

    def __init__(self, body: bytes) -> None:
        self.left = fields(body)

    def raw(self, name: str) -> Raw | None:
        """The field's JSON, None when absent or null."""
        raw = self.left.pop(name, None)
        return raw if given(raw) else None

    def required(self, name: str) -> Raw:
        raw = self.raw(name)
        if raw is None:
            raise BadRequest(f"{name} is required", param=name)
        return raw

    def get(self, name: str, decoder: msgspec.json.Decoder[_Value], default: _Absent) -> _Value | _Absent:
        """The decoded field, `default` when absent or null."""
        raw = self.raw(name)
        return default if raw is None else take(raw, decoder, name)


def parse(body: bytes) -> Turn:
    """The typed request. Raises BadRequest that names the field."""
    left = _Body(body)
    model = take(left.required("model"), _STRING, "model")
    if not model:
        raise BadRequest("model is required", param="model")
    tool_choice, parallel = _choice(left.raw("tool_choice"))
    effort, output = _output(left)
    user, metadata = _who(left.raw("metadata"))
    return Turn(
        dialect=NAME,
        model=model,
        messages=_messages(left.required("messages")),
        system=_system(left.raw("system")),
        tools=parse_tools(left.raw("tools")),
        tool_choice=tool_choice,
        parallel_tools=parallel,
        output=output,
        reasoning=_reasoning(left, effort),
        sampling=Sampling(
            temperature=left.get("temperature", _NUMBER, None),
            top_p=left.get("top_p", _NUMBER, None),
            top_k=left.get("top_k", _INTEGER, None),
        ),
        stop=left.get("stop_sequences", _STRINGS, ()),
        max_output_tokens=bounded(left.get("max_tokens", _INTEGER, None), "max_tokens"),
        stream=left.get("stream", _FLAG, False),
        user=user,
        metadata=metadata,
        service_tier=left.get("service_tier", _STRING, ""),
        extras={name: Raw(bytes(raw)) for name, raw in left.left.items()},
    )


def _messages(raw: Raw) -> tuple[Message, ...]:
    found = take(raw, _MESSAGES, "messages")
    if not found:
        raise BadRequest("messages is required: it must hold at least one message", param="messages")
    names: dict[str, str] = {}
    return tuple(_message(message, f"messages.{index}", names) for index, message in enumerate(found))


def _message(message: WireMessage, where: str, names: dict[str, str]) -> Message:
    if message.role not in _ROLES:
        raise BadRequest(f"{where}.role must be user, assistant or system", param=f"{where}.role")
    return Message(_ROLES[message.role], parse_content(message.content, f"{where}.content", names))


def _system(raw: Raw | None) -> tuple[Text, ...]:
    return () if raw is None else parse_texts(raw, "system")


def _choice(raw: Raw | None) -> tuple[ToolChoice | None, bool | None]:
    return (None, None) if raw is None else parse_choice(raw)


def _who(raw: Raw | None) -> tuple[str, Raw | None]:
    """The end user's id, and the whole metadata when they hold more than that."""
    if raw is None:
        return "", None
    user = take(raw, _METADATA, "metadata").user_id or ""
    more = take(raw, _FIELDS, "metadata").keys() - {"user_id"}
    return user, Raw(bytes(raw)) if more else None


def _output(left: _Body) -> tuple[str, OutputFormat | None]:
    """Effort and structured output, from `output_config` and from `output_format`, its name before 2026."""
    raw = left.raw("output_config")
    config = take(raw, _FIELDS, "output_config") if raw is not None else {}
    effort, wanted = config.pop("effort", None), config.pop("format", None)
    older = left.raw("output_format")
    if config:
        left.left["output_config"] = Raw(msgspec.json.encode(config))
    shape = wanted if given(wanted) else older
    return (
        take(effort, _STRING, "output_config.effort") if effort is not None and given(effort) else "",
        _format(shape) if shape is not None and given(shape) else None,
    )


def _format(raw: Raw) -> OutputFormat:
    found = take(raw, _FORMAT, "output_config.format")
    if found.type != "json_schema" or not given(found.schema):
        raise BadRequest("output_config.format must be a json_schema with a schema", param="output_config.format")
    return OutputFormat("schema", schema=bytes(found.schema))


def _reasoning(left: _Body, effort: str) -> Reasoning | None:
    """How to think. A kind of thinking unknown here stays in the extras."""
    raw = left.raw("thinking")
    if raw is None:
        return Reasoning(effort=effort) if effort else None
    config = take(raw, _THINKING, "thinking")
    mode = _MODES.get(config.type)
    if mode is None:
        left.left["thinking"] = raw
        return Reasoning(effort=effort) if effort else None
    return Reasoning(
        mode=mode,
        effort=effort,
        budget_tokens=bounded(config.budget_tokens, "thinking.budget_tokens"),
        shown=None if mode == "disabled" else config.display != "omitted",
        display=config.display or "",
    )
