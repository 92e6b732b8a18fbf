"""Whole chat answers and their usage."""

import json
from typing import Any

import pytest

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Choice, Reply
from faregate.formats.openai_chat import DIALECT
from faregate.formats.openai_chat.completions import glimpse_completion_reply, peek_completion, weigh_completion
from faregate.formats.openai_chat.usage import count, shown
from faregate.formats.turn import Inline, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage
from faregate.kernel.errors import BadRequest, Garbage

OPENING = Opening(model="asked", id="r1", created=7)


def answer(usage: Any = None, finish: str = "stop", **message: Any) -> bytes:
    said = {"role": "assistant", "content": "pong", **message}
    choices = [{"index": 0, "message": said, "finish_reason": finish}]
    return json.dumps({"id": "c1", "created": 1, "model": "up", "choices": choices, "usage": usage}).encode()


def shown_message(*parts: Any, stop: Any = "stop") -> dict[str, Any]:
    """The first choice that a client is shown."""
    reply = Reply(id="", model="", choices=(Choice(parts, stop),), usage=Usage())
    return json.loads(DIALECT.render_reply(reply, OPENING))["choices"][0]


def usage_of(**usage: Any) -> Usage | None:
    return DIALECT.glimpse_reply(answer(usage)).usage


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices":[]}', b'{"choices":null}'])
def test_what_is_no_answer_is_garbage(body: bytes) -> None:
    with pytest.raises(Garbage):
        DIALECT.parse_reply(body)
    assert not DIALECT.glimpse_reply(body).final


def test_an_error_in_a_success_is_seen() -> None:
    body = b'{"error":{"message":"busy","type":"server_error"}}'
    assert DIALECT.glimpse_reply(body).error == body
    assert DIALECT.glimpse_reply(b"<html>").junk
    assert DIALECT.glimpse_reply(b'{"error":null,"choices":[{"message":{}}]}').final


def test_choices_that_all_say_index_0_are_told_apart() -> None:
    body = json.loads(answer())
    body["choices"] *= 2
    assert [choice.parts for choice in DIALECT.parse_reply(json.dumps(body).encode()).choices] == [(Text("pong"),)] * 2


def test_content_in_pieces_brings_thoughts_and_words() -> None:
    pieces = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "a"}]
    (choice,) = DIALECT.parse_reply(answer(content=pieces)).choices
    assert choice.parts == (Thinking("hm"), Text("a"))
    assert DIALECT.glimpse_reply(answer(content=pieces)).text == "hma"


def test_an_own_envelope_in_the_details_belongs_to_its_dialect() -> None:
    details = [{"type": "reasoning.encrypted", "data": "fg1.anthropic.acc.sig", "length": 2}]
    (choice,) = DIALECT.parse_reply(answer(reasoning_content="hm", reasoning_details=details)).choices
    assert choice.parts == (Thinking("hm", Sealed("anthropic", "sig", "acc")), Text("pong"))


def test_what_the_upstream_did_not_say_comes_from_the_opening() -> None:
    reply = Reply(id="", model="", choices=(Choice((Text("a"),), "stop"),), usage=Usage(input=1, output=2))
    assert json.loads(DIALECT.render_reply(reply, OPENING)) == {
        "id": "chatcmpl-r1",
        "object": "chat.completion",
        "created": 7,
        "model": "asked",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "a"},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }


def test_every_part_has_its_place_in_the_message() -> None:
    parts = (
        Thinking("hm", Sealed("anthropic", "sig", "acc")),
        Thinking("", Sealed("anthropic", "red"), redacted=True),
        Text("a", sealed=Sealed("gemini", "t")),
        Opaque("gemini", "executableCode", b"{}"),
        Media("image", Inline("image/png", "QQ==")),
        Media("audio", Inline("audio/wav", "UklG")),
        ToolCall("c1", "f", '{"x":1}', sealed=Sealed("gemini", "u")),
        ToolCall("", "g", "ls", custom=True),
        Refusal("no"),
    )
    choice = shown_message(*parts)
    assert choice["finish_reason"] == "tool_calls"
    envelope = {"type": "reasoning.encrypted"}
    assert choice["message"] == {
        "role": "assistant",
        "content": "a\n![image](data:image/png;base64,QQ==)",
        "reasoning_content": "hm",
        "refusal": "no",
        "audio": {"id": "audio_0", "data": "UklG", "transcript": "", "expires_at": 0},
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
            {"id": "call_r1_1", "type": "custom", "custom": {"name": "g", "input": "ls"}},
        ],
        "reasoning_details": [
            envelope | {"data": "fg1.anthropic.acc.sig", "format": "anthropic", "length": 2, "index": 0},
            envelope | {"data": "fg1.anthropic..red", "format": "anthropic", "length": 0, "index": 1},
            envelope | {"data": "fg1.gemini..t", "format": "gemini", "id": "content", "index": 2},
            envelope | {"data": "fg1.gemini..u", "format": "gemini", "id": "c1", "index": 3},
        ],
    }


def test_a_message_of_calls_alone_has_no_content_and_an_empty_one_has_empty_content() -> None:
    assert shown_message(ToolCall("c", "f"))["message"]["content"] is None
    assert shown_message()["message"]["content"] == ""
    assert shown_message(Refusal("no"))["message"]["content"] is None


@pytest.mark.parametrize(
    ("stop", "finish"),
    [
        ("stop", "stop"),
        ("stop_sequence", "stop"),
        ("length", "length"),
        ("context", "length"),
        ("tool_calls", "tool_calls"),
        ("refusal", "content_filter"),
        ("pause", "stop"),
        ("other", "stop"),
    ],
)
def test_every_stop_reason_has_a_finish_reason(stop: str, finish: str) -> None:
    assert shown_message(Text("a"), stop=stop)["finish_reason"] == finish


# --- usage -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 3}, Usage(input=9, output=3, prompt=9, completion=3)),
        ({"input_tokens": 9, "output_tokens": 3}, Usage(input=9, output=3, prompt=9, completion=3)),
        ({"prompt_tokens": "9", "completion_tokens": 3.7}, Usage(input=9, output=3, prompt=9, completion=3)),
        ({"prompt_tokens": -9, "completion_tokens": 3}, Usage(output=3, completion=3)),
        ({"prompt_tokens": 9, "completion_tokens": None}, Usage(input=9, prompt=9)),
        ({"prompt_tokens": 9, "prompt_tokens_details": None}, Usage(input=9, prompt=9)),
        (
            {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 30}},
            Usage(input=50, cache_read=20, cache_write=30, prompt=100),
        ),
        ({"prompt_tokens": 100, "prompt_cache_hit_tokens": 40}, Usage(input=60, cache_read=40, prompt=100)),
        ({"prompt_tokens": 100, "cached_tokens": 40}, Usage(input=60, cache_read=40, prompt=100)),
        (
            {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 40}},
            Usage(input=0, cache_read=40, prompt=10),
        ),
        (  # other details never add up to more than there was
            {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 90, "audio_tokens": 30}},
            Usage(input=0, cache_read=90, audio_in=10, prompt=100),
        ),
        (
            {"completion_tokens": 50, "total_tokens": 50, "completion_tokens_details": {"reasoning_tokens": 60}},
            Usage(reasoning=50, completion=50),
        ),
        (  # Anthropic's counts: the prompt beside what the cache had
            {"input_tokens": 20, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 20},
            Usage(input=20, cache_read=60, cache_write=20, prompt=100),
        ),
        (
            {"input_tokens": 90, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 20},
            Usage(input=10, cache_read=60, cache_write=20, prompt=90),
        ),
        (
            {"prompt_tokens": 100, "prompt_tokens_details": {"audio_tokens": 10, "image_tokens": 20}},
            Usage(input=70, audio_in=10, image_in=20, prompt=100),
        ),
        (
            {
                "completion_tokens": 100,
                "completion_tokens_details": {"reasoning_tokens": 60, "audio_tokens": 5, "image_tokens": 6},
            },
            Usage(output=29, reasoning=60, audio_out=5, image_out=6, completion=100),
        ),
        (
            {
                "prompt_tokens": 30,
                "completion_tokens": 2,
                "total_tokens": 82,
                "completion_tokens_details": {"reasoning_tokens": 50},
            },
            Usage(input=30, output=2, reasoning=50, prompt=30, completion=52),
        ),
        (
            {"prompt_tokens": 9, "server_tool_use": {"web_search_requests": 2}},
            Usage(input=9, prompt=9, web_searches=2),
        ),
        ({"total_tokens": 12}, None),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": "many", "completion_tokens": [1]}, None),
    ],
)
def test_usage_is_read_from_whatever_hosts_send(usage: dict[str, Any], read: Usage | None) -> None:
    assert usage_of(**usage) == read


def test_cached_tokens_are_found_in_choices_and_timings_too() -> None:
    body = json.loads(answer({"prompt_tokens": 100}))
    body["choices"][0]["usage"] = {"cached_tokens": 40}
    seen = DIALECT.glimpse_reply(json.dumps(body).encode()).usage
    assert seen == Usage(input=60, cache_read=40, prompt=100)
    body = json.loads(answer({"prompt_tokens": 100})) | {"timings": {"cache_n": 30}}
    seen = DIALECT.glimpse_reply(json.dumps(body).encode()).usage
    assert seen == Usage(input=70, cache_read=30, prompt=100)


@pytest.mark.parametrize(
    ("value", "number"), [(True, 0), ("1e999", 0), ("nan", 0), (float("inf"), 0), (2.9, 2), ("7", 7), ({}, 0)]
)
def test_a_count_is_never_below_zero_and_never_raises(value: object, number: int) -> None:
    assert count(value) == number


def test_usage_is_shown_in_openai_s_convention_and_nothing_internal_with_it() -> None:
    usage = Usage(input=500, cache_read=400, cache_write_5m=70, cache_write_1h=30, output=40, reasoning=60)
    assert shown(usage) == {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 400, "cached_creation_tokens": 100, "cache_write_tokens": 100},
        "completion_tokens_details": {"reasoning_tokens": 60},
    }


def test_the_newest_report_wins_unless_it_is_empty() -> None:
    older, newer = Usage(input=1), Usage(input=2)
    assert DIALECT.merge(None, older) is older
    assert DIALECT.merge(older, newer) is newer
    assert DIALECT.merge(older, Usage()) is older


# --- errors and completions --------------------------------------------------------------------------------
def test_an_error_has_openai_s_shape_with_metadata_and_the_request_id() -> None:
    fault = Fault(status=429, message="slow", kind="rate_limit", type="t", code=None, metadata=b'{"raw":1.10}')
    assert DIALECT.render_error(fault) == (
        b'{"error":{"message":"slow","type":"t","param":"","code":null,"metadata":{"raw":1.10}}}'
    )
    named = Fault(status=429, message="slow", kind="rate_limit", request_id="r1")
    assert json.loads(DIALECT.render_error(named))["error"]["message"] == "slow (request id: r1)"


def test_a_completion_needs_a_model_and_no_empty_prompt() -> None:
    for given, param in ((b'{"prompt":"x"}', "model"), (b'{"model":"m","prompt":""}', "prompt")):
        with pytest.raises(BadRequest) as caught:
            peek_completion(given)
        assert caught.value.param == param
    seen = peek_completion(b'{"model":"m","prompt":["a",[1,2]],"max_tokens":5,"stream":true,"stream_options":{}}')
    assert (seen.model, seen.stream, seen.max_output_tokens, seen.wants_usage) == ("m", True, 5, False)
    assert weigh_completion(b'{"model":"m","prompt":["a","b"]}').text == "a\nb"
    assert weigh_completion(b'{"model":"m","prompt":[1,2]}').text == ""


def test_a_completion_that_cannot_be_read_weighs_nothing() -> None:
    assert weigh_completion(b"nonsense").text == ""


def test_a_usage_that_is_no_object_is_none() -> None:
    assert DIALECT.glimpse_reply(answer([1])).usage is None
    body = json.loads(answer({"prompt_tokens": 5})) | {"timings": [1]}
    assert DIALECT.glimpse_reply(json.dumps(body).encode()).usage == Usage(input=5, prompt=5)


def test_completions_are_glimpsed_whole_and_streamed() -> None:
    body = b'{"choices":[{"text":"pong","finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}'
    seen = glimpse_completion_reply(body)
    assert (seen.text, seen.final, seen.live) == ("pong", True, True)
    assert seen.usage == Usage(input=1, output=2, prompt=1, completion=2)
    chunk = DIALECT.glimpse(b'data: {"object":"text_completion","choices":[{"text":"po","finish_reason":null}]}\n\n')
    assert (chunk.text, chunk.live, chunk.final) == ("po", True, False)
