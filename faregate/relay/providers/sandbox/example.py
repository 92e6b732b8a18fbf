"""A value that satisfies a JSON schema, always the same one. Patterns and cross-field conditions are not looked at."""

from typing import Any, cast

import msgspec

Schema = dict[str, Any]

_DEEPEST = 24
_MOST_STEPS = 2000  # for one schema; what is left out beyond is null
_LONGEST = 1000  # entries of a list, characters of a text
_LISTS_FILLED_TO = 6  # below this depth lists stay empty, so that trees end
_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1S",
    "email": "sandbox@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def example(schema: bytes) -> Any:
    """The value for a schema in JSON; `{}` when there is none or it cannot be read."""
    try:
        root = _schema(msgspec.json.decode(schema or b"{}"))
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return _Example(root).value(root or {"type": "object"}, "value", 0)


class _Example:
    """State: the whole schema, for references into it, and how many steps are left: a small schema can be endless."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._steps = _MOST_STEPS

    def value(self, schema: Schema, name: str, depth: int) -> Any:
        """The value of a place called `name`."""
        self._steps -= 1
        if depth > _DEEPEST or self._steps < 0:
            return None
        schema = self._resolved(schema, depth)
        if "const" in schema:
            return schema["const"]
        if listed := _list(schema.get("enum")):
            return listed[0]
        if "default" in schema:
            return schema["default"]
        if listed := _list(schema.get("examples")):
            return listed[0]
        for word in ("anyOf", "oneOf"):
            if options := _schemas(schema.get(word)):
                told = next((option for option in options if option.get("type") != "null"), options[0])
                return self.value({**{k: v for k, v in schema.items() if k != word}, **told}, name, depth + 1)
        return self._of_type(schema, name, depth)

    def _of_type(self, schema: Schema, name: str, depth: int) -> Any:
        match _type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return _string(schema, name)

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties = _schema(schema.get("properties"))
        return {
            name: self.value(_schema(properties.get(name)), name, depth + 1) for name in _names(schema.get("required"))
        }

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        first = _schemas(schema.get("prefixItems"))
        wanted = max(_size(schema, "minItems", 0), 1 if depth < _LISTS_FILLED_TO else 0, len(first))
        count = min(wanted, _size(schema, "maxItems", wanted))
        items = [*first, *[_schema(schema.get("items"))] * (count - len(first))]
        return [self.value(item, name, depth + 1) for item in items[:count]]

    def _resolved(self, schema: Schema, depth: int) -> Schema:
        """The schema with its reference followed and its `allOf` merged in."""
        for _ in range(_DEEPEST):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                break
            schema = {**self._at(reference), **{k: v for k, v in schema.items() if k != "$ref"}}
        every = _schemas(schema.get("allOf"))
        self._steps -= len(every)
        if depth > _DEEPEST or self._steps < 0:
            return schema
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        for one in every:
            merged = _merged(merged, self._resolved(one, depth + 1))
        return merged

    def _at(self, reference: str) -> Schema:
        """The schema at a JSON pointer into this document; an empty one when it is not there."""
        found: Any = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            if step:
                found = _schema(found).get(step.replace("~1", "/").replace("~0", "~"))
        return _schema(found)


def _schema(value: Any) -> Schema:
    return cast(Schema, value) if isinstance(value, dict) else {}  # keys of JSON objects are text


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _schemas(value: Any) -> list[Schema]:
    return [_schema(one) for one in _list(value)]


def _names(value: Any) -> list[str]:
    return [one for one in _list(value) if isinstance(one, str)]


def _merged(one: Schema, other: Schema) -> Schema:
    merged = {**one, **other}
    merged["properties"] = _schema(one.get("properties")) | _schema(other.get("properties"))
    merged["required"] = list(dict.fromkeys([*_names(one.get("required")), *_names(other.get("required"))]))
    return merged


def _size(schema: Schema, word: str, default: int) -> int:
    """A number of entries or characters, within bounds."""
    value = schema.get(word)
    return min(max(value, 0), _LONGEST) if isinstance(value, int) else default


def _bound(schema: Schema, word: str) -> int | float | None:
    value = schema.get(word)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _type(schema: Schema) -> str:
    """The type told, else what its words imply; of several the first that is not null."""
    told = schema.get("type")
    if isinstance(told, list):
        told = next((one for one in _names(told) if one != "null"), "null")
    if isinstance(told, str):
        return told.lower()
    if schema.get("properties") or schema.get("required"):
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _number(schema: Schema) -> int | float:
    low, high = _bound(schema, "minimum"), _bound(schema, "maximum")
    above, below = _bound(schema, "exclusiveMinimum"), _bound(schema, "exclusiveMaximum")
    value = 1 if low is None else low
    if above is not None and value <= above:
        value = above + 1
    if high is not None and value > high:
        value = high
    if below is not None and value >= below:
        value = below - 1 if above is None or below - 1 > above else (above + below) / 2
    step = _bound(schema, "multipleOf")
    return -(-value // step) * step if step else value


def _string(schema: Schema, name: str) -> str:
    text = _FORMATS.get(str(schema.get("format")), name)
    return text.ljust(_size(schema, "minLength", 0), "x")[: _size(schema, "maxLength", _LONGEST)]
