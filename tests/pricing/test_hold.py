"""What is reserved before a request leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.pricing import OutOfRange, hold, image_price_ratio, rates_by_ratio, rates_per_call
from faregate.pricing.hold import LIMIT


def test_the_output_limit_counts_at_the_input_price() -> None:
    rates = rates_by_ratio("m", model_ratio=2, completion_ratio=4)
    assert hold(rates, 1.5, prompt_tokens=1000, max_tokens=500) == 4500


def test_the_floor_is_a_setting() -> None:
    rates = rates_by_ratio("m", model_ratio=1)
    assert hold(rates, 1, prompt_tokens=7, max_tokens=3, floor_tokens=0) == 10
    assert hold(rates, 1, prompt_tokens=7, max_tokens=3) == 503


@pytest.mark.parametrize("ratios", [(-1.0, 1.0), (1.0, -1.0), (1e12, 1.0)])
def test_amounts_out_of_range_are_refused(ratios) -> None:
    with pytest.raises(OutOfRange) as caught:
        hold(rates_by_ratio("m", model_ratio=ratios[0]), ratios[1])
    assert (caught.value.code, caught.value.status) == ("pricing.out_of_range", 400)


def test_a_negative_bucket_is_refused_before_the_upstream_is_asked() -> None:
    with pytest.raises(OutOfRange):
        hold(rates_by_ratio("m", model_ratio=1, completion_ratio=-3), 1)


@given(st.floats(0, 100), st.floats(0, 10), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 1000))
def test_a_longer_prompt_never_holds_less(model_ratio, group, prompt, limit, more) -> None:
    rates = rates_by_ratio("m", model_ratio=model_ratio)
    held = hold(rates, group, prompt_tokens=prompt, max_tokens=limit)
    assert 0 <= held <= hold(rates, group, prompt_tokens=prompt + more, max_tokens=limit) < LIMIT


@pytest.mark.parametrize(
    ("model", "size", "quality", "ratio"),
    [
        ("dall-e-2", "256x256", "", 0.4),
        ("dall-e-2", "512x512", "hd", 0.45),
        ("dall-e-3", "1024x1024", "hd", 2),
        ("dall-e-3", "1792x1024", "hd", 3),
        ("dall-e-3", "1024x1792", "standard", 2),
        ("dall-e-3", "10x10", "", 1),
        ("gpt-image-1", "256x256", "hd", 1),
    ],
)
def test_images_are_priced_by_size_and_quality(model, size, quality, ratio) -> None:
    assert image_price_ratio(model, size, quality) == ratio


def test_scaling_changes_a_price_per_call_only() -> None:
    by_ratio, per_call = rates_by_ratio("m", model_ratio=1), rates_per_call("m", 0.04)
    assert by_ratio.scaled(2) is by_ratio
    assert per_call.scaled(1) is per_call
    assert per_call.under(1).per_call == 20_000
    assert per_call.scaled(2).price_per_call == 0.08
    assert per_call.scaled(2).under(1).per_call == 40_000
