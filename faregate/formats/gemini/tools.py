"""Google's tools and toolConfig, both ways."""

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Notes
from faregate.formats.gemini.schema import exact_google_schema, google_schema, is_empty_object, json_schema
from faregate.formats.gemini.wire import FIELDS, FunctionCallingConfig, FunctionDeclaration, absent, refuse
from faregate.formats.turn import FunctionTool, OpaqueTool, Tool, ToolChoice, Turn, WebSearchTool
from faregate.kernel.errors import Unrepresentable

CHOICE_FIELD = "toolConfig"
_FUNCTIONS, _CALLING = "functionDeclarations", "functionCallingConfig"
_SEARCHES = frozenset(("googleSearch", "googleSearchRetrieval", "google_search", "google_search_retrieval"))
_SEARCH = "googleSearch"
# A function of this name in a foreign request is a wish for the tool that Google hosts
_HOSTED = ("codeExecution", _SEARCH, "urlContext")
_TOOLS = msgspec.json.Decoder(list[dict[str, Raw]])
_DECLARATIONS = msgspec.json.Decoder(list[FunctionDeclaration])
_CALLING_CONFIG = msgspec.json.Decoder(FunctionCallingConfig)


# --- reading -----------------------------------------------------------------------------------------------
def read_tools(raw: Raw) -> tuple[Tool, ...]:
    """The tools offered, in order. Raises BadRequest naming the field."""
    if absent(raw):
        return ()
    try:
        return tuple(
            found for tool in _TOOLS.decode(raw) for name, value in tool.items() for found in _tool(name, value)
        )
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, "tools")


def _tool(name: str, value: Raw) -> list[Tool]:
    if absent(value):
        return []
    if name == _FUNCTIONS:
        return _functions(value)
    raw = msgspec.json.encode({name: value})
    return [WebSearchTool(dialect="gemini", raw=raw) if name in _SEARCHES else OpaqueTool("gemini", name, raw)]


def _functions(value: Raw) -> list[Tool]:
    try:
        return [_function(declaration) for declaration in _DECLARATIONS.decode(value)]
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, f"tools.{_FUNCTIONS}")


def _function(declaration: FunctionDeclaration) -> FunctionTool:
    schema = b""
    if not absent(declaration.parameters_json_schema):
        schema = bytes(declaration.parameters_json_schema)
    elif not absent(declaration.parameters):
        schema = json_schema(bytes(declaration.parameters))
    return FunctionTool(declaration.name, declaration.description, schema)


def read_choice(raw: Raw) -> tuple[ToolChoice | None, dict[str, Raw]]:
    """Which tool must be called, and the extras: what else a toolConfig says. Raises BadRequest naming the field."""
    if absent(raw):
        return None, {}
    try:
        fields = FIELDS.decode(raw)
        calling = fields.pop(_CALLING, Raw())
        config = FunctionCallingConfig() if absent(calling) else _CALLING_CONFIG.decode(calling)
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, CHOICE_FIELD)
    choice = _choice(config)
    extras = {f"{CHOICE_FIELD}.{name}": value for name, value in fields.items()}
    if not absent(calling) and (choice is None or _calling(choice) != _plain(config)):
        extras[f"{CHOICE_FIELD}.{_CALLING}"] = calling
    return choice, extras


def _choice(config: FunctionCallingConfig) -> ToolChoice | None:
    names = tuple(config.allowed_function_names or ())
    match (config.mode or "").upper():
        case "AUTO" | "VALIDATED":
            return ToolChoice("auto", names)
        case "ANY":
            return ToolChoice("tool", names) if names else ToolChoice("required")
        case "NONE":
            return ToolChoice("none")
        case _:
            return None


def _plain(config: FunctionCallingConfig) -> dict[str, object]:
    out: dict[str, object] = {"mode": config.mode}
    if config.allowed_function_names:
        out["allowedFunctionNames"] = config.allowed_function_names
    return out


# --- writing -----------------------------------------------------------------------------------------------
def write_tools(turn: Turn, notes: Notes) -> list[dict[str, object]]:
    """The tools of a turn; functions that stand together share one tool. Raises Unrepresentable for foreign ones."""
    own = turn.dialect == "gemini"
    hosted = [] if own else _hosted_names(turn)
    out: list[dict[str, object]] = [{name: {}} for name in hosted]
    functions: list[dict[str, object]] = []
    for tool in turn.tools:
        if isinstance(tool, FunctionTool):
            if not own and tool.name in _HOSTED:
                continue
            if not functions:
                out.append({_FUNCTIONS: functions})
            functions.append(_declaration(tool, own, notes))
        elif own or not isinstance(tool, WebSearchTool):
            functions = []
            out.append(_hosted(tool))
        else:
            _note_search(tool, notes, offered=_SEARCH in hosted)
    return out


def _hosted_names(turn: Turn) -> list[str]:
    """What Google shall host for another dialect's request: what is named, and a search that is wished for.

    Beside functions there is no search: Google answers 400, "Tool use with function calling is unsupported", and from
    Gemini 3 on wants its own calls back with every turn, which other dialects cannot carry. A tool that the client
    calls by Google's name is sent all the same, as New API does.
    """
    names = {tool.name for tool in turn.tools if isinstance(tool, FunctionTool)}
    searches = any(isinstance(tool, WebSearchTool) for tool in turn.tools) and names.issubset(_HOSTED)
    return [name for name in _HOSTED if name in names or (searches and name == _SEARCH)]


def _hosted(tool: WebSearchTool | OpaqueTool) -> dict[str, object]:
    if isinstance(tool, WebSearchTool):
        return dict(FIELDS.decode(tool.raw)) if tool.dialect == "gemini" else {_SEARCH: {}}
    if tool.dialect != "gemini":
        raise Unrepresentable(f"the tool {tool.kind!r}", "gemini")
    return dict(FIELDS.decode(tool.raw))


def _note_search(tool: WebSearchTool, notes: Notes, *, offered: bool) -> None:
    if not offered:
        notes.dropped("tools.web_search (beside functions)")
        return
    for name in ("max_uses", "context_size", "country", "region", "city", "timezone"):
        if getattr(tool, name):
            notes.dropped(f"tools.web_search.{name}")


def _declaration(tool: FunctionTool, own: bool, notes: Notes) -> dict[str, object]:
    out: dict[str, object] = {"name": tool.name}
    if tool.description is not None:
        out["description"] = tool.description
    if tool.strict:
        notes.dropped("tools.strict")
    if not tool.schema:
        return out
    schema = exact_google_schema(tool.schema) if own else google_schema(tool.schema, notes, "tools.schema")
    if schema is None:
        out["parametersJsonSchema"] = Raw(tool.schema)
    elif own or not is_empty_object(schema):
        out["parameters"] = schema
    return out


def write_choice(turn: Turn, notes: Notes) -> dict[str, object]:
    """The toolConfig of a turn, {} when it says nothing. Google refuses a choice without tools."""
    choice = turn.tool_choice
    if choice is None or not (turn.tools or turn.dialect == "gemini"):
        return {}
    if turn.dialect == "gemini" or not choice.names:
        return {_CALLING: _calling(choice)}
    names = tuple(name for name in choice.names if _is_declared(turn, name))
    if not names:
        notes.dropped("tool_choice (of a hosted tool)")
        return {}
    return {_CALLING: _calling(ToolChoice(choice.mode, names))}


def _is_declared(turn: Turn, name: str) -> bool:
    """True for a function; Google refuses the names of its hosted tools here."""
    return name not in _HOSTED and any(isinstance(tool, FunctionTool) and tool.name == name for tool in turn.tools)


def _calling(choice: ToolChoice) -> dict[str, object]:
    match choice.mode:
        case "auto":
            # a list of allowed names goes with ANY or VALIDATED only, and the second leaves the decision to the model
            return (
                {"mode": "VALIDATED", "allowedFunctionNames": list(choice.names)} if choice.names else {"mode": "AUTO"}
            )
        case "none":
            return {"mode": "NONE"}
        case "required":
            return {"mode": "ANY"}
        case "tool":
            return {"mode": "ANY", "allowedFunctionNames": list(choice.names)}
