"""Schemas that this API enforces, for structured output and strict tools.

It takes closed objects and a part of JSON Schema. What it refuses is told to the model in the description instead, as
Anthropic's own SDK does (SDK 2.12, lib/_parse/_transform.py; Anthropic docs, structured outputs, 2026-11).
"""

from typing import Any, cast

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Notes

Schema = dict[str, Any]
_NAMED = ("$defs", "definitions")  # name -> schema
_COMBINED = {"anyOf": "anyOf", "oneOf": "anyOf", "allOf": "allOf"}
_KEPT = ("description", "title")
_MEANINGLESS = ("$schema", "$comment")
_FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
_LEAST_ITEMS = (0, 1)


def closed(schema: bytes, notes: Notes) -> Raw:
    """The schema as the API takes it, its own bytes if it is so already. Keywords that lost their force are noted."""
    moved: set[str] = set()
    try:
        found: Any = msgspec.json.decode(schema)
        shown = _closed(found, moved)
        encoded = schema if shown == found else msgspec.json.encode(shown)
    except (msgspec.MsgspecError, RecursionError):
        return Raw(schema)
    line = f"schema keywords that are not enforced: {', '.join(sorted(moved))}"
    if moved and line not in notes.lines:
        notes.dropped(line)
    return Raw(encoded)


def _closed(node: Any, moved: set[str]) -> Any:
    """A schema with what it holds; the names of keywords that lose their force go to `moved`."""
    if not isinstance(node, dict):
        return node
    left = {name: value for name, value in cast(Schema, node).items() if name not in _MEANINGLESS}
    kept: Schema = {name: _each(left.pop(name), moved) for name in _NAMED if isinstance(left.get(name), dict)}
    if "$ref" in left:
        kept["$ref"] = left.pop("$ref")
        moved.update(left)  # nothing may stand beside a reference
        return kept
    kind: Any = left.pop("type", "object" if "properties" in left else None)
    literals, combined = _literals(left), _combined(left, moved)
    if kind is not None and not literals and not combined:
        kept["type"] = kind
    kept |= literals | combined | {name: left.pop(name) for name in _KEPT if name in left}
    kept |= {} if literals else _by_kind(kind, left, moved)
    return _described(kept, left, moved)


def _each(named: Schema, moved: set[str]) -> Schema:
    return {name: _closed(inner, moved) for name, inner in named.items()}


def _literals(left: Schema) -> Schema:
    """The values allowed. Objects and arrays are none that the API takes; a type beside values is left out."""
    found: Schema = {}
    values: Any = left.get("enum")
    if isinstance(values, list) and values and all(map(_is_plain, cast(list[Any], values))):
        found["enum"] = left.pop("enum")
    if "const" in left and _is_plain(left["const"]):
        found["const"] = left.pop("const")
    return found


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _combined(left: Schema, moved: set[str]) -> Schema:
    """The first combination there is; a type beside it is left out."""
    for name, shown in _COMBINED.items():
        if isinstance(left.get(name), list):
            moved.update({name} - {shown})
            return {shown: [_closed(inner, moved) for inner in left.pop(name)]}
    return {}


def _by_kind(kind: Any, left: Schema, moved: set[str]) -> Schema:
    """The keywords that the API knows for a type, or for each of several."""
    kinds = cast(list[Any], kind) if isinstance(kind, list) else [kind]
    kept = _object(left, moved) if "object" in kinds else {}
    if "string" in kinds and left.get("format") in _FORMATS:
        kept["format"] = left.pop("format")
    if "array" in kinds and "items" in left:
        kept["items"] = _closed(left.pop("items"), moved)
    if "array" in kinds and left.get("minItems") in _LEAST_ITEMS:
        kept["minItems"] = left.pop("minItems")
    return kept


def _object(left: Schema, moved: set[str]) -> Schema:
    """Properties, and which of them must be there; any other is forbidden."""
    if left.pop("additionalProperties", False) is not False:
        moved.add("additionalProperties")
    kept: Schema = {"additionalProperties": False}
    if isinstance(left.get("properties"), dict):
        kept["properties"] = _each(left.pop("properties"), moved)
    if "required" in left:
        kept["required"] = left.pop("required")
    return kept


def _described(kept: Schema, left: Schema, moved: set[str]) -> Schema:
    """What is left goes to the description: the model may follow it."""
    if not left:
        return kept
    moved.update(left)
    words = "{" + ", ".join(f"{name}: {_spelled(value)}" for name, value in left.items()) + "}"
    return kept | {"description": f"{kept['description']}\n\n{words}" if kept.get("description") else words}


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
