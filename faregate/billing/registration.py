"""A worker's row, and the numbered transactions that only the owner of that row can make.

Every write of a worker first moves its `writes` counter from n to n + 1. So its writes are serial, a sweeper and the
worker exclude each other, and after a commit of unknown outcome the counter tells what became of it. A number behind
ours tells of a database that went back, to a replica that lacked the last transactions: all leases are then given up.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing.models import Worker
from faregate.billing.notices import alarm
from faregate.billing.posting import sweep
from faregate.billing.tables import worker as worker_table
from faregate.kernel.clock import Clock
from faregate.kernel.errors import Defect, GatewayError
from faregate.storage import Bulk, Database

_TRANSACTION_S = 60  # longer than SQLite waits for another process

_claim = Bulk(
    worker_table.update()
    .where(worker_table.c.id == bindparam("me"), worker_table.c.writes == bindparam("current"))
    .values(writes=bindparam("next"), deadline_at=bindparam("deadline")),
    "me",
    "current",
    "next",
    "deadline",
)


class Evicted(GatewayError):
    """The worker's row is gone, its leases went back: it was taken for dead. Or the database has an older row."""

    code = "billing.evicted"


class Change(Protocol):
    """Something a worker writes. Exactly one of `applied` and `undone` follows every call of `write`."""

    async def write(self, session: AsyncSession) -> None:
        """Put it into the transaction."""
        ...

    def applied(self) -> None:
        """It is committed: make memory agree."""
        ...

    def undone(self) -> None:
        """It is certainly not committed."""
        ...


class Registration:
    """State: the number of the last write, a change of unknown outcome, and until when leases are certainly ours."""

    def __init__(
        self,
        database: Database,
        worker_id: str,
        *,
        node: str,
        journal: str,
        clock: Clock,
        term_s: float,
        evicted: Callable[[], None],
    ) -> None:
        self.id = worker_id
        self.fence = 0.0  # monotonic; past it no hold is granted before the next write
        self.written_at = 0.0  # monotonic
        self.turn = asyncio.Lock()  # held during every transaction
        self._database = database
        self._node = node
        self._journal = str(Path(journal).absolute())  # of two directories, never the same name
        self._clock = clock
        self._term_s = term_s
        self._evicted = evicted
        self._writes = 0
        self._started_at = 0  # unix time of the first registration: the journal may have frames since then
        self._doubt: Change | None = None

    async def register(self) -> None:
        """Make the worker known. It may hold leases from now on; what a former life of its own left goes back."""
        started = self._clock.ticks()
        now = int(self._clock.now())
        self._started_at = self._started_at or now
        async with self._database.write() as session:
            await sweep(session, self.id)
            await session.execute(
                insert(Worker).values(
                    id=self.id,
                    node=self._node,
                    journal=self._journal,
                    writes=self._writes,
                    started_at=self._started_at,
                    deadline_at=now + int(self._term_s),
                )
            )
        self._renewed(started)

    async def write(self, change: Change) -> None:
        """Commit `change`. Raises what the database raises; the change is then undone, or settled by the next write."""
        async with self.turn, asyncio.timeout(_TRANSACTION_S):
            try:
                await self._write(change)
            except Evicted as error:
                await self._return_to_life(error.message)
                await self._write(change)

    async def _write(self, change: Change) -> None:
        started = self._clock.ticks()
        step = "claim"
        try:
            async with self._database.write() as session:
                await self._claim(session)
                step = "write"
                await change.write(session)
                step = "commit"
            step = "done"
        finally:
            if step == "write":
                change.undone()
            elif step == "commit":
                self._doubt = change
            elif step == "done":
                self._writes += 1
                self._renewed(started)
                change.applied()

    async def _claim(self, session: AsyncSession) -> None:
        """Take the next number; what became of a doubtful change is known by then."""
        connection = await session.connection()
        for _ in range(2):
            deadline = int(self._clock.now() + self._term_s)
            if await _claim.execute(connection, [(self.id, self._writes, self._writes + 1, deadline)]):
                self._settle_doubt(committed=False)
                return
            found = (
                await connection.execute(select(worker_table.c.writes).where(worker_table.c.id == self.id))
            ).scalar()
            if found is None:
                raise Evicted("this worker was taken for dead")
            if found < self._writes:
                raise Evicted("the database has lost its last transactions")
            if found != self._writes + 1 or self._doubt is None:
                break
            self._writes = found
            self._settle_doubt(committed=True)
        raise Defect("another process writes as this worker")

    def _settle_doubt(self, *, committed: bool) -> None:
        doubt, self._doubt = self._doubt, None
        if doubt is not None:
            (doubt.applied if committed else doubt.undone)()

    async def _return_to_life(self, reason: str) -> None:
        """Register again after a sweep. The number jumps, so that nothing of the former life can match."""
        alarm("ledger.evicted", worker=self.id, reason=reason)
        self._settle_doubt(committed=False)
        self._evicted()
        self._writes += 1000
        await self.register()

    def _renewed(self, started: float) -> None:
        self.written_at = started
        self.fence = started + self._term_s
