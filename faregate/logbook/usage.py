"""Use over time: a measure by a dimension in buckets, from the hourly sums where they know it, else from records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Label, Row, Select, Table, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.logbook.models import CONSUME, ERROR
from faregate.logbook.request_filter import is_outcome
from faregate.logbook.writer import record, rollup

Measure = Literal["charge", "requests", "tokens", "latency", "errors"]
Dimension = Literal["none", "model", "key", "channel", "user", "group"]
Bucket = Literal["minute", "hour", "day"]
Entry = str | int
BUCKET_S: dict[Bucket, int] = {"minute": 60, "hour": 3600, "day": 86_400}
GROUP_DAYS = 8  # the longest time whose records are summed by group
_COLUMNS: dict[Dimension, str] = {
    "model": "model",
    "key": "key_id",
    "channel": "channel_id",
    "user": "user_id",
    "group": "group",
}
REST = -1  # the place of all entries that are not named


@dataclass(frozen=True)
class Asked:
    """What is wanted. `since` and `until`: unix seconds; `zone_s`: seconds east of UTC, where days begin."""

    measure: Measure = "charge"
    dimension: Dimension = "none"
    bucket: Bucket = "hour"
    since: int = 0
    until: int = 0
    zone_s: int = 0
    owner_id: int = 0

    @property
    def start(self) -> int:
        """The beginning of the first bucket."""
        return self.bucket_of(self.since)

    @property
    def hour(self) -> int:
        """The beginning of the first hour."""
        return self.since // 3600 * 3600

    def bucket_of(self, at: int) -> int:
        """The beginning of the bucket that `at` is in."""
        size = BUCKET_S[self.bucket]
        return (at + self.zone_s) // size * size - self.zone_s

    def before(self) -> "Asked":
        """The same for the period of equal length that went before."""
        length = self.until - self.start
        return replace(self, since=self.start - length, until=self.start)


@dataclass
class Sums:
    """What a bucket or a period adds up to. `errors`: requests without an answer."""

    requests: int = 0
    charge: int = 0
    tokens: int = 0
    duration_ms: int = 0
    errors: int = 0

    def of(self, measure: Measure) -> int:
        """One measure; latency is the mean in milliseconds."""
        if measure == "latency":
            return round(self.duration_ms / self.requests) if self.requests else 0
        return getattr(self, measure)

    def add(self, other: "Sums") -> None:
        """Add another."""
        self.requests += other.requests
        self.charge += other.charge
        self.tokens += other.tokens
        self.duration_ms += other.duration_ms
        self.errors += other.errors


Buckets = dict[tuple[int, int], Sums]


class Usage(NamedTuple):
    """A measure by a dimension. `largest`: its largest entries, largest first; others are summed at the place REST.

    `buckets`: sums by the beginning of a bucket and the place of the first few; `now` and `before`: by place, of the
    time asked for and of the one before.
    """

    largest: list[Entry]
    buckets: Buckets
    now: dict[int, Sums]
    before: dict[int, Sums]


async def usage(session: AsyncSession, asked: Asked, *, ranked: int, shown: int) -> Usage:
    """Sums from the beginning of the first bucket: over time for the `shown` largest entries, in all for `ranked`."""
    largest = [] if asked.dimension == "none" else await _largest(session, asked, ranked)
    return Usage(
        largest,
        buckets=await _over_time(session, asked, largest[:shown]),
        now=await _in_all(session, asked, largest),
        before=await _in_all(session, asked.before(), largest),
    )


async def summary(session: AsyncSession, asked: Asked) -> Sums:
    """All sums of the whole time, from the beginning of its first hour."""
    total = Sums()
    summed = (column.label(name) for name, column in _sums_of(rollup, func.sum(rollup.c.requests)).items())
    hourly = select(*summed).where(rollup.c.hour >= asked.hour, rollup.c.hour < asked.until)
    failed = select(func.count()).select_from(record).where(*_during(asked, asked.hour))
    failed = failed.where(record.c.type == ERROR, is_outcome())
    if asked.owner_id:
        hourly = hourly.where(rollup.c.user_id == asked.owner_id)
        failed = failed.where(func.coalesce(record.c.user_id, 0) == asked.owner_id)
    total.add(_sums((await session.execute(hourly)).one()))
    total.errors = await session.scalar(failed) or 0
    return total


async def _largest(session: AsyncSession, asked: Asked, most: int) -> list[Entry]:
    source = _source(asked)
    entry = source.table.c[_COLUMNS[asked.dimension]].label("entry")
    query = source.within(asked, entry).group_by(entry).order_by(source.size(asked.measure).desc(), entry)
    return list((await session.scalars(query.limit(most))).all())


async def _over_time(session: AsyncSession, asked: Asked, entries: Sequence[Entry]) -> Buckets:
    source = _source(asked)
    # The remainder is taken of a sum that cannot be negative: engines disagree about others.
    size = BUCKET_S[asked.bucket]
    start = (source.moment - (source.moment + asked.zone_s % size) % size).label("start")
    rows = await source.by_place(session, asked, entries, start)
    return {(row.start, row.place if entries else REST): _sums(row) for row in rows}


async def _in_all(session: AsyncSession, asked: Asked, entries: Sequence[Entry]) -> dict[int, Sums]:
    rows = await _source(asked).by_place(session, asked, entries)
    return {row.place if entries else REST: _sums(row) for row in rows}


class _Source(NamedTuple):
    """Where sums are taken from: a table, the column of its time, what is summed under which name, which rows count."""

    table: Table
    moment: ColumnElement[int]
    sums: dict[str, ColumnElement[Any]]
    rules: list[ColumnElement[bool]]

    def within(self, asked: Asked, *columns: ColumnElement[Any]) -> Select[Any]:
        """A query of `columns` and the sums over what was asked for."""
        summed = (column.label(name) for name, column in self.sums.items())
        query = select(*columns, *summed).where(self.moment >= asked.start, self.moment < asked.until, *self.rules)
        return query.where(self.table.c.user_id == asked.owner_id) if asked.owner_id else query

    def size(self, measure: Measure) -> ColumnElement[Any]:
        """What entries are ranked by."""
        if measure == "latency":
            return self.sums["duration_ms"] * 1.0 / func.nullif(self.sums["requests"], 0)
        return self.sums[measure]

    async def by_place(
        self, session: AsyncSession, asked: Asked, entries: Sequence[Entry], *columns: Label[Any]
    ) -> Sequence[Row[Any]]:
        """The sums by `columns` and, where there are `entries`, the place in these."""
        if entries:
            entry = self.table.c[_COLUMNS[asked.dimension]]
            places = ((entry == name, place) for place, name in enumerate(entries))
            columns = (*columns, case(*places, else_=REST).label("place"))
        return (await session.execute(self.within(asked, *columns).group_by(*columns))).all()


def _source(asked: Asked) -> _Source:
    if asked.measure == "errors":
        return _Source(record, record.c.created_at, {"errors": func.count()}, [record.c.type == ERROR, is_outcome()])
    if asked.bucket == "minute" or asked.dimension == "group":
        return _Source(record, record.c.created_at, _sums_of(record, func.count()), [record.c.type == CONSUME])
    return _Source(rollup, rollup.c.hour, _sums_of(rollup, func.sum(rollup.c.requests)), [])


def _sums_of(table: Table, requests: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    columns = table.c
    return {
        "requests": requests,
        "charge": func.sum(columns.charge),
        "tokens": func.sum(columns.prompt_tokens + columns.completion_tokens),
        "duration_ms": func.sum(columns.duration_ms),
    }


def _during(asked: Asked, start: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return record.c.created_at >= start, record.c.created_at < asked.until


def _sums(row: Any) -> Sums:
    told = row._mapping
    return Sums(**{name: int(told.get(name) or 0) for name in Sums.__dataclass_fields__})
