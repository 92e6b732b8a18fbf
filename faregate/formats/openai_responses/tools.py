"""Tools and tool choice, both ways.

A `namespace` tool is unfolded into FunctionTools for the other dialects (names.py); the exact `tools` array then also
stays in `extras["tools"]`, which is what goes back to this dialect. A web search of cached pages alone is there too and
nowhere else: the other dialects only have a live one, which the client did not ask for. A choice that only this dialect
can make (a custom or hosted tool) stays in `extras["tool_choice"]` in the same way.
"""

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Notes
from faregate.formats.openai_responses.names import joined, naming
from faregate.formats.openai_responses.wire import MALFORMED, NO_RAW, OWN, compact, present, read
from faregate.formats.turn import FunctionTool, OpaqueTool, Tool, ToolChoice, Turn, WebSearchTool
from faregate.kernel.errors import BadRequest, Unrepresentable


class _Location(Struct):
    country: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class _Tool(Struct):
    type: str = ""
    name: str | None = None
    description: str | None = None
    parameters: Raw = NO_RAW
    strict: bool | None = None
    tools: list[Raw] | None = None
    search_context_size: str | None = None
    user_location: _Location | None = None
    external_web_access: object = None


class _Choice(Struct):
    type: str = ""
    name: str | None = None
    mode: str | None = None
    tools: list["_Choice"] | None = None


class _ChatFormat(Struct):
    type: str = ""
    grammar: dict[str, Raw] = {}


class _ChatCustom(Struct):
    name: str = ""
    description: str | None = None
    format: _ChatFormat | None = None


class _ChatTool(Struct):
    custom: _ChatCustom


CACHED_SEARCH = "tools.web_search (cached only)"  # the extra by which the other dialects note its loss
_NO_SCHEMA: dict[str, object] = {"type": "object", "properties": {}}


def parse_tools(raw: Raw) -> tuple[tuple[Tool, ...], dict[str, Raw]]:
    """The tools of a request, and the extras: what only this dialect can say of them. Raises BadRequest."""
    if not present(raw):
        return (), {}
    tools: list[Tool] = []
    extras: dict[str, Raw] = {}
    for index, one in enumerate(read(raw, list[Raw], "tools")):
        tool = read(one, _Tool, f"tools[{index}]")
        if tool.type == "namespace" or _is_cached_search(tool):
            extras["tools"] = Raw(compact(raw))
        if _is_cached_search(tool):
            extras[CACHED_SEARCH] = Raw(compact(one))
        else:
            tools += _parse_tool(tool, one, f"tools[{index}]")
    return tuple(tools), extras


def _is_cached_search(tool: _Tool) -> bool:
    """True for a search that must not reach the live web (OpenAI, Web search, "Live internet access", 2026-01)."""
    return tool.type.startswith("web_search") and tool.external_web_access is False


def _parse_tool(tool: _Tool, raw: Raw, where: str) -> Iterator[Tool]:
    match tool.type:
        case "function":
            yield _function(tool, where)
        case "namespace":
            for index, one in enumerate(tool.tools or []):
                place = f"{where}.tools[{index}]"
                inner = read(one, _Tool, place)
                if inner.type == "function":
                    yield _function(inner, place, tool.name or "")
        case kind if kind.startswith("web_search"):
            location = tool.user_location or _Location()
            yield WebSearchTool(
                context_size=tool.search_context_size or "",
                country=location.country or "",
                region=location.region or "",
                city=location.city or "",
                timezone=location.timezone or "",
                dialect=OWN,
                raw=compact(raw),
            )
        case kind:
            yield OpaqueTool(OWN, kind, compact(raw))


def _function(tool: _Tool, where: str, namespace: str = "") -> FunctionTool:
    if not tool.name:
        raise BadRequest(f"{where}.name is required", param=f"{where}.name")
    schema = compact(tool.parameters) if present(tool.parameters) else b""
    return FunctionTool(joined(namespace, tool.name), tool.description, schema, tool.strict)


def parse_choice(raw: Raw) -> tuple[ToolChoice | None, bool]:
    """The choice as far as every dialect knows it, and whether that is all it says. Raises BadRequest."""
    if not present(raw):
        return None, True
    if bytes(raw).startswith(b'"'):
        word = read(raw, str, "tool_choice")
        if word in ("auto", "none", "required"):
            return ToolChoice(word), True  # type: ignore[arg-type]
        raise BadRequest(f"tool_choice is invalid: {word!r} is not auto, none or required", param="tool_choice")
    choice = read(raw, _Choice, "tool_choice")
    if choice.type in ("function", "custom") and choice.name:
        return ToolChoice("tool", (choice.name,)), choice.type == "function"
    if choice.type == "allowed_tools":
        names = tuple(tool.name for tool in choice.tools or [] if tool.type in ("function", "custom") and tool.name)
        whole = len(names) == len(choice.tools or []) and all(tool.type == "function" for tool in choice.tools or [])
        return ToolChoice("tool" if choice.mode == "required" else "auto", names), whole and bool(names)
    return None, False


# --- rendering -------------------------------------------------------------------------------------------


def note_once(notes: Notes, what: str) -> None:
    """Note a loss that may occur many times in one request."""
    if what not in notes.lines:
        notes.dropped(what)


def render_tools(turn: Turn, notes: Notes) -> list[object]:
    """The `tools` array for a turn without one of its own in `extras`. Raises Unrepresentable for foreign ones."""
    own = turn.dialect == OWN
    return [_render_tool(tool, notes, own=own) for tool in turn.tools]


def _render_tool(tool: Tool, notes: Notes, *, own: bool) -> object:
    match tool:
        case FunctionTool():
            return _render_function(tool, notes, own=own)
        case WebSearchTool():
            return _render_search(tool, notes)
        case OpaqueTool():
            if tool.dialect == OWN:
                return Raw(tool.raw)
            custom = _custom_of_chat(tool)
            if custom is None:
                raise Unrepresentable(f"a tool of type {tool.kind!r}", OWN)
            return custom


def _render_function(tool: FunctionTool, notes: Notes, *, own: bool) -> dict[str, object]:
    shown: dict[str, object] = {"type": "function", "name": tool.name}
    if tool.description is not None:
        shown["description"] = tool.description
    if tool.schema:
        shown["parameters"] = Raw(tool.schema)
    elif not own:
        shown["parameters"] = _NO_SCHEMA
    if tool.strict is not None:
        shown["strict"] = tool.strict
    elif not own:
        shown["strict"] = False  # this dialect is strict when nothing is said, all others are not
    if tool.cache is not None:
        note_once(notes, "tools.cache_control")
    return shown


def _render_search(tool: WebSearchTool, notes: Notes) -> object:
    if tool.dialect == OWN and tool.raw:
        return Raw(tool.raw)
    shown: dict[str, object] = {"type": "web_search"}
    if tool.context_size:
        shown["search_context_size"] = tool.context_size
    place = {"country": tool.country, "region": tool.region, "city": tool.city, "timezone": tool.timezone}
    place = {name: value for name, value in place.items() if value}
    if place:
        shown["user_location"] = {"type": "approximate", **place}
    if tool.max_uses is not None:
        note_once(notes, "tools.web_search.max_uses")
    return shown


def _custom_of_chat(tool: OpaqueTool) -> dict[str, object] | None:
    """Chat's custom tool in this dialect, which has the same one level flatter; None for any other tool."""
    if tool.dialect != "openai_chat" or tool.kind != "custom":
        return None
    try:
        custom = msgspec.json.decode(tool.raw, type=_ChatTool).custom
    except MALFORMED:
        return None
    shown: dict[str, object] = {"type": "custom", "name": custom.name}
    if custom.description is not None:
        shown["description"] = custom.description
    if custom.format is not None:
        shown["format"] = {"type": custom.format.type, **custom.format.grammar}
    return shown


def render_choice(choice: ToolChoice, tools: tuple[Tool, ...]) -> object:
    """The `tool_choice` value. A single name is a forced tool, several are the allowed ones."""
    if choice.mode == "tool" and len(choice.names) == 1:
        return _chosen(choice.names[0], tools)
    if choice.names:
        allowed = [_chosen(name, tools) for name in choice.names]
        return {"type": "allowed_tools", "mode": "required" if choice.mode == "tool" else "auto", "tools": allowed}
    return "required" if choice.mode == "tool" else choice.mode


def _chosen(name: str, tools: tuple[Tool, ...]) -> dict[str, object]:
    if any(isinstance(tool, WebSearchTool) for tool in tools) and name.startswith("web_search"):
        return {"type": "web_search"}
    custom = any(isinstance(tool, OpaqueTool) and tool.kind == "custom" and _named(tool, name) for tool in tools)
    return {"type": "custom" if custom else "function", **naming(name)}


def _named(tool: OpaqueTool, name: str) -> bool:
    return msgspec.json.encode(name) in tool.raw
