"""Whole replies, both ways, and the little that the pipeline reads of them."""

import json
from typing import Any

import pytest

from faregate.formats.dialect import Opening
from faregate.formats.events import Choice, Reply
from faregate.formats.openai_responses import DIALECT
from faregate.formats.turn import Inline, Link, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage
from faregate.kernel.errors import Garbage

OPENING = Opening(model="asked", id="req-1", created=1754000000)


def parsed(*output: object, **fields: object) -> Reply:
    body = {"id": "resp_1", "model": "m", "status": "completed", "output": list(output), **fields}
    return DIALECT.parse_reply(json.dumps(body).encode())


def rendered(*parts: Any, **fields: Any) -> dict[str, Any]:
    choice = Choice(tuple(parts), fields.pop("stop", "stop"))
    reply = Reply(id=fields.pop("id", "resp_7"), model="m", choices=(choice,), **fields)
    return json.loads(DIALECT.render_reply(reply, OPENING))


def test_items_become_parts_in_order() -> None:
    reply = parsed(
        {"type": "reasoning", "id": "rs_1", "summary": [{"text": "a"}, {"text": ""}], "content": [{"text": "b"}]},
        {"type": "reasoning", "id": "", "summary": []},
        {"type": "message", "content": [{"type": "output_text", "text": "c"}, {"type": "refusal", "refusal": "d"}, 5]},
        {"type": "message", "content": "bare"},
        {"type": "message", "content": 5},
        {"type": "function_call", "id": "fc", "name": "f", "arguments": ""},
        {"type": "function_call", "call_id": "c2", "name": "g", "namespace": "ns", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c3", "name": "p", "input": None},
        {"type": "file_search_call", "n": 1},
        {"no": "type"},
        "junk",
    )
    assert reply.choices[0].parts == (
        Thinking("a\n\nb", Sealed("openai_responses", '{"id":"rs_1","parts":[["s",1],["c",1]]}')),
        Text("c"),
        Refusal("d"),
        Text("bare"),
        ToolCall("fc", "f"),
        ToolCall("c2", "ns-ns-g"),
        ToolCall("c3", "p", "", custom=True),
        Opaque("openai_responses", "file_search_call", b'{"type":"file_search_call","n":1}'),
    )
    assert reply.choices[0].stop == "tool_calls"


@pytest.mark.parametrize(
    ("fields", "stop", "raw"),
    [
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            "length",
            "max_output_tokens",
        ),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "refusal", "content_filter"),
        ({"status": "incomplete"}, "length", "incomplete"),
        ({"status": "cancelled"}, "other", "cancelled"),
        ({"status": None}, "stop", ""),
        ({"error": {}}, "stop", "completed"),
    ],
)
def test_why_it_ended(fields: dict[str, object], stop: str, raw: str) -> None:
    choice = parsed(**fields).choices[0]
    assert (choice.stop, choice.raw_stop) == (stop, raw)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b'{"id":"x"}', b'{"status":"failed","output":[]}', b'{"output":[],"error":{"message":"no"}}'],
)
def test_what_is_no_response_is_garbage(body: bytes) -> None:
    with pytest.raises(Garbage):
        DIALECT.parse_reply(body)


def test_bytes_that_are_no_text_are_replaced() -> None:
    reply = DIALECT.parse_reply(b'{"output":[{"type":"message","content":"a\xffb"}]}')
    assert reply.choices[0].parts == (Text("a\ufffdb"),)


def test_half_characters_are_replaced() -> None:
    body = b'{"output":[{"type":"message","content":"\\ud83d|\\uDE00|\\ud83d\\ude00|\\\\ud83d"}]}'
    assert DIALECT.parse_reply(body).choices[0].parts == (Text("\ufffd|\ufffd|\U0001f600|\\ud83d"),)
    assert DIALECT.glimpse_reply(body).text == "\ufffd|\ufffd|\U0001f600|\\ud83d"


def test_a_rendered_reply_is_complete() -> None:
    body = rendered(Text("pong"), usage=Usage(input=5, cache_read=4, output=3), created=12)
    assert body == {
        "id": "resp_7",
        "object": "response",
        "created_at": 12,
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "model": "asked",
        "output": [
            {
                "type": "message",
                "id": "msg_7_0",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "pong", "annotations": [], "logprobs": []}],
            }
        ],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": None,
        "store": False,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "truncation": None,
        "usage": {
            "input_tokens": 9,
            "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
            "output_tokens": 3,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 12,
        },
        "user": None,
        "metadata": None,
    }


@pytest.mark.parametrize(
    ("given", "shown"),
    [("resp_a", "resp_a"), ("chatcmpl-9x", "resp_9x"), ("msg_01", "resp_01"), ("", "resp_req1")],
)
def test_a_response_has_an_id_of_its_kind(given: str, shown: str) -> None:
    assert rendered(id=given)["id"] == shown


@pytest.mark.parametrize(
    ("stop", "status", "details"),
    [
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("context", "incomplete", {"reason": "max_output_tokens"}),
        ("refusal", "incomplete", {"reason": "content_filter"}),
        ("stop_sequence", "completed", None),
        ("other", "completed", None),
    ],
)
def test_stop_reasons_become_a_status(stop: str, status: str, details: object) -> None:
    body = rendered(stop=stop)
    assert (body["status"], body["incomplete_details"], body["output"]) == (status, details, [])


def test_thoughts_of_others_carry_their_seal() -> None:
    body = rendered(
        Thinking("why", Sealed("anthropic", "sig", "o")),
        Thinking("plain"),
        Thinking("own", Sealed("openai_responses", '{"id":"rs_9","encrypted_content":"x"}')),
    )
    assert body["output"] == [
        {
            "type": "reasoning",
            "id": "rs_fg_7_0",
            "summary": [{"type": "summary_text", "text": "why"}],
            "encrypted_content": "fg1.anthropic.o.sig",
        },
        {"type": "reasoning", "id": "rs_fg_7_1", "summary": [{"type": "summary_text", "text": "plain"}]},
        {
            "type": "reasoning",
            "id": "rs_9",
            "summary": [{"type": "summary_text", "text": "own"}],
            "encrypted_content": "x",
        },
    ]


def test_signatures_on_words_and_calls_follow_in_an_item_of_their_own() -> None:
    seal = Sealed("gemini", "c2ln")
    body = rendered(Text("a", sealed=seal), ToolCall("c", "f", sealed=seal), ToolCall("", "ns-ns-p", "x", custom=True))
    assert body["output"][1] == {
        "type": "reasoning",
        "id": "rs_fg_7_1",
        "summary": [],
        "encrypted_content": "fg1.gemini..c2ln",
    }
    assert body["output"][2] == {
        "type": "function_call",
        "id": "fc_7_2",
        "call_id": "c",
        "name": "f",
        "arguments": "{}",
        "status": "completed",
    }
    assert body["output"][4] == {
        "type": "custom_tool_call",
        "id": "ctc_7_4",
        "call_id": "ctc_7_4",
        "name": "p",
        "namespace": "ns",
        "input": "x",
        "status": "completed",
    }


def test_made_media_and_items_of_other_dialects() -> None:
    body = rendered(
        Media("image", Inline("image/webp", "AA")),
        Media("image", Link("https://i.example/1")),
        Media("audio", Inline("audio/wav", "BB")),
        Opaque("anthropic", "x", b"{}"),
        Opaque("openai_responses", "mcp_call", b'{"type":"mcp_call"}'),
        Refusal("no"),
    )
    first, second, third, fourth, fifth = body["output"]
    assert first == {
        "type": "image_generation_call",
        "id": "ig_7_0",
        "status": "completed",
        "output_format": "webp",
        "result": "AA",
    }
    assert second["content"][0]["text"] == "![image](https://i.example/1)"
    assert third["content"][0]["text"] == "[audio](data:audio/wav;base64,BB)"
    assert fourth == {"type": "mcp_call"}
    assert fifth["content"] == [{"type": "refusal", "refusal": "no"}]


def test_a_reply_without_choices_is_an_empty_one() -> None:
    body = json.loads(DIALECT.render_reply(Reply(id="", model="m", choices=()), OPENING))
    assert (body["output"], body["created_at"], body["usage"]["total_tokens"]) == ([], 1754000000, 0)


def test_usage_is_put_into_a_reply_without_it() -> None:
    body = DIALECT.show_usage(b'{"id":"r","x":1.10}', Usage(input=1, output=2))
    assert body.startswith(b'{"id":"r","x":1.10,"usage":{"input_tokens":1')


def test_a_glimpse_of_a_whole_answer() -> None:
    body = {
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": [{"text": "a"}]},
            {"type": "message", "content": [{"text": "b"}]},
            {"type": "function_call", "name": "f", "arguments": "{}"},
            {"type": "web_search_call"},
        ],
        "usage": {"input_tokens": 4, "output_tokens": 2},
    }
    seen = DIALECT.glimpse_reply(json.dumps(body).encode())
    assert (seen.live, seen.final, seen.text, seen.tool_calls) == (True, True, "abf{}", 1)
    assert seen.usage == Usage(input=4, output=2, prompt=4, completion=2, web_searches=1)


def test_a_failed_answer_is_an_error_with_its_usage() -> None:
    body = b'{"status":"failed","output":[],"error":{"code":"server_error","message":"no"},"usage":{"input_tokens":4}}'
    seen = DIALECT.glimpse_reply(body)
    assert (seen.final, seen.error) == (False, body)
    assert seen.usage == Usage(input=4, prompt=4)
    assert DIALECT.parse_error(seen.error, 200).message == "no"


def test_an_answer_that_is_none() -> None:
    assert DIALECT.glimpse_reply(b"<html>").junk
    assert DIALECT.glimpse_reply(b'{"x":1}').junk
    odd = b'{"error":"no","output":"x"}'
    assert (DIALECT.glimpse_reply(odd).junk, DIALECT.glimpse_reply(odd).error) == (True, odd)
