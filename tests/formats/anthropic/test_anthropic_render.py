"""Turns of other dialects on their way to an Anthropic upstream."""

import json
from typing import Any

import pytest

from faregate.formats.anthropic import DIALECT
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import (
    CacheMark,
    FileReference,
    FunctionTool,
    Inline,
    Link,
    Media,
    Message,
    Opaque,
    Part,
    Refusal,
    Sampling,
    Sealed,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from faregate.kernel.errors import Unrepresentable

PING = Message("user", (Text("ping"),))
WEATHER = FunctionTool("weather", schema=b'{"type":"object"}')
CLOCK = FunctionTool("clock", schema=b'{"type":"object"}')


def render(*messages: Message, quirks: Quirks | None = None, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    turn = Turn(dialect="openai_chat", model="m", messages=messages or (PING,), **fields)
    notes = Notes()
    return json.loads(DIALECT.render(turn, quirks or Quirks(), notes)), notes.lines


def blocks(*parts: Part, role: Any = "user", quirks: Quirks | None = None) -> tuple[Any, list[str]]:
    """What the parts become in a message after an opening word."""
    opening = (PING,) if role == "assistant" else ()
    body, notes = render(*opening, Message(role, (Text("-"), *parts)), quirks=quirks)
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else content[1:], notes


# --- the conversation ------------------------------------------------------------------------------------
def test_a_lone_text_is_a_string_and_limits_have_defaults() -> None:
    assert render() == ({"model": "m", "messages": [{"role": "user", "content": "ping"}], "max_tokens": 8192}, [])


def test_the_default_limit_is_the_operators() -> None:
    assert render(quirks=Quirks(default_max_tokens=1234))[0]["max_tokens"] == 1234
    assert render(max_output_tokens=0)[0]["max_tokens"] == 8192


def test_a_tool_conversation_keeps_words_calls_and_results_in_order() -> None:
    body, notes = render(
        Message("user", (Text("What is this?"), Media("image", Inline("image/png", "aQ==")))),
        Message("assistant", (Text("Looking."), ToolCall("call_a1", "weather", '{"city":"Oslo"}'))),
        Message("user", (ToolResult("call_a1", (Text("rain"),), name="weather"),)),
        Message("assistant", (Text("It rains."),)),
        Message("user", (Text("Summarise."),)),
        system=(Text("Be brief."),),
        tools=(WEATHER,),
        tool_choice=ToolChoice("auto"),
        sampling=Sampling(temperature=0.5, top_p=0.9),
        max_output_tokens=3000,
        stream=True,
    )
    assert body == {
        "model": "m",
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Looking."},
                    {"type": "tool_use", "id": "call_a1", "name": "weather", "input": {"city": "Oslo"}},
                ],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_a1", "content": "rain"}]},
            {"role": "assistant", "content": "It rains."},
            {"role": "user", "content": "Summarise."},
        ],
        "max_tokens": 3000,
        "temperature": 0.5,
        "top_p": 0.9,
        "tools": [{"name": "weather", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "auto"},
        "stream": True,
    }
    assert notes == []


def test_results_of_parallel_calls_are_joined_before_the_words() -> None:
    body, _ = render(
        PING,
        Message("assistant", (ToolCall("1", "f"), ToolCall("2", "g"))),
        Message("user", (ToolResult("1", (Text("a"),)),)),
        Message("user", (Text("and now?"),)),
        Message("user", (ToolResult("2", (), is_error=True),)),
    )
    assert body["messages"][2:] == [
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "1", "content": "a"},
                {"type": "tool_result", "tool_use_id": "2", "is_error": True},
                {"type": "text", "text": "and now?"},
            ],
        }
    ]


def test_blank_words_are_left_out_beside_others() -> None:
    body, notes = render(
        Message("user", (Text(" \n"), Text("ping"))),
        Message("assistant", (Text("\n\n"), ToolCall("1", "f"))),
        Message("user", (ToolResult("1", (Text("\n"),)), ToolResult("2", (Text(" "), Text("a"))), Text("\t"))),
        Message("assistant", (Refusal(" "), Text("\u00a0"))),
        Message("user", (Text(" "),)),
        system=(Text(" "), Text("Be brief.")),
    )
    assert body["system"] == [{"type": "text", "text": "Be brief."}]
    assert body["messages"] == [
        {"role": "user", "content": "ping"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "f", "input": {}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "1"},
                {"type": "tool_result", "tool_use_id": "2", "content": "a"},
            ],
        },
    ]
    assert notes == ["blank text", "blank system text"]


def test_a_message_of_blank_words_alone_gets_a_filler() -> None:
    body, notes = render(Message("user", (Text(" \n"),)), system=(Text(" "),))
    assert "system" not in body
    assert body["messages"] == [{"role": "user", "content": "..."}]
    assert notes == ["blank text", "blank system text"]


def test_a_conversation_the_assistant_begins_and_an_empty_turn_get_a_filler() -> None:
    body, notes = render(Message("assistant", (Text("hello"),)), Message("user", (Text(""),)))
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "..."}]},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "..."},
    ]
    assert notes == []


def test_an_assistant_without_anything_to_say_is_left_out() -> None:
    body, notes = render(PING, Message("assistant", (Thinking("hm"),)), Message("user", (Text("so?"),)))
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "ping"}, {"type": "text", "text": "so?"}]}
    ]
    assert notes == ["thinking (not sealed for this upstream)"]


def test_instructions_in_mid_conversation_move_to_the_front() -> None:
    body, notes = render(
        Message("developer", (Text("two"),)), PING, Message("system", (Text("three"),)), system=(Text("one"),)
    )
    assert [text["text"] for text in body["system"]] == ["one", "two", "three"]
    assert body["messages"] == [{"role": "user", "content": "ping"}]
    assert notes == ["place of a system message in mid-conversation (moved to the front)"]


def test_cache_marks_travel() -> None:
    mark = CacheMark("1h")
    body, _ = render(
        Message("user", (Text("a", cache=mark),)),
        system=(Text("s", cache=CacheMark()),),
        tools=(FunctionTool("f", schema=b'{"type":"object"}', cache=mark),),
    )
    shown = {"type": "ephemeral", "ttl": "1h"}
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert body["messages"][0]["content"] == [{"type": "text", "text": "a", "cache_control": shown}]
    assert body["tools"][0]["cache_control"] == shown


# --- content ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("part", "block"),
    [
        (
            Media("image", Link("https://a.example/1.png")),
            {"type": "image", "source": {"type": "url", "url": "https://a.example/1.png"}},
        ),
        (
            Media("image", FileReference("anthropic", "f1")),
            {"type": "image", "source": {"type": "file", "file_id": "f1"}},
        ),
        (
            Media("file", Link("https://a.example/1.pdf")),
            {"type": "document", "source": {"type": "url", "url": "https://a.example/1.pdf"}},
        ),
        (
            Media("file", Inline("application/pdf", "JVBERi0="), name="a.pdf"),
            {
                "type": "document",
                "title": "a.pdf",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
            },
        ),
        (
            Media("file", Inline("", "JVBERi0=")),
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
        ),
        (
            Media("file", Inline("text/csv", "YSxi")),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a,b"}},
        ),
        (
            Media("file", Inline("image/png", "aQ==")),
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}},
        ),
        (Refusal("no"), {"type": "text", "text": "no"}),
        (Opaque("anthropic", "search_result", b'{"type":"search_result"}'), {"type": "search_result"}),
    ],
)
def test_content_has_its_block(part: Part, block: dict[str, Any]) -> None:
    assert blocks(part) == ([block], [])


@pytest.mark.parametrize(
    "part",
    [
        Media("audio", Inline("audio/wav", "aQ==")),
        Media("video", Link("https://a.example/1.mp4")),
        Media("file", Inline("application/zip", "aQ==")),
        Media("file", Inline("text/plain", "/w==")),
        Media("image", Inline("image/svg+xml", "aQ==")),
        Media("image", Inline("", "aQ==")),
        Media("file", Inline("image/heic", "aQ==")),
        Media("image", FileReference("openai_chat", "file-1")),
        Opaque("gemini", "executableCode", b"{}"),
        ToolResult("1", (Opaque("openai_responses", "x", b"{}"),)),
    ],
)
def test_content_it_cannot_express_is_refused(part: Part) -> None:
    with pytest.raises(Unrepresentable) as caught:
        blocks(part)
    assert caught.value.dialect == "anthropic"


def test_media_in_an_assistant_message_are_refused() -> None:
    with pytest.raises(Unrepresentable):
        blocks(Media("image", Inline("image/png", "aQ==")), role="assistant")


def test_image_fidelity_is_noted_once() -> None:
    picture = Media("image", Link("https://a.example/1.png"), detail="low")
    assert blocks(picture, picture)[1] == ["image detail"]


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (ToolCall("1", "f", '{"n":1.10}'), {"n": 1.1}),
        (ToolCall("1", "f", ""), {}),
        (ToolCall("1", "f", "oops"), {"arguments": "oops"}),
        (ToolCall("1", "f", "[1]"), {"arguments": "[1]"}),
        (ToolCall("1", "f", '{"a":1}', custom=True), {"arguments": '{"a":1}'}),
    ],
)
def test_arguments_are_always_an_object(call: ToolCall, shown: dict[str, Any]) -> None:
    assert blocks(call, role="assistant") == ([{"type": "tool_use", "id": "1", "name": "f", "input": shown}], [])


@pytest.mark.parametrize(
    ("id", "shown"),
    [
        ("toolu_A-1", "toolu_A-1"),
        ("functions.bash:0", "functions_bash_0_8497fe9c"),
        ("functions_bash:0", "functions_bash_0_76a3a432"),
        ("\u00e4", "__33e6d73f"),
        ("1\n", "1__4355a46b"),
        ("", "_e3b0c442"),
    ],
)
def test_an_id_that_the_api_refuses_is_replaced_in_call_and_result(id: str, shown: str) -> None:
    body, notes = render(PING, Message("assistant", (ToolCall(id, "f"),)), Message("user", (ToolResult(id, ()),)))
    assert [message["content"][0] for message in body["messages"][1:]] == [
        {"type": "tool_use", "id": shown, "name": "f", "input": {}},
        {"type": "tool_result", "tool_use_id": shown},
    ]
    assert notes == ([] if id == shown else ["characters of tool call ids (replaced)"])


@pytest.mark.parametrize(
    ("kind", "mime", "shown"),
    [
        ("image", "image/jpg", "image/jpeg"),
        ("image", "IMAGE/JPG; charset=utf-8", "image/jpeg"),
        ("file", "Image/WebP", "image/webp"),
        ("image", "image/gif", "image/gif"),
    ],
)
def test_the_type_of_a_picture_has_its_registered_name(kind: Any, mime: str, shown: str) -> None:
    source = {"type": "base64", "media_type": shown, "data": "aQ=="}
    assert blocks(Media(kind, Inline(mime, "aQ=="))) == ([{"type": "image", "source": source}], [])


def test_content_of_this_dialect_is_left_to_the_upstream_to_judge() -> None:
    pictures = [
        {"type": "image", "source": {"type": "base64", "media_type": mime, "data": "aQ=="}}
        for mime in ("image/jpg", "IMAGE/PNG", "application/pdf", "")
    ]
    messages: list[Any] = [
        {"role": "user", "content": [{"type": "text", "text": " "}, *pictures]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a:0", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a:0", "content": "\n"}]},
    ]
    system = [{"type": "text", "text": "\n"}]
    body: dict[str, Any] = {"model": "m", "system": system, "messages": messages, "max_tokens": 9}
    notes = Notes()
    assert json.loads(DIALECT.render(DIALECT.parse(json.dumps(body).encode()), Quirks(), notes)) == body
    assert notes.lines == []


def test_a_document_sent_as_a_picture_is_a_document() -> None:
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
    assert blocks(Media("image", Inline("application/pdf", "JVBERi0=")))[0] == [{"type": "document", "source": source}]


def test_a_result_carries_pictures_and_gemini_objects() -> None:
    picture = Media("image", Inline("image/png", "aQ=="))
    body, _ = render(
        PING, Message("user", (ToolResult("1", (picture,)), ToolResult("2", (), structured='{"hour":12}')))
    )
    assert body["messages"][0]["content"][:2] == [
        {
            "type": "tool_result",
            "tool_use_id": "1",
            "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}}],
        },
        {"type": "tool_result", "tool_use_id": "2", "content": '{"hour":12}'},
    ]


# --- seals -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("part", "block"),
    [
        (
            Thinking("hm", Sealed("anthropic", "SIG", "acct")),
            {"type": "thinking", "thinking": "hm", "signature": "SIG"},
        ),
        (Thinking("hm", Sealed("anthropic", "SIG")), {"type": "thinking", "thinking": "hm", "signature": "SIG"}),
        (Thinking("", Sealed("anthropic", "RED"), redacted=True), {"type": "redacted_thinking", "data": "RED"}),
        (
            Thinking("", Sealed("anthropic", "omitted:SIG"), redacted=True),
            {"type": "thinking", "thinking": "", "signature": "SIG"},
        ),
    ],
)
def test_a_seal_goes_back_to_whom_it_belongs(part: Thinking, block: dict[str, Any]) -> None:
    assert blocks(part, role="assistant", quirks=Quirks(origin="acct")) == ([block], [])


@pytest.mark.parametrize(
    "part",
    [
        Thinking("hm", Sealed("anthropic", "SIG", "other")),
        Thinking("hm", Sealed("gemini", "SIG", "acct")),
        Thinking("", Sealed("openai_responses", "ENC"), redacted=True),
        Thinking("hm"),
    ],
)
def test_thoughts_sealed_for_others_go_as_a_whole(part: Thinking) -> None:
    body, notes = render(PING, Message("assistant", (part, Text("so"))), quirks=Quirks(origin="acct"))
    assert body["messages"][1] == {"role": "assistant", "content": "so"}
    assert notes == ["thinking (not sealed for this upstream)"]
