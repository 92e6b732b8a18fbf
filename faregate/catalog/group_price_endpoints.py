"""The console's groups: names, ratios, who may choose them, ratios between groups; read and written as one."""

from collections.abc import Mapping
from hashlib import sha256

import msgspec
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.catalog.groups import AUTO
from faregate.catalog.settings import GroupSettings, Ratio
from faregate.identity import Access, ByCaller, InContext, Refusal, Reply, Router, record
from faregate.identity.models import User
from faregate.identity.setting_changes import change_settings
from faregate.kernel.errors import BadRequest, Conflict
from faregate.storage import Topic, take_turn

router = Router("/api/console/groups", "prices")
_LONGEST, _MOST = 64, 200


class GroupLine(BaseModel):
    """A group. `is_open`: everybody may choose it, and reads `description`. `users`: how many are in it."""

    model_config = ConfigDict(str_strip_whitespace=True)
    name: str = Field(min_length=1, max_length=_LONGEST)
    ratio: Ratio
    is_open: bool = False
    description: str = Field(default="", max_length=255)
    users: int = 0


class SpecialRatio(BaseModel):
    """Users of `user_group` pay this ratio in `group` instead of the group's own."""

    user_group: str = Field(min_length=1, max_length=_LONGEST)
    group: str = Field(min_length=1, max_length=_LONGEST)
    ratio: Ratio


class GroupTable(BaseModel):
    """All groups. `revision` goes back with a change; `users` is not read then."""

    groups: list[GroupLine] = Field(min_length=1, max_length=_MOST)
    special: list[SpecialRatio] = Field(max_length=_MOST * 5)
    revision: str = ""


class GroupLineView(BaseModel):
    """A group as it is stored, even where it could not be sent back as it is."""

    name: str
    ratio: float
    is_open: bool
    description: str
    users: int


class SpecialRatioView(BaseModel):
    """What users of `user_group` pay in `group` instead of the group's own ratio."""

    user_group: str
    group: str
    ratio: float


class GroupTableView(BaseModel):
    """All groups. `revision` goes back with a change."""

    groups: list[GroupLineView]
    special: list[SpecialRatioView]
    revision: str


@router.get("", access=Access.ADMIN)
async def list_groups(context: InContext) -> Reply[GroupTableView]:
    """Every group with its ratio, and the ratios between groups."""
    async with context.database.read() as session:
        return Reply(data=_table(context.settings.get(GroupSettings), await _users(session)))


@router.put("", access=Access.ROOT)
async def change_groups(given: GroupTable, caller: ByCaller, context: InContext) -> Reply[GroupTableView]:
    """Put these groups in place of the present ones, in one write.

    Refused with 409 when somebody changed them meanwhile, and while a group that is left out has users.
    """
    _check(given)
    async with context.database.write() as session:
        await take_turn(session, Topic.SETTINGS)
        before = await context.settings.stored(session, GroupSettings)
        users = await _users(session)
        if given.revision != _revision(before):
            raise Refusal(
                "The groups were changed meanwhile. Nothing was saved; read them again.",
                status=409,
                wire_code="GROUPS_CHANGED",
            )
        _check_removed(before, given, users)
        after = before.model_copy(update=_values(before, given))
        await change_settings(context, session, caller, _texts(after))
        await record(context, session, caller, "group.update", f"changed groups: {_words(before, after)}")
    return Reply(data=_table(after, users))


def _check(given: GroupTable) -> None:
    names = [line.name for line in given.groups]
    if len(set(names)) < len(names):
        raise BadRequest("A group is named twice.", param="groups")
    if AUTO in names:
        raise BadRequest(f"A group cannot be called {AUTO!r}.", param="groups")
    if any("," in name for name in names):
        raise BadRequest("The name of a group must not contain a comma.", param="groups")
    for one in given.special:
        if one.group not in names:
            raise BadRequest(f"There is no group {one.group!r} to set a ratio for.", param="special")


def _check_removed(before: GroupSettings, given: GroupTable, users: Mapping[str, int]) -> None:
    for name in before.ratios.keys() - {line.name for line in given.groups}:
        if users.get(name):
            raise Conflict(f"The group {name!r} still has {users[name]} users; move them to another group first.")


def _values(before: GroupSettings, given: GroupTable) -> dict[str, object]:
    special: dict[str, dict[str, float]] = {}
    for one in given.special:
        special.setdefault(one.user_group, {})[one.group] = one.ratio
    named = {line.name for line in given.groups} | before.ratios.keys()
    elsewhere = {name: text for name, text in before.usable.items() if name not in named}
    return {
        "ratios": {line.name: line.ratio for line in given.groups},
        "usable": {line.name: line.description or line.name for line in given.groups if line.is_open} | elsewhere,
        "special_ratios": special,
    }


def _texts(groups: GroupSettings) -> dict[str, str]:
    values = {
        "GroupRatio": groups.ratios,
        "UserUsableGroups": groups.usable,
        "GroupGroupRatio": groups.special_ratios,
    }
    return {key: msgspec.json.encode(value).decode() for key, value in values.items()}


def _revision(groups: GroupSettings) -> str:
    return sha256(msgspec.json.encode(_texts(groups))).hexdigest()[:16]


def _table(groups: GroupSettings, users: Mapping[str, int]) -> GroupTableView:
    lines = [
        GroupLineView(
            name=name,
            ratio=ratio,
            is_open=name in groups.usable,
            description=groups.usable.get(name, ""),
            users=users.get(name, 0),
        )
        for name, ratio in groups.ratios.items()
    ]
    special = [
        SpecialRatioView(user_group=user_group, group=group, ratio=ratio)
        for user_group, ratios in groups.special_ratios.items()
        for group, ratio in ratios.items()
        if group in groups.ratios
    ]
    return GroupTableView(groups=lines, special=special, revision=_revision(groups))


def _words(before: GroupSettings, after: GroupSettings) -> str:
    names = sorted({*before.ratios, *after.ratios})
    told = [
        f"{name} {before.ratios.get(name, 'new')} to {after.ratios.get(name, 'removed')}"
        for name in names
        if before.ratios.get(name) != after.ratios.get(name)
    ]
    return ", ".join(told) or "the same ratios"


async def _users(session: AsyncSession) -> dict[str, int]:
    query = select(User.group, func.count()).where(User.deleted_at.is_(None)).group_by(User.group)
    return dict((await session.execute(query)).all())
