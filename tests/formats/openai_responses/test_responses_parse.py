"""Requests in: what becomes of items, tools, settings, and what is refused."""

import json

import pytest

from faregate.formats.openai_responses import DIALECT
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
    Refusal,
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

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}


def parse(**fields: object) -> Turn:
    return DIALECT.parse(json.dumps({"model": "m", "input": "ping", **fields}).encode())


def messages(*items: object) -> tuple[Message, ...]:
    return parse(input=list(items)).messages


def refusal_of(**fields: object) -> tuple[str, str]:
    with pytest.raises(BadRequest) as caught:
        parse(**fields)
    return caught.value.param, caught.value.message


def test_a_string_is_one_user_message() -> None:
    assert parse(instructions="brief") == Turn(
        dialect="openai_responses",
        model="m",
        system=(Text("brief"),),
        messages=(Message("user", (Text("ping"),)),),
    )


def test_messages_keep_role_and_place() -> None:
    assert messages(
        {"role": "developer", "content": "a"},
        {"content": [{"type": "input_text", "text": "b"}]},
        {"type": "message", "role": "system", "content": "c"},
        {"role": "user", "content": None},
    ) == (
        Message("developer", (Text("a"),)),
        Message("user", (Text("b"),)),
        Message("system", (Text("c"),)),
        Message("user", ()),
    )


def test_what_the_model_said_in_a_row_is_one_message() -> None:
    assert messages(
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
        {"role": "assistant", "content": "one"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"role": "assistant", "content": "two"},
        {"type": "function_call_output", "call_id": "c1", "output": "r1"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "r2"},
        {"role": "user", "content": "next"},
    ) == (
        Message(
            "assistant",
            (
                Thinking("", Sealed("openai_responses", '{"id":"rs_1","encrypted_content":"x"}'), redacted=True),
                Text("one"),
                ToolCall("c1", "f"),
                Text("two"),
            ),
        ),
        Message("user", (ToolResult("c1", (Text("r1"),)), ToolResult("c2", (Text("r2"),), custom=True))),
        Message("user", (Text("next"),)),
    )


def test_words_after_words_begin_a_new_message() -> None:
    found = messages(
        {"role": "assistant", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"role": "assistant", "content": "three"},
    )
    assert [[type(part).__name__ for part in message.parts] for message in found] == [
        ["Text"],
        ["Text"],
        ["Thinking", "Text"],
    ]


def test_media_are_told_apart_by_where_they_are() -> None:
    (message,) = messages(
        {
            "role": "user",
            "content": [
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                {"type": "input_image", "image_url": {"url": "https://files.example/1.png"}},
                {"type": "input_image", "image_url": None, "file_id": "file_1"},
                {"type": "input_file", "file_data": "data:application/pdf;base64,JVBE", "filename": "a.pdf"},
                {"type": "input_file", "file_data": "JVBE"},
                {"type": "input_file", "file_url": "https://files.example/a.pdf"},
                {"type": "input_video", "video_url": "https://files.example/a.mp4"},
                {"type": "input_audio", "input_audio": {"data": "UklG", "format": "mp3"}},
                {"type": "input_text", "text": "t", "prompt_cache_breakpoint": {"mode": "explicit"}},
                {"type": "computer_screenshot", "file_id": "f"},
            ],
        }
    )
    assert message.parts == (
        Media("image", Inline("image/png", "AAAA"), "low"),
        Media("image", Link("https://files.example/1.png")),
        Media("image", FileReference("openai_responses", "file_1")),
        Media("file", Inline("application/pdf", "JVBE"), name="a.pdf"),
        Media("file", Inline("", "JVBE")),
        Media("file", Link("https://files.example/a.pdf")),
        Media("video", Link("https://files.example/a.mp4")),
        Media("audio", Inline("audio/mpeg", "UklG")),
        Text("t", cache=CacheMark()),
        Opaque("openai_responses", "content.computer_screenshot", b'{"type":"computer_screenshot","file_id":"f"}'),
    )


def test_calls_and_results_in_odd_forms_are_understood() -> None:
    call, result = messages(
        {"type": "function_call", "id": "fc_1", "name": "f", "arguments": {"a": 1}},
        {"type": "function_call_output", "call_id": "fc_1", "output": {"b": 2}},
    )
    assert call.parts == (ToolCall("fc_1", "f", '{"a": 1}'),)
    assert result.parts == (ToolResult("fc_1", (Text('{"b": 2}'),)),)
    (again,) = messages(
        {"type": "function_call_output", "call_id": "x", "output": [{"type": "refusal", "refusal": "no"}]}
    )
    assert again.parts == (ToolResult("x", (Text("no"),)),)


def test_an_item_nobody_else_knows_is_carried_whole_on_the_side_it_belongs_to() -> None:
    asked, answered = messages(
        {"type": "local_shell_call", "call_id": "c", "action": {"n": 1.10}},
        {"type": "local_shell_call_output", "id": "c"},
    )
    assert asked == Message(
        "assistant",
        (
            Opaque(
                "openai_responses", "local_shell_call", b'{"type":"local_shell_call","call_id":"c","action":{"n":1.1}}'
            ),
        ),
    )
    assert answered.role == "user"


def test_a_signature_that_was_carried_for_gemini_returns_to_its_part() -> None:
    seal = {"type": "reasoning", "id": "rs_fg_1", "summary": [], "encrypted_content": "fg1.gemini.o1.c2ln"}
    assert messages(
        {"role": "assistant", "content": "words"},
        seal,
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        seal,
        seal,
    ) == (
        Message(
            "assistant",
            (
                Text("words", sealed=Sealed("gemini", "c2ln", "o1")),
                ToolCall("c", "f", sealed=Sealed("gemini", "c2ln", "o1")),
                Thinking("", Sealed("gemini", "c2ln", "o1"), redacted=True),
            ),
        ),
    )


def test_tools_of_every_kind() -> None:
    turn = parse(
        tools=[
            {"type": "function", "name": "f", "description": "d", "parameters": CITY, "strict": True},
            {"type": "custom", "name": "patch"},
            {
                "type": "web_search_preview",
                "search_context_size": "low",
                "user_location": {"type": "approximate", "country": "DE", "region": "NW", "timezone": "CET"},
            },
        ]
    )
    search = (
        b'{"type":"web_search_preview","search_context_size":"low","user_location":{"type":"approximate",'
        b'"country":"DE","region":"NW","timezone":"CET"}}'
    )
    assert turn.tools == (
        FunctionTool("f", "d", b'{"type":"object","properties":{"city":{"type":"string"}}}', True),
        OpaqueTool("openai_responses", "custom", b'{"type":"custom","name":"patch"}'),
        WebSearchTool(
            context_size="low",
            country="DE",
            region="NW",
            timezone="CET",
            dialect="openai_responses",
            raw=search,
        ),
    )
    assert turn.extras == {}


def test_a_namespace_is_unfolded_and_its_array_kept() -> None:
    inner = [{"type": "function", "name": "read"}, {"type": "custom", "name": "x"}]
    tools = [{"type": "namespace", "name": "files", "tools": inner}, {"type": "namespace", "name": "empty"}]
    turn = parse(
        tools=tools,
        input=[{"type": "function_call", "call_id": "c", "name": "read", "namespace": "files", "arguments": "{}"}],
    )
    assert turn.tools == (FunctionTool("files-ns-read"),)
    assert turn.messages[0].parts == (ToolCall("c", "files-ns-read"),)
    assert json.loads(bytes(turn.extras["tools"])) == tools


@pytest.mark.parametrize(
    ("given", "choice", "kept"),
    [
        ("auto", ToolChoice("auto"), False),
        ("none", ToolChoice("none"), False),
        ("required", ToolChoice("required"), False),
        (None, None, False),
        ({"type": "function", "name": "f"}, ToolChoice("tool", ("f",)), False),
        ({"type": "custom", "name": "f"}, ToolChoice("tool", ("f",)), True),
        ({"type": "web_search"}, None, True),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]},
            ToolChoice("tool", ("f",)),
            False,
        ),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}, {"type": "mcp"}]},
            ToolChoice("auto", ("f",)),
            True,
        ),
    ],
)
def test_tool_choices(given: object, choice: ToolChoice | None, kept: bool) -> None:
    turn = parse(tool_choice=given)
    assert turn.tool_choice == choice
    assert ("tool_choice" in turn.extras) is kept


def test_settings_have_their_place_and_the_rest_is_kept() -> None:
    turn = parse(
        text={"format": {"type": "json_object"}, "verbosity": "low"},
        reasoning={"effort": "high", "generate_summary": "concise"},
        temperature=0,
        top_logprobs=3,
        max_output_tokens=0,
        store=False,
        truncation="auto",
        metadata=None,
    )
    assert turn.output == OutputFormat("object")
    assert turn.verbosity == "low"
    assert turn.reasoning == Reasoning(effort="high", summary="concise", shown=True)
    assert turn.sampling.temperature == 0
    assert turn.sampling.top_logprobs == 3
    assert turn.max_output_tokens == 0
    assert turn.store is False
    assert turn.metadata is None
    assert {name: bytes(raw) for name, raw in turn.extras.items()} == {"truncation": b'"auto"'}


def test_text_format_may_be_left_out() -> None:
    assert parse(text={}).output is None
    assert parse(text={"format": {"type": "text"}}).output == OutputFormat("text")
    assert parse(text={"format": {"type": "json_schema", "name": "n", "schema": {"a": 1}}}).output == OutputFormat(
        "schema", "n", schema=b'{"a": 1}'
    )


def test_a_refusal_of_an_earlier_turn_stays_one() -> None:
    assert messages({"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}) == (
        Message("assistant", (Refusal("no"),)),
    )


def test_input_may_be_missing_where_the_provider_keeps_it() -> None:
    body = b'{"model":"m","previous_response_id":"resp_1"}'
    assert DIALECT.parse(body).messages == ()
    assert DIALECT.peek(body).model == "m"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 3}, "model"),
        ({"input": None}, "input"),
        ({"input": 5}, "input"),
        ({"input": [{}]}, "input[0].type"),
        ({"input": [3]}, "input[0]"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user", "content": 5}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0]"),
        ({"input": [{"role": "user", "content": [{"type": "input_text", "text": 5}]}]}, "input[0].content[0].text"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "input[0].content[0].input_audio",
        ),
        ({"input": [{"type": "function_call", "call_id": "c"}]}, "input[0].name"),
        ({"input": [{"type": "function_call_output"}]}, "input[0].call_id"),
        ({"max_output_tokens": -1}, "max_output_tokens"),
        ({"max_output_tokens": 1073741824}, "max_output_tokens"),
        ({"temperature": "hot"}, "temperature"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": {}}, "tools"),
        ({"tool_choice": "perhaps"}, "tool_choice"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"reasoning": "high"}, "reasoning"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, object], param: str) -> None:
    named, message = refusal_of(**fields)
    assert named == param
    assert param.split("[")[0].split(".")[0] in message


def test_a_body_that_is_no_object_is_refused() -> None:
    for body in (b"[]", b"", b'{"model":', b'{"model":"m","input":"\xff"}'):
        with pytest.raises(BadRequest):
            DIALECT.parse(body)
