"""Schemas for structured output: this API takes only objects that are closed (Anthropic docs, structured outputs)."""

from typing import Any, cast

import msgspec
from msgspec import Raw

_NAMED = ("properties", "$defs", "definitions")  # name -> schema
_LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
_NESTED = ("items", "not")


def closed(schema: bytes) -> Raw:
    """The schema with `additionalProperties: false` on every object that does not say; its own bytes if all do."""
    try:
        found: Any = msgspec.json.decode(schema)
    except (msgspec.MsgspecError, RecursionError):
        return Raw(schema)
    return Raw(msgspec.json.encode(found)) if _close(found) else Raw(schema)


def _close(node: Any) -> bool:
    """Close `node` and what it holds; True when anything changed."""
    if not isinstance(node, dict):
        return False
    schema = cast(dict[str, Any], node)  # keys of JSON objects are text
    changed = _is_object(schema) and "additionalProperties" not in schema
    if changed:
        schema["additionalProperties"] = False
    for inner in _inner(schema):
        changed = _close(inner) or changed
    return changed


def _is_object(schema: dict[str, Any]) -> bool:
    kind: Any = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind) or "properties" in schema


def _inner(schema: dict[str, Any]) -> list[Any]:
    found: list[Any] = [schema[key] for key in _NESTED if key in schema]
    for key in _NAMED:
        if isinstance(schema.get(key), dict):
            found += list(schema[key].values())
    for key in _LISTED:
        if isinstance(schema.get(key), list):
            found += schema[key]
    return found
