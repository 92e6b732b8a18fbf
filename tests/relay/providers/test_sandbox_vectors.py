"""Embeddings and legacy completions of the sandbox."""

import base64
import json
import math
import struct
from typing import Any

import pytest

from faregate.relay.routes import Mode
from tests.relay.providers.sandbox_calls import Heard, call


async def embed(**fields: Any) -> Heard:
    return await call("openai_chat", {"model": "sandbox-embedding", **fields}, mode=Mode.EMBED)


async def embed_gemini(action: str, body: dict[str, Any]) -> Heard:
    return await call("gemini", body, mode=Mode.EMBED, action=action)


async def complete(*, stream: bool = False, model: str = "sandbox", **fields: Any) -> Heard:
    return await call("openai_chat", {"model": model, **fields}, mode=Mode.COMPLETE, model=model, stream=stream)


async def test_a_vector_has_length_one_and_is_the_same_each_time() -> None:
    first, second = (await embed(input="hello", dimensions=8)).json, (await embed(input="hello", dimensions=8)).json
    assert first == second
    (entry,) = first["data"]
    assert (entry["object"], entry["index"], len(entry["embedding"])) == ("embedding", 0, 8)
    assert math.isclose(math.hypot(*entry["embedding"]), 1, abs_tol=1e-6)
    assert first["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    assert (first["object"], first["model"]) == ("list", "sandbox")


async def test_different_texts_have_different_vectors_in_the_order_asked() -> None:
    one, two = (await embed(input=["one", "two"], dimensions=4)).json["data"]
    assert (one["index"], two["index"]) == (0, 1)
    assert one["embedding"] == (await embed(input="one", dimensions=4)).json["data"][0]["embedding"]
    assert one["embedding"] != two["embedding"]


async def test_base64_holds_the_same_numbers() -> None:
    numbers = (await embed(input="hello")).json["data"][0]["embedding"]
    packed = (await embed(input="hello", encoding_format="base64")).json["data"][0]["embedding"]
    assert len(numbers) == 1536
    assert list(struct.unpack("<1536f", base64.b64decode(packed))) == numbers


@pytest.mark.parametrize("numbers", [[1, 2, 3], [[1, 2, 3]]])
async def test_token_numbers_are_embedded_as_they_are_written(numbers: Any) -> None:
    given = (await embed(input=numbers, dimensions=4)).json["data"]
    assert given == (await embed(input="1 2 3", dimensions=4)).json["data"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"input": []},
        {"input": "x", "dimensions": 0},
        {"input": {"a": 1}},
        {"input": ["x"] * 1000, "dimensions": 4096},
    ],
)
async def test_an_embedding_request_that_is_none_is_refused(fields: dict[str, Any]) -> None:
    heard = await embed(**fields)
    assert (heard.status, heard.json["error"]["type"]) == (400, "invalid_request_error")


async def test_gemini_embeds_one_or_many() -> None:
    content = {"content": {"parts": [{"text": "hello"}]}, "outputDimensionality": 8}
    one = (await embed_gemini("embedContent", content)).json
    many = (await embed_gemini("batchEmbedContents", {"requests": [content, content]})).json
    assert many["embeddings"] == [one["embedding"]] * 2
    assert one["embedding"]["values"] == (await embed(input="hello", dimensions=8)).json["data"][0]["embedding"]
    assert (one["usageMetadata"], many["usageMetadata"]) == ({"promptTokenCount": 2}, {"promptTokenCount": 4})


async def test_embeddings_know_faults_and_chosen_usage() -> None:
    assert (await embed(input="x", sandbox={"fault": 429})).status == 429
    assert (await embed(input="x", sandbox={"usage": {"input": 77}})).json["usage"]["prompt_tokens"] == 77
    assert "usage" not in (await embed(input="x", sandbox={"fault": "no_usage"})).json


# --- legacy completions ------------------------------------------------------------------------------------
async def test_a_completion_is_the_same_answer_in_the_older_shape() -> None:
    answer = (await complete(prompt="ping")).json
    assert answer["id"].startswith("cmpl-sandbox")
    del answer["id"]
    assert answer == {
        "object": "text_completion",
        "created": 1767225600,
        "model": "sandbox",
        "choices": [{"text": "pong", "index": 0, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4},
    }


async def test_each_prompt_has_its_choices_and_limits_hold() -> None:
    answer = (await complete(prompt=["one two", "ping"], n=2, max_tokens=4)).json
    assert [(choice["index"], choice["text"], choice["finish_reason"]) for choice in answer["choices"]] == [
        (0, "You said:", "length"),
        (1, "You said:", "length"),
        (2, "pong", "stop"),
        (3, "pong", "stop"),
    ]


@pytest.mark.parametrize(
    ("options", "tells_usage"), [(None, True), ({"include_usage": True}, True), ({"include_usage": False}, False)]
)
async def test_a_completion_streams(options: dict[str, bool] | None, tells_usage: bool) -> None:
    heard = await complete(prompt="a b", stream=True, stream_options=options)
    assert heard.chunks[-1] == b"data: [DONE]\n\n"
    told = [json.loads(chunk[6:]) for chunk in heard.chunks[:-1]]
    choices = [one["choices"][0] for one in told if one["choices"]]
    assert [choice["text"] for choice in choices] == ["You ", "said: ", "a ", "b", ""]
    assert [choice["finish_reason"] for choice in choices] == [None, None, None, None, "stop"]
    usage = {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 10}
    assert [one["usage"] for one in told if "usage" in one] == ([usage] if tells_usage else [])


async def test_a_completion_takes_token_numbers_and_tells_the_usage_it_was_given() -> None:
    assert (await complete(prompt=[1, 2])).json["choices"][0]["text"] == "You said: 1 2"
    chosen = {"usage": {"input": 5, "output": 6}}
    assert (await complete(prompt="x", sandbox=chosen)).json["usage"]["total_tokens"] == 11
    assert (await complete(prompt="x", sandbox={"fault": "no_usage"})).json["usage"]["total_tokens"] == 0


async def test_a_completion_breaks_like_any_stream() -> None:
    cut = await complete(prompt="a b", stream=True, model="sandbox:cut")
    assert len(cut.chunks) == 2
    failed = await complete(prompt="a b", stream=True, model="sandbox:error_in_stream")
    assert json.loads(failed.chunks[-1][6:])["error"]["type"] == "server_error"


@pytest.mark.parametrize(
    "fields", [{"prompt": 7}, {"prompt": "x", "n": 0}, {"prompt": "x", "n": 129}, {"prompt": ["x"] * 65, "n": 2}]
)
async def test_a_completion_request_that_is_none_is_refused(fields: dict[str, Any]) -> None:
    assert (await complete(**fields)).status == 400
