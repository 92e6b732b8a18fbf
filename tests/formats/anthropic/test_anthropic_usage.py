"""Token counts, and merging the reports of one stream."""

import json
from typing import Any

import pytest

from faregate.formats.anthropic import DIALECT
from faregate.formats.anthropic.usage import read_usage, show
from faregate.formats.usage import Usage


def usage(**wire: Any) -> Usage | None:
    return read_usage(json.dumps(wire).encode())


def known(**buckets: int) -> Usage:
    return Usage(semantic="anthropic", **buckets)  # type: ignore[arg-type]


def merged(*reports: dict[str, Any]) -> Usage | None:
    seen: Usage | None = None
    for report in reports:
        told = usage(**report)
        seen = DIALECT.merge(seen, told) if told else seen
    return seen


SPLIT = {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 400}


@pytest.mark.parametrize(
    ("wire", "buckets"),
    [
        ({"input_tokens": 100, "output_tokens": 10}, {}),
        ({"cache_read_input_tokens": 1000}, {"cache_read": 1000}),
        ({"cache_creation_input_tokens": 1000}, {"cache_write": 1000}),
        (
            {"cache_creation_input_tokens": 1000, "cache_creation": SPLIT},
            {"cache_write_5m": 600, "cache_write_1h": 400},
        ),
        (
            {"cache_creation_input_tokens": 1500, "cache_creation": SPLIT},
            {"cache_write": 500, "cache_write_5m": 600, "cache_write_1h": 400},
        ),
        ({"cache_creation_input_tokens": 100, "cache_creation": SPLIT}, {"cache_write_5m": 600, "cache_write_1h": 400}),
        ({"cache_creation": SPLIT}, {"cache_write_5m": 600, "cache_write_1h": 400}),
        ({"server_tool_use": {"web_search_requests": 3}}, {"web_searches": 3}),
        ({"cache_creation": None, "server_tool_use": [], "output_tokens_details": None}, {}),
    ],
)
def test_written_tokens_are_split_by_lifetime(wire: dict[str, Any], buckets: dict[str, int]) -> None:
    assert usage(**{"input_tokens": 100, "output_tokens": 10} | wire) == known(
        input=100, output=10, prompt=100, completion=10, **buckets
    )


def test_thoughts_are_part_of_the_output() -> None:
    assert usage(output_tokens=100, output_tokens_details={"thinking_tokens": 60}) == known(
        output=40, reasoning=60, completion=100
    )
    assert usage(output_tokens=10, output_tokens_details={"thinking_tokens": 60}) == known(reasoning=10, completion=10)


@pytest.mark.parametrize(
    ("value", "count"),
    [("100", 100), (1.9, 1), (-3, 0), (None, 0), ("many", 0), ("inf", 0), (True, 0), ([1], 0), (" 7 ", 7)],
)
def test_odd_counts_are_read_as_far_as_they_go(value: Any, count: int) -> None:
    assert usage(input_tokens=value, output_tokens=1) == known(input=count, prompt=count, output=1, completion=1)


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{}", b'"x"', b"{", b'{"input_tokens":0,"output_tokens":0}'])
def test_no_counts_are_no_usage(raw: bytes) -> None:
    assert read_usage(raw) is None


@pytest.mark.parametrize(
    ("reports", "buckets"),
    [
        # the end tells the output alone
        (
            [
                {
                    "input_tokens": 100,
                    "output_tokens": 1,
                    "cache_read_input_tokens": 1000,
                    "cache_creation_input_tokens": 1000,
                    "cache_creation": SPLIT,
                },
                {"output_tokens": 10},
            ],
            {
                "input": 100,
                "prompt": 100,
                "cache_read": 1000,
                "cache_write_5m": 600,
                "cache_write_1h": 400,
                "output": 10,
                "completion": 10,
            },
        ),
        # the end repeats the input and knows the split
        (
            [
                {"input_tokens": 100, "output_tokens": 1},
                {"input_tokens": 120, "output_tokens": 10, "cache_read_input_tokens": 50},
            ],
            {"input": 120, "prompt": 120, "cache_read": 50, "output": 10, "completion": 10},
        ),
        # a prompt-scale input first, the split later; and the reverse
        (
            [
                {"input_tokens": 1000, "output_tokens": 1},
                {"input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 5},
            ],
            {"input": 100, "prompt": 100, "cache_read": 900, "output": 5, "completion": 5},
        ),
        (
            [
                {"input_tokens": 1000, "output_tokens": 1},
                {"input_tokens": 0, "cache_read_input_tokens": 1000, "output_tokens": 5},
            ],
            {"cache_read": 1000, "output": 5, "completion": 5},
        ),
        (
            [
                {"input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 1},
                {"input_tokens": 1000, "output_tokens": 5},
            ],
            {"input": 100, "prompt": 100, "cache_read": 900, "output": 5, "completion": 5},
        ),
        # the end knows the sum but not the lifetimes
        (
            [
                {"input_tokens": 100, "cache_creation_input_tokens": 1000, "cache_creation": SPLIT, "output_tokens": 1},
                {"input_tokens": 800, "cache_creation_input_tokens": 1200, "output_tokens": 5},
            ],
            {
                "input": 800,
                "prompt": 800,
                "cache_write": 200,
                "cache_write_5m": 600,
                "cache_write_1h": 400,
                "output": 5,
                "completion": 5,
            },
        ),
        (
            [
                {"input_tokens": 100, "cache_creation_input_tokens": 1000, "cache_creation": SPLIT, "output_tokens": 1},
                {"cache_read_input_tokens": 7, "output_tokens": 5},
            ],
            {
                "input": 100,
                "prompt": 100,
                "cache_read": 7,
                "cache_write_5m": 600,
                "cache_write_1h": 400,
                "output": 5,
                "completion": 5,
            },
        ),
        (
            [
                {"input_tokens": 100, "cache_creation_input_tokens": 1000, "cache_creation": SPLIT, "output_tokens": 1},
                {"input_tokens": 100, "cache_creation_input_tokens": 300, "output_tokens": 5},
            ],
            {"input": 100, "prompt": 100, "cache_write": 300, "output": 5, "completion": 5},
        ),
        # server tools make the input grow, and are counted
        (
            [
                {"input_tokens": 2679, "output_tokens": 3},
                {"input_tokens": 10682, "output_tokens": 510, "server_tool_use": {"web_search_requests": 1}},
            ],
            {"input": 10682, "prompt": 10682, "output": 510, "completion": 510, "web_searches": 1},
        ),
        # nothing at the start, everything at the end; a zero at the end
        (
            [
                {"input_tokens": 0, "output_tokens": 0},
                {"input_tokens": 500, "cache_read_input_tokens": 400, "output_tokens": 100},
            ],
            {"input": 500, "prompt": 500, "cache_read": 400, "output": 100, "completion": 100},
        ),
        (
            [{"input_tokens": 9, "output_tokens": 4}, {"input_tokens": 9, "output_tokens": 0}],
            {"input": 9, "prompt": 9, "output": 4, "completion": 4},
        ),
    ],
)
def test_reports_are_merged(reports: list[dict[str, Any]], buckets: dict[str, int]) -> None:
    assert merged(*reports) == known(**buckets)


def test_the_input_shown_excludes_the_cache_whatever_the_upstreams_convention() -> None:
    assert show(Usage(input=500, cache_read=400, cache_write=100, output=40, reasoning=60, prompt=1000)) == {
        "input_tokens": 500,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 400,
        "output_tokens": 100,
        "output_tokens_details": {"thinking_tokens": 60},
    }


def test_usage_shown_is_read_back() -> None:
    full = known(
        input=5,
        prompt=5,
        cache_read=1,
        cache_write=4,
        cache_write_5m=2,
        cache_write_1h=3,
        output=6,
        reasoning=7,
        completion=13,
        web_searches=2,
    )
    assert usage(**show(full)) == full
