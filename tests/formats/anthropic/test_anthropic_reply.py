"""Whole answers, errors, and the little that is read of requests."""

import json
from typing import Any

import pytest

from faregate.formats.anthropic import DIALECT, count_tokens_reply, peek_count
from faregate.formats.dialect import Envelope, Fault, Opening, Weight
from faregate.formats.events import Choice, Glimpse, Reply
from faregate.formats.turn import Inline, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage
from faregate.kernel.errors import BadRequest, Garbage

BASE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "up", "stop_reason": "end_turn"}
USAGE = Usage(input=9, output=3, prompt=9, completion=3, semantic="anthropic")


def body(**fields: Any) -> bytes:
    return json.dumps(BASE | fields).encode()


def shown(*parts: Any, stop: Any = "stop", **fields: Any) -> dict[str, Any]:
    reply = Reply(id="c1", model="up", choices=(Choice(parts, stop),), usage=USAGE)
    return json.loads(DIALECT.render_reply(reply, Opening("asked", id="req_1"))) | fields


# --- whole answers ---------------------------------------------------------------------------------------
def test_null_fields_and_unknown_blocks_are_borne() -> None:
    found = body(content=[{"type": "text", "text": None}, {"type": "new", "x": 1}], stop_reason="made_up", usage=None)
    assert DIALECT.parse_reply(found) == Reply(
        id="msg_1",
        model="up",
        choices=(Choice((Text(""), Opaque("anthropic", "new", b'{"type": "new", "x": 1}')), "other", "made_up"),),
    )


@pytest.mark.parametrize(
    "garbage",
    [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"content":"x"}', body(content=[5]), b'{"type":"error","error":{}}'],
)
def test_what_is_no_message_is_garbage(garbage: bytes) -> None:
    with pytest.raises(Garbage):
        DIALECT.parse_reply(garbage)


def test_an_answer_is_rendered_in_full() -> None:
    assert shown(Thinking("hm"), Text("pong"), ToolCall("t", "f", '{"a":1}'), stop="tool_calls") == {
        "id": "c1",
        "type": "message",
        "role": "assistant",
        "model": "up",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": ""},
            {"type": "text", "text": "pong"},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 9,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 3,
        },
    }


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("refusal", "refusal"),
        ("stop_sequence", "stop_sequence"),
        ("pause", "pause_turn"),
        ("context", "model_context_window_exceeded"),
        ("other", "end_turn"),
    ],
)
def test_stop_reasons_have_their_words(stop: str, word: str) -> None:
    assert shown(Text("pong"), stop=stop)["stop_reason"] == word


def test_an_empty_answer_is_an_empty_text() -> None:
    assert shown()["content"] == [{"type": "text", "text": ""}]


def test_a_missing_name_is_the_gateways() -> None:
    found = json.loads(DIALECT.render_reply(Reply(id="", model="", choices=()), Opening("asked", id="req_1")))
    assert (found["id"], found["model"], found["usage"]["input_tokens"]) == ("req_1", "asked", 0)


def test_parts_of_other_dialects_take_the_nearest_form() -> None:
    assert shown(
        Refusal("no"),
        ToolCall("t", "f", "oops", sealed=Sealed("gemini", "c2ln", "acct")),
        Media("image", Inline("image/png", "aQ==")),
        Opaque("openai_responses", "web_search_call", b"{}"),
        Thinking("", Sealed("openai_responses", "ENC", "acct"), redacted=True),
    )["content"] == [
        {"type": "text", "text": "no"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"arguments": "oops"}},
        {"type": "redacted_thinking", "data": "fg1.gemini.acct.c2ln"},
        {"type": "text", "text": "![image](data:image/png;base64,aQ==)"},
        {"type": "redacted_thinking", "data": "fg1.openai_responses.acct.ENC"},
    ]


def test_a_seal_on_words_follows_them_when_they_do_not_close_the_answer() -> None:
    sealed = Sealed("gemini", "c2ln", "acct")
    assert shown(Text("a", sealed=sealed), Text("b", sealed=sealed))["content"] == [
        {"type": "text", "text": "a"},
        {"type": "redacted_thinking", "data": "fg1.gemini.acct.c2ln"},
        {"type": "text", "text": "b"},
    ]


@pytest.mark.parametrize("stop", ["stop", "other"])
def test_a_plain_or_unknown_stop_beside_a_call_is_tool_use(stop: str) -> None:
    assert shown(ToolCall("t", "f"), stop=stop)["stop_reason"] == "tool_use"
    assert shown(Text("a"), stop=stop)["stop_reason"] == "end_turn"


def test_a_glimpse_of_a_whole_answer() -> None:
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    found = body(content=[{"type": "text", "text": "pong"}, call, 5], usage={"input_tokens": 9, "output_tokens": 3})
    assert DIALECT.glimpse_reply(found) == Glimpse(live=True, final=True, text="pongf{}", usage=USAGE, tool_calls=1)
    assert DIALECT.glimpse_reply(body(content=[])) == Glimpse(final=True)


@pytest.mark.parametrize("junk", [b"", b"<html>", b"{}", b"[]"])
def test_a_glimpse_of_junk(junk: bytes) -> None:
    assert DIALECT.glimpse_reply(junk) == Glimpse(junk=True)


@pytest.mark.parametrize(
    "error", [b'{"type":"error","error":{"type":"overloaded_error"}}', b'{"error":{"message":"x"}}']
)
def test_a_glimpse_of_an_error(error: bytes) -> None:
    assert DIALECT.glimpse_reply(error) == Glimpse(error=error)


def test_usage_is_spliced_in() -> None:
    assert DIALECT.show_usage(b'{"id":"msg_1","x":1.10}', USAGE) == (
        b'{"id":"msg_1","x":1.10,"usage":{"input_tokens":9,"cache_creation_input_tokens":0,'
        b'"cache_read_input_tokens":0,"output_tokens":3}}'
    )


# --- errors ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "native", "word"),
    [
        ("invalid_request", "", "invalid_request_error"),
        ("authentication", "", "authentication_error"),
        ("insufficient_credit", "", "billing_error"),
        ("permission", "", "permission_error"),
        ("not_found", "", "not_found_error"),
        ("too_large", "", "request_too_large"),
        ("rate_limit", "", "rate_limit_error"),
        ("overloaded", "", "overloaded_error"),
        ("timeout", "", "timeout_error"),
        ("server", "", "api_error"),
        ("server", "overloaded_error", "overloaded_error"),
        ("server", "server_error", "api_error"),
    ],
)
def test_errors_speak_anthropics_words(kind: Any, native: str, word: str) -> None:
    assert json.loads(DIALECT.render_error(Fault(status=500, message="x", kind=kind, native_type=native))) == {
        "type": "error",
        "error": {"type": word, "message": "x"},
    }


def test_an_error_names_its_request() -> None:
    fault = Fault(status=500, message="x", kind="server", request_id="req_1")
    assert json.loads(DIALECT.render_error(fault))["request_id"] == "req_1"


# --- peek and weigh --------------------------------------------------------------------------------------
def ask(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": "ping"}]} | fields).encode()


def test_a_peek_reads_what_the_pipeline_needs() -> None:
    found = ask(max_tokens=5, stream=True, metadata={"user_id": "u"}, output_config={"effort": "high", "format": {}})
    assert DIALECT.peek(found) == Envelope(model="m", stream=True, max_output_tokens=5, affinity="u", effort="high")


def test_an_absent_limit_is_zero() -> None:
    assert DIALECT.peek(ask()) == Envelope(model="m")
    assert DIALECT.peek(ask(max_tokens=None, metadata=None, stream=None)) == Envelope(model="m")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 5}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_tokens": 2**31}, "max_tokens"),
        ({"max_tokens": 18446744073686646784}, "max_tokens"),
        ({"max_tokens": 2**80}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 0.5}, "max_tokens"),
        ({"stream": "yes"}, "stream"),
        ({"thinking": {"type": "enabled", "budget_tokens": -1}}, "thinking.budget_tokens"),
    ],
)
def test_a_peek_refuses_what_no_upstream_takes(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.peek(ask(**fields))
    assert caught.value.param == param
    assert caught.value.message.startswith(f"{param} is ")


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_peek_refuses_what_is_no_object(broken: bytes) -> None:
    with pytest.raises(BadRequest):
        DIALECT.peek(broken)


def test_counting_needs_no_limit_and_answers_a_number() -> None:
    assert peek_count(ask(max_tokens=5, stream=True, metadata={"user_id": "u"})) == Envelope(model="m", affinity="u")
    assert count_tokens_reply(42) == b'{"input_tokens":42}'


def test_everything_that_costs_input_is_weighed() -> None:
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}}
    chunks = {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "chunk"}]}}
    pdf = {"type": "document", "source": {"type": "base64", "data": "aQ=="}}
    image = {"type": "image", "source": {"type": "url", "url": "u"}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "rain"}, image]}
    found = ask(
        system=[{"type": "text", "text": "brief"}],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "ping"}, image, document, chunks, pdf]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "s"},
                    {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
                ],
            },
            {"role": "user", "content": [result, {"type": "tool_result", "tool_use_id": "u", "content": "sun"}]},
        ],
        tools=[
            {"name": "f", "description": "does", "input_schema": {"type": "object"}},
            {"type": "bash_1", "name": "bash"},
        ],
    )
    assert DIALECT.weigh(found) == Weight(
        'brief\nuser\nping\nwords\nchunk\nassistant\nf\n{"a": 1}\nuser\nrain\nsun\nf\ndoes\n{"type": "object"}\nbash',
        messages=3,
        tools=2,
        images=2,
        files=1,
    )


@pytest.mark.parametrize(
    ("odd", "weight"),
    [
        (b"", Weight("")),
        (b"[]", Weight("")),
        (b'{"messages":5,"tools":{}}', Weight("")),
        (b'{"system":5,"messages":[{"role":"user","content":"ping"},7]}', Weight("user\nping", messages=1)),
        (
            b'{"messages":[{"role":"user","content":[{"type":"document","source":5},{"type":"document","text":"a"}]}]}',
            Weight("user", messages=1, files=2),
        ),
    ],
)
def test_odd_content_weighs_nothing(odd: bytes, weight: Weight) -> None:
    assert DIALECT.weigh(odd) == weight
