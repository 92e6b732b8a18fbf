"""The shipped list prices."""

from faregate.pricing import catalogue, catalogue_source, default_maps, rates_by_price
from faregate.pricing.names import price_keys


def test_every_listed_model_makes_rates_with_no_negative_price() -> None:
    for name, price in catalogue().items():
        tariff = rates_by_price(name, price).under(1)
        assert tariff.input > 0, name


def test_no_listed_name_is_priced_by_the_default_tables() -> None:
    known = set(default_maps().model_ratio) | set(default_maps().model_price)
    assert [name for name in catalogue() if known.intersection(price_keys(name))] == []


def test_the_source_is_named_with_its_version() -> None:
    assert catalogue_source().startswith("genai-prices ")
    assert all(price.provenance for price in catalogue().values())
