"""Tools, tool choice and the web search wish of chat requests, both ways."""

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Notes
from faregate.formats.openai_chat.parts import cache_mark
from faregate.formats.openai_chat.wire import Request, decoded, is_given
from faregate.formats.turn import FunctionTool, OpaqueTool, Tool, ToolChoice, Turn, WebSearchTool
from faregate.kernel.errors import BadRequest, Unrepresentable

NAME = "openai_chat"


class _Function(Struct):
    name: str
    description: str | None = None
    parameters: Raw = Raw()
    strict: bool | None = None


class _Tool(Struct):
    type: str = "function"
    function: _Function | None = None
    cache_control: Raw = Raw()


class _Named(Struct):
    name: str = ""


class _AllowedTool(Struct):
    function: _Named | None = None
    custom: _Named | None = None


class _Allowed(Struct):
    mode: str = "auto"
    tools: list[_AllowedTool] = []


class _Choice(Struct):
    type: str = "function"
    function: _Named | None = None
    custom: _Named | None = None
    allowed_tools: _Allowed | None = None
    name: str = ""


class _FlatFormat(Struct):
    type: str = ""
    syntax: str = ""
    definition: str = ""


class _FlatCustom(Struct):
    """A custom tool as Responses has it."""

    name: str
    description: str | None = None
    format: _FlatFormat | None = None


class _Place(Struct):
    country: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class _Location(Struct):
    approximate: _Place | None = None


class _Search(Struct):
    search_context_size: str | None = None
    user_location: _Location | None = None


_TOOL = msgspec.json.Decoder(_Tool)
_FUNCTION = msgspec.json.Decoder(_Function)
_CHOICE = msgspec.json.Decoder(str | _Choice)
_SEARCH = msgspec.json.Decoder(_Search)
_FLAT_CUSTOM = msgspec.json.Decoder(_FlatCustom)
_CUSTOM = msgspec.json.Decoder(dict[str, Raw])
_SIMPLE_CHOICES = {"auto": "auto", "none": "none", "required": "required", "any": "required"}


# --- from the wire -----------------------------------------------------------------------------------------
def parse_tools(request: Request) -> tuple[Tool, ...]:
    """Tools in order, legacy functions after them, the web search wish last."""
    tools = [_parse_tool(raw, f"tools[{index}]") for index, raw in enumerate(request.tools or ())]
    for index, raw in enumerate(request.functions or ()):
        tools.append(_function_tool(decoded(_FUNCTION, raw, f"functions[{index}]"), Raw()))
    if is_given(request.web_search_options):
        tools.append(_parse_search(request.web_search_options))
    return tuple(tools)


def parse_choice(request: Request) -> ToolChoice | None:
    """Which tool must be called; the legacy `function_call` is read where `tool_choice` is absent."""
    raw = request.tool_choice if is_given(request.tool_choice) else request.function_call
    if not is_given(raw):
        return None
    wish = decoded(_CHOICE, raw, "tool_choice")
    if isinstance(wish, str):
        return ToolChoice(_SIMPLE_CHOICES.get(wish, "auto"))  # type: ignore[arg-type]
    if wish.allowed_tools is not None:
        names = tuple(_name(tool) for tool in wish.allowed_tools.tools)
        return ToolChoice("tool" if wish.allowed_tools.mode == "required" else "auto", names)
    return ToolChoice("tool", (_name(wish) or wish.name,))


def _name(tool: _AllowedTool | _Choice) -> str:
    named = tool.function or tool.custom
    return named.name if named else ""


def _parse_tool(raw: Raw, place: str) -> Tool:
    tool = decoded(_TOOL, raw, place)
    if tool.type != "function":
        return OpaqueTool(NAME, tool.type, bytes(raw))
    if tool.function is None:
        raise BadRequest(f"{place}.function is required", param=f"{place}.function")
    return _function_tool(tool.function, tool.cache_control)


def _function_tool(function: _Function, cache: Raw) -> FunctionTool:
    schema = bytes(function.parameters) if is_given(function.parameters) else b""
    return FunctionTool(function.name, function.description, schema, function.strict, cache_mark(cache))


def _parse_search(raw: Raw) -> WebSearchTool:
    wish = decoded(_SEARCH, raw, "web_search_options")
    place = (wish.user_location.approximate if wish.user_location else None) or _Place()
    return WebSearchTool(
        context_size=wish.search_context_size or "",
        country=place.country or "",
        region=place.region or "",
        city=place.city or "",
        timezone=place.timezone or "",
        dialect=NAME,
        raw=bytes(raw),
    )


# --- to the wire -------------------------------------------------------------------------------------------
def render_tools(turn: Turn, notes: Notes) -> dict[str, object]:
    """The fields `tools`, `tool_choice`, `parallel_tool_calls` and `web_search_options`, as far as there are any."""
    fields: dict[str, object] = {}
    tools: list[object] = []
    for tool in turn.tools:
        match tool:
            case FunctionTool():
                tools.append(_render_function(tool, turn, notes))
            case WebSearchTool():
                fields["web_search_options"] = _render_search(tool, notes)
            case OpaqueTool(dialect="openai_chat"):
                tools.append(Raw(tool.raw))
            case OpaqueTool():
                tools.append(_render_custom(tool))
    if tools:
        fields["tools"] = tools
    if turn.tool_choice is not None and (tools or turn.dialect == NAME):
        fields["tool_choice"] = _render_choice(turn.tool_choice, turn.tools)
    if turn.parallel_tools is not None and (tools or turn.dialect == NAME):
        fields["parallel_tool_calls"] = turn.parallel_tools
    return fields


def _render_function(tool: FunctionTool, turn: Turn, notes: Notes) -> object:
    function: dict[str, object] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.schema:
        function["parameters"] = Raw(tool.schema)
    if tool.strict is not None:
        function["strict"] = tool.strict
    rendered: dict[str, object] = {"type": "function", "function": function}
    if tool.cache is not None:
        rendered |= render_cache(tool.cache.ttl) if turn.dialect == NAME else {}
        if turn.dialect != NAME:
            notes.dropped("tools.cache_control")
    return rendered


def _render_custom(tool: OpaqueTool) -> object:
    """The custom tool of Responses, which chat has one level deeper. Raises Unrepresentable for any other tool."""
    flat = _flat_custom(tool)
    if flat is None:
        raise Unrepresentable(f"a tool of type {tool.kind!r}", NAME)
    custom: dict[str, object] = {"name": flat.name}
    if flat.description is not None:
        custom["description"] = flat.description
    if flat.format is not None:
        custom["format"] = _render_format(flat.format)
    return {"type": "custom", "custom": custom}


def _render_format(wish: _FlatFormat) -> object:
    if wish.type != "grammar":
        return {"type": wish.type}
    return {"type": "grammar", "grammar": {"syntax": wish.syntax, "definition": wish.definition}}


def _flat_custom(tool: OpaqueTool) -> _FlatCustom | None:
    if tool.dialect != "openai_responses" or tool.kind != "custom":
        return None
    try:
        return _FLAT_CUSTOM.decode(tool.raw)
    except msgspec.MsgspecError:
        return None


def render_cache(ttl: str) -> dict[str, object]:
    """The `cache_control` field of a part or tool."""
    return {"cache_control": {"type": "ephemeral", "ttl": ttl} if ttl else {"type": "ephemeral"}}


def _render_search(tool: WebSearchTool, notes: Notes) -> object:
    if tool.dialect == NAME and tool.raw:
        return Raw(tool.raw)
    if tool.max_uses is not None:
        notes.dropped("web_search.max_uses")
    wish: dict[str, object] = {"search_context_size": tool.context_size} if tool.context_size else {}
    place = {"country": tool.country, "region": tool.region, "city": tool.city, "timezone": tool.timezone}
    if told := {name: value for name, value in place.items() if value}:
        wish["user_location"] = {"type": "approximate", "approximate": told}
    return wish


def _render_choice(choice: ToolChoice, tools: tuple[Tool, ...]) -> object:
    if choice.mode != "tool" and not choice.names:
        return choice.mode
    custom = {_custom_name(tool) for tool in tools if isinstance(tool, OpaqueTool) and tool.kind == "custom"}
    entries = [
        {"type": "custom", "custom": {"name": name}}
        if name in custom
        else {"type": "function", "function": {"name": name}}
        for name in choice.names
    ]
    if choice.mode == "tool" and len(entries) == 1:
        return entries[0]
    mode = "auto" if choice.mode == "auto" else "required"
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": entries}} if entries else mode


def _custom_name(tool: OpaqueTool) -> str:
    if (flat := _flat_custom(tool)) is not None:
        return flat.name
    try:
        fields = _CUSTOM.decode(tool.raw)
        return msgspec.json.decode(fields["custom"], type=_Named).name
    except (msgspec.MsgspecError, KeyError):
        return ""
