"""Changing prices: checked against what the editor saw, written to the ratio options in one transaction, recorded."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.catalog.model_list import as_price, revision
from faregate.catalog.prices import PriceSettings, price_book
from faregate.catalog.settings import SiteSettings
from faregate.identity import Caller, Context, Refusal, record
from faregate.identity.setting_changes import change_settings
from faregate.kernel.errors import BadRequest
from faregate.pricing import OPTIONS, Dollars, PriceBook, PriceMaps, dollars, put_price, put_shipped, tables
from faregate.storage import Topic, take_turn

_TOLD = 5  # models named in one line of the log
Amount = Annotated[float | None, Field(ge=0, le=1e6)]


class NewPrice(BaseModel):
    """A price as an editor sends it; what the ratio tables hold may be higher."""

    model_config = ConfigDict(extra="forbid")
    input: Amount = None
    output: Amount = None
    cache_read: Amount = None
    cache_write: Amount = None
    image_in: Amount = None
    audio_in: Amount = None
    audio_out: Amount = None
    per_call: Amount = None


class PriceChange(BaseModel):
    """A model's new price, null for the shipped one. `revision`: as the price was read."""

    model: str = Field(min_length=1, max_length=191)
    revision: str
    price: NewPrice | None


async def apply_changes(
    context: Context, session: AsyncSession, caller: Caller, changes: Sequence[PriceChange]
) -> None:
    """Store the changes, all or none. Raises BadRequest for what cannot be, Refusal (409) for an old revision."""
    if len({change.model for change in changes}) < len(changes):
        raise BadRequest("A model is named twice.", param="changes")
    await take_turn(session, Topic.SETTINGS)
    settings = await context.settings.stored(session, PriceSettings)
    before = price_book(settings, context.settings.get(SiteSettings).quota_per_unit)
    _check_revisions(before, changes)
    after = _changed(before, changes)
    texts = {
        option: msgspec.json.encode(getattr(after, name)).decode()
        for option, name in OPTIONS.items()
        if getattr(after, name) != getattr(before.maps, name)
    }
    if not texts:
        return
    await change_settings(context, session, caller, texts)
    await _note(context, session, caller, before, after, [change.model for change in changes], settings)


def _check_revisions(before: PriceBook, changes: Sequence[PriceChange]) -> None:
    stale = [change.model for change in changes if change.revision != revision(before, change.model)]
    if stale:
        now = "; ".join(f"{model} now costs {_words(before, model)}" for model in stale[:_TOLD])
        text = f"The price was changed meanwhile: {now}. Nothing was saved."
        raise Refusal(text, status=409, wire_code="PRICE_CHANGED")


def _changed(before: PriceBook, changes: Sequence[PriceChange]) -> PriceMaps:
    into = tables(before.maps)
    for change in changes:
        if change.price is None:
            put_shipped(into, change.model)
        else:
            price = Dollars(**change.price.model_dump())
            put_price(into, change.model, price, quota_per_unit=before.quota_per_unit)
    return PriceMaps(**into)


async def _note(
    context: Context,
    session: AsyncSession,
    caller: Caller,
    before: PriceBook,
    after: PriceMaps,
    models: Sequence[str],
    settings: PriceSettings,
) -> None:
    book = PriceBook(after, quota_per_unit=before.quota_per_unit, use_catalogue=settings.use_catalogue)
    told = [f"{model} from {_words(before, model)} to {_words(book, model)}" for model in models[:_TOLD]]
    more = f" and {len(models) - _TOLD} more" if len(models) > _TOLD else ""
    text = f"changed prices: {'; '.join(told)}{more}"
    await record(context, session, caller, "price.update", text, models=list(models))


def _words(book: PriceBook, model: str) -> str:
    rates = book.find(model)
    if rates is None:
        return "nothing, having no price"
    price = as_price(dollars(rates))
    if price.per_call is not None:
        return f"${price.per_call:.12g} a call"
    return f"${price.input:.12g} in, ${price.output:.12g} out"
