"""Removing old rows of the log without breaking the proof of the money.

Every batch is one transaction: the charges of the records it removes are added to `pruned` of their accounts. A record
that a journal may still name is only emptied and hidden; a later clean-up removes it. Audit lines stay for good.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing import book_pruned, replay_horizon
from faregate.logbook.models import HIDDEN, MANAGE
from faregate.logbook.writer import record
from faregate.storage import Database

_BATCH = 1000
_EMPTY = {"type": HIDDEN, "content": "", "other": "", "ip": "", "request_id": "", "upstream_request_id": ""}
Place = tuple[int, int]  # created_at, id


class _Old(NamedTuple):
    """A row that is due. `replayable`: a journal may still name it."""

    id: int
    created_at: int
    wallet_id: int
    allowance_id: int
    charge: int
    replayable: bool


async def clean_up(database: Database, before: int, now: int, *, batch: int = _BATCH) -> int:
    """Remove what is older than `before` (unix time); how many rows. May be repeated, also after it was cut short."""
    removed = 0
    place: Place = (0, 0)
    while True:
        async with database.write() as session:
            rows = await _oldest(session, before, await replay_horizon(session, now), place, batch)
            if not rows:
                return removed
            await _remove(session, [row for row in rows if not row.replayable])
            await _empty(session, [row.id for row in rows if row.replayable])
        removed += len(rows)
        place = (rows[-1].created_at, rows[-1].id)


async def _oldest(session: AsyncSession, before: int, horizon: int, after: Place, count: int) -> list[_Old]:
    """The next rows to be removed, locked: two clean-ups at once never count the same charge."""
    replayable = and_(record.c.settlement_id.is_not(None), record.c.created_at >= horizon)
    query = (
        select(
            record.c.id,
            record.c.created_at,
            record.c.wallet_id,
            record.c.allowance_id,
            record.c.charge,
            replayable.label("replayable"),
        )
        .where(
            record.c.created_at < before,
            record.c.type != MANAGE,
            or_(record.c.type != HIDDEN, ~replayable),
            _behind(after),
        )
        .order_by(record.c.created_at, record.c.id)
        .limit(count)
        .with_for_update()
    )
    return [_Old(*row) for row in await session.execute(query)]


def _behind(place: Place) -> ColumnElement[bool]:
    created_at, ident = place
    return or_(record.c.created_at > created_at, and_(record.c.created_at == created_at, record.c.id > ident))


async def _remove(session: AsyncSession, rows: Sequence[_Old]) -> None:
    if not rows:
        return
    charges: dict[int, int] = defaultdict(int)
    for row in rows:
        for account_id in (row.wallet_id, row.allowance_id):
            if account_id:
                charges[account_id] += row.charge
    await session.execute(delete(record).where(record.c.id.in_([row.id for row in rows])))
    await book_pruned(session, charges)


async def _empty(session: AsyncSession, idents: Sequence[int]) -> None:
    if idents:
        await session.execute(update(record).where(record.c.id.in_(idents)).values(_EMPTY))
