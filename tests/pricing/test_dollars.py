"""Prices in USD over the ratio tables."""

import pytest

from faregate.kernel.errors import BadRequest
from faregate.pricing import (
    Dollars,
    PriceBook,
    PriceMaps,
    dollars,
    entries,
    origin,
    output_rule,
    own_buckets,
    priced_as,
    put_price,
    put_shipped,
    tables,
)

UNIT = 500_000.0
EMPTY = PriceMaps()


def book_with(model: str, price: Dollars, maps: PriceMaps = EMPTY, unit: float = UNIT) -> PriceBook:
    """A book in which `model` was given `price`."""
    into = tables(maps)
    put_price(into, model, price, quota_per_unit=unit)
    return PriceBook(PriceMaps(**into), quota_per_unit=unit)


@pytest.mark.parametrize("unit", [UNIT, 1000.0, 7.3, 123456.789])
@pytest.mark.parametrize("first", [6.0, 3.0, 0.15, 0.075, 1.1, 7.0, 0.000123])
@pytest.mark.parametrize("second", [10.0, 0.6, 24.0, 3.3, 0.3333, 99.99])
def test_what_was_typed_is_shown_again(unit: float, first: float, second: float) -> None:
    typed = Dollars(input=first, output=second, cache_read=0.3, cache_write=second, image_in=0.7, audio_in=second)
    book = book_with("m", typed, unit=unit)
    found = dollars(book.get("m"))
    assert (found.input, found.output, found.cache_read, found.cache_write) == (first, second, 0.3, second)
    assert (found.image_in, found.audio_in, found.per_call) == (0.7, second, None)


def test_prices_become_new_apis_ratios() -> None:
    price = Dollars(input=6, output=30, cache_read=0.6, cache_write=7.5, audio_in=12, audio_out=24)
    assert entries(book_with("m", price).maps, "m") == {
        "model_ratio": 3.0,
        "completion_ratio": 5.0,
        "cache_ratio": 0.1,
        "create_cache_ratio": 1.25,
        "audio_ratio": 2.0,
        "audio_completion_ratio": 2.0,
    }


def test_what_has_no_price_of_its_own_follows_by_rule() -> None:
    book = book_with("m", Dollars(input=4, output=8))
    found = dollars(book.get("m"))
    assert (found.cache_read, found.cache_write, found.image_in, found.audio_in, found.audio_out) == (4, 5, 4, 4, 8)
    assert own_buckets(book, book.get("m")) == ["input", "output"]
    more = book_with("m", Dollars(input=4, output=8, cache_read=1, image_in=2, audio_out=9))
    assert own_buckets(more, more.get("m")) == ["input", "output", "cache_read", "image_in", "audio_out"]
    assert dollars(more.get("m")).audio_out == 9


def test_a_group_multiplies() -> None:
    book = book_with("m", Dollars(input=3, output=10))
    found = dollars(book.get("m"), 0.8)
    assert (found.input, found.output) == (2.4, 8)
    assert dollars(book_with("c", Dollars(per_call=0.05)).get("c"), 3) == Dollars(per_call=0.15)


def test_a_price_per_call_comes_and_goes() -> None:
    book = book_with("m", Dollars(per_call=0.04))
    assert own_buckets(book, book.get("m")) == ["per_call"]
    back = book_with("m", Dollars(input=2, output=2), book.maps)
    assert dollars(back.get("m")).input == 2
    assert back.maps.model_price == {}


def test_an_entry_is_taken_away_when_its_price_is() -> None:
    first = book_with("m", Dollars(input=2, output=4, cache_read=1))
    assert entries(book_with("m", Dollars(input=2), first.maps).maps, "m") == {"model_ratio": 1.0}


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (Dollars(), "m: give either a price per call or an input price."),
        (Dollars(input=1, per_call=1), "m: give either a price per call or an input price."),
        (Dollars(input=0, output=1), "m: with a free input, every other token must be free too."),
        (Dollars(input=1, audio_in=0, audio_out=1), "m: with a free input, every other token must be free too."),
    ],
)
def test_what_ratios_cannot_say_is_refused(price: Dollars, text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        book_with("m", price)
    assert str(refused.value) == text


def test_everything_may_be_free() -> None:
    book = book_with("m", Dollars(input=0, output=0))
    assert (dollars(book.get("m")).input, dollars(book.get("m")).output) == (0, 0)


@pytest.mark.parametrize("model", ["m", "gemini-9-x", "gpt-5.9-x", "x/claude-sonnet-4", "command-x"])
def test_output_without_a_price_follows_the_rule_that_is_told(model: str) -> None:
    found = dollars(book_with(model, Dollars(input=1)).get(model))
    assert found.output == output_rule(model).ratio


def test_a_locked_family_keeps_its_output() -> None:
    model = "claude-sonnet-4"
    rules = {name: tuple(output_rule(name)) for name in (model, "m", "x/claude-sonnet-4", "gemini-9-x")}
    assert rules == {model: (5, True), "m": (1, False), "x/claude-sonnet-4": (5, False), "gemini-9-x": (4, False)}
    assert dollars(book_with(model, Dollars(input=6, output=30)).get(model)).output == 30
    assert dollars(book_with(model, Dollars(input=6)).get(model)).output == 30
    with pytest.raises(BadRequest, match="output of this family always costs 5 times the input"):
        book_with(model, Dollars(input=6, output=20))


def test_a_name_of_a_family_is_priced_by_its_entry() -> None:
    model = "gpt-4-gizmo-g-1"
    book = PriceBook()
    assert (priced_as(book, model), origin(book, model)) == ("gpt-4-gizmo-*", "family")
    for change in (lambda: put_price({}, model, Dollars(input=1), quota_per_unit=UNIT), lambda: put_shipped({}, model)):
        with pytest.raises(BadRequest, match=r"gpt-4-gizmo-g-1 is priced by the entry 'gpt-4-gizmo-\*'"):
            change()


def test_where_a_price_comes_from() -> None:
    plain = PriceBook(use_catalogue=True)
    assert [origin(plain, name) for name in ("gpt-4o", "GLM-4-Air", "nobody-knows")] == ["shipped", "shipped", "unset"]
    assert origin(book_with("gpt-4o", Dollars(input=1, output=2), plain.maps), "gpt-4o") == "operator"
    assert own_buckets(plain, plain.get("GLM-4-Air")) == ["input", "output", "cache_read"]


def test_the_shipped_price_comes_back() -> None:
    shipped = PriceBook()
    changed = book_with("gpt-4o", Dollars(input=9, output=9, cache_write=1), shipped.maps)
    into = tables(changed.maps)
    put_shipped(into, "gpt-4o")
    assert PriceMaps(**into) == shipped.maps
