"""Token counts in Google's convention."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from faregate.formats.gemini.usage import merge, read_usage, show
from faregate.formats.usage import Usage


def read(**counts: Any) -> Usage | None:
    return read_usage(Raw(json.dumps(counts).encode()))


def gemini(**counts: int) -> Usage:
    return Usage(semantic="gemini", **counts)


def test_tool_prompts_and_thoughts_are_counted() -> None:
    assert read(
        promptTokenCount=151,
        toolUsePromptTokenCount=18329,
        candidatesTokenCount=1089,
        thoughtsTokenCount=1120,
        totalTokenCount=20689,
    ) == gemini(input=18480, output=1089, reasoning=1120, prompt=18480, completion=2209)


def test_an_unknown_prompt_stays_unknown() -> None:
    assert read(promptTokenCount=0, candidatesTokenCount=90, thoughtsTokenCount=10, totalTokenCount=110) == gemini(
        output=90, reasoning=10, completion=100
    )


def test_the_output_is_what_the_total_leaves() -> None:
    assert read(promptTokenCount=100, totalTokenCount=150) == gemini(input=100, output=50, prompt=100, completion=50)
    assert read(promptTokenCount=100, totalTokenCount=90) == gemini(input=100, prompt=100)


def test_cached_media_are_counted_as_cached() -> None:
    assert read(
        promptTokenCount=1000,
        cachedContentTokenCount=400,
        candidatesTokenCount=1300,
        promptTokensDetails=[{"modality": "IMAGE", "tokenCount": 516}, {"modality": "AUDIO", "tokenCount": 32}],
        toolUsePromptTokensDetails=[{"modality": "IMAGE", "tokenCount": 10}],
        cacheTokensDetails=[{"modality": "IMAGE", "tokenCount": 258}],
        candidatesTokensDetails=[{"modality": "IMAGE", "tokenCount": 1290}, {"modality": "AUDIO", "tokenCount": 5}],
    ) == gemini(
        input=300,
        cache_read=400,
        image_in=268,
        audio_in=32,
        output=5,
        image_out=1290,
        audio_out=5,
        prompt=1000,
        completion=1300,
    )


def test_parts_never_exceed_the_whole() -> None:
    usage = read(
        promptTokenCount=10,
        cachedContentTokenCount=50,
        candidatesTokenCount=3,
        promptTokensDetails=[{"modality": "AUDIO", "tokenCount": 99}],
        candidatesTokensDetails=[{"modality": "IMAGE", "tokenCount": 99}],
    )
    assert usage == gemini(cache_read=10, image_out=3, prompt=10, completion=3)


@pytest.mark.parametrize("odd", ["9", 9.9, "9.5"])
def test_odd_numbers_are_read(odd: Any) -> None:
    assert read(promptTokenCount=odd, candidatesTokenCount=-3, thoughtsTokenCount=None) == gemini(input=9, prompt=9)


def test_odd_tables_are_read() -> None:
    table = [{"modality": "AUDIO", "tokenCount": "4"}, {"modality": None}]
    assert read(promptTokenCount=9, promptTokensDetails=table) == gemini(input=5, audio_in=4, prompt=9)
    assert read(promptTokenCount=9, promptTokensDetails="AUDIO") == gemini(input=9, prompt=9)


@pytest.mark.parametrize(
    "counts", [{}, {"promptTokenCount": 0}, {"promptTokenCount": "many"}, {"totalTokenCount": True}]
)
def test_nothing_counted_is_no_usage(counts: Any) -> None:
    assert read(**counts) is None


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"5", b'{"promptTokenCount":"nan"}', b'{"promptTokenCount":1e999}']
)
def test_what_is_no_usage_counts_nothing(raw: bytes) -> None:
    assert read_usage(Raw(raw)) is None
    assert read_usage(Raw(raw), searches=1) == gemini(web_searches=1)


def test_the_last_report_counts_and_silence_overrides_nothing() -> None:
    first = gemini(input=100, cache_read=5, prompt=105, output=1, completion=1, web_searches=1)
    assert merge(None, first) == first
    assert merge(first, gemini(input=90, prompt=90, output=7, completion=7)) == gemini(
        input=90, prompt=90, output=7, completion=7, web_searches=1
    )
    assert merge(first, gemini(output=9, reasoning=2, completion=11)) == gemini(
        input=100, cache_read=5, prompt=105, output=9, reasoning=2, completion=11, web_searches=1
    )
    assert merge(first, gemini(input=100, prompt=100)) == gemini(
        input=100, prompt=100, output=1, completion=1, web_searches=1
    )


def test_what_is_shown_reads_the_same() -> None:
    usage = gemini(
        input=300, cache_read=400, image_in=268, audio_in=32, output=5, reasoning=7, image_out=20, audio_out=3
    )
    shown = json.loads(msgspec.json.encode(show(usage)))
    assert shown == {
        "promptTokenCount": 1000,
        "candidatesTokenCount": 28,
        "totalTokenCount": 1035,
        "cachedContentTokenCount": 400,
        "thoughtsTokenCount": 7,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 700},
            {"modality": "IMAGE", "tokenCount": 268},
            {"modality": "AUDIO", "tokenCount": 32},
        ],
        "candidatesTokensDetails": [
            {"modality": "TEXT", "tokenCount": 5},
            {"modality": "IMAGE", "tokenCount": 20},
            {"modality": "AUDIO", "tokenCount": 3},
        ],
    }
    again = read(**shown)
    assert again is not None
    assert (again.input, again.cache_read, again.image_in, again.audio_in) == (300, 400, 268, 32)
    assert (again.output, again.reasoning, again.image_out, again.audio_out) == (5, 7, 20, 3)
