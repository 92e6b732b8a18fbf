"""The price list."""

from faregate.catalog.price_list import price_list, routes, visible
from faregate.identity import Served
from faregate.pricing import PriceBook, PriceMaps, catalogue

CHAT = Served("chat", ("default", "vip"), ("openai", "anthropic"))
OPEN = Served("open", ("all",), ("gemini", "made-up"))
STAFF = Served("staff", ("staff",), ("embeddings",))


def test_models_of_usable_groups_and_of_everybody_are_visible() -> None:
    assert visible([CHAT, OPEN, STAFF], ["vip"]) == [CHAT, OPEN]


def test_routes_are_those_of_the_types_that_occur() -> None:
    found = {kind: (route.path, route.method) for kind, route in routes([CHAT, OPEN]).items()}
    assert found == {
        "openai": ("/v1/chat/completions", "POST"),
        "anthropic": ("/v1/messages", "POST"),
        "gemini": ("/v1beta/models/{model}:generateContent", "POST"),
    }


def test_a_model_of_the_shipped_list_shows_its_ratios() -> None:
    name, price = next((name, price) for name, price in catalogue().items() if price.cache_read == price.input / 2)
    (line,) = price_list([Served(name, ("default",), ())], PriceBook(PriceMaps(), use_catalogue=True))
    assert line.model_ratio == float(price.input) / 2
    assert line.cache_ratio == 0.5
    assert line.image_ratio is None


def test_ratios_that_nobody_set_are_left_out() -> None:
    (line,) = price_list([CHAT], PriceBook(PriceMaps(model_ratio={"chat": 1}, audio_ratio={"chat": 8})))
    assert sorted(line.model_dump()) == [
        "audio_ratio",
        "completion_ratio",
        "enable_groups",
        "model_name",
        "model_price",
        "model_ratio",
        "owner_by",
        "quota_type",
        "supported_endpoint_types",
    ]
