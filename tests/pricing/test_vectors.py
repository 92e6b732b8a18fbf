"""Every published billing vector of this room's kinds, with the two amounts where 64 bits give another answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faregate.formats.estimate import estimate_text, family_of
from faregate.formats.openai_chat.usage import usage_of
from faregate.formats.openai_chat.wire import answer_of
from faregate.pricing import (
    GroupRatios,
    PriceBook,
    Rates,
    Report,
    Tokens,
    ToolPrices,
    charge,
    default_maps,
    hold,
    rates_by_ratio,
    rates_per_call,
    tokens_from_report,
    violation_fee,
    without_cache,
)
from faregate.pricing.book import audio_input_price
from faregate.pricing.completion import completion_ratio
from faregate.pricing.errors import OutOfRange

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "billing-vectors.json").read_text())["vectors"]
SHARED = Path(__file__).parents[3] / "shared" / "reference" / "data" / "billing-vectors.json"

# A charge is not cut at 31 bits (billing reference, section 12, 17): 1 + 1M x 100 tokens at 37.5 x 2.
UNCUT = {"text-31": 7_500_000_075}


def rates_of(given: dict[str, Any]) -> Rates:
    price, model = given.get("price", {}), given.get("model", "x")
    if "model_price" in price:
        return rates_per_call(model, price["model_price"])
    audio = None
    if "audio_ratio" in price or "audio_completion_ratio" in price:
        audio = (price.get("audio_ratio", 1), price.get("audio_completion_ratio", 1))
    names = ("model_ratio", "completion_ratio", "cache_ratio", "create_cache_ratio", "image_ratio")
    ratios = {name: price[name] for name in names if name in price}
    return rates_by_ratio(model, **ratios, audio=audio, audio_input_price=audio_input_price(model))


def group_of(given: dict[str, Any]) -> float:
    return given.get("price", {}).get("group_ratio", 1)


def text(given: dict[str, Any]) -> int:
    rates = rates_of(given)
    report = Report(semantic=given.get("semantic", "openai"), **given["usage"])
    if given.get("channel") == "openrouter" and report.semantic == "anthropic":
        is_list_price = not given.get("custom_model_ratio", True)
        report = without_cache(report, rates, given.get("cost", 0) if is_list_price else 0)
    calls = [(tool["name"], tool["count"]) for tool in given.get("tools", ())]
    surcharges = ToolPrices(given.get("tool_price_overrides")).surcharges(calls, given.get("model", "x"))
    tokens, other_ratios = tokens_from_report(report, rates), given.get("other_ratios", {})
    return charge(rates, group_of(given), tokens, other_ratios=other_ratios, surcharges=surcharges).quota


def audio(given: dict[str, Any]) -> int:
    used = given["usage"]
    tokens = Tokens(
        input=used.get("text_in", 0),
        output=used.get("text_out", 0),
        audio_in=used.get("audio_in", 0),
        audio_out=used.get("audio_out", 0),
    )
    return charge(rates_of(given), group_of(given), tokens).quota


def preconsume(given: dict[str, Any]) -> int | str:
    rates = rates_of(given).scaled(given.get("image_price_ratio", 1))
    ratios = given.get("billing_ratios", {})
    size = {"prompt_tokens": given.get("prompt", 0), "max_tokens": given.get("max_tokens", 0)}
    try:
        return hold(rates, group_of(given), **size, other_ratios=ratios)
    except OutOfRange:
        return "error"


def group_ratio(given: dict[str, Any]) -> float:
    ratios = GroupRatios(given["group_ratio"], given["group_group_ratio"])
    return ratios.get(given["user_group"], given["using_group"]).ratio


def completion(given: dict[str, Any]) -> float:
    return completion_ratio(given["model"], given.get("configured", default_maps().completion_ratio)).ratio


KINDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "text": text,
    "audio": audio,
    "preconsume": preconsume,
    "group_ratio": group_ratio,
    "completion_ratio": completion,
    "tool_price": lambda given: ToolPrices(given["overrides"]).price(given["tool"], given["model"]),
    "violation_fee": lambda given: violation_fee(given["amount"], given["group_ratio"], 500_000),
    "estimate_tokens": lambda given: estimate_text(given["text"], family_of(given["model"])),
}
OURS = [vector for vector in VECTORS if vector["kind"] in KINDS]


@pytest.mark.parametrize("vector", OURS, ids=[vector["id"] for vector in OURS])
def test_vector(vector: dict[str, Any]) -> None:
    expected = UNCUT.get(vector["id"], vector["expected"])
    assert KINDS[vector["kind"]](vector["input"]) == expected, vector["description"]


def wire_usage(given: dict[str, Any]) -> bytes:
    """A chat answer with the usage of a vector, marked with its semantic."""
    used = given["usage"]
    details = {"cached_tokens": used.get("cached", 0), "cached_creation_tokens": used.get("cached_creation", 0)}
    usage = {
        "prompt_tokens": used["prompt"],
        "completion_tokens": used.get("completion", 0),
        "prompt_tokens_details": details,
        "usage_semantic": given["semantic"],
        "claude_cache_creation_5_m_tokens": used.get("cache_5m", 0),
        "claude_cache_creation_1_h_tokens": used.get("cache_1h", 0),
    }
    return json.dumps({"choices": [], "usage": usage}).encode()


@pytest.mark.parametrize("id", ["text-15", "text-16", "text-17"])
def test_vector_of_claudes_counts_in_a_chat_answer(id: str) -> None:
    vector = next(vector for vector in VECTORS if vector["id"] == id)
    usage = usage_of(answer_of(wire_usage(vector["input"])))
    assert usage is not None
    assert charge(rates_of(vector["input"]), 1, usage).quota == vector["expected"]


def test_cache_writes_of_no_lifetime_are_charged_in_a_chat_answer_of_claudes_counts() -> None:
    used = {"prompt": 100, "completion": 10, "cached": 1000, "cached_creation": 300}
    usage = usage_of(answer_of(wire_usage({"semantic": "anthropic", "usage": used})))
    assert usage is not None
    rates = rates_by_ratio("x", model_ratio=2, completion_ratio=5, cache_ratio=0.1, create_cache_ratio=1.25)
    assert charge(rates, 1, usage).quota == 1250


def test_no_vector_of_these_kinds_is_lost() -> None:
    assert len(OURS) == 95


def test_our_copy_of_the_vectors_agrees_with_the_shared_one() -> None:
    if SHARED.exists():
        assert json.loads(SHARED.read_text())["vectors"] == VECTORS


def test_default_book_prices_gpt_4o_as_the_reference_works_it_out() -> None:
    rates = PriceBook().get("gpt-4o")
    assert charge(rates, 1, Tokens(input=1000, output=500)).quota == 3750
