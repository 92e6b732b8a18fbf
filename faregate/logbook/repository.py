"""Reading the log: one page of it, a key's own rows, sums. Hidden rows are never listed, every answer is bounded."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels import Channel
from faregate.identity import Paging, wildcards
from faregate.logbook.models import CONSUME, HIDDEN
from faregate.logbook.writer import record

OWN_MOST, ALL_MOST, KEY_MOST = 10_000, 100_000, 1000  # rows counted or shown
NEWEST_FIRST = (record.c.created_at.desc(), record.c.id.desc())
_MINUTE_S = 60


@dataclass(frozen=True)
class LogFilter:
    """Which rows are wanted; what is 0 or empty does not restrict. `since` and `until`: unix seconds, both included."""

    type: int = 0
    since: int = 0
    until: int = 0
    user_id: int = 0
    username: str = ""
    key_name: str = ""
    model: str = ""
    channel_id: int = 0
    group: str = ""
    request_id: str = ""
    upstream_request_id: str = ""


@dataclass(frozen=True)
class Totals:
    """Quota charged in the time asked for; requests and tokens of the last minute."""

    quota: int
    requests: int
    tokens: int


async def page_of_log(
    session: AsyncSession, wanted: LogFilter, paging: Paging, *, most: int
) -> tuple[int, list[Row[Any]]]:
    """How many rows fit (counted up to `most`) and one page of them, newest first. BadRequest for a bad pattern."""
    rules = [*_rules(wanted), _of_type(wanted.type)]
    total = await _count(session, rules, most)
    if paging.offset >= total:
        return total, []
    query = select(record).where(*rules).order_by(*NEWEST_FIRST).offset(paging.offset).limit(paging.size)
    return total, list(await session.execute(query))


async def rows_of_key(session: AsyncSession, key_id: int) -> list[Row[Any]]:
    """The newest rows of a key, newest first."""
    query = select(record).where(record.c.key_id == key_id, record.c.type != HIDDEN).order_by(*NEWEST_FIRST)
    return list(await session.execute(query.limit(KEY_MOST)))


async def totals(session: AsyncSession, wanted: LogFilter, now: int) -> Totals:
    """Sums over usage records, whatever type is asked for; the last minute does not look at the times asked for."""
    usage = [*_who(wanted), record.c.type == CONSUME]
    quota = await session.scalar(select(func.sum(record.c.charge)).where(*usage, *_when(wanted)))
    tokens = func.sum(record.c.prompt_tokens + record.c.completion_tokens).label("tokens")
    minute = select(func.count().label("requests"), tokens).where(*usage, record.c.created_at >= now - _MINUTE_S)
    last = (await session.execute(minute)).one()
    return Totals(quota=int(quota or 0), requests=last.requests, tokens=int(last.tokens or 0))


async def channel_names(session: AsyncSession, rows: list[Row[Any]]) -> dict[int, str]:
    """The present names of the channels that `rows` mention, by id."""
    idents = {row.channel_id for row in rows if row.channel_id}
    if not idents:
        return {}
    found = await session.execute(select(Channel.id, Channel.name).where(Channel.id.in_(sorted(idents))))
    return dict(found.all())


async def _count(session: AsyncSession, rules: list[ColumnElement[bool]], most: int) -> int:
    counted = select(record.c.id).where(*rules).limit(most).subquery()
    return await session.scalar(select(func.count()).select_from(counted)) or 0


def _of_type(type: int) -> ColumnElement[bool]:
    return record.c.type == type if type else record.c.type != HIDDEN


def _rules(wanted: LogFilter) -> list[ColumnElement[bool]]:
    return [*_who(wanted), *_when(wanted)]


def _when(wanted: LogFilter) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if wanted.since:
        rules.append(record.c.created_at >= wanted.since)
    if wanted.until:
        rules.append(record.c.created_at <= wanted.until)
    return rules


def _who(wanted: LogFilter) -> list[ColumnElement[bool]]:
    exact: dict[str, int | str] = {
        "user_id": wanted.user_id,
        "key_name": wanted.key_name,
        "channel_id": wanted.channel_id,
        "group": wanted.group,
        "request_id": wanted.request_id,
        "upstream_request_id": wanted.upstream_request_id,
    }
    rules = [record.c[name] == value for name, value in exact.items() if value]
    rules += [_fits(name, text) for name, text in (("username", wanted.username), ("model", wanted.model)) if text]
    return rules


def _fits(name: str, text: str) -> ColumnElement[bool]:
    pattern = wildcards(text)
    return record.c[name] == text if pattern is None else record.c[name].like(pattern, escape="!")
