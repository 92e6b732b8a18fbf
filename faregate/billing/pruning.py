"""What retention of the log must ask of the money: which records a journal may still name, and what their charges were.

A journal keeps frames for an hour after they are in the database, and after a crash it is replayed whole; only the
settlement's id in the log says that one was written already. So a record may go only when no journal can hold it: that
of a worker which is known, or of one that was swept and whose machine comes back.
"""

from collections.abc import Mapping

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing.tables import account, worker

_LATE_JOURNAL_S = 7 * 86_400  # a node that was away so long may come back with its journal
_LEEWAY_S = 3600  # for frames of the hour before a death, or how far the clocks of nodes are apart

_add_pruned = (
    account.update().where(account.c.id == bindparam("of")).values(pruned=account.c.pruned + bindparam("amount"))
)


async def replay_horizon(session: AsyncSession, now: int) -> int:
    """Unix time: settlements before it are in no journal any more."""
    oldest = await session.scalar(select(func.min(worker.c.started_at)))
    late = now - _LATE_JOURNAL_S
    return (late if oldest is None else min(late, int(oldest))) - _LEEWAY_S


async def book_pruned(session: AsyncSession, amounts: Mapping[int, int]) -> None:
    """Note on accounts the charges (quota, by account id) of records that the same transaction removes."""
    rows = [{"of": id, "amount": amounts[id]} for id in sorted(amounts) if amounts[id]]
    if rows:
        await (await session.connection()).execute(_add_pruned, rows)
