"""Schemas of other dialects that an Anthropic upstream is to enforce."""

import json
from typing import Any

import pytest

from faregate.formats.anthropic import DIALECT
from faregate.formats.anthropic.schema import closed
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import DialectName, FunctionTool, Message, OutputFormat, Text, Turn

PING = Message("user", (Text("ping"),))


def shown(schema: Any) -> tuple[Any, str]:
    """A schema as it is sent, and the keywords that were noted."""
    notes = Notes()
    found = json.loads(bytes(closed(json.dumps(schema).encode(), notes)))
    return found, "".join(notes.lines).removeprefix("schema keywords that are not enforced: ")


def render(dialect: DialectName = "openai_chat", **fields: Any) -> tuple[bytes, list[str]]:
    notes = Notes()
    return DIALECT.render(Turn(dialect=dialect, model="m", messages=(PING,), **fields), Quirks(), notes), notes.lines


@pytest.mark.parametrize(
    ("schema", "expected", "moved"),
    [
        (
            {"type": "integer", "minimum": 1, "maximum": 10, "description": "A number"},
            {"type": "integer", "description": "A number\n\n{minimum: 1, maximum: 10}"},
            "maximum, minimum",
        ),
        (
            {"type": "string", "format": "regex", "pattern": "^a$", "title": "T"},
            {"type": "string", "title": "T", "description": "{format: regex, pattern: ^a$}"},
            "format, pattern",
        ),
        ({"type": "array", "minItems": 2}, {"type": "array", "description": "{minItems: 2}"}, "minItems"),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}, ""),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            {"type": "object", "additionalProperties": False},
            "additionalProperties",
        ),
        (
            {"type": "object", "additionalProperties": True},
            {"type": "object", "additionalProperties": False},
            "additionalProperties",
        ),
        (
            {"properties": {"a": {"type": "boolean", "default": False}}, "required": ["a"]},
            {
                "type": "object",
                "properties": {"a": {"type": "boolean", "description": "{default: false}"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            "default",
        ),
        ({"type": "string", "enum": ["a", None]}, {"enum": ["a", None]}, ""),
        ({"const": 1, "minimum": 0}, {"const": 1, "description": "{minimum: 0}"}, "minimum"),
        (
            {"type": "object", "enum": [{"a": 1}]},
            {"type": "object", "additionalProperties": False, "description": '{enum: [{"a":1}]}'},
            "enum",
        ),
        (
            {"oneOf": [{"type": "number", "multipleOf": 2}]},
            {"anyOf": [{"type": "number", "description": "{multipleOf: 2}"}]},
            "multipleOf, oneOf",
        ),
        (
            {"type": "object", "allOf": [{"type": "object"}]},
            {"allOf": [{"type": "object", "additionalProperties": False}], "additionalProperties": False},
            "",
        ),
        (
            {"$ref": "#/$defs/a", "description": "d", "$defs": {"a": {"type": "object"}}},
            {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "additionalProperties": False}}},
            "description",
        ),
        (
            {"type": ["array", "null"], "items": {"type": "object"}, "$schema": "s"},
            {"type": ["array", "null"], "items": {"type": "object", "additionalProperties": False}},
            "",
        ),
        ({"not": {"type": "null"}}, {"description": '{not: {"type":"null"}}'}, "not"),
        (True, True, ""),
    ],
)
def test_what_the_api_refuses_is_told_in_the_description(schema: Any, expected: Any, moved: str) -> None:
    assert shown(schema) == (expected, moved)


def test_a_schema_that_is_closed_already_keeps_its_bytes() -> None:
    schema = (
        b'{"type": "object", "properties": {"a": {"type": ["string", "null"], "format": "uuid", "title": "A"},'
        b' "b": {"minItems": 1, "type": "array", "items": {"anyOf": [{"const": 1.10}, {"$ref": "#/definitions/c"}]}}},'
        b' "definitions": {"c": {"enum": ["x"]}}, "required": ["a"], "additionalProperties": false}'
    )
    body, notes = render("gemini", output=OutputFormat("schema", schema=schema))
    assert b'"format":{"type":"json_schema","schema":%s}' % schema in body
    assert notes == []


@pytest.mark.parametrize("schema", [b"{1}", b'{"items":' * 5000 + b"1" + b"}" * 5000])
def test_a_schema_that_cannot_be_read_is_left_to_the_upstream_to_judge(schema: bytes) -> None:
    notes = Notes()
    assert (bytes(closed(schema, notes)), notes.lines) == (schema, [])


def test_a_schema_of_this_dialect_keeps_its_bytes() -> None:
    schema = b'{"type": "object", "additionalProperties": true, "minimum": 1.10}'
    tool = FunctionTool("f", schema=schema, strict=True)
    body, notes = render("anthropic", output=OutputFormat("schema", schema=schema), tools=(tool,))
    assert (body.count(schema), notes) == (2, [])


def test_only_strict_tools_are_closed_and_a_loss_is_noted_once() -> None:
    schema = b'{"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}'
    union = b'{"type": "object", "anyOf": [{"type": "object", "properties": {}}]}'
    tools = (
        FunctionTool("free", schema=schema),
        FunctionTool("loose", schema=schema, strict=False),
        FunctionTool("strict", schema=schema, strict=True),
        FunctionTool("again", schema=schema, strict=True),
        FunctionTool("union", schema=union, strict=True),
        FunctionTool("bare", strict=True),
    )
    body, notes = render(tools=tools)
    assert body.count(schema) == 2
    sent = {tool["name"]: tool["input_schema"] for tool in json.loads(body)["tools"]}
    assert (
        sent["strict"]
        == sent["again"]
        == {
            "type": "object",
            "properties": {"n": {"type": "integer", "description": "{minimum: 1}"}},
            "additionalProperties": False,
        }
    )
    empty: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    assert sent["union"] == {"type": "object", "anyOf": [empty], "additionalProperties": False}
    assert sent["bare"] == empty
    assert notes == ["schema keywords that are not enforced: minimum"]
