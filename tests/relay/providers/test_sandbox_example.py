"""Values for schemas: what a tool is called with and what structured output holds."""

import json
from typing import Any

import pytest

from faregate.relay.providers.sandbox.example import example


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "value"),
        ({"type": "STRING"}, "value"),
        ({"type": "string", "minLength": 7}, "valuexx"),
        ({"type": "string", "maxLength": 2}, "va"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"const": 4}, 4),
        ({"enum": ["b", "a"], "default": "a"}, "b"),
        ({"type": "integer", "default": 0}, 0),
        ({"type": "string", "examples": ["Paris"]}, "Paris"),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "minimum": 5, "multipleOf": 4}, 8),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": ["null", "integer"]}, 1),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"oneOf": [{"const": "x"}, {"const": "y"}]}, "x"),
        ({"type": "array", "items": {"type": "integer"}}, [1]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3}, [1, 1, 1]),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 0}, []),
        ({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}]}, [1, 2]),
        ({"properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]}, {"a": 1}),
        ({"required": ["anything"]}, {"anything": "anything"}),
        ({"allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": "b"}),
        ({"$ref": "#/$defs/A~1B", "$defs": {"A/B": {"type": "integer"}}}, 1),
        ({}, {}),
        (True, {}),
    ],
)
def test_a_schema_has_one_value(schema: Any, value: Any) -> None:
    assert example(json.dumps(schema).encode()) == value


@pytest.mark.parametrize("schema", [b"", b"not JSON"])
def test_without_a_schema_the_value_is_an_empty_object(schema: bytes) -> None:
    assert example(schema) == {}


def test_a_tree_ends() -> None:
    node = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}, "required": ["kids"]}
    found = example(json.dumps(node).encode())
    assert found == {"kids": [{"kids": [{"kids": [{"kids": []}]}]}]}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}, "required": ["a", "b"]},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}, {"$ref": "#"}]},
        {"type": "array", "minItems": 10**9, "items": {"type": "array", "minItems": 10**9, "items": {"$ref": "#"}}},
        {"type": "string", "minLength": 10**9},
    ],
)
def test_a_schema_that_would_grow_without_end_has_a_value_of_bounded_size(schema: Any) -> None:
    assert len(json.dumps(example(json.dumps(schema).encode()))) < 200_000


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": "two", "maxItems": [], "items": 7, "prefixItems": {}},
        {"type": "integer", "minimum": "low", "multipleOf": 0, "exclusiveMaximum": True},
        {"type": 5, "properties": [1], "required": {"a": 1}, "allOf": [{"required": "x", "properties": 1}, 3]},
        {"enum": [], "examples": {}, "anyOf": 1, "$ref": "#/nowhere", "format": []},
    ],
)
def test_a_schema_of_nonsense_does_no_harm(schema: Any) -> None:
    example(json.dumps(schema).encode())


def test_a_schema_that_nothing_satisfies_ends_too() -> None:
    loop = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert isinstance(example(json.dumps(loop).encode()), dict)
    assert example(b'{"$ref":"#"}') == "value"
    assert isinstance(example(b'{"allOf":[{"$ref":"#"}],"type":"integer"}'), int)
