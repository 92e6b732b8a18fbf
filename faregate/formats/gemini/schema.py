"""JSON Schema to and from Google's subset of it (upper-case types, `nullable`, no references).

What the subset cannot say (a schema that contains itself) has a second door on Google's side: `parametersJsonSchema`
and `responseJsonSchema` take JSON Schema as it is.
"""

from typing import TypeAlias

import msgspec

from faregate.formats.dialect import Notes
from faregate.formats.gemini.camel import camel

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Schema: TypeAlias = dict[str, Json]

_COUNTS = frozenset(["maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties"])
_KEPT = _COUNTS | {
    "anyOf",
    "default",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maximum",
    "minimum",
    "nullable",
    "pattern",
    "properties",
    "propertyOrdering",
    "required",
    "title",
    "type",
}
_FORMATS = frozenset(["enum", "date-time", "float", "double", "int32", "int64"])  # others are answered 400
_TYPES = frozenset(["string", "number", "integer", "boolean", "array", "object", "null"])
_MAX_DEPTH = 64
_MAX_NODES = 5000  # references that fan out would grow without end


def json_schema(google: bytes) -> bytes:
    """Google's schema as JSON Schema: lower-case types, `nullable` as the type "null". JSON Schema passes unchanged."""
    return msgspec.json.encode(_standard(msgspec.json.decode(google)))


def google_schema(schema: bytes, notes: Notes, where: str) -> Schema | None:
    """JSON Schema cut down to what Google takes, references inlined; None when only the second door can say it.

    Keywords whose meaning was changed are noted, once each, below `where`.
    """
    try:
        root: Json = msgspec.json.decode(schema)
        if not isinstance(root, dict):
            return {}
        cleaner = _Cleaner(root)
        cleaned = cleaner.clean(root, 0, ())
    except (_Endless, RecursionError, msgspec.MsgspecError):
        return None
    for loss in (f"{where}.{keyword}" for keyword in sorted(cleaner.changed)):
        if loss not in notes.lines:
            notes.dropped(loss)
    return cleaned


def exact_google_schema(schema: bytes) -> Schema | None:
    """Google's schema when reading it again gives `schema` byte for byte, else None."""
    cleaned = google_schema(schema, Notes(), "")
    return cleaned if cleaned is not None and msgspec.json.encode(_standard(cleaned)) == schema else None


def is_empty_object(schema: Schema) -> bool:
    """True for an object without properties, which Google refuses as parameters."""
    return not schema.get("properties") and schema.get("type", "OBJECT") == "OBJECT" and "anyOf" not in schema


# --- from Google -------------------------------------------------------------------------------------------
def _standard(node: Json) -> Json:
    if not isinstance(node, dict):
        return node
    named: Schema = {camel(name) if camel(name) in _KEPT else name: value for name, value in node.items()}
    nullable = named.pop("nullable", None) is True
    out: Schema = {name: _standard_field(name, value) for name, value in named.items()}
    return _with_null(out) if nullable else out


def _standard_field(name: str, value: Json) -> Json:
    if name == "type":
        return _lower_type(value)
    if name == "properties" and isinstance(value, dict):
        return {inner: _standard(schema) for inner, schema in value.items()}
    if name in ("anyOf", "oneOf", "allOf") and isinstance(value, list):
        return [_standard(schema) for schema in value]
    if name == "items":
        return _standard(value)
    if name in _COUNTS and isinstance(value, str) and value.isdecimal():
        return int(value)  # 64-bit numbers are text in Google's JSON
    return value


def _lower_type(value: Json) -> Json:
    if isinstance(value, str):
        return value.lower() if value.lower() in _TYPES else value
    if isinstance(value, list):
        return [_lower_type(item) for item in value]
    return value


def _with_null(node: Schema) -> Schema:
    kind, branches, values = node.get("type"), node.get("anyOf"), node.get("enum")
    if isinstance(kind, str):
        node["type"] = [kind, "null"]
    elif isinstance(branches, list):
        node["anyOf"] = [*branches, {"type": "null"}]
    if isinstance(values, list):
        node["enum"] = [*values, None]
    return node


# --- to Google ---------------------------------------------------------------------------------------------
class _Endless(Exception):
    """The schema contains itself, or unfolds beyond bounds."""


class _Cleaner:
    """State: the schema that references point into, how many nodes have been written, the keywords changed in them."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._nodes = 0
        self.changed: set[str] = set()

    def clean(self, node: Json, depth: int, path: tuple[str, ...]) -> Schema:
        """Google's form of `node`. `path`: the references that were followed to get here."""
        self._count()
        if not isinstance(node, dict):
            return {}
        node, path = self._resolved(node, path)
        node = self._one_kind(_one_branch(_with_const(self._merged(node, path))))
        out: Schema = {}
        for name, value in node.items():
            self._field(out, name, value, depth, path)
        if "properties" in out and "type" not in out:
            out["type"] = "OBJECT"
        if node.get("nullable") is True or _allows_null(node):
            out["nullable"] = True
        self._choose(out)
        self._itemize(out)
        return _consistent(out)

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise _Endless

    def _field(self, out: Schema, name: str, value: Json, depth: int, path: tuple[str, ...]) -> None:
        deeper = depth < _MAX_DEPTH
        if name == "type":
            kind = _first_type(value)
            if kind:
                out["type"] = kind
        elif name == "properties" and isinstance(value, dict):
            if deeper:
                out["properties"] = {key: self.clean(inner, depth + 1, path) for key, inner in value.items()}
        elif name == "items":
            if deeper:
                out["items"] = self.clean(value, depth + 1, path)
        elif name in ("anyOf", "oneOf") and isinstance(value, list):
            if deeper:
                out["anyOf"] = [self.clean(inner, depth + 1, path) for inner in value]
        elif name == "enum" and isinstance(value, list):
            out["enum"] = [item for item in value if item is not None]
        elif name == "format":
            if value in _FORMATS:
                out["format"] = value
        elif name in _KEPT and name != "nullable":
            out[name] = value

    def _one_kind(self, node: Schema) -> Schema:
        """`node` with one schema for all its items, as Google has it: of several in a row, the first."""
        kinds: list[Json] = []
        for name in ("prefixItems", "items"):
            found = node.get(name)
            kinds += found if isinstance(found, list) else [found] if isinstance(found, dict) else []
        if not kinds:
            return node
        if any(kind != kinds[0] for kind in kinds):
            self.changed.add("items")
        return {**node, "items": kinds[0]}

    def _choose(self, out: Schema) -> None:
        """Leave in `enum` what Google takes: texts that are not empty, in a node of type STRING."""
        given = out.get("enum")
        if not isinstance(given, list):
            return
        texts = all(isinstance(item, str) for item in given) and out.get("type", "STRING") == "STRING"
        kept: list[Json] = [item for item in given if item] if texts else []
        if len(kept) < len(given):
            self.changed.add("enum")
        if texts and given:
            out.setdefault("type", "STRING")
        if kept:
            out["enum"] = kept
        else:
            del out["enum"]

    def _itemize(self, out: Schema) -> None:
        """Give an array its items. Not every version takes {} for anything at all, and texts can say most of it."""
        if out.get("type") == "ARRAY" and not out.get("items"):
            out["items"] = {"type": "STRING"}
            self.changed.add("items")

    def _resolved(self, node: Schema, path: tuple[str, ...]) -> tuple[Schema, tuple[str, ...]]:
        """`node` with its reference replaced by what it points to; fields beside the reference stay."""
        while isinstance(reference := node.get("$ref"), str):
            if reference in path or len(path) > _MAX_DEPTH:
                raise _Endless
            path = (*path, reference)
            beside = {name: value for name, value in node.items() if name != "$ref"}
            node = {**self._target(reference), **beside}
        return node, path

    def _target(self, reference: str) -> Schema:
        found: Json = self._root
        for step in reference.removeprefix("#").split("/")[1:] if reference.startswith("#") else [""]:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def _merged(self, node: Schema, path: tuple[str, ...]) -> Schema:
        """`node` with the parts of its `allOf` laid over each other."""
        parts = node.get("allOf")
        if not isinstance(parts, list):
            return node
        out: Schema = {name: value for name, value in node.items() if name != "allOf"}
        for part in parts:
            self._count()
            if isinstance(part, dict):
                resolved, inner_path = self._resolved(part, path)
                _lay_over(out, self._merged(resolved, (*inner_path, "#allOf")))
        return out


def _lay_over(out: Schema, part: Schema) -> None:
    for name, value in part.items():
        before = out.get(name)
        if name == "properties" and isinstance(before, dict) and isinstance(value, dict):
            out[name] = {**before, **value}
        elif name == "required" and isinstance(before, list) and isinstance(value, list):
            out[name] = [*before, *(item for item in value if item not in before)]
        else:
            out.setdefault(name, value)


def _with_const(node: Schema) -> Schema:
    if "const" not in node:
        return node
    out: Schema = {name: value for name, value in node.items() if name != "const"}
    out.setdefault("enum", [node["const"]])
    return out


def _one_branch(node: Schema) -> Schema:
    """A choice between null and something else becomes that something; other choices lose their null branch."""
    for name in ("anyOf", "oneOf"):
        branches = node.get(name)
        if not isinstance(branches, list):
            continue
        kept = [branch for branch in branches if not _is_null(branch)]
        if len(kept) == len(branches):
            continue
        out: Schema = {key: value for key, value in node.items() if key != name}
        out["nullable"] = True
        if len(kept) == 1 and isinstance(kept[0], dict) and "$ref" not in kept[0]:
            return {**out, **kept[0], "nullable": True}
        return {**out, name: kept}
    return node


def _is_null(node: Json) -> bool:
    return isinstance(node, dict) and node.get("type") in ("null", ["null"])


def _allows_null(node: Schema) -> bool:
    kind, values = node.get("type"), node.get("enum")
    return (isinstance(kind, list) and "null" in kind) or (kind is None and isinstance(values, list) and None in values)


def _first_type(value: Json) -> str:
    """The type in upper case; of several the first that is not null (Google knows one)."""
    kinds = value if isinstance(value, list) else [value]
    words = [kind for kind in kinds if isinstance(kind, str) and kind.lower() in _TYPES and kind.lower() != "null"]
    return words[0].upper() if words else ""


def _consistent(out: Schema) -> Schema:
    """`required` may only name properties that are there, and the format "enum" wants values to choose from."""
    required, properties = out.get("required"), out.get("properties")
    if isinstance(required, list) and isinstance(properties, dict):
        kept: list[Json] = [name for name in required if isinstance(name, str) and name in properties]
        if kept:
            out["required"] = kept
        else:
            del out["required"]
    if "enum" not in out and out.get("format") == "enum":
        del out["format"]
    return out
