"""The envelope, the weight, usage numbers, errors."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from faregate.formats.dialect import Envelope, Fault, Weight
from faregate.formats.openai_responses import DIALECT
from faregate.formats.openai_responses.usage import read_usage, show
from faregate.formats.usage import Usage
from faregate.kernel.errors import BadRequest


def test_the_envelope() -> None:
    body = {
        "model": "m",
        "input": 5,
        "stream": True,
        "max_output_tokens": 7,
        "prompt_cache_key": "k",
        "reasoning": {"effort": "high"},
    }
    assert DIALECT.peek(json.dumps(body).encode()) == Envelope(
        model="m", stream=True, max_output_tokens=7, affinity="k", effort="high"
    )


def test_nulls_and_odd_keys_are_absent() -> None:
    body = b'{"model":"m","input":[],"stream":null,"max_output_tokens":null,"prompt_cache_key":5,"reasoning":null}'
    assert DIALECT.peek(body) == Envelope(model="m")


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        (b'{"input":"x"}', "model", "model is required"),
        (b'{"model":"","input":"x"}', "model", "model is required"),
        (b'{"model":"m"}', "input", "input is required"),
        (b'{"model":"m","input":null}', "input", "input is required"),
        (
            b'{"model":"m","input":"x","stream":"yes"}',
            "stream",
            "stream is invalid: expected `bool | null`, got `str`",
        ),
        (b'{"model":"m","input":"x","max_output_tokens":-1}', "max_output_tokens", "max_output_tokens is invalid"),
        (
            b'{"model":"m","input":"x","max_output_tokens":18446744073686646784}',
            "max_output_tokens",
            "max_output_tokens is invalid",
        ),
        (
            b'{"model":"m","input":"x","reasoning":{"effort":5}}',
            "reasoning.effort",
            "reasoning.effort is invalid: expected `str | null`, got `int`",
        ),
        (b"{", "", "the request body is not a JSON object: Input data was truncated"),
    ],
)
def test_bad_requests_are_named(body: bytes, param: str, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.peek(body)
    assert (caught.value.param, caught.value.message) == (param, message)


def test_text_and_media_are_weighed_apart() -> None:
    body = {
        "model": "m",
        "instructions": "brief",
        "tools": [{"name": "f"}],
        "input": [
            {
                "role": "user",
                "content": [{"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": "data:x"}],
            },
            {"type": "function_call", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "output": [{"type": "input_file", "file_data": "x"}]},
            {"role": "user", "content": "b"},
        ],
    }
    assert DIALECT.weigh(json.dumps(body).encode()) == Weight(
        '"brief"\n[{"name": "f"}]\na\n{}\nf\nb', messages=4, tools=1, images=1, files=1
    )
    assert DIALECT.weigh(b'{"input":"ping"}') == Weight("ping", messages=1)
    assert DIALECT.weigh(b"{") == Weight("")


def test_usage_in_disjoint_buckets_and_back() -> None:
    reported: dict[str, Any] = {
        "input_tokens": 1000,
        "input_tokens_details": {
            "cached_tokens": 400,
            "cache_write_tokens": 100,
            "image_tokens": 10,
            "audio_tokens": 5,
        },
        "output_tokens": 100,
        "output_tokens_details": {"reasoning_tokens": 60, "image_tokens": 7, "audio_tokens": 3},
        "total_tokens": 1100,
    }
    usage = Usage(
        input=485,
        cache_read=400,
        cache_write=100,
        image_in=10,
        audio_in=5,
        output=30,
        reasoning=60,
        image_out=7,
        audio_out=3,
        prompt=1000,
        completion=100,
    )
    assert read_usage(reported) == usage
    assert show(usage) == reported


@pytest.mark.parametrize(
    ("reported", "usage"),
    [
        (None, None),
        ([], None),
        ({}, None),
        ({"input_tokens": 0, "output_tokens": None}, None),
        ({"input_tokens": "9", "output_tokens": 2.0}, Usage(input=9, output=2, prompt=9, completion=2)),
        ({"input_tokens": -5, "output_tokens": "x", "input_tokens_details": []}, None),
        ({"prompt_tokens": 9, "completion_tokens": 2}, Usage(input=9, output=2, prompt=9, completion=2)),
        ({"input_tokens": "NaN", "output_tokens": "inf"}, None),
        (
            {"input_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}},
            Usage(cache_read=9, prompt=5),
        ),
    ],
)
def test_odd_usage_is_read_as_far_as_it_can_be(reported: object, usage: Usage | None) -> None:
    assert read_usage(reported) == usage


@pytest.mark.parametrize(
    ("into", "out", "usage"),
    [
        (
            {"cached_tokens": 60, "image_tokens": 30, "audio_tokens": 30},
            {},
            Usage(cache_read=60, image_in=30, audio_in=10, output=50),
        ),
        ({"cached_tokens": 100, "image_tokens": 7}, {}, Usage(cache_read=100, output=50)),
        ({}, {"reasoning_tokens": 60}, Usage(input=100, reasoning=50)),
        ({}, {"reasoning_tokens": 40, "image_tokens": 20}, Usage(input=100, reasoning=40, image_out=10)),
        ({}, {"image_tokens": 30, "audio_tokens": 70}, Usage(input=100, image_out=30, audio_out=20)),
    ],
)
def test_media_and_reasoning_beyond_their_total_are_cut_down_to_it(
    into: dict[str, int], out: dict[str, int], usage: Usage
) -> None:
    reported = {
        "input_tokens": 100,
        "input_tokens_details": into,
        "output_tokens": 50,
        "output_tokens_details": out,
        "total_tokens": 150,
    }
    assert read_usage(reported) == replace(usage, prompt=100, completion=50)
    assert (usage.total_input, usage.total_output) == (100, 50)


def test_what_the_cache_had_is_counted_beyond_the_prompt_too() -> None:
    details = {"cached_tokens": 80, "cache_write_tokens": 40, "audio_tokens": 5}
    reported = {"input_tokens": 100, "input_tokens_details": details, "output_tokens": 0}
    assert read_usage(reported) == Usage(cache_read=80, cache_write=40, prompt=100)


def test_errors_are_chats() -> None:
    fault = Fault(status=429, message="slow", kind="rate_limit", type="t", code=None, param=None, metadata=b'{"a":1}')
    assert json.loads(DIALECT.render_error(fault)) == {
        "error": {"message": "slow", "type": "t", "param": None, "code": None, "metadata": {"a": 1}}
    }
    told = Fault(status=500, message="slow", kind="server", request_id="r1")
    assert json.loads(DIALECT.render_error(told))["error"] == {
        "message": "slow (request id: r1)",
        "type": "new_api_error",
        "param": "",
        "code": "",
    }
