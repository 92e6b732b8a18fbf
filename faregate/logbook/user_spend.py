"""What users spent, for administrators: one user by model, key and day; several users in one sum each."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity import Access, InContext, Reply, Router
from faregate.identity.models import Key, User
from faregate.kernel.errors import BadRequest, NotFound
from faregate.logbook.writer import rollup

router = Router("/api/console/users", "users")
_LONGEST_S = 400 * 86_400
_HOUR_S, _DAY_S = 3600, 86_400
_KEYS, _USERS = 200, 100
Second = Annotated[int, Query(ge=0, le=2**40)]
Zone = Annotated[int, Query(ge=-_DAY_S, le=_DAY_S)]


class SpendLine(BaseModel):
    """A model, or a key (`id`) of the user: quota charged, requests, tokens."""

    id: int = 0
    name: str
    charge: int = 0
    requests: int = 0
    tokens: int = 0


class DayLine(BaseModel):
    """A day that begins at `at` (unix seconds)."""

    at: int
    charge: int
    requests: int


class UserSpend(BaseModel):
    """A user's spend in a time; the dearest first, days in order, and every key the user has."""

    charge: int
    requests: int
    tokens: int
    models: list[SpendLine]
    keys: list[SpendLine]
    days: list[DayLine]


class SpendSum(BaseModel):
    """What a user spent, and the last hour (unix seconds) it called in; users who did not call are left out."""

    user_id: int
    charge: int
    requests: int
    last_hour: int


@router.get("/spend", access=Access.ADMIN)
async def sums(
    context: InContext, ids: Annotated[str, Query(max_length=2000)], since: Second, until: Second
) -> Reply[list[SpendSum]]:
    """What each of up to 100 users (`ids`, by commas) spent from `since` to before `until`, by whole hours."""
    words = [word.strip() for word in ids.split(",")]
    if not all(word.isdecimal() and len(word) <= 18 for word in words) or len(words) > _USERS:
        raise BadRequest(f"ids must be up to {_USERS} numbers, separated by commas.", param="ids")
    query = (
        select(
            rollup.c.user_id,
            func.sum(rollup.c.charge).label("charge"),
            func.sum(rollup.c.requests).label("requests"),
            func.max(rollup.c.hour).label("last_hour"),
        )
        .where(rollup.c.user_id.in_([int(word) for word in words]), *_within(since, until))
        .group_by(rollup.c.user_id)
        .order_by(rollup.c.user_id)
    )
    async with context.database.read() as session:
        rows = (await session.execute(query)).all()
    return Reply(data=[SpendSum(user_id=id, charge=int(c), requests=int(n), last_hour=last) for id, c, n, last in rows])


@router.get("/{user_id}/spend", access=Access.ADMIN)
async def spend(user_id: int, context: InContext, since: Second, until: Second, zone: Zone = 0) -> Reply[UserSpend]:
    """What one user spent from `since` to before `until`, by whole hours; days begin `zone` seconds before UTC's."""
    async with context.database.read() as session:
        known = await session.scalar(select(User.id).where(User.id == user_id)) if user_id < 2**62 else None
        if known is None:
            raise NotFound("There is no such user.")
        rules = [rollup.c.user_id == user_id, *_within(since, until)]
        models = [_line(row, name=row.model) for row in await _grouped(session, rollup.c.model, rules)]
        keys = await _keys(session, user_id, rules)
        days = _days(await _grouped(session, rollup.c.hour, rules), zone)
    return Reply(
        data=UserSpend(
            charge=sum(one.charge for one in models),
            requests=sum(one.requests for one in models),
            tokens=sum(one.tokens for one in models),
            models=_dearest(models),
            keys=keys,
            days=days,
        )
    )


def _within(since: int, until: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    if not 0 < until - since <= _LONGEST_S:
        raise BadRequest("until must be after since, by 400 days at most.", param="until")
    return rollup.c.hour >= since - since % _HOUR_S, rollup.c.hour < until


async def _grouped(session: AsyncSession, column: Any, rules: list[ColumnElement[bool]]) -> list[Any]:
    query = (
        select(
            column,
            func.sum(rollup.c.charge).label("charge"),
            func.sum(rollup.c.requests).label("requests"),
            func.sum(rollup.c.prompt_tokens + rollup.c.completion_tokens).label("tokens"),
        )
        .where(*rules)
        .group_by(column)
        .order_by(column)
    )
    return list((await session.execute(query)).all())


async def _keys(session: AsyncSession, user_id: int, rules: list[ColumnElement[bool]]) -> list[SpendLine]:
    spent = {row.key_id: row for row in await _grouped(session, rollup.c.key_id, rules)}
    owned = select(Key.id, Key.name, Key.deleted_at).where(Key.user_id == user_id).order_by(Key.id.desc())
    rows = (await session.execute(owned)).all()
    names = {id: name for id, name, deleted_at in rows if deleted_at is None or id in spent}
    names |= dict.fromkeys(spent.keys() - names.keys(), "")
    nothing = {"charge": 0, "requests": 0, "tokens": 0}
    lines = [
        _line(spent[id], id=id, name=name) if id in spent else SpendLine(id=id, name=name, **nothing)
        for id, name in names.items()
    ]
    return _dearest(lines)[:_KEYS]


def _days(hours: list[Any], zone: int) -> list[DayLine]:
    found: dict[int, DayLine] = {}
    for row in hours:
        start = row.hour - (row.hour + zone) % _DAY_S
        day = found.setdefault(start, DayLine(at=start, charge=0, requests=0))
        day.charge += int(row.charge)
        day.requests += int(row.requests)
    return list(found.values())


def _line(row: Any, **who: Any) -> SpendLine:
    return SpendLine(charge=int(row.charge), requests=int(row.requests), tokens=int(row.tokens), **who)


def _dearest(lines: list[SpendLine]) -> list[SpendLine]:
    return sorted(lines, key=lambda line: (-line.charge, line.name, line.id))
