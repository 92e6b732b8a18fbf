"""Reading requests: pages by place (never by number), sums. No call reads more than a bounded part of the log.

A filter that an index answers is read off its end. Where something remains to be compared row by row, at most `bound`
rows are looked at; the page then says where it stopped, and the next call goes on from there.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.kernel.errors import BadRequest
from faregate.logbook.repository import NEWEST_FIRST
from faregate.logbook.request_filter import Kind, Resolved, Rules
from faregate.logbook.writer import record, rollup
from faregate.storage import Database

PAGE_BOUND, SUM_BOUND = 20_000, 50_000
_BATCH = 1000
_HOUR_S = 3600
_DIGITS = 18  # what a column of 64 bits surely holds
_OLDEST_FIRST = (record.c.created_at.asc(), record.c.id.asc())
_SUMS = ("requests", "charge", "prompt_tokens", "completion_tokens")


class Place(NamedTuple):
    """Where a row stands in the log; on the wire `created_at.id`."""

    created_at: int
    id: int

    def __str__(self) -> str:
        return f"{self.created_at}.{self.id}"


def parse_place(text: str, param: str) -> Place | None:
    """The place that an earlier page told; None for the empty text. Raises BadRequest for anything else."""
    if not text:
        return None
    created_at, _, ident = text.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in (created_at, ident)):
        raise BadRequest(f"{param} must be a place as an earlier page told it, like 1800000000.42.", param=param)
    return Place(int(created_at), int(ident))


@dataclass(frozen=True)
class RequestPage:
    """Newest first. `older` and `newer`: where to go on, None at the end. `looked_to`: unix time of the last row that
    was looked at when the search stopped there before the page was full, else 0."""

    rows: list[Row[Any]]
    older: Place | None
    newer: Place | None
    looked_to: int = 0


@dataclass
class Totals:
    """Sums over a filter. `is_complete`: False when only the newest part could be looked at."""

    requests: int = 0
    failed: int = 0
    charge: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_complete: bool = True


async def older_page(
    session: AsyncSession, rules: Rules, size: int, before: Place | None, bound: int = PAGE_BOUND
) -> RequestPage:
    """The newest rows, or those older than `before`."""
    start = [_older(before)] if before else []
    stop = await _stop(session, rules, start, bound)
    limits = [*start, _newer(stop, itself=True)] if stop else start
    rows = await _rows(session, select(record).order_by(*NEWEST_FIRST), rules, limits, size + 1)
    more = len(rows) > size
    rows = rows[:size]
    older = _place(rows[-1]) if more else stop
    newer = (_place(rows[0]) if rows else before) if before else None
    return RequestPage(rows, older, newer, 0 if more or not stop else stop.created_at)


async def newer_page(
    session: AsyncSession, rules: Rules, size: int, after: Place, bound: int = PAGE_BOUND
) -> RequestPage:
    """The rows that directly follow `after` in time."""
    start = [_newer(after)]
    stop = await _stop(session, rules, start, bound, oldest_first=True)
    limits = [*start, _older(stop, itself=True)] if stop else start
    rows = await _rows(session, select(record).order_by(*_OLDEST_FIRST), rules, limits, size + 1)
    more = len(rows) > size
    rows = rows[:size][::-1]
    newer = _place(rows[0]) if more else stop
    return RequestPage(rows, _place(rows[-1]) if rows else after, newer, 0 if more or not stop else stop.created_at)


async def every_row(database: Database, rules: Rules) -> AsyncGenerator[Row[Any]]:
    """All rows, newest first, read in batches with a session each: a slow reader holds no transaction open."""
    place: Place | None = None
    while True:
        async with database.read() as session:
            limits = [_older(place)] if place else []
            rows = await _rows(session, select(record).order_by(*NEWEST_FIRST), rules, limits, _BATCH)
        for row in rows:
            yield row
        if len(rows) < _BATCH:
            return
        place = _place(rows[-1])


async def totals(session: AsyncSession, wanted: Resolved, kind: Kind, bound: int = SUM_BOUND) -> Totals:
    """Sums of the requests that fit; whole hours come from the hourly sums where those know what is asked."""
    found = Totals()
    if kind in ("all", "answered"):
        for part in _parts(wanted):
            await _add_answered(session, part, found, bound)
        await _add_hours(session, wanted, found)
    if kind != "answered":
        await _add_failed(session, wanted, "attempts" if kind == "attempts" else "failed", found, bound)
    return found


def _parts(wanted: Resolved) -> list[Resolved]:
    """The times that are summed from records: all of it, or the broken hours at both ends."""
    first, last = _whole_hours(wanted)
    if wanted.rolled_up() is None or (last and first >= last):
        return [wanted]
    parts = [wanted.between(wanted.since, first)] if wanted.since < first else []
    return [*parts, wanted.between(last, wanted.until)] if last < wanted.until else parts


def _whole_hours(wanted: Resolved) -> tuple[int, int]:
    """The first whole hour and the end of the last; 0 for no end."""
    return -(-wanted.since // _HOUR_S) * _HOUR_S, wanted.until // _HOUR_S * _HOUR_S


async def _add_hours(session: AsyncSession, wanted: Resolved, found: Totals) -> None:
    rules, (first, last) = wanted.rolled_up(), _whole_hours(wanted)
    if rules is None or (last and first >= last):
        return
    rules += [rollup.c.hour >= first, *([rollup.c.hour < last] if last else [])]
    row = (await session.execute(select(*(func.sum(rollup.c[name]) for name in _SUMS)).where(*rules))).one()
    _add(found, row)


async def _add_answered(session: AsyncSession, part: Resolved, found: Totals, bound: int) -> None:
    rules = part.rules("answered")
    limits = await _limits(session, rules, found, bound)
    sums = (func.count(), *(func.sum(record.c[name]) for name in _SUMS[1:]))
    query = select(*sums).where(*rules.driver, *rules.free, *rules.rest, *limits)
    _add(found, (await session.execute(query)).one())


async def _add_failed(session: AsyncSession, wanted: Resolved, kind: Kind, found: Totals, bound: int) -> None:
    rules = wanted.rules(kind)
    limits = await _limits(session, rules, found, bound)
    query = select(func.count()).select_from(record).where(*rules.driver, *rules.free, *rules.rest, *limits)
    found.failed = await session.scalar(query) or 0


def _add(found: Totals, row: Row[Any]) -> None:
    requests, charge, prompt, completion = (int(value or 0) for value in row)
    found.requests += requests
    found.charge += charge
    found.prompt_tokens += prompt
    found.completion_tokens += completion


async def _limits(session: AsyncSession, rules: Rules, found: Totals, bound: int) -> list[ColumnElement[bool]]:
    stop = await _place_at(session, rules, [], bound, oldest_first=False)
    if stop is None:
        return []
    found.is_complete = False
    return [_newer(stop, itself=True)]


async def _stop(
    session: AsyncSession, rules: Rules, start: list[ColumnElement[bool]], bound: int, *, oldest_first: bool = False
) -> Place | None:
    """The last row to be looked at; None when nothing is left to compare, or so many rows are not there."""
    return await _place_at(session, rules, start, bound, oldest_first=oldest_first) if rules.rest else None


async def _place_at(
    session: AsyncSession, rules: Rules, start: list[ColumnElement[bool]], bound: int, *, oldest_first: bool
) -> Place | None:
    order = _OLDEST_FIRST if oldest_first else NEWEST_FIRST
    query = select(record.c.created_at, record.c.id).where(*rules.driver, *start).order_by(*order)
    row = (await session.execute(query.offset(bound - 1).limit(1))).first()
    return None if row is None else Place(*row)


async def _rows(
    session: AsyncSession, query: Select[Any], rules: Rules, limits: list[ColumnElement[bool]], count: int
) -> list[Row[Any]]:
    return list(await session.execute(query.where(*rules.driver, *rules.free, *rules.rest, *limits).limit(count)))


def _place(row: Row[Any]) -> Place:
    return Place(row.created_at, row.id)


def _older(place: Place, *, itself: bool = False) -> ColumnElement[bool]:
    """Said so that every engine reads its index from that time on."""
    beside = record.c.id <= place.id if itself else record.c.id < place.id
    return and_(record.c.created_at <= place.created_at, or_(record.c.created_at < place.created_at, beside))


def _newer(place: Place, *, itself: bool = False) -> ColumnElement[bool]:
    beside = record.c.id >= place.id if itself else record.c.id > place.id
    return and_(record.c.created_at >= place.created_at, or_(record.c.created_at > place.created_at, beside))
