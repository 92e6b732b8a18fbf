"""Settlement: prices times usage. Exact until one rounding at the end, half away from zero."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import isfinite

from msgspec import Struct

from faregate.pricing.errors import OutOfRange
from faregate.pricing.exact import INT64_MAX, exact, round_half_away
from faregate.pricing.rates import Rates, Tariff
from faregate.pricing.tokens import TokenCounts
from faregate.pricing.tools import Surcharge, surcharge_quota

NO_RATIOS: Mapping[str, float] = {}


class Charge(Struct, frozen=True):
    """What a request costs, in quota, and what went into it."""

    quota: int
    rates: Rates
    group_ratio: float
    surcharges: tuple[Surcharge, ...] = ()
    other_ratios: Mapping[str, float] = NO_RATIOS
    is_minimum: bool = False  # the exact amount rounded to 0 and became 1
    is_capped: bool = False  # the exact amount was beyond 64 bits


def charge(
    rates: Rates,
    group_ratio: float,
    tokens: TokenCounts,
    *,
    other_ratios: Mapping[str, float] = NO_RATIOS,
    surcharges: tuple[Surcharge, ...] = (),
) -> Charge:
    """The charge for a finished request.

    Tokens times prices times `other_ratios` (those that are finite and above 0), plus surcharges, which other ratios do
    not multiply. A priced model with any token costs at least 1; no token and no surcharge cost nothing; a price per
    call is due whatever the tokens, and has no minimum. OutOfRange if a price or the sum of tokens is negative.
    """
    tariff = rates.under(group_ratio)
    if other_ratios or surcharges or tariff.per_call is not None:
        return _composed(rates, group_ratio, tariff, tokens, other_ratios, surcharges)
    scaled = scaled_amount(tariff, tokens)
    quota = (2 * scaled + tariff.scale) // (2 * tariff.scale)
    if 0 < quota <= INT64_MAX:
        return Charge(quota, rates, group_ratio)
    return _bounded(quota, rates, group_ratio, needs_one=tariff.at_least_one and has_tokens(tokens))


def scaled_amount(tariff: Tariff, tokens: TokenCounts) -> int:
    """Tokens times the tariff's integers: the exact amount times `tariff.scale`."""
    amount = tokens.input * tariff.input + tokens.output * tariff.output
    if count := tokens.cache_read:
        amount += count * tariff.cache_read
    if count := tokens.reasoning:
        amount += count * tariff.output
    if count := tokens.cache_write + tokens.cache_write_5m:
        amount += count * tariff.cache_write
    if count := tokens.cache_write_1h:
        amount += count * tariff.cache_write_1h
    if count := tokens.image_in:
        amount += count * tariff.image_in
    if count := tokens.audio_in:
        amount += count * tariff.audio_in
    if count := tokens.image_out:
        amount += count * tariff.image_out
    if count := tokens.audio_out:
        amount += count * tariff.audio_out
    return amount


def has_tokens(tokens: TokenCounts) -> bool:
    """True when any bucket holds a token."""
    return bool(
        tokens.input
        or tokens.output
        or tokens.cache_read
        or tokens.reasoning
        or tokens.cache_write
        or tokens.cache_write_5m
        or tokens.cache_write_1h
        or tokens.image_in
        or tokens.audio_in
        or tokens.image_out
        or tokens.audio_out
    )


def effective_ratios(ratios: Mapping[str, float]) -> Iterator[float]:
    """The multipliers that count: finite and above 0. Anything else is ignored."""
    return (ratio for ratio in ratios.values() if isfinite(ratio) and ratio > 0)


def violation_fee(usd: float, group_ratio: float, quota_per_unit: float) -> int:
    """The fee in quota for content the upstream fined us for; 0 in a free group."""
    fee = exact(usd) * exact(quota_per_unit) * exact(group_ratio)
    return min(round_half_away(max(fee, Fraction(0))), INT64_MAX)


def _composed(
    rates: Rates,
    group_ratio: float,
    tariff: Tariff,
    tokens: TokenCounts,
    other_ratios: Mapping[str, float],
    surcharges: tuple[Surcharge, ...],
) -> Charge:
    """The charge with everything that the short way leaves out."""
    amount = tariff.per_call
    if amount is None:
        amount = Fraction(scaled_amount(tariff, tokens), tariff.scale)
    for ratio in effective_ratios(other_ratios):
        amount *= exact(ratio)
    extra = surcharge_quota(surcharges, tariff.group_ratio, rates.quota_per_unit)
    needs_one = tariff.at_least_one and (extra != 0 or has_tokens(tokens))
    quota = round_half_away(amount + extra)
    return _bounded(quota, rates, group_ratio, surcharges, other_ratios, needs_one=needs_one)


def _bounded(
    quota: int,
    rates: Rates,
    group_ratio: float,
    surcharges: tuple[Surcharge, ...] = (),
    other_ratios: Mapping[str, float] = NO_RATIOS,
    *,
    needs_one: bool,
) -> Charge:
    """The charge after both bounds: 1 below where `needs_one`, what a 64-bit column holds above."""
    if quota < 0:
        raise OutOfRange(f"the usage of model {rates.model!r} counts fewer than 0 tokens")
    raised = quota == 0 and needs_one
    capped = quota > INT64_MAX
    quota = 1 if raised else min(quota, INT64_MAX)
    return Charge(quota, rates, group_ratio, surcharges, other_ratios, raised, capped)
