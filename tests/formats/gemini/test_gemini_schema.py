"""JSON Schema and Google's subset of it."""

import json
from typing import Any

import pytest

from faregate.formats.dialect import Notes
from faregate.formats.gemini.schema import exact_google_schema, google_schema, json_schema


def google(schema: Any) -> Any:
    return google_schema(json.dumps(schema).encode(), Notes(), "here")


def noted(schema: Any) -> list[str]:
    notes = Notes()
    google_schema(json.dumps(schema).encode(), notes, "here")
    return notes.lines


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


TEXTS = {"type": "ARRAY", "items": {"type": "STRING"}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "array"}, TEXTS),
        ({"type": "array", "items": {}}, TEXTS),
        ({"type": "array", "items": True}, TEXTS),
        ({"type": "array", "items": []}, TEXTS),
        ({"type": ["array", "null"]}, {**TEXTS, "nullable": True}),
        ({"type": "array", "items": {"type": "array"}}, {"type": "ARRAY", "items": TEXTS}),
        (
            {"anyOf": [{"type": "string"}, {"type": "array"}]},
            {"anyOf": [{"type": "STRING"}, TEXTS]},
        ),
        ({"anyOf": [{"type": "array"}, {"type": "null"}]}, {**TEXTS, "nullable": True}),
    ],
)
def test_an_array_has_items(schema: Any, expected: Any) -> None:
    assert google(schema) == expected
    assert noted(schema) == ["here.items"]


def test_a_row_of_kinds_becomes_the_first() -> None:
    integers = {"type": "ARRAY", "items": {"type": "INTEGER"}}
    row = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "items": False}
    assert (google(row), noted(row)) == (integers, [])
    mixed = {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]}
    assert (google(mixed), noted(mixed)) == (integers, ["here.items"])
    headed = {"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "string"}}
    assert (google(headed), noted(headed)) == (integers, ["here.items"])


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "enum": ["", "a"]}, {"type": "STRING", "enum": ["a"]}),
        ({"type": "string", "enum": [""]}, {"type": "STRING"}),
        ({"enum": [""]}, {"type": "STRING"}),
        ({"const": ""}, {"type": "STRING"}),
        ({"type": "string", "format": "enum", "enum": [""]}, {"type": "STRING"}),
        ({"type": "integer", "enum": [1, 2]}, {"type": "INTEGER"}),
        ({"type": "integer", "enum": ["1", "2"]}, {"type": "INTEGER"}),
        ({"type": ["boolean", "null"], "enum": [True, None]}, {"type": "BOOLEAN", "nullable": True}),
        ({"enum": ["a", 1]}, {}),
        ({"const": 5}, {}),
    ],
)
def test_a_choice_that_google_refuses_is_left_out_and_noted(schema: Any, expected: Any) -> None:
    assert google(schema) == expected
    assert noted(schema) == ["here.enum"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"], "enum": ["a", None]}, {"type": "STRING", "enum": ["a"], "nullable": True}),
        ({"type": "string", "format": "enum", "enum": ["a"]}, {"type": "STRING", "format": "enum", "enum": ["a"]}),
        ({"enum": [None]}, {"nullable": True}),
        ({"type": "string", "enum": []}, {"type": "STRING"}),
    ],
)
def test_a_choice_that_google_takes_needs_no_note(schema: Any, expected: Any) -> None:
    assert google(schema) == expected
    assert noted(schema) == []


def test_the_second_door_loses_nothing() -> None:
    assert noted({"properties": {"a": {"type": "array"}, "b": {"$ref": "#"}}}) == []


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
    assert (depth, node) == (65, {"type": "STRING"})
    assert google_schema(b'{"items":' * 100_000 + b"1" + b"}" * 100_000, Notes(), "here") is None


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
