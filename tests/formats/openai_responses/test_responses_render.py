"""Requests out: other dialects' turns in this dialect's words, and what is noted or refused."""

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.openai_responses import DIALECT, carries_foreign, refuse_stateful, stateful
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

PING = (Message("user", (Text("ping"),)),)
CHAT = Turn(dialect="openai_chat", model="m", messages=PING)
BASE = {"model": "m", "input": [{"role": "user", "content": "ping"}], "store": False}


def rendered(turn: Turn, quirks: Quirks | None = None) -> tuple[dict[str, Any], list[str]]:
    notes = Notes()
    return json.loads(DIALECT.render(turn, quirks or Quirks(), notes)), notes.lines


def of(*messages: Message, dialect: Any = "anthropic") -> tuple[list[Any], list[str]]:
    body, notes = rendered(Turn(dialect=dialect, model="m", messages=messages))
    return body["input"], notes


def test_a_plain_turn_stores_nothing() -> None:
    assert rendered(CHAT) == (BASE, [])
    assert rendered(replace(CHAT, store=True))[0]["store"] is True


def test_system_texts_and_leading_system_messages_become_instructions() -> None:
    body, notes = rendered(
        replace(
            CHAT,
            system=(Text("one"), Text("two", cache=CacheMark())),
            messages=(
                Message("developer", (Text("three"), Text("four"))),
                Message("system", ()),
                *PING,
                Message("system", (Text("later"),)),
            ),
        )
    )
    assert body["instructions"] == "one\n\ntwo\n\nthree\nfour"
    assert body["input"][1] == {"role": "system", "content": "later"}
    assert notes == ["cache_control"]


def test_system_messages_of_this_dialect_stay_where_they_are() -> None:
    turn = Turn(dialect="openai_responses", model="m", messages=(Message("developer", (Text("x"),)),))
    assert rendered(turn)[0] == {"model": "m", "input": [{"role": "developer", "content": "x"}]}


def test_a_turn_of_calls_alone_is_announced() -> None:
    items, _ = of(Message("assistant", (ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "p", "text", custom=True))))
    assert items == [
        {"role": "assistant", "content": ""},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":1}'},
        {"type": "custom_tool_call", "call_id": "c2", "name": "p", "input": "text"},
    ]


def test_order_of_words_calls_and_results_is_kept() -> None:
    items, notes = of(
        Message("assistant", (Text("a"), ToolCall("c", "f"), Text("b"), Refusal("no")), name="bob"),
        Message("user", (ToolResult("c", (Text("r"),), is_error=True, cache=CacheMark()), Text("next"))),
    )
    assert items == [
        {"role": "assistant", "content": "a"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "b", "annotations": []},
                {"type": "refusal", "refusal": "no"},
            ],
        },
        {"type": "function_call_output", "call_id": "c", "output": "r"},
        {"role": "user", "content": "next"},
    ]
    assert notes == ["messages.name", "tool_result.is_error", "cache_control"]


def test_the_result_of_a_custom_call_is_known_by_its_call() -> None:
    items, notes = of(
        Message("assistant", (ToolCall("c", "p", "x", custom=True),)),
        Message("user", (ToolResult("c", ()),)),
        Message("user", (ToolResult("d", (), structured='{"a":1}'),)),
    )
    assert items[2:] == [
        {"type": "custom_tool_call_output", "call_id": "c", "output": ""},
        {"type": "function_call_output", "call_id": "d", "output": '{"a":1}'},
    ]
    assert notes == []


@pytest.mark.parametrize(
    "part",
    [
        Opaque("anthropic", "document", b"{}"),
        ToolResult("e", (Text("x"), Opaque("anthropic", "search_result", b"{}"))),
    ],
)
def test_what_a_user_gave_is_refused_rather_than_left_behind(part: Opaque | ToolResult) -> None:
    with pytest.raises(Unrepresentable):
        of(Message("user", (Text("see"), part)))


@pytest.mark.parametrize(
    "tool",
    [
        OpaqueTool("anthropic", "bash_20250124", b"{}"),
        OpaqueTool("openai_chat", "custom", b'{"type":"custom"}'),
        OpaqueTool("gemini", "codeExecution", b"{}"),
    ],
)
def test_a_tool_of_another_dialect_is_refused(tool: OpaqueTool) -> None:
    with pytest.raises(Unrepresentable):
        rendered(replace(CHAT, tools=(tool,)))


def test_media_in_messages_and_results() -> None:
    picture = Media("image", Inline("image/png", "AA"), "high", cache=CacheMark())
    items, notes = of(
        Message(
            "user",
            (
                picture,
                Media("file", Inline("application/pdf", "JV")),
                Media("file", FileReference("openai_chat", "f1"), name="n"),
                Media("video", Link("https://v.example")),
                Media("audio", Inline("audio/mpeg", "UU")),
                Media("audio", Inline("audio/aac", "UU")),
            ),
        ),
        Message("user", (ToolResult("c", (Text("see"), picture)),)),
    )
    shown = {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "high"}
    assert items == [
        {
            "role": "user",
            "content": [
                shown,
                {"type": "input_file", "file_data": "data:application/pdf;base64,JV", "filename": "file.pdf"},
                {"type": "input_file", "file_id": "f1", "filename": "n"},
                {"type": "input_video", "video_url": "https://v.example"},
                {"type": "input_audio", "input_audio": {"data": "UU", "format": "mp3"}},
                {"type": "input_audio", "input_audio": {"data": "UU", "format": "aac"}},
            ],
        },
        {
            "type": "function_call_output",
            "call_id": "c",
            "output": [{"type": "input_text", "text": "see"}, shown],
        },
    ]
    assert notes == ["cache_control"]


@pytest.mark.parametrize(
    ("message", "what"),
    [
        (Message("user", (Media("image", FileReference("gemini", "f")),)), "an image stored with another provider"),
        (Message("user", (Media("audio", Link("https://a.example")),)), "audio by address"),
        (Message("assistant", (Media("video", Link("https://a.example")),)), "a video in an assistant message"),
    ],
)
def test_media_without_words_for_them_are_refused(message: Message, what: str) -> None:
    with pytest.raises(Unrepresentable) as caught:
        of(message)
    assert caught.value.what == what


def test_several_answers_and_other_modalities_are_refused() -> None:
    for turn in (replace(CHAT, choices=2), replace(CHAT, modalities=("text", "audio"))):
        with pytest.raises(Unrepresentable):
            rendered(turn)
    assert rendered(replace(CHAT, choices=1, modalities=("text",)))[0] == BASE


def test_thoughts_go_back_only_to_the_account_that_issued_them() -> None:
    own = Sealed("openai_responses", '{"id":"rs_1","encrypted_content":"x","parts":[["s",1],["c",2]]}', "here")
    turn = replace(
        CHAT,
        messages=(
            Message(
                "assistant", (Thinking("a\n\nbc", own), Thinking("plain"), Thinking("t", Sealed("anthropic", "s")))
            ),
        ),
    )
    body, notes = rendered(turn, Quirks(origin="here"))
    assert body["input"] == [
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "a"}],
            "content": [{"type": "reasoning_text", "text": "bc"}],
            "encrypted_content": "x",
        }
    ]
    assert notes == ["thinking"]
    assert rendered(turn, Quirks(origin="elsewhere"))[0]["input"] == []


def test_thoughts_whose_text_was_changed_come_back_as_one_summary() -> None:
    own = Sealed("openai_responses", '{"id":"rs_1","parts":[["s",1],["s",2]]}')
    raw = Sealed("openai_responses", "gAAA")
    items, _ = of(Message("assistant", (Thinking("changed", own), Thinking("", raw, redacted=True))))
    assert items == [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "changed"}]},
        {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"},
    ]


def test_signatures_and_items_of_others_are_noted() -> None:
    seal = Sealed("gemini", "s")
    items, notes = of(
        Message(
            "assistant",
            (
                Text("t", sealed=seal),
                ToolCall("c", "f", sealed=seal, cache=CacheMark()),
                Opaque("anthropic", "server_tool_use", b"{}"),
                Opaque("openai_responses", "web_search_call", b'{"type":"web_search_call"}'),
            ),
        )
    )
    assert items == [
        {"role": "assistant", "content": "t"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "web_search_call"},
    ]
    assert notes == ["thought signature", "cache_control", "messages.server_tool_use"]


def test_tools_get_what_this_dialect_demands() -> None:
    body, notes = rendered(
        replace(
            CHAT,
            tools=(
                FunctionTool("f", "d", b'{"type":"object"}', None, CacheMark()),
                FunctionTool("g", strict=True),
                WebSearchTool(max_uses=3, context_size="low", country="DE"),
                OpaqueTool(
                    "openai_chat",
                    "custom",
                    b'{"type":"custom","custom":{"name":"p","description":"d","format":{"type":"grammar","grammar":'
                    b'{"syntax":"lark","definition":"x"}}}}',
                ),
            ),
            tool_choice=ToolChoice("tool", ("p",)),
            parallel_tools=True,
        )
    )
    assert body["tools"] == [
        {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": False},
        {"type": "function", "name": "g", "parameters": {"type": "object", "properties": {}}, "strict": True},
        {
            "type": "web_search",
            "search_context_size": "low",
            "user_location": {"type": "approximate", "country": "DE"},
        },
        {
            "type": "custom",
            "name": "p",
            "description": "d",
            "format": {"type": "grammar", "syntax": "lark", "definition": "x"},
        },
    ]
    assert body["tool_choice"] == {"type": "custom", "name": "p"}
    assert body["parallel_tool_calls"] is True
    assert notes == ["tools.cache_control", "tools.web_search.max_uses"]


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        (ToolChoice("required"), "required"),
        (ToolChoice("tool"), "required"),
        (ToolChoice("tool", ("ns-ns-f",)), {"type": "function", "name": "f", "namespace": "ns"}),
        (ToolChoice("tool", ("web_search",)), {"type": "web_search"}),
        (
            ToolChoice("tool", ("f", "g")),
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "f"}, {"type": "function", "name": "g"}],
            },
        ),
        (
            ToolChoice("auto", ("f",)),
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        ),
    ],
)
def test_tool_choices(choice: ToolChoice, shown: object) -> None:
    turn = replace(CHAT, tools=(FunctionTool("f"), WebSearchTool()), tool_choice=choice)
    assert rendered(turn)[0]["tool_choice"] == shown


def test_a_choice_without_tools_is_left_out() -> None:
    assert rendered(replace(CHAT, tool_choice=ToolChoice("auto"))) == (BASE, [])


def test_openai_is_not_sent_what_its_reasoning_models_refuse() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.5, logprobs=True, top_logprobs=2)
    turn = replace(CHAT, model="gpt-5", sampling=sampling, user="u" * 65)
    assert rendered(turn) == ({**BASE, "model": "gpt-5"}, ["user", "temperature", "top_p", "logprobs", "top_logprobs"])
    body, _ = rendered(replace(turn, dialect="openai_responses"))
    assert (body["temperature"], body["top_p"], body["top_logprobs"], body["user"]) == (0.5, 0.5, 2, "u" * 65)


def test_knobs_without_a_counterpart_are_noted() -> None:
    sampling = Sampling(
        temperature=0.0, top_p=1.0, top_k=5, seed=0, presence_penalty=0.1, top_logprobs=2, logprobs=True
    )
    body, notes = rendered(
        replace(
            CHAT,
            sampling=sampling,
            stop=("END",),
            max_output_tokens=7,
            stream=True,
            extras={"x": Raw(b"1"), "safety_identifier": Raw(b'"s"')},
        )
    )
    assert body == {
        **BASE,
        "temperature": 0.0,
        "top_p": 1.0,
        "max_output_tokens": 7,
        "stream": True,
        "safety_identifier": "s",
    }
    assert notes == ["top_k", "presence_penalty", "seed", "logprobs", "top_logprobs", "stop", "extras.x"]


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        (Reasoning(effort="medium"), {"effort": "medium", "summary": "detailed"}),
        (Reasoning(effort="none"), {"effort": "none"}),
        (Reasoning(effort="low", shown=False), {"effort": "low"}),
        (Reasoning(mode="enabled", budget_tokens=2000), {"effort": "medium", "summary": "detailed"}),
        (Reasoning(mode="enabled", budget_tokens=30000, display="omitted"), {"effort": "max"}),
        (Reasoning(mode="adaptive", display="summarized"), {"summary": "detailed"}),
        (Reasoning(shown=True, budget_tokens=-1), {"summary": "detailed"}),
        (Reasoning(mode="adaptive"), None),
        (Reasoning(mode="disabled", budget_tokens=9), None),
    ],
)
def test_wishes_to_reason(wish: Reasoning, shown: object) -> None:
    body, notes = rendered(replace(CHAT, reasoning=wish))
    assert body.get("reasoning") == shown
    assert body.get("include") == (["reasoning.encrypted_content"] if shown else None)
    assert notes == (["reasoning.disabled"] if wish.mode == "disabled" else [])


def test_labels_and_formats() -> None:
    body, _ = rendered(
        replace(
            CHAT,
            output=OutputFormat("schema", schema=b'{"a":1}', strict=True, description="d"),
            verbosity="low",
            user="u",
            service_tier="flex",
            prompt_cache_key="k",
            metadata=Raw(b'{"a":"b"}'),
        )
    )
    assert body["text"] == {
        "format": {"type": "json_schema", "name": "answer", "description": "d", "schema": {"a": 1}, "strict": True},
        "verbosity": "low",
    }
    assert (body["user"], body["service_tier"], body["prompt_cache_key"]) == ("u", "flex", "k")
    assert body["metadata"] == {"a": "b"}
    body, notes = rendered(replace(CHAT, dialect="anthropic", metadata=Raw(b"{}"), output=OutputFormat("object")))
    assert body["text"] == {"format": {"type": "json_object"}}
    assert notes == ["metadata"]


def test_no_efforts_to_choose_from_means_none_is_named() -> None:
    turn = replace(CHAT, reasoning=Reasoning(budget_tokens=100))
    assert rendered(turn, Quirks(effort_budgets=()))[0] == BASE


def test_stored_state_is_named_and_refused() -> None:
    turn = DIALECT.parse(
        b'{"model":"m","previous_response_id":"resp_1","conversation":null,"context_management":[],'
        b'"input":[{"type":"item_reference","id":"i"}]}'
    )
    assert stateful(turn) == "previous_response_id, item_reference"
    with pytest.raises(Unrepresentable, match="previous_response_id, item_reference"):
        refuse_stateful(turn)
    refuse_stateful(CHAT)
    assert stateful(replace(CHAT, extras={"prompt": Raw(b'"x"')})) == ""


def test_reasoning_made_here_is_left_out_even_for_this_dialect() -> None:
    body = (
        b'{"model":"m","input":[{"type":"reasoning","id":"rs_fg_1_0","summary":[{"type":"summary_text","text":"a"}]},'
        b'{"type":"reasoning","id":"rs_fg_1_1","summary":[],"encrypted_content":"fg1.anthropic.o.sig"},'
        b'{"role":"assistant","content":"b"}]}'
    )
    assert carries_foreign(body)
    turn = DIALECT.parse(body)
    assert turn.messages[0].parts == (
        Thinking("a"),
        Thinking("", Sealed("anthropic", "sig", "o"), redacted=True),
        Text("b"),
    )
    shown, notes = rendered(turn)
    assert shown == {"model": "m", "input": [{"role": "assistant", "content": "b"}]}
    assert notes == ["thinking"]
    assert not carries_foreign(json.dumps(shown).encode())


def test_a_cache_breakpoint_comes_back() -> None:
    turn = Turn(
        dialect="openai_responses",
        model="m",
        messages=(Message("user", (Text("a", cache=CacheMark()),)), Message("user", (Text(""),))),
    )
    assert rendered(turn)[0]["input"][0]["content"] == [
        {"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}}
    ]
    assert DIALECT.parse(DIALECT.render(turn, Quirks(), Notes())) == turn
