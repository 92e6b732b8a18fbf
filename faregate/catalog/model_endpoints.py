"""The console's models and prices: lists in USD, and one write that changes the prices of one or several models."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.catalog.groups import group_ratio, resolve_groups, selectable_groups
from faregate.catalog.model_list import Catalogue, ModelPage, ModelView, Show, every_group
from faregate.catalog.price_changes import PriceChange, apply_changes
from faregate.catalog.price_list import visible
from faregate.catalog.prices import PriceSettings, price_book
from faregate.catalog.settings import GroupSettings, SiteSettings
from faregate.identity import (
    ROLE_ADMIN,
    Access,
    ByCaller,
    Caller,
    Context,
    Done,
    InContext,
    Paged,
    Reply,
    Router,
    may,
)
from faregate.kernel.errors import BadRequest, NotFound

router = Router("/api/console/models", "prices")
_MOST = 500
Name = Annotated[str, Query(max_length=255)]


class PriceChanges(BaseModel):
    """Prices to be changed together, or not at all."""

    changes: list[PriceChange] = Field(min_length=1, max_length=_MOST)


@router.get("", access=Access.USER)
async def list_models(
    caller: ByCaller, context: InContext, paging: Paged, show: Show = "served", find: Name = "", group: Name = ""
) -> Reply[ModelPage]:
    """Models by name: those that are served, those of them without a price, or for administrators all with a price.

    Plain users see what their groups may call. `group` says in which group the final price is shown.
    """
    async with context.database.read() as session:
        found = await _catalogue(context, session, caller, group)
        names = found.names(show if _is_admin(caller) or show == "unpriced" else "served", find.strip())
        page = names[paging.offset : paging.offset + paging.size]
        serving = await context.offer.servers(session, page if _sees_channels(caller) else ())
    return Reply(
        data=ModelPage(
            page=paging.page,
            page_size=paging.size,
            total=len(names),
            served=len(found.served),
            unpriced=len(found.unpriced()),
            group=found.group,
            groups=found.group_list(),
            items=[found.row(name, len(serving.get(name, ()))) for name in page],
        )
    )


@router.get("/price", access=Access.USER)
async def show_model(caller: ByCaller, context: InContext, model: Name, group: Name = "") -> Reply[ModelView]:
    """One model, with its revision and, for those who may read channels, the channels that serve it."""
    async with context.database.read() as session:
        found = await _catalogue(context, session, caller, group)
        is_known = model in found.served or (_is_admin(caller) and found.book.find(model) is not None)
        if not is_known:
            raise NotFound(f"Nothing serves or prices the model {model!r}.")
        serving = await context.offer.servers(session, [model] if _sees_channels(caller) else ())
    return Reply(data=found.view(model, serving.get(model, ())))


@router.put("/price", access=Access.ROOT)
async def change_prices(given: PriceChanges, caller: ByCaller, context: InContext) -> Done:
    """Change prices, all or none; a null price is the one shipped. Written to New API's ratio options.

    Refused with 409 when a model's price is no longer the one its `revision` was read with.
    """
    async with context.database.write() as session:
        await apply_changes(context, session, caller, given.changes)
    return Done()


def _is_admin(caller: Caller) -> bool:
    return caller.user.role >= ROLE_ADMIN


def _sees_channels(caller: Caller) -> bool:
    return may(caller.user, "channel.read")


async def _catalogue(context: Context, session: AsyncSession, caller: Caller, group: str) -> Catalogue:
    groups, prices = context.settings.get(GroupSettings), context.settings.get(PriceSettings)
    own = caller.user.group
    names = every_group(groups) if _is_admin(caller) else selectable_groups(groups, own)
    if group and group not in names:
        raise BadRequest(f"group must be one of {', '.join(names)}.", param="group")
    served = await context.offer.served(session)
    if not _is_admin(caller):
        served = visible(served, resolve_groups(groups, own))
    return Catalogue(
        book=price_book(prices, context.settings.get(SiteSettings).quota_per_unit),
        served={one.model: one for one in served},
        groups={name: group_ratio(groups, own, name) for name in names},
        group=group or (own if own in names else (names[0] if names else "")),
        use_catalogue=prices.use_catalogue,
    )
