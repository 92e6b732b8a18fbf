"""The dead: their journals are replayed by whoever shares their disk, their leases go back to the accounts."""

from pathlib import Path, PurePath

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from faregate.billing.journal import Lock, contents, lock_path, owners, segments, set_aside
from faregate.billing.limits import Limits
from faregate.billing.notices import alarm, warn
from faregate.billing.posting import post, sweep
from faregate.billing.refusals import refuses_record
from faregate.billing.settlement import Bookkeeper, Settlement, bare, parse
from faregate.billing.tables import worker
from faregate.kernel.clock import Clock
from faregate.kernel.errors import Defect
from faregate.storage import Database

_UNREADABLE = "journal.unreadable"


class _Brought(msgspec.Struct, frozen=True):
    """A segment that is in the database: how many settlements, and how many bytes of it nobody can read."""

    settlements: int
    damaged: int


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
        locks = {id: Lock.take(lock_path(self._directory, id)) for id in owners(self._directory)}
        dead = {id: lock for id, lock in locks.items() if lock is not None}
        try:
            neighbours = await self._neighbours(set(locks) - set(dead), set(dead))
            return [id for id, lock in dead.items() if await self._adopt(id, lock, local=id in neighbours)]
        finally:
            for lock in dead.values():
                lock.free()

    async def _neighbours(self, living: set[str], dead: set[str]) -> set[str]:
        """The dead who lived on this machine and in this directory, as those do who hold a lock here."""
        if not dead:
            return set()
        query = select(worker.c.id, worker.c.node, worker.c.journal).where(worker.c.id.in_(sorted(living | dead)))
        async with self._database.read() as session:
            homes = {id: (node, PurePath(journal).parent) for id, node, journal in await session.execute(query)}
        here = {homes[id] for id in living if id in homes}
        return {id for id in dead if homes.get(id) in here}

    async def _adopt(self, worker_id: str, lock: Lock, *, local: bool) -> bool:
        """Replay, sweep, delete, in this order: a death in between only means that it is done again.

        A lock tells that a `local` worker is dead. Whoever else's journal lies here, copied or moved, may live: it is
        swept when its deadline has passed. False when a file is left that cannot be read.
        """
        brought = {path: await self._bring_in(worker_id, path) for path in segments(self._directory, worker_id)}
        async with self._database.write() as session:
            await sweep(session, worker_id, expired_before=None if local else self._late())
        for path, segment in brought.items():
            if segment is not None and segment.damaged:
                alarm(_UNREADABLE, worker=worker_id, segment=set_aside(path).name, damaged_bytes=segment.damaged)
            elif segment is not None:
                path.unlink(missing_ok=True)
        if count := sum(segment.settlements for segment in brought.values() if segment is not None):
            warn("journal.adopted", worker=worker_id, settlements=count)
        if None in brought.values():
            return False
        lock.remove()
        return True

    async def _bring_in(self, worker_id: str, path: Path) -> _Brought | None:
        """Post what can be read of a segment; None when that is nothing."""
        try:
            read = contents(path)
            settlements = [parse(payload) for payload in read.payloads]
        except Defect as error:
            alarm(_UNREADABLE, worker=worker_id, segment=path.name, error=error.message, detail=error.detail)
            return None
        for start in range(0, len(settlements), self._limits.batch):
            await self._replay(worker_id, settlements[start : start + self._limits.batch])
        return _Brought(len(settlements), read.damaged)

    async def _replay(self, worker_id: str, batch: list[Settlement]) -> None:
        """Post a batch; one that fails is taken apart, and what is refused for its words is posted without them."""
        try:
            await self._post(worker_id, batch)
        except SQLAlchemyError as error:
            if len(batch) > 1 and await self._database.is_up():
                for one in batch:
                    await self._replay(worker_id, [one])
                return
            if not refuses_record(error):
                raise
            alarm("ledger.record_refused", settlement=batch[0].id, error=str(error))
            await self._post(worker_id, [bare(batch[0])])

    async def _post(self, worker_id: str, batch: list[Settlement]) -> None:
        async with self._database.write() as session:
            # Locked, so that no other node sweeps its leases at the same moment.
            await session.execute(select(worker.c.id).where(worker.c.id == worker_id).with_for_update())
            await post(session, self._bookkeeper, batch, dedupe=True)

    async def sweep(self) -> list[str]:
        """Give back the leases of workers that are long past their deadline and have no files here; who they were.

        A journal that turns up later is still replayed: what it took is then debited from the accounts.
        """
        limit = self._late()
        async with self._database.read() as session:
            late = list(await session.scalars(select(worker.c.id).where(worker.c.deadline_at < limit)))
        swept: list[str] = []
        for worker_id in sorted(set(late) - set(owners(self._directory))):
            async with self._database.write() as session:
                if await sweep(session, worker_id, expired_before=limit):
                    swept.append(worker_id)
                    warn("ledger.swept", worker=worker_id)
        return swept

    def _late(self) -> int:
        """Unix time: whose deadline was before it is taken for dead."""
        return int(self._clock.now() - self._limits.grace_s)
