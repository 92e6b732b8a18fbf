"""Models with their prices as the console shows them: USD per million tokens, or per call. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import msgspec
from pydantic import BaseModel

from faregate.catalog.price_list import EVERYBODY
from faregate.catalog.settings import GroupSettings
from faregate.identity import Served, Server
from faregate.pricing import (
    Dollars,
    Origin,
    PriceBook,
    catalogue,
    default_maps,
    dollars,
    entries,
    origin,
    output_rule,
    own_buckets,
    priced_as,
)

Show = Literal["served", "unpriced", "all"]


class Price(BaseModel):
    """USD per million tokens by bucket, or USD per call; null where there is none."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    image_in: float | None = None
    audio_in: float | None = None
    audio_out: float | None = None
    per_call: float | None = None


class ModelRow(BaseModel):
    """A model. `price` is null when it has none; `own` names the buckets that do not just follow input or output.

    `final`: the price times the ratio of the group asked about. `channels`: how many serve it, 0 for those who
    may not read channels.
    `output_factor`: by what input is multiplied for output without a price, or always where it `is_output_fixed`.
    `revision` goes back with a change of the price.
    """

    model: str
    is_served: bool
    origin: Origin
    price: Price | None
    own: list[str]
    final: Price | None
    groups: list[str]
    channels: int
    output_factor: float
    is_output_fixed: bool
    revision: str


class GroupPrice(BaseModel):
    """A group and by what it multiplies prices for the caller; `is_served`: the model can be called in it."""

    name: str
    ratio: float
    is_served: bool = True


class ModelPage(BaseModel):
    """One page of models, and the groups whose prices may be looked at."""

    page: int
    page_size: int
    total: int
    served: int
    unpriced: int
    group: str
    groups: list[GroupPrice]
    items: list[ModelRow]


class ServingChannel(BaseModel):
    """An enabled channel that serves the model."""

    id: int
    name: str
    groups: list[str]


class ModelView(ModelRow):
    """One model with what an editor needs.

    `priced_as`: the entry that prices it. `shipped`: what it would cost after a reset.
    """

    priced_as: str
    shipped: Price | None
    group_prices: list[GroupPrice]
    serving: list[ServingChannel]


@dataclass(frozen=True)
class Catalogue:
    """What is served and what is priced, as somebody with `groups` (name to ratio) sees it in `group`."""

    book: PriceBook
    served: Mapping[str, Served]
    groups: Mapping[str, float]
    group: str
    use_catalogue: bool

    def names(self, show: Show, find: str) -> list[str]:
        """The models wanted, by name."""
        names: Iterable[str] = self.served
        if show == "all":
            names = {*self.served, *self.book.maps.model_ratio, *self.book.maps.model_price, *self._listed()}
        if show == "unpriced":
            names = self.unpriced()
        return sorted(name for name in names if find.lower() in name.lower())

    def unpriced(self) -> list[str]:
        """Models that are served and have no price."""
        return [name for name in self.served if self.book.find(name) is None]

    def row(self, model: str, channels: int) -> ModelRow:
        """The line of a model."""
        return ModelRow.model_validate(self._row(model, channels))

    def view(self, model: str, serving: Iterable[Server]) -> ModelView:
        """Everything about a model."""
        channels = [ServingChannel(id=one.id, name=one.name, groups=list(one.groups)) for one in serving]
        found = PriceBook(default_maps(), quota_per_unit=self.book.quota_per_unit, use_catalogue=self.use_catalogue)
        shipped = found.find(model)
        open_to = self._groups_of(model)
        more = {
            "priced_as": priced_as(self.book, model),
            "shipped": None if shipped is None else as_price(dollars(shipped)),
            "group_prices": [
                GroupPrice(name=name, ratio=ratio, is_served=name in open_to) for name, ratio in self.groups.items()
            ],
            "serving": channels,
        }
        return ModelView.model_validate(self._row(model, len(channels)) | more)

    def group_list(self) -> list[GroupPrice]:
        """The groups, by name."""
        return [GroupPrice(name=name, ratio=ratio) for name, ratio in sorted(self.groups.items())]

    def _listed(self) -> Iterable[str]:
        return catalogue() if self.use_catalogue else ()

    def _groups_of(self, model: str) -> list[str]:
        served = self.served.get(model)
        if served is None:
            return []
        return [name for name in self.groups if name in served.groups or EVERYBODY in served.groups]

    def _row(self, model: str, channels: int) -> dict[str, object]:
        rates = self.book.find(model)
        ratio = self.groups.get(self.group, 1.0)
        rule = output_rule(model)
        return {
            "model": model,
            "is_served": model in self.served,
            "origin": origin(self.book, model),
            "price": None if rates is None else as_price(dollars(rates)),
            "own": [] if rates is None else own_buckets(self.book, rates),
            "final": None if rates is None else as_price(dollars(rates, ratio)),
            "groups": self._groups_of(model),
            "channels": channels,
            "output_factor": rule.ratio,
            "is_output_fixed": rule.locked,
            "revision": revision(self.book, model),
        }


def as_price(found: Dollars) -> Price:
    """The price as it is sent."""
    return Price.model_validate(msgspec.structs.asdict(found))


def revision(book: PriceBook, model: str) -> str:
    """What the tables say of a model, as a short text that differs when they say something else."""
    said = sorted(entries(book.maps, model).items())
    return sha256(msgspec.json.encode([said, book.quota_per_unit])).hexdigest()[:16]


def every_group(settings: GroupSettings) -> list[str]:
    """Every group that exists."""
    return sorted(settings.ratios)
