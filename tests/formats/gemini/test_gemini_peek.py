"""What the pipeline reads of a request, and counting tokens."""

import json
from typing import Any

import pytest

from faregate.formats.dialect import Envelope, Weight
from faregate.formats.gemini import DIALECT, count_tokens_reply, peek_count
from faregate.kernel.errors import BadRequest

TALK = [{"parts": [{"text": "ping"}]}]


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


def test_model_and_stream_are_left_to_the_path() -> None:
    assert DIALECT.peek(encoded({"contents": TALK})) == Envelope(model="")


@pytest.mark.parametrize("snake", [False, True])
def test_limits_are_read(snake: bool) -> None:
    config: dict[str, Any] = {
        "maxOutputTokens": 5,
        "candidateCount": 2,
        "thinkingConfig": {"thinkingBudget": -1, "thinkingLevel": "LOW"},
    }
    body: dict[str, Any] = {"contents": TALK, "generationConfig": config, "cachedContent": "cachedContents/1"}
    if snake:
        config = {
            "max_output_tokens": 5,
            "candidate_count": 2,
            "thinking_config": {"thinking_budget": 7, "thinking_level": "low"},
        }
        body = {"contents": TALK, "generation_config": config, "cached_content": "cachedContents/1"}
    assert DIALECT.peek(encoded(body)) == Envelope(
        model="", max_output_tokens=5, choices=2, affinity="cachedContents/1", effort="low"
    )


def test_a_lone_content_passes() -> None:
    body = {"contents": {"parts": {"text": "ping"}}, "generationConfig": {"maxOutputTokens": 5}}
    assert DIALECT.peek(encoded(body)) == Envelope(model="", max_output_tokens=5)
    assert DIALECT.peek(b'{"contents" : {}}') == Envelope(model="")


@pytest.mark.parametrize("body", [{"requests": [{"content": {}}]}, {"content": {"parts": []}}])
def test_embedding_requests_pass(body: Any) -> None:
    assert DIALECT.peek(encoded(body)) == Envelope(model="")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "contents"),
        ({"contents": []}, "contents"),
        ({"contents": None}, "contents"),
        ({"contents": 5}, "contents"),
        ({"contents": "text"}, "contents"),
        ({"requests": {}}, "requests"),
        ({"requests": []}, "requests"),
        ({"contents": TALK, "generationConfig": {"maxOutputTokens": 2**31}}, "generationConfig.maxOutputTokens"),
        ({"contents": TALK, "generationConfig": {"maxOutputTokens": -1}}, "generationConfig.maxOutputTokens"),
        ({"contents": TALK, "generationConfig": {"maxOutputTokens": 1.5}}, "generationConfig.maxOutputTokens"),
        ({"contents": TALK, "generation_config": {"max_output_tokens": "5"}}, "generation_config.max_output_tokens"),
        ({"contents": TALK, "generationConfig": {"candidateCount": 0}}, "generationConfig.candidateCount"),
        ({"contents": TALK, "generationConfig": {"candidateCount": 129}}, "generationConfig.candidateCount"),
        (
            {"contents": TALK, "generationConfig": {"thinkingConfig": {"thinkingBudget": -2}}},
            "generationConfig.thinkingConfig.thinkingBudget",
        ),
    ],
)
def test_a_bad_field_is_named(body: Any, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.peek(encoded(body))
    assert caught.value.param == param
    assert caught.value.message.startswith(f"{param} is ")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"contents":[' + b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="the request body is invalid"):
        DIALECT.peek(body)


def test_the_conversation_is_weighed_without_instructions() -> None:
    body = {
        "systemInstruction": {"parts": [{"text": "be brief"}]},
        "contents": [
            {"parts": [{"text": "a"}, {"inlineData": {"mimeType": "image/png", "data": "eA=="}}]},
            {"parts": [{"text": "b"}, {"file_data": {"mime_type": "audio/wav"}}, {"fileData": {"fileUri": "x"}}]},
            {"parts": [{"inline_data": {"mime_type": "video/mp4"}}, {"functionCall": {"name": "f"}}]},
        ],
        "tools": [{"functionDeclarations": [{}, {}]}, {"googleSearch": {}}, {"function_declarations": [{}]}],
    }
    assert DIALECT.weigh(encoded(body)) == Weight("a\nb", messages=3, tools=3, images=1, audio=1, video=1, files=1)


@pytest.mark.parametrize("contents", [{"parts": {"text": "ping"}}, [{"parts": {"text": "ping"}}]])
@pytest.mark.parametrize(
    "tools", [{"functionDeclarations": {"name": "f"}}, [{"function_declarations": {}}], {"functionDeclarations": [{}]}]
)
def test_a_lone_object_weighs_as_a_list_of_one(contents: Any, tools: Any) -> None:
    assert DIALECT.weigh(encoded({"contents": contents, "tools": tools})) == Weight("ping", messages=1, tools=1)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"requests": [{"content": {"parts": [{"text": "a"}]}}, {"content": {"parts": [{"text": "b"}]}}]}, "a\nb"),
        ({"content": {"parts": [{"text": "a"}]}}, "a"),
        ({"generateContentRequest": {"contents": TALK}}, "ping"),
        ({"contents": [5, {"parts": [5, {"text": "a"}, {"text": 5}]}, {"parts": 5}]}, "a"),
        ({"contents": 5}, ""),
        ({"requests": 5}, ""),
        ({"contents": TALK, "tools": 5}, "ping"),
        ({"contents": TALK, "tools": [5, {"functionDeclarations": 5}]}, "ping"),
        (5, ""),
    ],
)
def test_odd_requests_are_weighed_as_far_as_they_can_be_read(body: Any, text: str) -> None:
    assert DIALECT.weigh(encoded(body)).text == text


def test_counting_tokens_takes_contents_or_a_whole_request() -> None:
    assert peek_count(encoded({"contents": TALK})) == Envelope(model="")
    whole = {"model": "models/m", "contents": TALK, "generationConfig": {"maxOutputTokens": 5}}
    assert peek_count(encoded({"generateContentRequest": whole})) == Envelope(model="m", max_output_tokens=5)
    for body in ({}, {"generateContentRequest": {}}, {"generateContentRequest": 5}):
        with pytest.raises(BadRequest):
            peek_count(encoded(body))
    assert json.loads(count_tokens_reply(7)) == {"totalTokens": 7}
