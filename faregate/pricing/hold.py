"""What to reserve before a request is sent, from an estimate of its size."""

from collections.abc import Mapping
from math import isfinite

from faregate.pricing.charge import NO_RATIOS, effective_ratios
from faregate.pricing.errors import OutOfRange
from faregate.pricing.rates import Rates

FLOOR_TOKENS = 500  # option PreConsumedQuota: no prompt is estimated smaller
LIMIT = 2**31 - 1  # a single request worth 4 294 USD is a mistake, and clients know it as one


def hold(
    rates: Rates,
    group_ratio: float,
    *,
    prompt_tokens: int = 0,
    max_tokens: int = 0,
    floor_tokens: int = FLOOR_TOKENS,
    other_ratios: Mapping[str, float] = NO_RATIOS,
) -> int:
    """The quota to hold: prompt (at least the floor) and output limit at the input price, or the price of the call.

    Counted in floating point and cut to an integer, as the amounts that clients know are. `other_ratios` multiply a
    price per call only. OutOfRange when a price is negative or the amount no longer fits 31 bits.
    """
    rates.under(group_ratio)  # refuses negative prices before anything is sent upstream
    if rates.price_per_call is None:
        amount = (max(prompt_tokens, floor_tokens) + max_tokens) * (rates.model_ratio * group_ratio)
    else:
        amount = rates.price_per_call * rates.quota_per_unit * group_ratio
        for ratio in effective_ratios(other_ratios):
            amount *= ratio
    return strict_quota(amount, rates.model)


def strict_quota(amount: float, model: str) -> int:
    """The amount cut to an integer; OutOfRange if it is negative, not a number or beyond one request's limit."""
    if not isfinite(amount) or not 0 <= amount < LIMIT:
        raise OutOfRange(
            f"the estimated charge of model {model!r} is out of range; check its price and the limits asked"
        )
    return int(amount)
