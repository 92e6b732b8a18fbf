"""The exact, fast charge against a slow decimal reference, and its bounds."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.formats.usage import Usage
from faregate.pricing import OutOfRange, Surcharge, Tokens, charge, rates_by_ratio, rates_per_call, violation_fee
from faregate.pricing.charge import Charge
from faregate.pricing.exact import INT64_MAX

ratio = st.one_of(
    st.sampled_from([0.0, 0.075, 0.1, 0.5, 1.0, 1.25, 8.219178082191782, 8.333333333333334, 37.5]),
    st.floats(min_value=0, max_value=1000, allow_nan=False),
)
count = st.integers(min_value=0, max_value=2_000_000)
buckets = st.builds(
    Tokens,
    input=count,
    cache_read=count,
    cache_write=count,
    cache_write_5m=count,
    cache_write_1h=count,
    image_in=count,
    audio_in=count,
    output=count,
    reasoning=count,
    image_out=count,
    audio_out=count,
)
other = st.dictionaries(st.sampled_from("abc"), st.floats(min_value=-1, max_value=20), max_size=3)
tools = st.lists(st.builds(Surcharge, st.just("t"), st.integers(1, 9), ratio), max_size=2).map(tuple)


def decimal(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def reference(ratios, group, tokens, others, surcharges) -> int:
    """Settlement as billing.md section 3.4 writes it, in decimals."""
    model, completion, read, write, image = map(decimal, ratios)
    hour = decimal(ratios[3] * 1.6)
    with localcontext(prec=2000):
        cache = tokens.cache_read * read + (tokens.cache_write + tokens.cache_write_5m) * write
        cache += tokens.cache_write_1h * hour + tokens.image_in * image
        output = tokens.output + tokens.reasoning + tokens.image_out + tokens.audio_out
        base = tokens.input + tokens.audio_in
        amount = (base + cache + output * completion) * model * decimal(group)
        for factor in others.values():
            if factor > 0:
                amount *= decimal(factor)
        extra = sum((decimal(item.price) * item.count for item in surcharges), Decimal(0)) / 1000
        extra *= decimal(group) * 500_000
        amount += extra
        is_paid = model * decimal(group) != 0
        total = base + output + tokens.cache_read + tokens.cache_write + tokens.cache_write_5m
        total += tokens.cache_write_1h + tokens.image_in
        quota = int(amount.quantize(Decimal(1), ROUND_HALF_UP))
        if total == 0 and extra == 0:
            return 0
        return min(max(quota, 1 if is_paid else 0), INT64_MAX)


def rates(ratios):
    names = ("model_ratio", "completion_ratio", "cache_ratio", "create_cache_ratio", "image_ratio")
    return rates_by_ratio("m", **dict(zip(names, ratios, strict=True)))


@given(st.tuples(ratio, ratio, ratio, ratio, ratio), ratio, buckets)
def test_the_short_way_equals_the_decimal_reference(ratios, group, tokens) -> None:
    assert charge(rates(ratios), group, tokens).quota == reference(ratios, group, tokens, {}, ())


@given(st.tuples(ratio, ratio, ratio, ratio, ratio), ratio, buckets, other, tools)
def test_the_composed_way_equals_the_decimal_reference(ratios, group, tokens, others, surcharges) -> None:
    charged = charge(rates(ratios), group, tokens, other_ratios=others, surcharges=surcharges)
    assert charged.quota == reference(ratios, group, tokens, others, surcharges)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from([0.5, 0.05, 0.005, 0.25]))
def test_exact_halves_round_away_from_zero(prompt, completion, model_ratio) -> None:
    ratios = (model_ratio, 1.0, 1.0, 1.0, 1.0)
    tokens = Tokens(input=prompt, output=completion)
    assert charge(rates(ratios), 1, tokens).quota == reference(ratios, 1, tokens, {}, ())


@given(st.tuples(ratio, ratio, ratio, ratio, ratio), ratio, buckets, st.sampled_from(Tokens.__struct_fields__), count)
def test_more_tokens_never_cost_less_and_nothing_costs_less_than_nothing(ratios, group, tokens, bucket, more) -> None:
    grown = Tokens(
        **{name: getattr(tokens, name) + (more if name == bucket else 0) for name in tokens.__struct_fields__}
    )
    small, large = charge(rates(ratios), group, tokens).quota, charge(rates(ratios), group, grown).quota
    assert 0 <= small <= large


def test_a_usage_is_priced_as_it_is() -> None:
    usage = Usage(input=1000, output=300, reasoning=200, prompt=1000, completion=500)
    assert charge(rates_by_ratio("gpt-4o", model_ratio=1.25, completion_ratio=4), 1, usage).quota == 3750


def test_a_priced_model_costs_at_least_one_and_says_so() -> None:
    cheap = rates_by_ratio("m", model_ratio=0.025)
    assert charge(cheap, 1, Tokens(input=1)) == Charge(1, cheap, 1, is_minimum=True)
    assert charge(cheap, 1, Tokens(audio_out=1)).quota == 1
    assert charge(cheap, 1, Tokens()).quota == 0
    assert charge(cheap, 0, Tokens(input=1)).quota == 0


def test_a_tiny_surcharge_without_tokens_costs_one_on_a_priced_model() -> None:
    tiny = (Surcharge("t", 1, 0.0000001),)
    assert charge(rates_by_ratio("m", model_ratio=1), 1, Tokens(), surcharges=tiny).quota == 1
    assert charge(rates_by_ratio("m", model_ratio=0), 1, Tokens(), surcharges=tiny).quota == 0


def test_a_price_per_call_is_due_without_tokens_and_has_no_minimum() -> None:
    assert charge(rates_per_call("m", 0.01), 1.5, Tokens()).quota == 7500
    assert charge(rates_per_call("m", 9e-07), 1, Tokens(input=1)).quota == 0


def test_an_amount_beyond_64_bits_is_capped_and_flagged() -> None:
    charged = charge(rates_by_ratio("m", model_ratio=1e12), 1, Tokens(input=10**9))
    assert (charged.quota, charged.is_capped) == (INT64_MAX, True)
    assert charge(rates_per_call("m", 1e300), 1, Tokens()).is_capped


@pytest.mark.parametrize("number", [-1.0, float("nan"), float("inf")])
def test_negative_and_endless_prices_are_refused(number) -> None:
    with pytest.raises(OutOfRange):
        charge(rates_by_ratio("m", model_ratio=number), 1, Tokens(input=1))
    with pytest.raises(OutOfRange):
        charge(rates_by_ratio("m", model_ratio=1), number, Tokens(input=1))
    with pytest.raises(OutOfRange):
        charge(rates_per_call("m", number), 1, Tokens(input=1))


@pytest.mark.parametrize("others", [{}, {"n": 2.0}])
def test_negative_token_counts_are_refused(others) -> None:
    with pytest.raises(OutOfRange):
        charge(rates_by_ratio("m", model_ratio=1), 1, Tokens(input=-5), other_ratios=others)


def test_a_free_group_pays_no_violation_fee() -> None:
    assert violation_fee(0.05, 0, 500_000) == 0
    assert violation_fee(0.05, -1, 500_000) == 0
