"""Chat requests rendered: for turns of other dialects, and for chat's own."""

import json
from typing import Any

import pytest
from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.openai_chat import DIALECT
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
    Part,
    Reasoning,
    Refusal,
    Sampling,
    Sealed,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    WebSearchTool,
)
from faregate.kernel.errors import Unrepresentable

ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
PICTURE = Media("image", Inline("image/png", "QQ=="))


def body(**more: Any) -> bytes:
    return json.dumps(ASK | more).encode()


def asked(content: Any, role: str = "user", **more: Any) -> tuple[Part, ...]:
    """The parts that one message parses to."""
    messages = [{"role": role, "content": content, **more}]
    return DIALECT.parse(body(messages=messages)).messages[0].parts


def rendered(*messages: Message, quirks: Quirks | None = None, **more: Any) -> tuple[dict[str, Any], list[str]]:
    """The request for a Messages client's turn, and its notes."""
    notes = Notes()
    turn = Turn(**{"dialect": "anthropic", "model": "m", "messages": messages} | more)
    return json.loads(DIALECT.render(turn, quirks or Quirks(), notes)), notes.lines


def test_what_the_client_did_not_say_is_not_invented() -> None:
    wire, notes = rendered(Message("user", (Text("hi"),)))
    assert wire == {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": False}
    assert notes == []


def test_usage_is_asked_for_where_the_host_knows_the_option() -> None:
    assert rendered(stream=True)[0]["stream_options"] == {"include_usage": True}
    assert "stream_options" not in rendered(stream=True, quirks=Quirks(asks_usage=False))[0]


@pytest.mark.parametrize(
    ("dialect", "name"), [("anthropic", "max_tokens"), ("openai_responses", "max_completion_tokens")]
)
def test_the_limit_takes_the_name_that_the_client_s_generation_uses(dialect: str, name: str) -> None:
    assert rendered(dialect=dialect, max_output_tokens=9)[0][name] == 9


def test_reasoning_models_get_what_they_take() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.5, logprobs=True, top_logprobs=2)
    wire, notes = rendered(model="o3-mini", sampling=sampling, max_output_tokens=9)
    assert "temperature" not in wire
    assert "max_tokens" not in wire
    assert (wire["max_completion_tokens"], wire["top_p"], wire["top_logprobs"]) == (9, 0.5, 2)
    assert notes == ["temperature"]
    wire, notes = rendered(model="gpt-5-mini", sampling=sampling)
    assert wire.keys() == {"model", "messages", "stream"}
    assert notes == ["temperature", "top_p", "logprobs", "top_logprobs"]


def test_no_note_is_made_of_a_default_that_is_left_out() -> None:
    sampling = Sampling(temperature=1.0, top_p=1, logprobs=False, top_logprobs=0)
    wire, notes = rendered(model="gpt-5", sampling=sampling)
    assert (wire.keys(), notes) == ({"model", "messages", "stream"}, [])


def test_other_models_and_chat_s_own_clients_keep_their_settings() -> None:
    sampling = Sampling(temperature=0.5)
    for model, dialect in (("gpt-4o", "anthropic"), ("omni", "anthropic"), ("gpt-5", "openai_chat")):
        wire, notes = rendered(model=model, dialect=dialect, sampling=sampling, max_output_tokens=9)
        assert (wire["temperature"], wire["max_tokens"], notes) == (0.5, 9, [])


@pytest.mark.parametrize(
    ("model", "quirks", "role"),
    [
        ("o3", Quirks(), "developer"),
        ("gpt-5", Quirks(), "developer"),
        ("o1-mini-2024-09-12", Quirks(), "system"),
        ("o1-preview", Quirks(), "system"),
        ("gpt-4o", Quirks(), "system"),
        ("gpt-5", Quirks(developer_role=False), "system"),
    ],
)
def test_reasoning_models_are_led_by_a_developer(model: str, quirks: Quirks, role: str) -> None:
    later = Message("system", (Text("b"),))
    wire, _ = rendered(later, model=model, quirks=quirks, system=(Text("a"),))
    assert [message["role"] for message in wire["messages"]] == [role, "system"]
    assert rendered(later, model=model, quirks=quirks)[0]["messages"][0]["role"] == role
    assert rendered(later, model=model, dialect="openai_chat")[0]["messages"][0]["role"] == "system"


def test_a_user_longer_than_openai_takes_is_left_out_with_a_note() -> None:
    assert rendered(user="u" * 64)[0]["user"] == "u" * 64
    wire, notes = rendered(user="u" * 65)
    assert ("user" in wire, notes) == (False, ["user"])
    assert rendered(user="u" * 65, dialect="openai_chat")[0]["user"] == "u" * 65


def test_a_number_of_logprobs_brings_the_flag_that_chat_wants_beside_it() -> None:
    wire, _ = rendered(dialect="openai_responses", sampling=Sampling(top_logprobs=2))
    assert (wire["logprobs"], wire["top_logprobs"]) == (True, 2)
    assert "logprobs" not in rendered(dialect="openai_chat", sampling=Sampling(top_logprobs=2))[0]


def test_system_texts_become_one_text_and_a_developer_a_system_where_the_host_knows_no_other() -> None:
    wire, _ = rendered(Message("developer", (Text("c"),)), system=(Text("a"), Text("b")))
    assert wire["messages"] == [{"role": "system", "content": "a\n\nb"}, {"role": "developer", "content": "c"}]
    wire, _ = rendered(Message("developer", (Text("c"),)), quirks=Quirks(developer_role=False))
    assert wire["messages"] == [{"role": "system", "content": "c"}]


def test_tool_results_come_right_behind_the_calls_and_their_pictures_in_a_user_message() -> None:
    call = Message("assistant", (ToolCall("t1", "shot"), ToolCall("t2", "clock")))
    results = (ToolResult("t1", (PICTURE,)), ToolResult("t2", (Text("no"), Text("clock")), is_error=True))
    wire, notes = rendered(call, Message("user", (*results, Text("go on"))))
    shown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ==", "detail": "auto"}}
    assert wire["messages"][1:] == [
        {
            "role": "tool",
            "tool_call_id": "t1",
            "content": "The media of this result follow in the next user message.",
            "name": "shot",
        },
        {"role": "tool", "tool_call_id": "t2", "content": "no\nclock", "name": "clock"},
        {"role": "user", "content": [{"type": "text", "text": "Media of the tool result t1:"}, shown]},
        {"role": "user", "content": "go on"},
    ]
    assert notes == ["tool_result.is_error"]


def test_pictures_that_the_model_made_follow_in_a_user_message_behind_the_results() -> None:
    said = Message("assistant", (Text("here"), PICTURE, ToolCall("t1", "f")))
    wire, _ = rendered(said, Message("user", (ToolResult("t1", (Text("ok"),)),)))
    assert [message["role"] for message in wire["messages"]] == ["assistant", "tool", "user"]
    assert wire["messages"][2]["content"][0] == {"type": "text", "text": "Media of the answer above:"}
    wire, _ = rendered(Message("assistant", (PICTURE,)))
    assert [message["role"] for message in wire["messages"]] == ["user"]


def test_thoughts_go_unsealed_or_home_and_otherwise_not_at_all() -> None:
    foreign = Thinking("hm", Sealed("anthropic", "sig"))
    wire, notes = rendered(Message("assistant", (foreign, Thinking("aloud"), Text("a"))))
    assert wire["messages"] == [{"role": "assistant", "content": "a", "reasoning_content": "aloud"}]
    assert notes == ["thinking"]
    entry = '{"type":"reasoning.text","signature":"s","index":0}'
    own = Thinking("hm", Sealed("openai_chat", entry, "acc"))
    wire, notes = rendered(Message("assistant", (own,)), quirks=Quirks(origin="acc"))
    assert wire["messages"][0]["reasoning_details"] == [json.loads(entry) | {"text": "hm"}]
    wire, notes = rendered(Message("assistant", (own,)), quirks=Quirks(origin="other"))
    assert (wire["messages"], notes) == ([], ["thinking"])


def test_cache_marks_of_other_clients_are_left_out_with_one_note() -> None:
    marked = Text("a", CacheMark())
    wire, notes = rendered(Message("user", (marked, Text("b", CacheMark("1h")))), system=(marked,))
    assert wire["messages"][1]["content"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert notes == ["cache_control"]


def test_a_schema_without_a_name_gets_one_because_hosts_refuse_it_otherwise() -> None:
    wire, _ = rendered(output=OutputFormat("schema", schema=b'{"type":"object"}', strict=True))
    assert wire["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "response", "schema": {"type": "object"}, "strict": True},
    }
    assert rendered(output=OutputFormat("object"))[0]["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("reasoning", "effort", "notes"),
    [
        (Reasoning(effort="high", mode="adaptive"), "high", []),
        (Reasoning(effort="max"), "xhigh", []),
        (Reasoning(mode="enabled", budget_tokens=2000), None, ["reasoning.budget_tokens", "reasoning.mode"]),
        (Reasoning(mode="disabled"), None, ["reasoning.mode"]),
    ],
)
def test_effort_is_sent_and_what_has_no_word_is_noted(reasoning: Reasoning, effort: str, notes: list[str]) -> None:
    wire, noted = rendered(reasoning=reasoning)
    assert (wire.get("reasoning_effort"), noted) == (effort, notes)


def test_knobs_without_a_counterpart_are_noted() -> None:
    search = WebSearchTool(max_uses=2, country="DE")
    wire, notes = rendered(tools=(search,), service_tier="standard_only", extras={"x": Raw(b"1")})
    location = {"type": "approximate", "approximate": {"country": "DE"}}
    assert wire["web_search_options"] == {"user_location": location}
    assert notes == ["web_search.max_uses", "service_tier", "extras.x"]


def test_one_stop_word_is_a_text_and_several_are_a_list() -> None:
    assert rendered(stop=("a",))[0]["stop"] == "a"
    assert rendered(stop=("a", "b"))[0]["stop"] == ["a", "b"]


def test_stop_words_beyond_the_fourth_are_left_out_with_a_note() -> None:
    wire, notes = rendered(stop=tuple("abcde"))
    assert (wire["stop"], notes) == (list("abcd"), ["stop beyond the first 4"])
    assert rendered(stop=tuple("abcde"), dialect="openai_chat")[0]["stop"] == list("abcde")


def test_a_choice_among_some_tools_is_said_with_allowed_tools() -> None:
    tools = (FunctionTool("f"), FunctionTool("g"))
    named = [{"type": "function", "function": {"name": name}} for name in ("f", "g")]
    for mode, word in (("tool", "required"), ("auto", "auto")):
        wire, _ = rendered(tools=tools, tool_choice=ToolChoice(mode, ("f", "g")))
        assert wire["tool_choice"] == {"type": "allowed_tools", "allowed_tools": {"mode": word, "tools": named}}


@pytest.mark.parametrize(
    "messages",
    [
        (Message("assistant", (Opaque("anthropic", "server_tool_use", b"{}"),)),),
        (Message("user", (Media("file", FileReference("anthropic", "f1")),)),),
        (Message("user", (Media("audio", Link("https://x/1.wav")),)),),
        (Message("user", (Thinking("hm"), Text("a"))),),
        (Message("user", (ToolResult("t", (Opaque("anthropic", "search_result", b"{}"),)),)),),
    ],
)
def test_what_chat_has_no_words_for_is_refused(messages: tuple[Message, ...]) -> None:
    with pytest.raises(Unrepresentable):
        rendered(*messages)


@pytest.mark.parametrize(
    "tool",
    [
        OpaqueTool("anthropic", "computer_20250124", b"{}"),
        OpaqueTool("openai_responses", "file_search", b'{"type":"file_search","name":"f"}'),
        OpaqueTool("openai_responses", "custom", b'{"type":"custom"}'),
    ],
)
def test_a_tool_of_another_dialect_is_refused(tool: OpaqueTool) -> None:
    with pytest.raises(Unrepresentable):
        rendered(tools=(tool,))


@pytest.mark.parametrize(
    ("flat", "custom"),
    [
        ({}, {}),
        ({"description": "d", "format": {"type": "text"}}, {"description": "d", "format": {"type": "text"}}),
        (
            {"format": {"type": "grammar", "syntax": "lark", "definition": "x"}},
            {"format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}}},
        ),
    ],
)
def test_a_custom_tool_of_responses_is_one_in_chat(flat: dict[str, Any], custom: dict[str, Any]) -> None:
    raw = json.dumps({"type": "custom", "name": "sh", **flat}).encode()
    tool, choice = OpaqueTool("openai_responses", "custom", raw), ToolChoice("tool", ("sh",))
    wire, notes = rendered(dialect="openai_responses", tools=(tool,), tool_choice=choice)
    assert wire["tools"] == [{"type": "custom", "custom": {"name": "sh", **custom}}]
    assert wire["tool_choice"] == {"type": "custom", "custom": {"name": "sh"}}
    assert notes == []


@pytest.mark.parametrize(
    ("media", "part"),
    [
        (
            Media("audio", Inline("audio/x-wav; rate=8000", "QQ==")),
            {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}},
        ),
        (
            Media("audio", Inline("audio/flac", "QQ==")),
            {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "flac"}},
        ),
        (
            Media("video", Inline("video/mp4", "QQ==")),
            {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,QQ=="}},
        ),
        (
            Media("file", Inline("text/plain", "QQ==")),
            {"type": "file", "file": {"filename": "document.txt", "file_data": "data:text/plain;base64,QQ=="}},
        ),
        (
            Media("file", Link("https://x/y/a.pdf?s=1")),
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "https://x/y/a.pdf?s=1"}},
        ),
        (Media("file", FileReference("openai_chat", "f1")), {"type": "file", "file": {"file_id": "f1"}}),
    ],
)
def test_every_kind_of_media_is_rendered(media: Media, part: dict[str, Any]) -> None:
    wire, _ = rendered(Message("user", (media, Text("look"))))
    assert wire["messages"][0]["content"][0] == part


def test_what_the_client_said_in_chat_comes_back_in_full() -> None:
    cached = {"type": "ephemeral"}
    messages = [
        {"role": "system", "content": [{"type": "text", "text": "a", "cache_control": cached}]},
        {"role": "user", "content": ""},
        {
            "role": "assistant",
            "name": "bot",
            "content": [{"type": "text", "text": "x"}, {"type": "refusal", "refusal": "y"}],
        },
        {"role": "assistant", "content": "", "refusal": "no", "tool_calls": []},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "[1]"}}],
        },
        {
            "role": "tool",
            "tool_call_id": "c1",
            "content": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": "https://x/1.png"}],
        },
        {"role": "user", "content": [{"type": "odd", "x": 1}]},
        {"role": "system", "content": "late"},
    ]
    tool = {"type": "function", "function": {"name": "f"}, "cache_control": cached}
    turn = DIALECT.parse(body(messages=messages, tools=[tool]))
    notes = Notes()
    back = DIALECT.render(turn, Quirks(), notes)
    assert DIALECT.parse(back) == turn
    assert notes.lines == []
    assert json.loads(back)["tools"] == [tool]


def test_seals_on_words_and_calls_come_back_to_their_places() -> None:
    details = [
        {"type": "reasoning.encrypted", "data": "fg1.gemini..a", "id": "content"},
        {"type": "reasoning.encrypted", "data": "own", "id": "c1"},
        {"type": 5},
    ]
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    parts = asked("hi", "assistant", tool_calls=[call], reasoning_details=details)
    own = Sealed("openai_chat", '{"type":"reasoning.encrypted","data":"own","id":"c1"}')
    assert parts == (Text("hi", sealed=Sealed("gemini", "a")), ToolCall("c1", "f", "{}", sealed=own))
    wire, notes = rendered(Message("assistant", parts))
    assert wire["messages"][0]["reasoning_details"] == [details[1]]
    assert notes == ["signature"]


def test_several_seals_share_the_words_by_their_lengths() -> None:
    details = [
        {"type": "reasoning.text", "length": 2},
        {"type": "reasoning.encrypted", "data": "fg1.anthropic..s", "length": 3},
        {"type": "reasoning.encrypted", "data": "fg1.anthropic..r", "length": 0},
    ]
    assert asked(None, "assistant", reasoning_content="ababc, and", reasoning_details=details) == (
        Thinking("ab"),
        Thinking("abc", Sealed("anthropic", "s")),
        Thinking("", Sealed("anthropic", "r"), redacted=True),
        Thinking(", and"),
    )


def test_an_own_seal_that_is_no_entry_goes_home_as_an_encrypted_one() -> None:
    wire, _ = rendered(Message("assistant", (Thinking("hm", Sealed("openai_chat", "raw")),)))
    entry = {"type": "reasoning.encrypted", "data": "raw", "format": "openai_chat", "length": 2, "index": 0}
    assert wire["messages"][0]["reasoning_details"] == [entry]


def test_a_cache_mark_nobody_can_read_is_none() -> None:
    assert asked([{"type": "text", "text": "a", "cache_control": 5}]) == (Text("a"),)


def test_marks_on_calls_and_tools_of_other_clients_are_noted() -> None:
    call = Message("assistant", (ToolCall("c", "f", cache=CacheMark()),))
    _, notes = rendered(call, tools=(FunctionTool("f", cache=CacheMark()),))
    assert notes == ["cache_control", "tools.cache_control"]


def test_a_result_with_an_item_of_chat_s_own_is_refused_by_none() -> None:
    result = ToolResult("c", (Text("a"), Opaque("openai_chat", "odd", b"{}")))
    wire, _ = rendered(Message("user", (result,)))
    assert wire["messages"] == [{"role": "tool", "tool_call_id": "c", "content": "a"}]


def test_a_result_without_content_carries_its_structure() -> None:
    wire, _ = rendered(Message("user", (ToolResult("c", (), structured='{"r":1}'),)))
    assert wire["messages"][0]["content"] == '{"r":1}'


def test_a_custom_tool_that_is_malformed_is_named_as_a_function() -> None:
    tools = (OpaqueTool("openai_chat", "custom", b'{"custom":5}'),)
    wire, _ = rendered(tools=tools, tool_choice=ToolChoice("tool", ("sh",)))
    assert wire["tool_choice"] == {"type": "function", "function": {"name": "sh"}}


def test_a_plain_text_format_is_said() -> None:
    assert rendered(output=OutputFormat("text"))[0]["response_format"] == {"type": "text"}
    described = OutputFormat("schema", name="n", description="d")
    wire, _ = rendered(output=described)
    assert wire["response_format"] == {"type": "json_schema", "json_schema": {"name": "n", "description": "d"}}


def test_refusals_and_named_users_keep_their_fields() -> None:
    said = (Message("user", (Text("a"),), "ann"), Message("assistant", (Refusal("no"),)))
    wire, _ = rendered(*said)
    assert wire["messages"] == [
        {"role": "user", "content": "a", "name": "ann"},
        {"role": "assistant", "content": None, "refusal": "no"},
    ]
