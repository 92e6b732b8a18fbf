"""Groups as people meet them: what they may select, at which ratio, and which models they find there."""

from pydantic import BaseModel

from faregate.catalog.groups import AUTO, auto_groups, group_ratio, resolve_groups, selectable_groups
from faregate.catalog.settings import GroupSettings
from faregate.identity import Access, ByCaller, InContext, Reply, Router

router = Router("/api/user", "groups")
admin_router = Router("/api/group", "groups")


class GroupView(BaseModel):
    """A group that may be selected; `auto` has no ratio of its own."""

    ratio: float | str
    desc: str


def _groups(settings: GroupSettings, user_group: str) -> dict[str, GroupView]:
    usable = resolve_groups(settings, user_group)
    found = {
        name: GroupView(ratio=group_ratio(settings, user_group, name), desc=usable[name])
        for name in selectable_groups(settings, user_group)
    }
    if AUTO in usable:
        found[AUTO] = GroupView(ratio=AUTO, desc=usable[AUTO])
    return found


@router.get("/groups", access=Access.PUBLIC)
async def public_groups(context: InContext) -> Reply[dict[str, GroupView]]:
    """What a visitor could select."""
    return Reply(data=_groups(context.settings.get(GroupSettings), ""))


@router.get("/self/groups", access=Access.USER)
async def own_groups(caller: ByCaller, context: InContext) -> Reply[dict[str, GroupView]]:
    """What the caller may select, at its own ratios."""
    return Reply(data=_groups(context.settings.get(GroupSettings), caller.user.group))


@router.get("/models", access=Access.USER)
async def own_models(caller: ByCaller, context: InContext, group: str = "") -> Reply[list[str]]:
    """Models served to the caller in all its groups, or in one; none in a group it may not use."""
    settings = context.settings.get(GroupSettings)
    selectable = selectable_groups(settings, caller.user.group)
    if group == AUTO:
        names = auto_groups(settings, caller.user.group)
    else:
        names = [name for name in selectable if group in ("", name)]
    async with context.database.read() as session:
        return Reply(data=sorted(await context.offer.models(session, names)) if names else [])


@admin_router.get("/", access=Access.ADMIN)
async def all_groups(context: InContext) -> Reply[list[str]]:
    """Every group that exists."""
    return Reply(data=sorted(context.settings.get(GroupSettings).ratios))
