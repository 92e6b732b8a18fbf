"""Claude's counts in chat's clothes: prompts without cached tokens, writes with and without a lifetime."""

import json
from typing import Any

import pytest

from faregate.formats.openai_chat.usage import usage_of
from faregate.formats.openai_chat.wire import answer_of
from faregate.formats.usage import Usage


def read(**report: Any) -> Usage:
    """The usage of a report of 100 prompt and 10 completion tokens."""
    body = {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 10, **report}}
    found = usage_of(answer_of(json.dumps(body).encode()))
    assert found is not None
    return found


def written(usage: Usage) -> tuple[int, int, int, int]:
    """Input, and what was written to a cache: of no lifetime, of five minutes, of an hour."""
    return usage.input, usage.cache_write, usage.cache_write_5m, usage.cache_write_1h


@pytest.mark.parametrize(
    "report",
    [
        {"prompt_tokens_details": {"cached_creation_tokens": 300}},
        {"prompt_tokens_details": {"cache_write_tokens": 300, "cached_creation_tokens": 299}},
        {"input_tokens_details": {"cache_creation_tokens": 300}},
        {"cache_creation_input_tokens": 300},
    ],
)
def test_a_write_without_a_lifetime_counts_however_it_is_spelled(report: dict[str, Any]) -> None:
    assert written(read(usage_semantic="anthropic", **report)) == (100, 300, 0, 0)


@pytest.mark.parametrize(("total", "rest"), [(300, 150), (150, 0), (10, 0)])
@pytest.mark.parametrize("mark", [{"usage_semantic": "anthropic"}, {}])
def test_what_the_lifetimes_leave_of_the_total_has_none(mark: dict[str, str], total: int, rest: int) -> None:
    split = {"claude_cache_creation_5_m_tokens": 100, "claude_cache_creation_1_h_tokens": 50}
    details = {"prompt_tokens_details": {"cached_creation_tokens": total}}
    assert written(read(**mark, **split, **details)) == (100, rest, 100, 50)


def test_an_unmarked_report_takes_its_writes_from_the_prompt() -> None:
    assert written(read(prompt_tokens_details={"cached_creation_tokens": 30})) == (70, 30, 0, 0)
