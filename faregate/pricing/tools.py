"""What tool calls cost on top of tokens: USD per 1000 calls, by tool and by prefix of the model's name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import isfinite

from msgspec import DecodeError, Struct, convert, json

from faregate.kernel.errors import BadRequest
from faregate.pricing.errors import OutOfRange
from faregate.pricing.exact import exact
from faregate.pricing.tables import load

OPTION = "tool_price_setting.prices"


class _Shipped(Struct, frozen=True):
    defaults: dict[str, float]
    model_prefix_overrides: dict[str, float]
    reserved_names_never_billed_as_custom_functions: frozenset[str]


_SHIPPED = load("tool_prices", _Shipped)
RESERVED_TOOLS = _SHIPPED.reserved_names_never_billed_as_custom_functions


class Surcharge(Struct, frozen=True):
    """Calls of one tool at one price (USD per 1000 calls)."""

    name: str
    count: int
    price: float


class ToolPrices:
    """The shipped prices with an operator's entries laid over them. An entry of 0 switches a tool off."""

    def __init__(self, overrides: Mapping[str, float] | None = None) -> None:
        self._by_tool: dict[str, float] = {}
        self._by_prefix: dict[str, list[tuple[str, float]]] = {}
        entries = _SHIPPED.defaults | _SHIPPED.model_prefix_overrides | dict(overrides or {})
        # Longest prefix first, so that the first match is the narrowest.
        for key, price in sorted(entries.items(), key=lambda entry: -len(entry[0])):
            tool, narrowed, pattern = key.partition(":")
            if narrowed:
                self._by_prefix.setdefault(tool, []).append((pattern.removesuffix("*"), price))
            else:
                self._by_tool[tool] = price

    def price(self, tool: str, model: str) -> float:
        """USD per 1000 calls; 0 when the tool is not billed."""
        for prefix, price in self._by_prefix.get(tool, ()):
            if model.startswith(prefix):
                return price
        return self._by_tool.get(tool, 0.0)

    def bills_function(self, name: str, model: str) -> bool:
        """True when calls of this function of the client's own cost extra."""
        return name not in RESERVED_TOOLS and self.price(name, model) > 0

    def surcharges(self, calls: Iterable[tuple[str, int]], model: str) -> tuple[Surcharge, ...]:
        """The calls that cost something, as (tool, count) pairs merged by name and sorted by it."""
        counts = Counter[str]()
        for name, count in calls:
            counts[name] += count
        priced = ((name, count, self.price(name, model)) for name, count in sorted(counts.items()))
        return tuple(Surcharge(name, count, price) for name, count, price in priced if count > 0 and price > 0)


def surcharge_quota(surcharges: Iterable[Surcharge], group_ratio: Fraction, quota_per_unit: float) -> Fraction:
    """What the calls add to a charge, in quota, not rounded."""
    dollars = sum((exact(item.price) * item.count for item in surcharges), Fraction(0)) / 1000
    return dollars * group_ratio * exact(quota_per_unit)


def parse_tool_prices(text: str | bytes) -> dict[str, float]:
    """The operator's entries, for saving. BadRequest unless it is an object of finite numbers, none negative."""
    try:
        prices = json.decode(text, type=dict[str, float])
    except DecodeError as error:
        raise BadRequest(f"{OPTION} must be a JSON object of numbers: {error}", param=OPTION) from None
    for name, price in prices.items():
        if not _is_price(price):
            raise OutOfRange(f"{OPTION}: the price of {name!r} must be a number of 0 or more", param=OPTION)
    return prices


def usable_tool_prices(text: str | bytes) -> dict[str, float]:
    """The entries of a stored text that are prices; anything else in it is left out, an unreadable text has none."""
    try:
        entries = json.decode(text, type=dict[str, object])
    except DecodeError:
        return {}
    numbers = {name: entry for name, entry in entries.items() if isinstance(entry, int | float)}
    return {name: convert(entry, float) for name, entry in numbers.items() if _is_price(entry)}


def _is_price(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and isfinite(number) and number >= 0
