"""Prices times usage makes money. Pure: no clock, no database, no settings; numbers in, quota out.

A `PriceBook` finds the `Rates` of a model, `hold` says what to reserve, `charge` what a finished request costs and
`explain` why. Amounts are integers of quota (500 000 = 1 USD), exact until one rounding, never negative.
"""

from faregate.pricing.book import PriceBook
from faregate.pricing.catalogue import catalogue, catalogue_source
from faregate.pricing.charge import Charge, charge, violation_fee
from faregate.pricing.completion import CompletionRatio, completion_ratio
from faregate.pricing.dollars import (
    Dollars,
    Origin,
    dollars,
    entries,
    origin,
    output_rule,
    own_buckets,
    priced_as,
    put_price,
    put_shipped,
    tables,
)
from faregate.pricing.errors import OutOfRange, Unpriced
from faregate.pricing.explain import Line, explain, record_fields
from faregate.pricing.groups import (
    GroupRatio,
    GroupRatios,
    default_group_ratios,
    group_ratios_from_options,
    parse_special_ratios,
)
from faregate.pricing.hold import hold
from faregate.pricing.images import image_price_ratio
from faregate.pricing.maps import OPTIONS, PriceMaps, default_maps, maps_from_options, parse_map
from faregate.pricing.rates import QUOTA_PER_UNIT, ModelPrice, Rates
from faregate.pricing.ratios import rates_by_price, rates_by_ratio, rates_per_call
from faregate.pricing.report import Report, tokens_from_report, without_cache
from faregate.pricing.tokens import TokenCounts, Tokens
from faregate.pricing.tools import Surcharge, ToolPrices, parse_tool_prices, usable_tool_prices

__all__ = [
    "OPTIONS",
    "QUOTA_PER_UNIT",
    "Charge",
    "CompletionRatio",
    "Dollars",
    "GroupRatio",
    "GroupRatios",
    "Line",
    "ModelPrice",
    "Origin",
    "OutOfRange",
    "PriceBook",
    "PriceMaps",
    "Rates",
    "Report",
    "Surcharge",
    "TokenCounts",
    "Tokens",
    "ToolPrices",
    "Unpriced",
    "catalogue",
    "catalogue_source",
    "charge",
    "completion_ratio",
    "default_group_ratios",
    "default_maps",
    "dollars",
    "entries",
    "explain",
    "group_ratios_from_options",
    "hold",
    "image_price_ratio",
    "maps_from_options",
    "origin",
    "output_rule",
    "own_buckets",
    "parse_map",
    "parse_special_ratios",
    "parse_tool_prices",
    "priced_as",
    "put_price",
    "put_shipped",
    "rates_by_price",
    "rates_by_ratio",
    "rates_per_call",
    "record_fields",
    "tables",
    "tokens_from_report",
    "usable_tool_prices",
    "violation_fee",
    "without_cache",
]
