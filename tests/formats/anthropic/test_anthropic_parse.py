"""Requests as they come in."""

import json
from typing import Any

import pytest
from msgspec import Raw

from faregate.formats.anthropic import DIALECT
from faregate.formats.turn import (
    CacheMark,
    FileReference,
    FunctionTool,
    Inline,
    Link,
    Media,
    Message,
    Opaque,
    OpaqueTool,
    OutputFormat,
    Reasoning,
    Sealed,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    WebSearchTool,
)
from faregate.kernel.errors import BadRequest

CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {}}


def parse(**fields: Any) -> Turn:
    base = {"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "ping"}]}
    return DIALECT.parse(json.dumps(base | fields).encode())


def said(*blocks: Any, role: str = "user") -> Any:
    return parse(messages=[{"role": role, "content": list(blocks)}]).messages[0].parts


def test_a_plain_request_is_a_small_turn() -> None:
    assert parse() == Turn(
        dialect="anthropic", model="m", messages=(Message("user", (Text("ping"),)),), max_output_tokens=50
    )


def test_absent_and_zero_differ() -> None:
    assert parse(temperature=0, top_k=0, max_tokens=0).sampling.temperature == 0
    assert parse(temperature=0, top_k=0, max_tokens=0).max_output_tokens == 0
    assert parse().sampling.temperature is None
    assert parse(max_tokens=None).max_output_tokens is None


def test_system_is_text_or_blocks() -> None:
    assert parse(system="brief").system == (Text("brief"),)
    blocks = [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": "b"},
    ]
    assert parse(system=blocks).system == (Text("a", cache=CacheMark("1h")), Text("b"))


def test_a_system_entry_in_mid_conversation_stays_in_place() -> None:
    messages = [
        {"role": "user", "content": "a"},
        {"role": "system", "content": "b"},
        {"role": "assistant", "content": "c"},
    ]
    assert [message.role for message in parse(messages=messages).messages] == ["user", "system", "assistant"]


def test_media_come_from_four_kinds_of_source() -> None:
    assert said(
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}},
        {"type": "image", "source": {"type": "url", "url": "https://a.example/1.png"}},
        {"type": "document", "source": {"type": "file", "file_id": "file_1"}, "title": "T"},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}},
    ) == (
        Media("image", Inline("image/png", "aQ==")),
        Media("image", Link("https://a.example/1.png")),
        Media("file", FileReference("anthropic", "file_1"), name="T"),
        Media("file", Inline("text/plain", "aGk=")),
    )


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": {"type": "content", "content": "chunk"}},
        {"type": "image", "source": {"type": "orbital", "data": [1]}},
        {"type": "search_result", "source": "s", "title": "t", "content": []},
        {"type": "container_upload", "file_id": "f"},
        {"type": "never_heard_of", "a": 1.10},
    ],
)
def test_what_only_this_dialect_knows_stays_as_it_is(block: dict[str, Any]) -> None:
    assert said(block) == (Opaque("anthropic", block["type"], json.dumps(block).encode()),)


def test_thinking_keeps_its_seal() -> None:
    assert said(
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "c2VhbA=="},
        {"type": "thinking", "thinking": "", "signature": "b21p"},
        {"type": "thinking", "thinking": "bare", "signature": ""},
        role="assistant",
    ) == (
        Thinking("hm", Sealed("anthropic", "c2ln")),
        Thinking("", Sealed("anthropic", "c2VhbA=="), redacted=True),
        Thinking("", Sealed("anthropic", "omitted:b21p"), redacted=True),
        Thinking("bare"),
    )


def test_an_envelope_of_another_dialect_is_opened() -> None:
    assert said(
        {"type": "thinking", "thinking": "hm", "signature": "fg1.openai_responses.acct.ENC"},
        {"type": "redacted_thinking", "data": "fg1.openai_responses.acct.MORE"},
        role="assistant",
    ) == (
        Thinking("hm", Sealed("openai_responses", "ENC", "acct")),
        Thinking("", Sealed("openai_responses", "MORE", "acct"), redacted=True),
    )


def test_a_gemini_seal_returns_to_the_call_or_the_words_before_it() -> None:
    seal = {"type": "redacted_thinking", "data": "fg1.gemini.acct.c2ln"}
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    sealed = Sealed("gemini", "c2ln", "acct")
    assert said(call, seal, {"type": "text", "text": "a"}, seal, role="assistant") == (
        ToolCall("t", "f", "{}", sealed=sealed),
        Text("a", sealed=sealed),
    )
    assert said(seal, role="assistant") == (Thinking("", sealed, redacted=True),)


def test_arguments_keep_their_exact_text() -> None:
    body = (
        b'{"model":"m","messages":[{"role":"assistant","content":'
        b'[{"type":"tool_use","id":"t","name":"f","input":{"n": 1.10}}]}]}'
    )
    assert DIALECT.parse(body).messages[0].parts == (ToolCall("t", "f", '{"n": 1.10}'),)


def test_a_result_knows_the_name_of_its_call() -> None:
    messages = [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "shot", "input": {}}]},
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "is_error": True,
                    "content": [{"type": "text", "text": "x"}, {"type": "tool_reference", "tool_name": "y"}],
                },
                {"type": "tool_result", "tool_use_id": "unknown"},
            ],
        },
    ]
    reference = Opaque("anthropic", "tool_reference", b'{"type": "tool_reference", "tool_name": "y"}')
    assert parse(messages=messages).messages[1].parts == (
        ToolResult("t", (Text("x"), reference), name="shot", is_error=True),
        ToolResult("unknown", ()),
    )


def test_tools_are_functions_web_search_or_opaque() -> None:
    tools = [
        {"name": "f", "description": "d", "input_schema": {"type": "object"}, "strict": True},
        {"type": "custom", "name": "g", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}},
        {
            "type": "web_search_20250305",
            "name": "web_search",
            "max_uses": 2,
            "user_location": {"type": "approximate", "city": "Bonn"},
        },
        {"type": "bash_20250124", "name": "bash"},
    ]
    assert parse(tools=tools).tools == (
        FunctionTool("f", "d", b'{"type": "object"}', True),
        FunctionTool("g", None, b'{"type": "object"}', cache=CacheMark()),
        WebSearchTool(max_uses=2, city="Bonn", dialect="anthropic", raw=json.dumps(tools[2]).encode()),
        OpaqueTool("anthropic", "bash_20250124", json.dumps(tools[3]).encode()),
    )


@pytest.mark.parametrize(
    ("choice", "read", "parallel"),
    [
        ({"type": "auto"}, ToolChoice("auto"), None),
        ({"type": "any", "disable_parallel_tool_use": True}, ToolChoice("required"), False),
        ({"type": "tool", "name": "f", "disable_parallel_tool_use": False}, ToolChoice("tool", ("f",)), True),
        ({"type": "none"}, ToolChoice("none"), None),
    ],
)
def test_tool_choices_are_read(choice: dict[str, Any], read: ToolChoice, parallel: bool | None) -> None:
    turn = parse(tool_choice=choice)
    assert (turn.tool_choice, turn.parallel_tools) == (read, parallel)


@pytest.mark.parametrize(
    ("fields", "reasoning"),
    [
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            Reasoning(mode="enabled", budget_tokens=2000, shown=True),
        ),
        (
            {"thinking": {"type": "adaptive", "display": "omitted"}},
            Reasoning(mode="adaptive", shown=False, display="omitted"),
        ),
        ({"thinking": {"type": "disabled"}}, Reasoning(mode="disabled")),
        ({"output_config": {"effort": "high"}}, Reasoning(effort="high")),
        ({"thinking": {"type": "between_tools"}}, None),
        ({}, None),
    ],
)
def test_reasoning_is_read(fields: dict[str, Any], reasoning: Reasoning | None) -> None:
    assert parse(**fields).reasoning == reasoning


def test_structured_output_is_read_under_both_names() -> None:
    shape = {"type": "json_schema", "schema": {"type": "object"}}
    expected = OutputFormat("schema", schema=b'{"type": "object"}')
    assert parse(output_config={"format": shape}).output == expected
    assert parse(output_format=shape).output == expected


def test_unknown_fields_are_kept_as_extras() -> None:
    turn = parse(
        inference_geo="eu", output_config={"effort": "low", "task_budget": 5}, thinking={"type": "between_tools"}
    )
    assert {name: bytes(raw) for name, raw in turn.extras.items()} == {
        "inference_geo": b'"eu"',
        "output_config": b'{"task_budget":5}',
        "thinking": b'{"type": "between_tools"}',
    }


def test_metadata_that_hold_only_the_user_are_the_user() -> None:
    assert (parse(metadata={"user_id": "u"}).user, parse(metadata={"user_id": "u"}).metadata) == ("u", None)
    assert parse(metadata={"user_id": "u", "k": 1}).metadata == Raw(b'{"user_id": "u", "k": 1}')


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
        ({"model": 5}, "model"),
        ({"messages": "hi"}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]}, "messages.0.content.0.text"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages.0.content.0.source"),
        ({"messages": [{"role": "assistant", "content": [{"type": "tool_use", "name": "f"}]}]}, "messages.0.content.0"),
        ({"system": [{"type": "image", "source": {"type": "url", "url": "u"}}]}, "system"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [CALL]}]}
                ]
            },
            "messages.0.content.0.content",
        ),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"max_tokens": 2**30}, "max_tokens"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2**30}}, "thinking.budget_tokens"),
        ({"temperature": "warm"}, "temperature"),
        ({"stop_sequences": "END"}, "stop_sequences"),
        ({"tools": [{"input_schema": {}}]}, "tools.0"),
        ({"tool_choice": {"type": "maybe"}}, "tool_choice.type"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config.format"),
    ],
)
def test_a_refusal_names_the_field(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(**fields)
    assert caught.value.param == param
    assert param.partition(".")[0] in caught.value.message


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        DIALECT.parse(body)
