"""Which models the caller can call, and whether something prices them: what the console's samples are made with."""

from pydantic import BaseModel, Field

from faregate.catalog.groups import AUTO, auto_groups, selectable_groups
from faregate.catalog.prices import PriceSettings, price_book
from faregate.catalog.settings import GroupSettings, SiteSettings
from faregate.identity import Access, ByCaller, InContext, Reply, Router

router = Router("/api/console/callable", "models")


class CallableModel(BaseModel):
    """A model that is served. `priced`: a call is not refused for want of a price. `endpoints`: how it is called."""

    name: str
    priced: bool
    endpoints: list[str]


class Names(BaseModel):
    """Names of models."""

    models: list[str] = Field(default_factory=list[str], max_length=10_000)


@router.post("/unpriced", access=Access.ADMIN)
async def unpriced_models(given: Names, caller: ByCaller, context: InContext) -> Reply[list[str]]:
    """Those of the names that nothing prices, whether or not such models may be called."""
    caller.recorded = True  # looking leaves nothing in the audit log
    book = price_book(context.settings.get(PriceSettings), context.settings.get(SiteSettings).quota_per_unit)
    return Reply(data=[name for name in given.models if book.find(name) is None])


@router.get("", access=Access.USER)
async def callable_models(caller: ByCaller, context: InContext, group: str = "") -> Reply[list[CallableModel]]:
    """Models served to the caller in a group, by name: its own when none is given, none in one it may not use."""
    groups, site = context.settings.get(GroupSettings), context.settings.get(SiteSettings)
    book = price_book(context.settings.get(PriceSettings), site.quota_per_unit)
    setting = caller.user.setting or {}
    accepts = site.self_use or setting.get("accept_unset_model_ratio_model") is True
    usable = _groups(groups, caller.user.group, group)
    async with context.database.read() as session:
        served = await context.offer.served(session)
    return Reply(
        data=[
            CallableModel(
                name=one.model,
                priced=accepts or book.find(one.model) is not None,
                endpoints=list(one.endpoint_types),
            )
            for one in served
            if not usable.isdisjoint(one.groups)
        ]
    )


def _groups(settings: GroupSettings, user_group: str, wanted: str) -> set[str]:
    if wanted == AUTO:
        return set(auto_groups(settings, user_group))
    chosen = wanted or user_group
    return {chosen} if chosen in (user_group, *selectable_groups(settings, user_group)) else set()
