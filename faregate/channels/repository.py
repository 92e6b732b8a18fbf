"""Statements on channels and on the routing index that is derived from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, case, delete, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from faregate.channels.models import AUTO_DISABLED, DISABLED, ENABLED, Channel, Credential, ServedModel
from faregate.channels.snapshot import split_names
from faregate.channels.views import States
from faregate.identity import like, whole
from faregate.kernel.errors import NotFound

_CHUNK = 500
_LARGEST_TYPE = 2**31
_GROUP_LENGTH, _MODEL_LENGTH = 64, 255
_SORTED: dict[str, InstrumentedAttribute[Any]] = {
    "id": Channel.id,
    "name": Channel.name,
    "priority": Channel.priority,
    "balance": Channel.balance,
    "response_time": Channel.response_ms,
    "test_time": Channel.tested_at,
}
_STATES: dict[str, ColumnElement[bool]] = {
    "enabled": Channel.status == ENABLED,
    "1": Channel.status == ENABLED,
    "disabled": Channel.status != ENABLED,
    "0": Channel.status != ENABLED,
    "by_hand": Channel.status == DISABLED,
    "by_itself": Channel.status == AUTO_DISABLED,
}
_TAGLESS = or_(Channel.tag.is_(None), Channel.tag == "")


@dataclass(frozen=True)
class Wanted:
    """Which channels to list, in which order. Empty fields select nothing out.

    `key_digest` finds the channel with exactly this key. `whole_tags`: of every tag with a hit, all channels. `by_tag`:
    tag by tag, channels without one last.
    """

    keyword: str = ""
    key_digest: str = ""
    model: str = ""
    group: str = ""
    status: str = ""
    type: str = ""
    sort_by: str = ""
    ascending: bool = False
    newest_first: bool = False
    whole_tags: bool = False
    tag: str = ""
    by_tag: bool = False

    def hits(self) -> list[ColumnElement[bool]]:
        """The conditions of text, model and group."""
        found: list[ColumnElement[bool]] = []
        if self.keyword:
            found.append(self._keyword())
        if self.model:
            found.append(func.lower(Channel.models).like(like(self.model), escape="!"))
        if self.group and self.group not in ("all", "null"):
            # In the comma list, whole: its own wildcards are escaped.
            listed = literal(",") + func.lower(Channel.groups) + literal(",")
            found.append(listed.like(f"%,{like(self.group)[1:-1]},%", escape="!"))
        if self.tag:
            found.append(Channel.tag == self.tag)
        return found

    def _keyword(self) -> ColumnElement[bool]:
        pattern = like(self.keyword)
        found: list[ColumnElement[bool]] = [
            func.lower(Channel.name).like(pattern, escape="!"),
            func.lower(Channel.base_url).like(pattern, escape="!"),
            Channel.id.in_(select(Credential.channel_id).where(Credential.digest == self.key_digest)),
        ]
        if number := whole(self.keyword):
            found.append(Channel.id == number)
        return or_(*found)

    def conditions(self, *, typed: bool = True) -> list[ColumnElement[bool]]:
        """All conditions, or those without the type."""
        found = self.hits()
        if self.whole_tags:
            tags = select(Channel.tag).where(*found, Channel.tag.is_not(None), Channel.tag != "")
            found = list[ColumnElement[bool]]([Channel.tag.in_(tags)])
        if self.status in _STATES:
            found.append(_STATES[self.status])
        kind = whole(self.type, -1)
        if typed and kind >= 0:
            found.append(Channel.type == min(kind, _LARGEST_TYPE - 1))
        return found

    def order(self) -> list[ColumnElement[Any]]:
        """Highest priority first unless asked otherwise; the id decides ties."""
        tags = [case((_TAGLESS, 1), else_=0), func.coalesce(Channel.tag, "")] if self.by_tag else []
        return [*tags, *self._order()]

    def _order(self) -> list[UnaryExpression[Any]]:
        column, ascending = _SORTED.get(self.sort_by), self.ascending
        if column is None:
            column, ascending = (Channel.id if self.newest_first else Channel.priority), False
        found: list[UnaryExpression[Any]] = [column.asc() if ascending else column.desc()]
        if column is not Channel.id:
            found.append(Channel.id.asc() if ascending else Channel.id.desc())
        return found


async def list_channels(session: AsyncSession, wanted: Wanted, offset: int, limit: int) -> tuple[int, list[Channel]]:
    """How many channels there are, and a page of them."""
    conditions = wanted.conditions()
    total = await session.scalar(select(func.count()).select_from(Channel).where(*conditions))
    page = select(Channel).where(*conditions).order_by(*wanted.order()).offset(offset).limit(limit)
    return int(total or 0), list((await session.execute(page)).scalars())


async def list_by_tag(session: AsyncSession, wanted: Wanted, offset: int, limit: int) -> tuple[int, list[Channel]]:
    """How many tags there are, and all channels of a page of tags."""
    conditions = [*wanted.conditions(), Channel.tag.is_not(None), Channel.tag != ""]
    total = await session.scalar(select(func.count(func.distinct(Channel.tag))).where(*conditions))
    page = select(Channel.tag).where(*conditions).distinct().order_by(Channel.tag).offset(offset).limit(limit)
    tags = list((await session.execute(page)).scalars())
    if not tags:
        return int(total or 0), []
    found = select(Channel).where(*conditions, Channel.tag.in_(tags)).order_by(Channel.tag, *wanted.order())
    return int(total or 0), list((await session.execute(found)).scalars())


async def type_counts(session: AsyncSession, wanted: Wanted) -> dict[str, int]:
    """How many channels of each type there are, whatever type is asked for."""
    counted = select(Channel.type, func.count()).where(*wanted.conditions(typed=False)).group_by(Channel.type)
    return {str(kind): count for kind, count in await session.execute(counted)}


async def tag_counts(session: AsyncSession) -> list[tuple[str, int, int]]:
    """Every tag with how many channels have it, and how many of those are on."""
    is_on = func.sum(case((Channel.status == ENABLED, 1), else_=0))
    counted = select(Channel.tag, func.count(), is_on).where(~_TAGLESS).group_by(Channel.tag).order_by(Channel.tag)
    return [(tag or "", int(total), int(on)) for tag, total, on in await session.execute(counted)]


async def credential_states(session: AsyncSession, channels: Iterable[Channel]) -> dict[int, States]:
    """Position and status of the credentials of those channels that have several."""
    ids = [channel.id for channel in channels if channel.is_multi_key]
    found: dict[int, list[tuple[int, int]]] = {ident: [] for ident in ids}
    for part in _chunks(ids):
        columns = select(Credential.channel_id, Credential.position, Credential.status)
        rows = columns.where(Credential.channel_id.in_(part)).order_by(Credential.channel_id, Credential.position)
        for channel_id, position, status in await session.execute(rows):
            found[channel_id].append((position, status))
    return dict(found)


async def find_channel(session: AsyncSession, channel_id: int, *, locked: bool = False) -> Channel | None:
    """A channel, or None."""
    return await session.get(Channel, channel_id, with_for_update=True if locked else None)


async def get_channel(session: AsyncSession, channel_id: int, *, locked: bool = False) -> Channel:
    """A channel. Raises NotFound."""
    found = await find_channel(session, channel_id, locked=locked)
    if found is None:
        raise NotFound("There is no such channel.")
    return found


async def channels_with(session: AsyncSession, ids: Sequence[int]) -> list[Channel]:
    """Those of `ids` that exist, locked, in order of id."""
    found: list[Channel] = []
    for part in _chunks(sorted(set(ids))):
        rows = select(Channel).where(Channel.id.in_(part)).order_by(Channel.id).with_for_update()
        found += (await session.execute(rows)).scalars()
    return found


async def channels_tagged(session: AsyncSession, tag: str) -> list[Channel]:
    """The channels of a tag, locked, in order of id."""
    rows = select(Channel).where(Channel.tag == tag).order_by(Channel.id).with_for_update()
    return list((await session.execute(rows)).scalars())


async def switched_off(session: AsyncSession) -> list[Channel]:
    """All channels that are not on, locked."""
    rows = select(Channel).where(Channel.status != ENABLED).order_by(Channel.id).with_for_update()
    return list((await session.execute(rows)).scalars())


async def models_enabled(session: AsyncSession) -> list[str]:
    """Every model that an enabled channel serves to any group."""
    found = select(ServedModel.model).distinct().order_by(ServedModel.model)
    return list((await session.execute(found)).scalars())


async def remove(session: AsyncSession, channels: Sequence[Channel]) -> None:
    """Delete channels with all that belongs to them."""
    for part in _chunks([channel.id for channel in channels]):
        await session.execute(delete(ServedModel).where(ServedModel.channel_id.in_(part)))
        await session.execute(delete(Credential).where(Credential.channel_id.in_(part)))
        await session.execute(delete(Channel).where(Channel.id.in_(part)))


async def reindex(session: AsyncSession, channels: Sequence[Channel]) -> int:
    """Derive the routing index of these channels anew; how many have a group or model too long to be indexed."""
    await session.flush()
    for part in _chunks([channel.id for channel in channels]):
        await session.execute(delete(ServedModel).where(ServedModel.channel_id.in_(part)))
    rows: list[dict[str, Any]] = []
    unfit = 0
    for channel in channels:
        groups, models = split_names(channel.groups), split_names(channel.models)
        fit_groups = [name for name in groups if len(name) <= _GROUP_LENGTH]
        fit_models = [name for name in models if len(name) <= _MODEL_LENGTH]
        unfit += (len(fit_groups), len(fit_models)) != (len(groups), len(models))
        if channel.status == ENABLED:
            rows += [
                {"group": group, "model": model, "channel_id": channel.id}
                for group in fit_groups
                for model in fit_models
            ]
    if rows:
        await session.execute(insert(ServedModel), rows)
    return unfit


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
