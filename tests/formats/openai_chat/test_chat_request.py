"""Chat requests: what is refused, what is weighed, what is read."""

import json
from typing import Any

import pytest
from msgspec import Raw

from faregate.formats.dialect import Envelope, Notes, Quirks
from faregate.formats.openai_chat import DIALECT
from faregate.formats.turn import (
    CacheMark,
    FileReference,
    Inline,
    Link,
    Media,
    Message,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolChoice,
    ToolResult,
    WebSearchTool,
)
from faregate.kernel.errors import BadRequest

ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
PICTURE = Media("image", Inline("image/png", "QQ=="))


def body(**more: Any) -> bytes:
    return json.dumps(ASK | more).encode()


def asked(content: Any, role: str = "user", **more: Any) -> tuple[Part, ...]:
    """The parts that one message parses to."""
    messages = [{"role": role, "content": content, **more}]
    return DIALECT.parse(body(messages=messages)).messages[0].parts


REFUSED = [
    ({"model": None}, "model"),
    ({"model": ""}, "model"),
    ({"model": 5}, "model"),
    ({"messages": []}, "messages"),
    ({"messages": None}, "messages"),
    ({"messages": "hi"}, "messages"),
    ({"messages": ["hi"]}, "messages[0]"),
    ({"temperature": "hot"}, "temperature"),
    ({"max_tokens": -1}, "max_tokens"),
    ({"max_tokens": 1.5}, "max_tokens"),
    ({"max_tokens": 1_073_741_824}, "max_tokens"),
    ({"max_completion_tokens": 18446744073686646784}, "max_completion_tokens"),
    ({"stream": "yes"}, "stream"),
    ({"n": "two"}, "n"),
    ({"n": 0}, "n"),
    ({"n": 129}, "n"),
    ({"tools": "x"}, "tools"),
]


@pytest.mark.parametrize(("more", "param"), [*REFUSED, ({"group": 5}, "group")])
def test_peek_refuses_by_name(more: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.peek(body(**more))
    assert caught.value.param == param
    assert caught.value.message.startswith((f"{param} is invalid", f"{param} is required"))


def test_peek_refuses_a_search_size_nobody_knows() -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.peek(body(web_search_options={"search_context_size": "huge"}))
    assert caught.value.param == "web_search_options.search_context_size"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        *REFUSED,
        ({"messages": [{"content": "x"}]}, "messages[0]"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [5]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}]}, "messages[0].content[0].file"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "assistant", "tool_calls": [{}]}]}, "messages[0].tool_calls[0].id"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function"),
        ({"stop": 5}, "stop"),
        ({"response_format": {"type": 5}}, "response_format.type"),
    ],
)
def test_parse_refuses_by_name(more: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.parse(body(**more))
    assert caught.value.param == param


@pytest.mark.parametrize("given", [b"", b"{model", b"[]", b"null", b'"x"', b'{"model":"\xff"}'])
def test_what_is_no_json_object_is_refused(given: bytes) -> None:
    for read in (DIALECT.peek, DIALECT.parse):
        with pytest.raises(BadRequest) as caught:
            read(given)
        assert caught.value.param == ""


def test_the_envelope_says_what_the_pipeline_needs() -> None:
    more = {"max_tokens": 5, "max_completion_tokens": 7, "n": 2, "stream": True, "prompt_cache_key": "k"}
    assert DIALECT.peek(body(**more, reasoning={"effort": "low"})) == Envelope(
        model="m", stream=True, max_output_tokens=7, choices=2, affinity="k", effort="low"
    )
    assert DIALECT.peek(b'{"model":"m","prefix":"a"}') == Envelope(model="m")


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (None, True),
        ({}, False),
        ({"include_usage": True}, True),
        ({"include_usage": False}, False),
        ({"include_obfuscation": False}, False),
    ],
)
def test_the_usage_chunk_is_wanted_unless_the_options_leave_it_out(options: Any, wanted: bool) -> None:
    assert DIALECT.peek(body(stream_options=options)).wants_usage is wanted
    assert DIALECT.peek(body()).wants_usage


def test_the_weight_is_roles_names_words_and_tools_in_the_reference_s_print() -> None:
    messages = [
        {"role": "user", "name": "ann", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]},
        {"role": "assistant", "name": "x", "content": None},
        {"role": "user", "content": [{"type": "input_audio"}, {"type": "video_url"}, {"type": "file"}]},
    ]
    schema = {"type": "object", "required": ["b"], "properties": {"b": {"enum": [1, None, True]}}}
    tools = [{"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}]
    weight = DIALECT.weigh(body(messages=messages, tools=tools))
    printed = "map[properties:map[b:map[enum:[1 <nil> true]]] required:[b] type:object]"
    assert weight.text == f"user\nann\na\nassistant\nuser\nf\nd\n{printed}"
    assert weight[1:] == (3, 1, 1, 1, 1, 1, 1)
    assert DIALECT.weigh(b"nonsense").text == ""


# --- parse -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("part", "parsed"),
    [
        ({"type": "image_url", "image_url": "https://x/1.png"}, Media("image", Link("https://x/1.png"))),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ==", "detail": "auto"}}, PICTURE),
        ({"type": "image_url", "image_url": {"url": "data:text,hi"}}, Media("image", Link("data:text,hi"))),
        (
            {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "mp3"}},
            Media("audio", Inline("audio/mpeg", "QQ==")),
        ),
        ({"type": "video_url", "video_url": {"url": "https://x/1.mp4"}}, Media("video", Link("https://x/1.mp4"))),
        ({"type": "file", "file": {"file_id": "f1"}}, Media("file", FileReference("openai_chat", "f1"))),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "QQ=="}},
            Media("file", Inline("application/pdf", "QQ=="), name="a.pdf"),
        ),
        ({"type": "file", "file": {"file_data": "https://x/a.pdf"}}, Media("file", Link("https://x/a.pdf"))),
        ({"type": "refusal", "refusal": "no"}, Refusal("no")),
        ({"type": "odd", "x": 1}, Opaque("openai_chat", "odd", b'{"type": "odd", "x": 1}')),
        (
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            Text("a", CacheMark("1h")),
        ),
    ],
)
def test_every_kind_of_part_is_read(part: dict[str, Any], parsed: Part) -> None:
    assert asked([part]) == (parsed,)


def test_a_developer_in_mid_conversation_stays_in_place() -> None:
    messages = [
        {"role": "system", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "developer", "content": "c"},
        {"role": "user", "content": "d"},
        {"role": "developer", "content": "e"},
    ]
    turn = DIALECT.parse(body(messages=messages))
    assert turn.system == (Text("a"), Text("b"), Text("c"))
    assert turn.messages == (Message("user", (Text("d"),)), Message("developer", (Text("e"),)))


def test_legacy_calls_get_ids_and_answers_find_them_by_name_and_order() -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    answer = {"role": "function", "name": "f", "content": "x"}
    turn = DIALECT.parse(body(messages=[call, answer, call, answer]))
    ids = [part.id for message in turn.messages for part in message.parts if isinstance(part, ToolCall | ToolResult)]
    assert ids == ["call_1", "call_1", "call_2", "call_2"]


def test_arguments_sent_as_an_object_become_text() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": {"a": 1.10}}}
    assert asked(None, "assistant", tool_calls=[call]) == (ToolCall("c", "f", '{"a":1.1}'),)


@pytest.mark.parametrize(
    ("wish", "choice"),
    [
        ("none", ToolChoice("none")),
        ("any", ToolChoice("required")),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice("tool", ("f",))),
        ({"type": "function", "name": "f"}, ToolChoice("tool", ("f",))),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "f"}}]},
            },
            ToolChoice("tool", ("f",)),
        ),
    ],
)
def test_every_form_of_tool_choice_is_read(wish: Any, choice: ToolChoice) -> None:
    assert DIALECT.parse(body(tool_choice=wish)).tool_choice == choice


def test_an_output_format_that_nobody_knows_travels_as_an_extra() -> None:
    turn = DIALECT.parse(body(response_format={"type": "grammar", "grammar": "x"}))
    assert turn.output is None
    assert turn.extras == {"response_format": Raw(b'{"type": "grammar", "grammar": "x"}')}


def test_web_search_options_become_the_search_tool() -> None:
    place = {"type": "approximate", "approximate": {"country": "DE", "city": "Bonn"}}
    wish = {"search_context_size": "low", "user_location": place}
    (tool,) = DIALECT.parse(body(web_search_options=wish)).tools
    assert isinstance(tool, WebSearchTool)
    assert (tool.context_size, tool.country, tool.city, tool.dialect) == ("low", "DE", "Bonn", "openai_chat")


def test_openrouter_s_reasoning_is_read_and_comes_back() -> None:
    turn = DIALECT.parse(body(reasoning={"enabled": True, "max_tokens": 2000, "exclude": True}))
    assert turn.reasoning == Reasoning(mode="enabled", budget_tokens=2000, shown=False)
    back = json.loads(DIALECT.render(turn, Quirks(), Notes()))
    assert back["reasoning"] == {"max_tokens": 2000, "enabled": True, "exclude": True}
