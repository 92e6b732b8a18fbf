"""What one model costs: `ModelPrice` in USD, `Rates` as ratios with exact weights, `Tariff` as integers for one group.

The three are views of one price. A weight is quota per token before the group ratio; a tariff scales all weights by
one common denominator, so that a charge is a sum of integer products and still exact to the last digit.
"""

from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Literal

from msgspec import Struct, field, structs

from faregate.pricing.errors import OutOfRange
from faregate.pricing.exact import exact, to_decimal

MILLION = 1_000_000
QUOTA_PER_UNIT = 500_000.0
UNSET_MODEL_RATIO = 37.5
CACHE_WRITE_1H_FACTOR = 1.6  # an hour's cache write against the five-minute one: 6 to 3.75

Source = Literal["option", "catalogue", "unset"]


class ModelPrice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """USD per million tokens by bucket, or USD per call. A bucket without a price of its own is None."""

    provenance: str
    input: Decimal = Decimal(0)
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    image_in: Decimal | None = None
    audio_in: Decimal | None = None
    image_out: Decimal | None = None
    audio_out: Decimal | None = None
    per_call: Decimal | None = None


class Weights(Struct, frozen=True, kw_only=True):
    """Exact quota per token of each bucket, before the group ratio."""

    input: Fraction
    cache_read: Fraction
    cache_write: Fraction
    cache_write_1h: Fraction
    image_in: Fraction
    audio_in: Fraction
    output: Fraction
    image_out: Fraction
    audio_out: Fraction


class Tariff(Struct, frozen=True, kw_only=True):
    """Quota per token of each bucket times `scale`, group ratio included; or one amount per call."""

    input: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    image_in: int
    audio_in: int
    output: int
    image_out: int
    audio_out: int
    scale: int
    group_ratio: Fraction
    at_least_one: bool  # a priced model never rounds down to nothing
    per_call: Fraction | None  # quota


class Rates(Struct, frozen=True, kw_only=True):
    """The price of one model as multipliers, and the weights they amount to.

    With `price_per_call` (USD) the token ratios are 0. `audio_input_price` (USD per million) is set where audio input
    has a price of its own in dollars; `has_audio` where the audio ratios do.
    """

    model: str
    model_ratio: float
    completion_ratio: float
    cache_ratio: float
    create_cache_ratio: float
    create_cache_1h_ratio: float
    image_ratio: float
    audio_ratio: float
    audio_completion_ratio: float
    has_audio: bool
    audio_input_price: float
    price_per_call: float | None
    quota_per_unit: float
    source: Source
    weights: Weights
    _tariffs: dict[float, Tariff] = field(default_factory=dict[float, Tariff])

    def under(self, group_ratio: float) -> Tariff:
        """The tariff of a group, computed once. OutOfRange if any price in it is negative or not a number."""
        tariff = self._tariffs.get(group_ratio)
        if tariff is None:
            tariff = self._tariffs[group_ratio] = _tariff(self, exact(group_ratio))
        return tariff

    def scaled(self, factor: float) -> "Rates":
        """The same rates with the price per call multiplied, for calls of unequal size such as images."""
        if self.price_per_call is None or factor == 1:
            return self
        return structs.replace(self, price_per_call=self.price_per_call * factor, _tariffs={})

    def price(self) -> ModelPrice:
        """The same price in USD per million tokens, or per call."""
        if self.price_per_call is not None:
            return ModelPrice(provenance=self.source, per_call=to_decimal(exact(self.price_per_call)))
        usd = MILLION / exact(self.quota_per_unit)
        return ModelPrice(
            provenance=self.source,
            **{name: to_decimal(getattr(self.weights, name) * usd) for name in Weights.__struct_fields__},
        )


def _tariff(rates: Rates, group_ratio: Fraction) -> Tariff:
    weights = {name: getattr(rates.weights, name) * group_ratio for name in Weights.__struct_fields__}
    per_call = None
    if rates.price_per_call is not None:
        per_call = exact(rates.price_per_call) * exact(rates.quota_per_unit) * group_ratio
    if group_ratio < 0 or min(weights.values()) < 0 or (per_call is not None and per_call < 0):
        raise OutOfRange(f"model {rates.model!r} has a negative price", code="pricing.out_of_range")
    scale = lcm(*(weight.denominator for weight in weights.values()))
    return Tariff(
        **{name: int(weight * scale) for name, weight in weights.items()},
        scale=scale,
        group_ratio=group_ratio,
        at_least_one=rates.model_ratio != 0 and group_ratio != 0,
        per_call=per_call,
    )
