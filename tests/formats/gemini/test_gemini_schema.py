"""JSON Schema and Google's subset of it."""

import json
from typing import Any

import pytest

from faregate.formats.gemini.schema import exact_google_schema, google_schema, json_schema


def google(schema: Any) -> Any:
    return google_schema(json.dumps(schema).encode())


def standard(schema: Any) -> Any:
    return json.loads(json_schema(json.dumps(schema).encode()))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        ({"type": ["null", "integer", "string"]}, {"type": "INTEGER", "nullable": True}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "INTEGER", "nullable": True}),
        (
            {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}], "title": "t"},
            {"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}], "title": "t", "nullable": True},
        ),
        ({"type": "string", "const": "x"}, {"type": "STRING", "enum": ["x"]}),
        ({"enum": ["a", "b", None]}, {"type": "STRING", "enum": ["a", "b"], "nullable": True}),
        ({"type": "integer", "enum": [1, 2]}, {"type": "INTEGER"}),
        ({"type": "string", "format": "email"}, {"type": "STRING"}),
        ({"type": "string", "format": "date-time"}, {"type": "STRING", "format": "date-time"}),
        ({"type": "array", "items": [{"type": "string"}, {}]}, {"type": "ARRAY", "items": {"type": "STRING"}}),
        ({"properties": {"a": True}}, {"properties": {"a": {}}, "type": "OBJECT"}),
        (
            {"type": "object", "properties": {"a": {}}, "required": ["a", "b"]},
            {"type": "OBJECT", "properties": {"a": {}}, "required": ["a"]},
        ),
        ({"type": "object", "properties": {"a": {}}, "required": ["b"]}, {"type": "OBJECT", "properties": {"a": {}}}),
        ({"$schema": "x", "type": "number", "exclusiveMinimum": 0, "minimum": 1}, {"type": "NUMBER", "minimum": 1}),
        ({"type": "weird"}, {}),
        (True, {}),
    ],
)
def test_what_google_takes(schema: Any, expected: Any) -> None:
    assert google(schema) == expected


def test_references_are_written_out() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/a~1b", "description": "mine"}, "gone": {"$ref": "#/$defs/none"}},
        "$defs": {"a/b": {"$ref": "#/definitions/c"}},
        "definitions": {"c": {"type": "string", "description": "its"}},
    }
    assert google(schema) == {
        "type": "OBJECT",
        "properties": {"a": {"type": "STRING", "description": "mine"}, "gone": {}},
    }


def test_all_of_is_laid_together() -> None:
    schema = {
        "allOf": [
            {"$ref": "#/$defs/base"},
            {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
            True,
        ],
        "description": "both",
        "$defs": {"base": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}},
    }
    assert google(schema) == {
        "description": "both",
        "type": "OBJECT",
        "properties": {"a": {"type": "STRING"}, "b": {"type": "INTEGER"}},
        "required": ["a", "b"],
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"$ref": "#"}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"allOf": [{"$ref": "#"}]},
        {
            "$ref": "#/$defs/d0",
            "$defs": {
                f"d{n}": {"properties": {side: {"$ref": f"#/$defs/d{n + 1}"} for side in "ab"}} for n in range(40)
            },
        },
        {
            "$ref": "#/$defs/d0",
            "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)},
        },
    ],
)
def test_a_schema_without_end_is_left_to_the_second_door(schema: Any) -> None:
    assert google(schema) is None


def test_what_is_nested_too_deep_is_cut_off() -> None:
    schema: Any = {"type": "string"}
    for _ in range(100):
        schema = {"type": "array", "items": schema}
    depth, node = 0, google(schema)
    while "items" in node:
        depth, node = depth + 1, node["items"]
    assert depth == 64
    assert google_schema(b'{"items":' * 100_000 + b"1" + b"}" * 100_000) is None


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            {"type": "OBJECT", "properties": {"type": {"type": "STRING"}}},
            {"type": "object", "properties": {"type": {"type": "string"}}},
        ),
        ({"type": "STRING", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"any_of": [{"type": "STRING"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": "ARRAY", "min_items": "1", "maxItems": "7"}, {"type": "array", "minItems": 1, "maxItems": 7}),
        ({"type": ["STRING", "NULL"], "nullable": False}, {"type": ["string", "null"]}),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        ({"type": "ARRAY", "items": True}, {"type": "array", "items": True}),
        ({"type": 5}, {"type": 5}),
    ],
)
def test_google_s_schema_becomes_json_schema(schema: Any, expected: Any) -> None:
    assert standard(schema) == expected


def test_only_what_reads_back_to_the_byte_is_exact() -> None:
    assert exact_google_schema(b'{"type":["string","null"]}') == {"type": "STRING", "nullable": True}
    assert exact_google_schema(b'{"type": "string"}') is None
    assert exact_google_schema(b'{"type":"string","const":"x"}') is None
