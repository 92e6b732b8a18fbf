"""Prices over the wire: the list for people, the tables for other gateways, and the way back to the shipped ratios."""

import msgspec
from pydantic import BaseModel

from faregate.catalog.groups import group_ratio, resolve_groups
from faregate.catalog.modules import check_module
from faregate.catalog.price_list import PriceView, Route, price_list, routes, visible
from faregate.catalog.prices import PriceSettings, price_book
from faregate.catalog.settings import GroupSettings, SiteSettings
from faregate.identity import (
    Access,
    ByAnyone,
    ByCaller,
    Done,
    InContext,
    LimitClass,
    Refusal,
    Reply,
    Router,
    record,
)
from faregate.identity.setting_changes import change_settings
from faregate.pricing import default_maps

router = Router("/api", "prices")
_MODULE = "pricing"
_VERSION = "a42d372ccf0b5dd13ecf71203521f9d2"  # what New API's console compares
_RATIOS = "ModelRatio"


class Vendor(BaseModel):
    """A maker of models."""

    id: int
    name: str


class PricePage(BaseModel):
    """Everything on the price page. `vendors` is empty: models are not assigned to makers."""

    success: bool = True
    data: list[PriceView]
    vendors: list[Vendor]
    group_ratio: dict[str, float]
    usable_group: dict[str, str]
    supported_endpoint: dict[str, Route]
    auto_groups: list[str]
    pricing_version: str = _VERSION


class RatioTables(BaseModel):
    """The tables another gateway can take over."""

    model_ratio: dict[str, float]
    completion_ratio: dict[str, float]
    cache_ratio: dict[str, float]
    create_cache_ratio: dict[str, float]
    model_price: dict[str, float]


@router.get("/pricing", access=Access.OPTIONAL)
async def price_page(caller: ByAnyone, context: InContext) -> PricePage:
    """What the caller's groups may call, at which prices."""
    check_module(context.settings, _MODULE, caller)
    groups, site = context.settings.get(GroupSettings), context.settings.get(SiteSettings)
    group = caller.user.group if caller is not None else ""
    usable = resolve_groups(groups, group)
    book = price_book(context.settings.get(PriceSettings), site.quota_per_unit)
    async with context.database.read() as session:
        served = visible(await context.offer.served(session), usable)
    return PricePage(
        data=price_list(served, book),
        vendors=[],
        group_ratio={name: group_ratio(groups, group, name) for name in groups.ratios if name in usable},
        usable_group=usable,
        supported_endpoint=routes(served),
        auto_groups=[name for name in groups.automatic if name in usable],
    )


@router.get("/ratio_config", access=Access.PUBLIC, limit=LimitClass.CRITICAL)
async def ratio_tables(context: InContext) -> Reply[RatioTables]:
    """The price tables as they were set, where the operator publishes them."""
    prices = context.settings.get(PriceSettings)
    if not prices.are_public:
        raise Refusal("The price tables are not published here.", status=403)
    return Reply(
        data=RatioTables(
            model_ratio=prices.model_ratio,
            completion_ratio=prices.completion_ratio,
            cache_ratio=prices.cache_ratio,
            create_cache_ratio=prices.create_cache_ratio,
            model_price=prices.model_price,
        )
    )


@router.post("/option/rest_model_ratio", access=Access.ROOT)
async def reset_ratios(caller: ByCaller, context: InContext) -> Done:
    """Put the shipped model ratios in place of the present ones; every other table stays."""
    text = msgspec.json.encode(default_maps().model_ratio).decode()
    async with context.database.write() as session:
        await change_settings(context, session, caller, {_RATIOS: text})
        await record(context, session, caller, "option.reset_model_ratio", "reset the model ratios", key=_RATIOS)
    return Done(message="The model ratios are those of the installation again.")
