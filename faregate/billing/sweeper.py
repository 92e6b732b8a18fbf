"""The dead: their journals are replayed by whoever shares their disk, their leases go back to the accounts."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from faregate.billing.journal import Lock, lock_path, owners, payloads, segments
from faregate.billing.limits import Limits
from faregate.billing.notices import alarm, warn
from faregate.billing.posting import post, sweep
from faregate.billing.settlement import Bookkeeper, Settlement, bare, parse
from faregate.billing.tables import worker
from faregate.kernel.clock import Clock
from faregate.kernel.errors import Defect
from faregate.storage import Database


class Sweeper:
    """Adopts journals and sweeps leases. Holds no state of its own; every act can be repeated."""

    def __init__(
        self, database: Database, bookkeeper: Bookkeeper, directory: Path, limits: Limits, clock: Clock
    ) -> None:
        self._database = database
        self._bookkeeper = bookkeeper
        self._directory = directory
        self._limits = limits
        self._clock = clock

    async def adopt(self) -> list[str]:
        """Bring the journals of dead workers in this directory to the database; whose they were."""
        adopted: list[str] = []
        for worker_id in owners(self._directory):
            lock = Lock.take(lock_path(self._directory, worker_id))
            if lock is None:
                continue
            try:
                await self._adopt(worker_id, lock)
                adopted.append(worker_id)
            except Defect as error:
                alarm("journal.unreadable", worker=worker_id, error=error.message, detail=error.detail)
            finally:
                lock.free()
        return adopted

    async def _adopt(self, worker_id: str, lock: Lock) -> None:
        """Replay, sweep, delete, in this order: a death in between only means that it is done again."""
        count = 0
        files = segments(self._directory, worker_id)
        for path in files:
            settlements = [parse(payload) for payload in payloads(path)]
            count += len(settlements)
            for start in range(0, len(settlements), self._limits.batch):
                await self._replay(worker_id, settlements[start : start + self._limits.batch])
        async with self._database.write() as session:
            await sweep(session, worker_id)
        for path in files:
            path.unlink(missing_ok=True)
        lock.remove()
        if count:
            warn("journal.adopted", worker=worker_id, settlements=count)

    async def _replay(self, worker_id: str, batch: list[Settlement]) -> None:
        """Post a batch; one that the database refuses is taken apart, at last without the words of a record."""
        try:
            await self._post(worker_id, batch)
        except SQLAlchemyError:
            if not await self._database.is_up():
                raise
            if len(batch) == 1:
                alarm("ledger.record_refused", settlement=batch[0].id)
                await self._post(worker_id, [bare(batch[0])])
                return
            for one in batch:
                await self._replay(worker_id, [one])

    async def _post(self, worker_id: str, batch: list[Settlement]) -> None:
        async with self._database.write() as session:
            # Locked, so that no other node sweeps its leases at the same moment.
            await session.execute(select(worker.c.id).where(worker.c.id == worker_id).with_for_update())
            await post(session, self._bookkeeper, batch, dedupe=True)

    async def sweep(self) -> list[str]:
        """Give back the leases of workers that are long past their deadline and have no journal here; who they were.

        A journal that turns up later is still replayed: what it took is then debited from the accounts.
        """
        limit = int(self._clock.now() - self._limits.grace_s)
        async with self._database.read() as session:
            late = list(await session.scalars(select(worker.c.id).where(worker.c.deadline_at < limit)))
        here = set(owners(self._directory))
        swept: list[str] = []
        for worker_id in sorted(set(late) - here):
            async with self._database.write() as session:
                if await sweep(session, worker_id, expired_before=limit):
                    swept.append(worker_id)
                    warn("ledger.swept", worker=worker_id)
        return swept
