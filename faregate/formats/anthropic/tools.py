"""Tools and the choice among them, both ways."""

from typing import Any

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.schema import closed
from faregate.formats.anthropic.wire import (
    NAME,
    Choice,
    CustomTool,
    SearchTool,
    Typed,
    given,
    mark,
    shown_mark,
    take,
)
from faregate.formats.dialect import Notes
from faregate.formats.turn import FunctionTool, OpaqueTool, Tool, ToolChoice, Turn, WebSearchTool
from faregate.kernel.errors import BadRequest, Unrepresentable

WEB_SEARCH = "web_search_20250305"
USES_BY_CONTEXT_SIZE = {"low": 1, "medium": 5, "high": 10}
EMPTY_SCHEMA = b'{"type":"object","properties":{}}'
_ITEMS = msgspec.json.Decoder(list[Raw])
_TYPED = msgspec.json.Decoder(Typed)
_CUSTOM = msgspec.json.Decoder(CustomTool)
_SEARCH = msgspec.json.Decoder(SearchTool)
_CHOICE = msgspec.json.Decoder(Choice)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_MODES: dict[str, ToolChoice] = {
    "auto": ToolChoice("auto"),
    "any": ToolChoice("required"),
    "none": ToolChoice("none"),
}
_CHOICE_TYPES = {"auto": "auto", "required": "any", "none": "none", "tool": "any"}


def parse_tools(raw: Raw | None) -> tuple[Tool, ...]:
    """The tools of a request. Raises BadRequest."""
    if raw is None:
        return ()
    return tuple(_tool(item, f"tools.{index}") for index, item in enumerate(take(raw, _ITEMS, "tools")))


def _tool(raw: Raw, where: str) -> Tool:
    kind = take(raw, _TYPED, where).type or "custom"
    if kind.startswith("web_search_"):
        return _search(raw, where)
    if kind != "custom":
        return OpaqueTool(NAME, kind, bytes(raw))
    tool = take(raw, _CUSTOM, where)
    return FunctionTool(
        tool.name,
        tool.description,
        bytes(tool.input_schema) if given(tool.input_schema) else b"",
        tool.strict,
        mark(tool.cache_control),
    )


def _search(raw: Raw, where: str) -> WebSearchTool:
    tool = take(raw, _SEARCH, where)
    place = tool.user_location
    return WebSearchTool(
        max_uses=tool.max_uses,
        country=place.country or "" if place else "",
        region=place.region or "" if place else "",
        city=place.city or "" if place else "",
        timezone=place.timezone or "" if place else "",
        dialect=NAME,
        raw=bytes(raw),
    )


def parse_choice(raw: Raw) -> tuple[ToolChoice, bool | None]:
    """The choice, and whether parallel calls are welcome (None: not said). Raises BadRequest."""
    choice = take(raw, _CHOICE, "tool_choice")
    parallel = None if choice.disable_parallel_tool_use is None else not choice.disable_parallel_tool_use
    if choice.type == "tool":
        if not choice.name:
            raise BadRequest("tool_choice.name is required with type tool", param="tool_choice.name")
        return ToolChoice("tool", (choice.name,)), parallel
    if choice.type not in _MODES:
        raise BadRequest("tool_choice.type must be auto, any, tool or none", param="tool_choice.type")
    return _MODES[choice.type], parallel


def is_forced(turn: Turn) -> bool:
    """True when a tool must be called."""
    return bool(turn.tools) and turn.tool_choice is not None and turn.tool_choice.mode in ("required", "tool")


def render_tools(turn: Turn, notes: Notes) -> list[Any]:
    """The tools on the wire, limited to those that may be called. Raises Unrepresentable."""
    allowed = turn.tool_choice.names if turn.tool_choice and _limits(turn.tool_choice) else ()
    offered = [tool for tool in turn.tools if not allowed or getattr(tool, "name", "") in allowed]
    return [_shown_tool(tool, notes, own=turn.dialect == NAME) for tool in offered]


def _limits(choice: ToolChoice) -> bool:
    """True when the choice names tools in a way that only leaving out the others can say."""
    return bool(choice.names) and not (choice.mode == "tool" and len(choice.names) == 1)


def _shown_tool(tool: Tool, notes: Notes, *, own: bool) -> Any:
    match tool:
        case FunctionTool():
            is_enforced = tool.strict and not own
            schema = _strict_schema(tool.schema, notes) if is_enforced else _object_schema(tool.schema)
            return _shown_function(tool, schema)
        case WebSearchTool():
            return Raw(tool.raw) if tool.dialect == NAME and tool.raw else _shown_search(tool)
        case OpaqueTool():
            if tool.dialect != NAME:
                raise Unrepresentable(f"the tool {tool.kind!r}", NAME)
            return Raw(tool.raw)


def _shown_function(tool: FunctionTool, schema: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        shown["description"] = tool.description
    shown["input_schema"] = schema
    if tool.strict is not None:
        shown["strict"] = tool.strict
    if tool.cache is not None:
        shown["cache_control"] = shown_mark(tool.cache)
    return shown


def _object_schema(schema: bytes) -> Any:
    """A schema is refused without `type: object`; anything else keeps its bytes."""
    if not schema:
        return Raw(EMPTY_SCHEMA)
    try:
        fields = _FIELDS.decode(schema)
    except msgspec.MsgspecError:
        return Raw(EMPTY_SCHEMA)
    return Raw(schema) if "type" in fields else {"type": "object", **fields}


def _strict_schema(schema: bytes, notes: Notes) -> Any:
    """The same of what the API is to enforce; closing takes the type off a combination."""
    return _object_schema(bytes(closed(msgspec.json.encode(_object_schema(schema)), notes)))


def _shown_search(tool: WebSearchTool) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": WEB_SEARCH, "name": "web_search"}
    uses = tool.max_uses if tool.max_uses is not None else USES_BY_CONTEXT_SIZE.get(tool.context_size)
    if uses is not None:
        shown["max_uses"] = uses
    place = {name: getattr(tool, name) for name in ("country", "region", "city", "timezone") if getattr(tool, name)}
    if place:
        shown["user_location"] = {"type": "approximate", **place}
    return shown


def render_choice(turn: Turn, notes: Notes) -> dict[str, Any] | None:
    """The choice on the wire, None when there is nothing to say."""
    choice, parallel = turn.tool_choice, turn.parallel_tools
    if not turn.tools and turn.dialect != NAME:
        if choice is not None and choice.mode not in ("auto", "none"):
            notes.dropped("tool_choice (there are no tools)")
        return None
    if choice is None:
        return {"type": "auto", "disable_parallel_tool_use": True} if parallel is False else None
    shown: dict[str, Any] = {"type": _CHOICE_TYPES[choice.mode]}
    if choice.mode == "tool" and len(choice.names) == 1:
        shown = {"type": "tool", "name": choice.names[0]}
    if parallel is not None and choice.mode != "none":
        shown["disable_parallel_tool_use"] = not parallel
    return shown
