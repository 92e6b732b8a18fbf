"""What is settled, on its way into the database: at most a tenth of a second or 500 settlements at a time."""

import asyncio
import contextlib
from collections import deque
from itertools import islice

from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing.errors import TROUBLE
from faregate.billing.journal import Journal
from faregate.billing.leases import Lease, Leases
from faregate.billing.limits import Limits
from faregate.billing.notices import alarm, warn
from faregate.billing.posting import insert_lease, post
from faregate.billing.refusals import refuses_record
from faregate.billing.registration import Registration
from faregate.billing.settlement import Bookkeeper, Settlement, bare, render
from faregate.billing.tables import lease as lease_table
from faregate.kernel.clock import Clock
from faregate.kernel.errors import Unavailable
from faregate.storage import Bulk, Database

_RENEW_JOURNAL_S = 3600  # pruning of the log counts on journals without old frames
_STUBBORN = 3  # failures of a batch, the database being up, before it is taken apart
_GREATEST = 8  # usual batches in one

_show = Bulk(
    lease_table.update()
    .where(lease_table.c.id == bindparam("of"))
    .values(held=bindparam("reserved"), wanted=bindparam("waiting")),
    "of",
    "reserved",
    "waiting",
)


class Backlog:
    """Settlements that are in the journal and not yet in the database, in order."""

    def __init__(self, journal: Journal, limits: Limits) -> None:
        self.waiting: deque[Settlement] = deque()
        self.added = 0
        self.refuses = False  # no new holds: too much is waiting, or the journal cannot be written
        self.journal_broken = False
        self.bell = asyncio.Event()
        self._journal = journal
        self._limits = limits

    def add(self, settlement: Settlement) -> None:
        """Journal it, then remember it. A journal that fails stops new holds, but loses no settlement meanwhile.

        The flusher tells: a log on the same full disk must not fail the request.
        """
        try:
            self._journal.append(render(settlement))
        except Unavailable:
            self.refuses = True
        self.waiting.append(settlement)
        self.added += 1
        waiting = len(self.waiting)
        if waiting >= self._limits.batch:
            self.bell.set()
        if waiting >= self._limits.backlog:
            self.refuses = True

    def committed(self, count: int) -> list[Settlement]:
        """The oldest `count` are in the database."""
        self._journal.flushed(count)
        done = [self.waiting.popleft() for _ in range(count)]
        self.judge()
        return done

    def forget_leases(self) -> None:
        """Debit directly what waits: its leases went back, and after a loss others' leases may have their ids."""
        for one in self.waiting:
            one.wallet_direct, one.wallet_taken = one.wallet_direct + one.wallet_taken, 0
            one.allowance_direct, one.allowance_taken = one.allowance_direct + one.allowance_taken, 0

    def renew_journal(self) -> None:
        """Leave no old frames in it that are in the database."""
        self._journal.renew()

    def judge(self) -> None:
        """Say whether new holds may be granted."""
        self._journal.mend()
        self.journal_broken = self._journal.broken
        full = len(self.waiting) >= self._limits.backlog or self._journal.size_bytes >= self._limits.backlog_bytes
        self.refuses = full or self.journal_broken


class Care:
    """How a batch is to be written: `size` settlements, `dedupe` when some may be in the log already.

    `most`: how many at once where much waits.
    """

    def __init__(self, size: int) -> None:
        self._usual = size
        self.size = size
        self.most = _GREATEST * size
        self.dedupe = False

    def take(self, waiting: int) -> int:
        """How many to write at once: more where much waits, as a batch costs a busy worker about as much of its time.

        Else the backlog of a worker that is asked as much as it can bear would grow until it refuses.
        """
        return self.size if self.size < self._usual else min(max(self.size, waiting // 4), self.most)


class Batch:
    """One transaction of the flusher: the oldest settlements and what the lease rows should show."""

    def __init__(self, backlog: Backlog, leases: Leases, bookkeeper: Bookkeeper, worker_id: str, care: Care) -> None:
        self._backlog = backlog
        self._leases = leases
        self._bookkeeper = bookkeeper
        self._worker_id = worker_id
        self._care = care
        self._count = 0
        self._shown: dict[Lease, tuple[int, int]] = {}
        self._inserted: dict[Lease, int] = {}

    async def write(self, session: AsyncSession) -> None:
        """Post the settlements, then show what is held."""
        batch = list(islice(self._backlog.waiting, self._care.take(len(self._backlog.waiting))))
        self._count = len(batch)
        dirty, self._leases.dirty = self._leases.dirty, set()
        self._shown = {lease: (lease.held, lease.wanted) for lease in dirty if lease.id or lease.held}
        await post(session, self._bookkeeper, batch, dedupe=self._care.dedupe)
        await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        connection = await session.connection()
        rows = [
            (lease.id, held, wanted)
            for lease, (held, wanted) in sorted(self._shown.items(), key=lambda item: item[0].id)
            if lease.id
        ]
        if rows:
            await _show.execute(connection, rows)
        for lease, (held, wanted) in self._shown.items():
            if not lease.id:
                self._inserted[lease] = await insert_lease(
                    connection, lease.account_id, self._worker_id, held=held, wanted=wanted
                )

    def applied(self) -> None:
        """Forget what is written."""
        for lease, id in self._inserted.items():
            lease.id = id
        for lease, shown in self._shown.items():
            if (lease.held, lease.wanted) != shown and not lease.swept:
                self._leases.dirty.add(lease)
        for one in self._backlog.committed(self._count):
            if one.wallet_taken:
                self._leases.committed(one.wallet_id, one.wallet_lease)
            if one.allowance_taken:
                self._leases.committed(one.allowance_id, one.allowance_lease)

    def undone(self) -> None:
        """Keep everything for the next try."""
        self._leases.dirty.update(lease for lease in self._shown if not lease.swept)


class Flusher:
    """Writes batches, and tries again until they are in. State: how careful it is after failures."""

    def __init__(
        self,
        database: Database,
        registration: Registration,
        backlog: Backlog,
        leases: Leases,
        bookkeeper: Bookkeeper,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._database = database
        self._registration = registration
        self._backlog = backlog
        self._leases = leases
        self._bookkeeper = bookkeeper
        self._limits = limits
        self._clock = clock
        self._care = Care(limits.batch)
        self._failures = 0
        self._renew_at = clock.ticks() + _RENEW_JOURNAL_S

    def doubt(self) -> None:
        """Our leases are gone, and some of the backlog may be in the database already: look before writing."""
        self._care.dedupe = True
        self._backlog.forget_leases()

    async def run(self) -> None:
        """Flush for ever."""
        pause_s = self._limits.flush_s
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._backlog.bell.wait(), pause_s)
            self._backlog.bell.clear()
            pause_s = self._limits.flush_s
            try:
                await self._beat()
            except TROUBLE as error:
                await self._failed(error)
                pause_s = min(2.0, self._limits.flush_s * 2**self._failures)

    async def _beat(self) -> None:
        self._backlog.judge()
        if self._clock.ticks() >= self._renew_at:
            self._renew_at = self._clock.ticks() + _RENEW_JOURNAL_S
            self._backlog.renew_journal()
        if self._backlog.journal_broken:
            alarm("journal.cannot_be_written", waiting=len(self._backlog.waiting))
        due = self._clock.ticks() >= self._registration.written_at + self._limits.renew_s
        if due or self._backlog.waiting or self._leases.dirty:
            await self.flush()

    async def flush(self) -> None:
        """Commit everything that was settled before the call, and what is held. Raises what the database raises."""
        target = self._backlog.added
        while True:
            batch = Batch(self._backlog, self._leases, self._bookkeeper, self._registration.id, self._care)
            await self._registration.write(batch)
            self._succeeded()
            if self._backlog.added - len(self._backlog.waiting) >= target:
                return

    def _succeeded(self) -> None:
        self._failures = 0
        self._care.dedupe = self._care.dedupe and bool(self._backlog.waiting)
        self._care.size = min(self._limits.batch, self._care.size * 2)
        if len(self._backlog.waiting) < self._limits.batch:
            self._care.most = _GREATEST * self._limits.batch

    async def _failed(self, error: BaseException) -> None:
        """Take a batch apart that fails again and again, and drop the words of a record that is refused for them."""
        self._failures += 1
        self._care.most = self._limits.batch  # until little waits: a large one may be too much for this database
        warn("ledger.flush_failed", error=type(error).__name__, waiting=len(self._backlog.waiting))
        refused = refuses_record(error)
        stubborn = self._failures % _STUBBORN == 0 or refused
        if not stubborn or not self._backlog.waiting or not await self._database.is_up():
            return
        if self._care.size > 1 or not self._care.dedupe:
            self._care.size, self._care.dedupe = 1, True
            return
        if refused:
            head = self._backlog.waiting[0]
            alarm("ledger.record_refused", settlement=head.id, error=str(error))
            self._backlog.waiting[0] = bare(head)
