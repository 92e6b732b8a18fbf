"""The catalogue: groups, prices, and what the site tells about itself.

Promises: prices and groups are settings read through a snapshot; the rules over them are pure functions.
"""

from faregate.catalog.groups import (
    AUTO,
    Groups,
    auto_groups,
    group_ratio,
    resolve_groups,
    selectable_groups,
)
from faregate.catalog.prices import SECTIONS as PRICE_SECTIONS
from faregate.catalog.prices import PriceSettings, price_book
from faregate.catalog.settings import SECTIONS as SITE_SECTIONS
from faregate.catalog.settings import CurrencySettings, FeatureSettings, GroupSettings, SiteSettings

SECTIONS = (*SITE_SECTIONS, *PRICE_SECTIONS)

__all__ = [
    "AUTO",
    "SECTIONS",
    "CurrencySettings",
    "FeatureSettings",
    "GroupSettings",
    "Groups",
    "PriceSettings",
    "SiteSettings",
    "auto_groups",
    "group_ratio",
    "price_book",
    "resolve_groups",
    "selectable_groups",
]
