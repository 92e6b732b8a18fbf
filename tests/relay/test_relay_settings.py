"""The operator's retry and disable rules, as text and as decisions."""

import pytest
from pydantic import ValidationError

from faregate.relay.settings import (
    DEFAULT_RETRY_RANGES,
    DialectSettings,
    RoutingSettings,
    status_ranges,
)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        (" , ,", ()),
        ("401", ((401, 401),)),
        ("401,409-499", ((401, 401), (409, 499))),
        (" 500 - 503 , 100 ", ((500, 503), (100, 100))),
        ("401\uff0c403", ((401, 401), (403, 403))),
        ("100-599", ((100, 599),)),
        ("500-500", ((500, 500),)),
    ],
)
def test_ranges_are_read(text: str, pairs: tuple[tuple[int, int], ...]) -> None:
    assert status_ranges(text) == pairs


@pytest.mark.parametrize(
    "text", ["x", "40", "4000", "99", "600", "503-500", "500-", "-500", "500-600", "401;403", "5xx"]
)
def test_what_is_no_range_of_statuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is neither|is not between"):
        status_ranges(text)
    with pytest.raises(ValidationError):
        RoutingSettings.model_validate({"retry_statuses": text})


def test_the_default_leaves_out_what_another_channel_would_not_mend() -> None:
    retried = {status for low, high in status_ranges(DEFAULT_RETRY_RANGES) for status in range(low, high + 1)}
    assert {200, 400, 408, 504, 524}.isdisjoint(retried)
    assert {401, 403, 404, 429, 500, 502, 503, 529} <= retried


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="is not a regular expression"):
        DialectSettings.model_validate({"responses_policy": {"enabled": True, "model_patterns": ["["]}})
