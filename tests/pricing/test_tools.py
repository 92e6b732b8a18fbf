"""Surcharges for tool calls."""

import pytest

from faregate.kernel.errors import BadRequest
from faregate.pricing import (
    Surcharge,
    Tokens,
    ToolPrices,
    charge,
    parse_tool_prices,
    rates_by_ratio,
    usable_tool_prices,
)


def test_calls_of_a_tool_are_merged_and_sorted() -> None:
    calls = [("web_search", 1), ("file_search", 2), ("web_search", 2), ("unpriced", 5), ("google_search", 0)]
    assert ToolPrices().surcharges(calls, "gpt-4o") == (
        Surcharge("file_search", 2, 2.5),
        Surcharge("web_search", 3, 10.0),
    )


def test_a_key_without_a_star_is_a_prefix_too() -> None:
    assert ToolPrices({"f:gpt-4": 3}).price("f", "gpt-4o") == 3
    assert ToolPrices({"f:gpt-4": 3}).price("f", "o1") == 0


def test_only_priced_functions_outside_the_reserved_names_are_billed() -> None:
    prices = ToolPrices({"lookup": 5})
    assert prices.bills_function("lookup", "m")
    assert not prices.bills_function("other", "m")
    assert not prices.bills_function("web_search", "m")


def test_the_group_ratio_multiplies_surcharges() -> None:
    surcharges = ToolPrices().surcharges([("web_search", 1)], "m")
    rates = rates_by_ratio("m", model_ratio=1)
    assert charge(rates, 0.5, Tokens(input=10), surcharges=surcharges).quota == 2505
    assert charge(rates, 0, Tokens(input=10), surcharges=surcharges).quota == 0


@pytest.mark.parametrize("text", ['{"x": -1}', '{"x": "1"}', "[1]", '{"x": true}'])
def test_saving_something_that_is_no_price_is_refused(text) -> None:
    with pytest.raises(BadRequest, match="tool_price_setting"):
        parse_tool_prices(text)


def test_good_prices_are_saved() -> None:
    assert parse_tool_prices('{"x": 1, "y:gpt*": 0}') == {"x": 1, "y:gpt*": 0}


def test_loading_keeps_what_is_usable() -> None:
    assert usable_tool_prices('{"a": 1, "b": -1, "c": "2", "d": true, "e": 2.5}') == {"a": 1, "e": 2.5}
    assert usable_tool_prices("nothing") == {}
