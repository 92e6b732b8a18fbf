"""Which rates a name finds."""

from decimal import Decimal

import pytest

from faregate.kernel.errors import BadRequest
from faregate.pricing import ModelPrice, PriceBook, PriceMaps, Tokens, Unpriced, charge, rates_by_price
from faregate.pricing.book import MEMO_LIMIT
from faregate.pricing.completion import CompletionRatio


def test_rates_gather_every_table() -> None:
    rates = PriceBook().get("claude-sonnet-4-20250514")
    assert (rates.model_ratio, rates.completion_ratio, rates.cache_ratio) == (1.5, 5, 0.1)
    assert (rates.create_cache_ratio, rates.create_cache_1h_ratio, rates.image_ratio) == (1.25, 2.0, 1)
    assert rates.source == "option"


def test_found_rates_are_remembered() -> None:
    book = PriceBook()
    assert book.get("gpt-4o") is book.get("gpt-4o")


def test_memory_for_wildcard_names_is_bounded() -> None:
    book = PriceBook()
    for number in range(MEMO_LIMIT + 1):
        book.get(f"gpt-4o-gizmo-{number}")
    assert len(book._found) == 1


def test_a_price_per_call_beats_a_ratio() -> None:
    book = PriceBook(PriceMaps(model_ratio={"m": 5}, model_price={"m": 0.002}))
    assert book.get("m").price_per_call == 0.002
    assert charge(book.get("m"), 1, Tokens(input=9)).quota == 1000


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("gpt-4o-gizmo-g-abc", "gpt-4o-gizmo-*"),
        ("gemini-2.5-flash-thinking-128", "gemini-2.5-flash-thinking-*"),
        ("gemini-2.5-flash-lite-preview-thinking-9", "gemini-2.5-flash-lite-thinking-*"),
        ("gemini-2.5-pro-preview-thinking-9", "gemini-2.5-pro-thinking-*"),
        ("gemini-2.5-pro", "gemini-2.5-pro"),
        ("some-model-openai-compact", "*-openai-compact"),
        ("some-model-openai-compact", "some-model-openai-compact"),
    ],
)
def test_names_of_a_family_share_an_entry(asked, key) -> None:
    assert PriceBook(PriceMaps(model_ratio={key: 3})).get(asked).model_ratio == 3
    assert PriceBook(PriceMaps(model_price={key: 3})).get(asked).price_per_call == 3


def test_cache_and_image_ratios_go_by_the_exact_name() -> None:
    maps = PriceMaps(model_ratio={"gpt-4o-gizmo-*": 1}, cache_ratio={"gpt-4o-gizmo-*": 0.5})
    assert PriceBook(maps).get("gpt-4o-gizmo-a").cache_ratio == 1


@pytest.mark.parametrize("name", ["unpriced", "absent", "gpt-test", "gpt-other", "other", "m", "GPT-4O", "gpt-4o "])
@pytest.mark.parametrize("use_catalogue", [False, True])
def test_a_name_nobody_prices_has_no_rates(name, use_catalogue) -> None:
    book = PriceBook(use_catalogue=use_catalogue)
    assert book.find(name) is None
    with pytest.raises(Unpriced) as caught:
        book.get(name)
    assert (caught.value.code, caught.value.status, caught.value.param) == ("pricing.unpriced", 400, "model")


def test_an_accepted_unset_model_costs_the_unset_ratio() -> None:
    rates = PriceBook().get("gpt-test", accept_unset=True)
    assert (rates.model_ratio, rates.completion_ratio, rates.source) == (37.5, 2, "unset")
    assert PriceBook().find("gpt-test") is None


def test_a_default_taken_out_of_its_option_is_gone_catalogue_or_not() -> None:
    book = PriceBook.from_options({"ModelRatio": '{"m":2}'}, use_catalogue=True)
    assert book.get("m").model_ratio == 2
    assert book.find("gpt-4o") is None


def test_an_option_that_is_no_map_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="CacheRatio"):
        PriceBook.from_options({"CacheRatio": "{broken"})


def test_audio_ratios_need_one_of_two_entries() -> None:
    heard = PriceBook(PriceMaps(model_ratio={"m": 2}, audio_ratio={"m": 8})).get("m")
    spoken = PriceBook(PriceMaps(model_ratio={"m": 2}, audio_completion_ratio={"m": 3})).get("m")
    tokens = Tokens(audio_in=10, audio_out=10)
    assert (heard.has_audio, charge(heard, 1, tokens).quota) == (True, (10 * 8 + 10 * 8) * 2)
    assert (spoken.has_audio, charge(spoken, 1, tokens).quota) == (True, (10 + 10 * 3) * 2)


def test_audio_with_its_own_dollar_price_ignores_the_model_ratio() -> None:
    rates = PriceBook(PriceMaps(model_ratio={"gemini-2.5-flash": 0.15})).get("gemini-2.5-flash")
    assert charge(rates, 1, Tokens(input=100, audio_in=1000)).quota == 15 + 500


def test_the_meta_table_tells_locks() -> None:
    meta = PriceBook(PriceMaps(model_ratio={"o1": 1}, completion_ratio={"gpt-4o": 3, "o1": 9})).completion_meta()
    assert meta == {"gpt-4o": CompletionRatio(3, False), "o1": CompletionRatio(4, True)}


def test_quota_per_unit_moves_prices_and_not_ratios() -> None:
    book = PriceBook(PriceMaps(model_ratio={"m": 3}, model_price={"n": 0.01}), quota_per_unit=1_000_000)
    assert charge(book.get("n"), 1, Tokens(input=1)).quota == 10_000
    assert charge(book.get("m"), 1, Tokens(input=100)).quota == 300


def test_the_catalogue_prices_exact_names_only() -> None:
    book = PriceBook(PriceMaps(), use_catalogue=True)
    rates = book.get("voyage-3.5")
    assert (rates.source, rates.model_ratio) == ("catalogue", 0.03)
    assert book.find("voyage-3.5-x") is None


def test_dollar_prices_become_exact_weights() -> None:
    price = ModelPrice(provenance="list", input=Decimal("0.3"), output=Decimal(1), cache_read=Decimal("0.1"))
    rates = rates_by_price("m", price)
    assert charge(rates, 1, Tokens(output=1_000_000, cache_read=1_000_000)).quota == 500_000 + 50_000
    assert rates.completion_ratio == 1 / 0.3
    assert rates.price().output == Decimal(1)
    assert rates.price().cache_write_1h == Decimal("0.48")


def test_a_free_audio_bucket_has_no_completion_ratio() -> None:
    price = ModelPrice(provenance="list", input=Decimal(1), audio_in=Decimal(0), audio_out=Decimal(0))
    rates = rates_by_price("m", price)
    assert (rates.audio_ratio, rates.audio_completion_ratio) == (0, 0)


def test_ratio_one_reads_as_two_dollars_a_million() -> None:
    book = PriceBook(PriceMaps(model_ratio={"m": 1}, model_price={"n": 0.04}, completion_ratio={"m": 4}))
    price = book.get("m").price()
    assert (price.input, price.output, price.cache_write, price.provenance) == (2, 8, Decimal("2.5"), "option")
    assert book.get("n").price() == ModelPrice(provenance="option", per_call=Decimal("0.04"))
