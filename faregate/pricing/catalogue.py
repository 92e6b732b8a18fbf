"""Shipped list prices for models the ratio tables do not know: exact names only, refreshed by a reviewed diff.

`scripts/refresh_catalogue.py` writes the snapshot. It holds no name that the default ratio tables price, so taking a
model out of an option really leaves it without a price.
"""

from collections.abc import Mapping

from msgspec import Struct

from faregate.pricing.rates import ModelPrice
from faregate.pricing.tables import load


class _Snapshot(Struct, frozen=True):
    source: str
    models: dict[str, ModelPrice]


_SNAPSHOT = load("catalogue", _Snapshot)


def catalogue() -> Mapping[str, ModelPrice]:
    """Model name -> list price in USD per million tokens; `provenance` is the provider whose list it is."""
    return _SNAPSHOT.models


def catalogue_source() -> str:
    """Where the snapshot came from, with its version."""
    return _SNAPSHOT.source
