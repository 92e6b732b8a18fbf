"""Prices in USD over the ratio tables: what a model costs as people write it, and the entries that say so.

Ratios are quotients, so an output price of 10 beside an input price of 3 is stored as 3.3333333333333335; dollars are
shown with twelve figures, which gives back what was typed.
"""

from fractions import Fraction
from typing import Literal

from msgspec import Struct

from faregate.kernel.errors import BadRequest
from faregate.pricing.book import PriceBook
from faregate.pricing.catalogue import catalogue
from faregate.pricing.completion import CompletionRatio, completion_ratio
from faregate.pricing.exact import exact
from faregate.pricing.maps import OPTIONS, PriceMaps, default_maps
from faregate.pricing.names import normalised, price_keys
from faregate.pricing.rates import MILLION, Rates

Origin = Literal["operator", "shipped", "family", "unset"]
Tables = dict[str, dict[str, float]]
_FIGURES = 12
_BUCKETS = ("input", "output", "cache_read", "cache_write", "image_in", "audio_in", "audio_out")
# Tables that look a name up as it is; the others know families of names.
_EXACT_NAMES = ("cache_ratio", "create_cache_ratio", "image_ratio")
_OWN = {
    "cache_read": "cache_ratio",
    "cache_write": "create_cache_ratio",
    "image_in": "image_ratio",
    "audio_in": "audio_ratio",
    "audio_out": "audio_completion_ratio",
}


class Dollars(Struct, frozen=True, kw_only=True):
    """USD per million tokens by bucket, or USD per call. None: no price of its own."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    image_in: float | None = None
    audio_in: float | None = None
    audio_out: float | None = None
    per_call: float | None = None


def shown(amount: Fraction) -> float:
    """The amount with the figures that people see."""
    return float(f"{float(amount):.{_FIGURES}g}")


def dollars(rates: Rates, group_ratio: float = 1.0) -> Dollars:
    """What a model costs under a group's ratio; every bucket has its price, by itself or by rule."""
    ratio = exact(group_ratio)
    if rates.price_per_call is not None:
        return Dollars(per_call=shown(exact(rates.price_per_call) * ratio))
    usd = MILLION / exact(rates.quota_per_unit) * ratio
    return Dollars(**{name: shown(getattr(rates.weights, name) * usd) for name in _BUCKETS})


def own_buckets(book: PriceBook, rates: Rates) -> list[str]:
    """The buckets that have a price of their own; the others follow the input or output price by rule."""
    if rates.price_per_call is not None:
        return ["per_call"]
    if rates.source == "catalogue":
        listed = catalogue()[rates.model]
        return [name for name in _BUCKETS if name == "input" or getattr(listed, name) is not None]
    entries = {name: getattr(book.maps, table) for name, table in _OWN.items()}
    own = [name for name, table in entries.items() if entry_name(_OWN[name], rates.model) in table]
    return ["input", "output", *own]


def entry_name(table: str, model: str) -> str:
    """The name under which a table holds a model."""
    return model if table in _EXACT_NAMES else normalised(model)


def priced_as(book: PriceBook, model: str) -> str:
    """The entry that prices the model: its own name, or the family's."""
    maps = book.maps
    return next((key for key in price_keys(model) if key in maps.model_price or key in maps.model_ratio), model)


def origin(book: PriceBook, model: str) -> Origin:
    """Where the present price comes from."""
    rates = book.find(model)
    if rates is None:
        return "unset"
    if priced_as(book, model) != model:
        return "family"
    return "shipped" if entries(book.maps, model) == entries(default_maps(), model) else "operator"


def entries(maps: PriceMaps, model: str) -> dict[str, float]:
    """What the tables say of the model, by table."""
    found: dict[str, float | None] = {
        name: getattr(maps, name).get(entry_name(name, model)) for name in OPTIONS.values()
    }
    return {name: ratio for name, ratio in found.items() if ratio is not None}


def tables(maps: PriceMaps) -> Tables:
    """A copy of the tables that may be changed."""
    return {name: dict(getattr(maps, name)) for name in OPTIONS.values()}


def put_price(into: Tables, model: str, price: Dollars, *, quota_per_unit: float) -> None:
    """Make the tables say that a model costs `price`. Raises BadRequest for what ratios cannot say."""
    _check_name(model)
    if (price.per_call is None) == (price.input is None):
        raise BadRequest(f"{model}: give either a price per call or an input price.", param="price")
    if price.per_call is not None:
        into["model_price"][model] = price.per_call
        return
    into["model_price"].pop(model, None)
    for name, ratio in _ratios(model, price, quota_per_unit).items():
        entry = entry_name(name, model)
        if ratio is None:
            into[name].pop(entry, None)
        else:
            into[name][entry] = float(ratio)


def put_shipped(into: Tables, model: str) -> None:
    """Make the tables say of a model what they said at installation. Raises BadRequest for one of a family."""
    _check_name(model)
    shipped = entries(default_maps(), model)
    for name, table in into.items():
        entry = entry_name(name, model)
        if name in shipped:
            table[entry] = shipped[name]
        else:
            table.pop(entry, None)


def output_rule(model: str) -> CompletionRatio:
    """By what the input price is multiplied for output that has no price, and whether it can have none."""
    is_locked = completion_ratio(model, {normalised(model): 1.0}).locked
    return CompletionRatio(completion_ratio(model, {}).ratio, is_locked)


def _check_name(model: str) -> None:
    if normalised(model) != model:
        raise BadRequest(f"{model} is priced by the entry {normalised(model)!r}; change that one.", param="model")


def _ratios(model: str, price: Dollars, quota_per_unit: float) -> dict[str, Fraction | None]:
    base = exact(price.input or 0.0)
    heard = base if price.audio_in is None else exact(price.audio_in)
    return {
        "model_ratio": base * exact(quota_per_unit) / MILLION,
        "completion_ratio": _output(model, price, base),
        "cache_ratio": _part(model, price.cache_read, base),
        "create_cache_ratio": _part(model, price.cache_write, base),
        "image_ratio": _part(model, price.image_in, base),
        "audio_ratio": _part(model, price.audio_in, base),
        "audio_completion_ratio": _part(model, price.audio_out, heard),
    }


def _output(model: str, price: Dollars, base: Fraction) -> Fraction | None:
    rule = output_rule(model)
    if not rule.locked:
        return _part(model, price.output, base)
    if price.output is not None and shown(base * exact(rule.ratio)) != price.output:
        raise BadRequest(f"{model}: output of this family always costs {rule.ratio:g} times the input.", param="output")
    return None


def _part(model: str, amount: float | None, base: Fraction) -> Fraction | None:
    if amount is None:
        return None
    if base:
        return exact(amount) / base
    if amount:
        raise BadRequest(f"{model}: with a free input, every other token must be free too.", param="input")
    return None
