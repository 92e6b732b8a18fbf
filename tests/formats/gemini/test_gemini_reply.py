"""Whole answers."""

import json

import pytest

from faregate.formats.dialect import Opening
from faregate.formats.events import Choice, Reply
from faregate.formats.gemini import DIALECT
from faregate.formats.turn import FileReference, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage
from faregate.kernel.errors import Garbage


def test_an_answer_of_another_dialect_is_shown_in_google_s_form() -> None:
    reply = Reply(
        id="c1",
        model="up",
        choices=(
            Choice(
                (
                    Thinking("think", Sealed("anthropic", "sig", "acc")),
                    Text(""),
                    Text("Sunny."),
                    Refusal("No."),
                    ToolCall("b1", "weather", '{"city":"Bonn"}'),
                    ToolCall("", "clock", "oops"),
                    Opaque("anthropic", "x", b"{}"),
                    Media("image", FileReference("openai_chat", "f")),
                ),
                "tool_calls",
                "tool_use",
            ),
        ),
        usage=Usage(input=500, cache_read=400, cache_write_5m=100, output=40, reasoning=60, semantic="anthropic"),
    )
    assert json.loads(DIALECT.render_reply(reply, Opening("asked", id="req"))) == {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "think", "thought": True, "thoughtSignature": "ZmcxLmFudGhyb3BpYy5hY2Muc2ln"},
                        {"text": "Sunny."},
                        {"text": "No."},
                        {"functionCall": {"id": "b1", "name": "weather", "args": {"city": "Bonn"}}},
                        {"functionCall": {"name": "clock", "args": {"arguments": "oops"}}},
                    ],
                },
                "finishReason": "STOP",
                "index": 0,
                "safetyRatings": [],
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 1000,
            "candidatesTokenCount": 40,
            "totalTokenCount": 1100,
            "cachedContentTokenCount": 400,
            "thoughtsTokenCount": 60,
        },
        "modelVersion": "asked",
        "responseId": "c1",
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"candidates":"x"}', b'{"candidates":[]}', b"{}"])
def test_what_holds_no_answer_is_garbage(body: bytes) -> None:
    with pytest.raises(Garbage):
        DIALECT.parse_reply(body)


def test_an_answer_without_candidates_has_its_own_code() -> None:
    with pytest.raises(Garbage) as caught:
        DIALECT.parse_reply(b'{"candidates":[],"usageMetadata":{"promptTokenCount":9}}')
    assert (caught.value.status, caught.value.code) == (500, "upstream.empty_response")


def test_an_answer_without_a_reason_or_usage_is_read() -> None:
    reply = DIALECT.parse_reply(b'{"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b"}]}}]}')
    assert reply == Reply(id="", model="", choices=(Choice((Text("ab"),), "other"),))


def test_usage_is_put_into_an_answer() -> None:
    shown = DIALECT.show_usage(b'{"candidates":[ 1.10 ]}', Usage(input=1, output=2))
    assert shown == (
        b'{"candidates":[ 1.10 ],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}'
    )
