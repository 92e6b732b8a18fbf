"""The ledger of one worker: hold, settle, release. What every request passes, so nothing here waits for I/O
unless its leases are used up, and nothing that was settled is forgotten whenever the process dies.
"""

import asyncio
import contextlib
from pathlib import Path
from uuid import uuid4

from faregate.billing.errors import TROUBLE
from faregate.billing.flusher import Backlog, Flusher
from faregate.billing.journal import Journal, Lock, lock_path
from faregate.billing.leases import AccountRef, Hold, Leases
from faregate.billing.limits import DEFAULTS, Limits
from faregate.billing.notices import alarm, warn
from faregate.billing.posting import sweep
from faregate.billing.registration import Registration
from faregate.billing.returns import Returns, recalled
from faregate.billing.settlement import CHARGE_LIMIT, ID_LIMIT, Bookkeeper, Settlement
from faregate.billing.sweeper import Sweeper
from faregate.billing.teller import Teller
from faregate.kernel.clock import SYSTEM, Clock
from faregate.kernel.errors import Defect, Unavailable
from faregate.storage import Database


class Ledger:
    """Holds on funding accounts and allowances, all or nothing, ended exactly once each.

    State: running or not; the parts keep the rest. `start` before the first hold, `stop` after the last request.
    """

    def __init__(
        self,
        database: Database,
        bookkeeper: Bookkeeper,
        directory: Path,
        *,
        node: str = "",
        limits: Limits = DEFAULTS,
        clock: Clock = SYSTEM,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._database = database
        self._limits = limits
        self._clock = clock
        self._ticks = clock.ticks
        self._leases = Leases()
        self.worker_id, lock = _identity(directory)
        self._journal = Journal(directory, self.worker_id, lock)
        self._backlog = Backlog(self._journal, limits)
        self._registration = Registration(
            database,
            self.worker_id,
            node=node,
            journal=str(lock.path),
            clock=clock,
            term_s=limits.term_s,
            evicted=self._evicted,
        )
        self._teller = Teller(self._registration, self._leases, limits, clock)
        self._flusher = Flusher(database, self._registration, self._backlog, self._leases, bookkeeper, limits, clock)
        self._sweeper = Sweeper(database, bookkeeper, directory, limits, clock)
        self._tasks: list[asyncio.Task[None]] = []
        self._keeping = asyncio.Lock()
        self._fault = "not started"

    # --- the life of a worker ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Register, bring in what dead workers left on this disk, and begin to serve."""
        await self._registration.register()
        await self._sweeper.adopt()
        self._fault = ""
        for name, work in (("teller", self._teller.run), ("flusher", self._flusher.run), ("keeper", self._keep)):
            task = asyncio.create_task(work(), name=f"ledger-{name}")
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A part that ends by itself is a defect: no holds without it."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fault = f"{task.get_name()} has failed"
            alarm("ledger.part_failed", part=task.get_name(), error=repr(error))

    async def stop(self, *, within_s: float = 15) -> None:
        """Write everything, give back every lease, leave no trace. What cannot be written stays in the journal."""
        await self._halt(within_s)
        try:
            async with asyncio.timeout(within_s):
                await self._flusher.flush()
                self._leases.evict()
                async with self._database.write() as session:
                    await sweep(session, self.worker_id)
        except TROUBLE as error:
            alarm("ledger.stopped_unflushed", error=type(error).__name__, waiting=len(self._backlog.waiting))
            self._journal.close()
            return
        # Requests still under way may settle: their frames wait for whoever starts next.
        if not self._leases.open_holds and not self._backlog.waiting:
            self._journal.remove()

    async def abandon(self, *, within_s: float = 5) -> None:
        """End as a kill would: nothing more is written, the journal is left for adoption."""
        await self._halt(within_s)
        self._journal.close()

    async def _halt(self, within_s: float) -> None:
        """End the loops between two transactions, if they come to one in time."""
        self._fault = "stopping"
        self._teller.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._keeping, self._registration.turn:
                self._cancel()
        self._cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _evicted(self) -> None:
        self._leases.evict()
        self._flusher.doubt()
        self._teller.evicted()

    # --- a request's three verbs ---------------------------------------------------------------------------------

    def try_hold(self, wallet: AccountRef, allowance: AccountRef | None, amount: int) -> Hold | None:
        """Reserve `amount` on wallet and allowance from what is leased, at once; None when `hold` must be asked."""
        if amount < 0:
            raise Defect("a hold cannot be negative")
        now = self._ticks()
        if self._fault or self._backlog.refuses or now >= self._registration.fence:
            return None
        leases = self._leases
        need = amount or 1
        purse = leases.able(wallet, need, now)
        if purse is None or (allowance is not None and leases.able(allowance, need, now) is None):
            return None
        hold = leases.take(wallet, allowance, amount, now)
        if purse.free < purse.low:
            self._teller.refill(purse)
        pouch = hold.allowance
        if pouch is not None and pouch.free < pouch.low:
            self._teller.refill(pouch)
        return hold

    async def hold(self, wallet: AccountRef, allowance: AccountRef | None, amount: int) -> Hold:
        """Reserve `amount` on wallet and allowance, leasing more if need be.

        An amount of 0 reserves nothing, but asks for accounts that are not empty. Raises CreditRefused when an
        account does not cover it, Unavailable when nobody can tell or too much waits to be written.
        """
        hold = self.try_hold(wallet, allowance, amount)
        if hold is not None:
            return hold
        self.admit()
        return await self._teller.ask(wallet, allowance, amount)

    def admit(self) -> None:
        """Return when calls are taken at all: what one without a hold must ask. Raises Unavailable."""
        if self._fault:
            raise Unavailable("the ledger does not serve", detail=self._fault)
        if self._backlog.refuses:
            raise Unavailable("too much waits to be written to the database")

    def settle(self, hold: Hold, charge: int, settlement: Settlement) -> None:
        """End `hold` with `charge` quota; `settlement` is in the journal when this returns.

        What exceeds the hold comes out of the lease as far as it has any, the rest is debited from the account,
        below zero if need be. Defect when the hold has ended or the charge is impossible (the hold then stays open).
        """
        if not hold.open:
            raise Defect("a hold was ended twice")
        _verify(charge, settlement)
        hold.open = False
        leases = self._leases
        leases.open_holds -= 1
        wallet = hold.wallet
        settlement.charge = charge
        settlement.wallet_id = wallet.account_id
        settlement.wallet_lease = wallet.id
        settlement.wallet_taken = taken = leases.end(hold, wallet, charge, hold.wallet_limited)
        settlement.wallet_direct = charge - taken
        allowance = hold.allowance
        if allowance is not None:
            settlement.allowance_id = allowance.account_id
            settlement.allowance_lease = allowance.id
            settlement.allowance_taken = taken = leases.end(hold, allowance, charge, hold.allowance_limited)
            settlement.allowance_direct = charge - taken
        self._backlog.add(settlement)

    def release(self, hold: Hold) -> None:
        """End `hold` without a charge. Defect when it has ended."""
        if not hold.open:
            raise Defect("a hold was ended twice")
        self._leases.release(hold)

    def debit(self, wallet: AccountRef, allowance: AccountRef | None, charge: int, settlement: Settlement) -> None:
        """Charge a call that had no hold, below zero if need be; `settlement` is in the journal when this returns.

        Defect when the charge is impossible.
        """
        _verify(charge, settlement)
        settlement.charge = charge
        settlement.wallet_id, settlement.wallet_direct = wallet.account_id, charge
        if allowance is not None:
            settlement.allowance_id, settlement.allowance_direct = allowance.account_id, charge
        self._backlog.add(settlement)

    def note(self, settlement: Settlement) -> None:
        """Log a line that moves no money (an error, a channel test); its `charge` is only shown."""
        if not 0 <= settlement.charge <= CHARGE_LIMIT or not 0 < len(settlement.id) <= ID_LIMIT:
            raise Defect("a log line with an impossible charge or id")
        self._backlog.add(settlement)

    # --- what happens beside requests ----------------------------------------------------------------------------

    async def flush(self) -> None:
        """Return when everything settled before is in the database. Unavailable when it cannot be written now."""
        try:
            await self._flusher.flush()
        except TROUBLE as error:
            raise Unavailable("the database cannot be reached", detail=type(error).__name__) from error

    async def tend(self) -> None:
        """Give back what others call for, and what has been idle for long."""
        accounts: set[int] = set()
        if any(lease.free > 0 for lease in self._leases.by_account.values()):
            async with self._database.read() as session:
                accounts = await recalled(session, self.worker_id)
        idle_before = self._clock.ticks() - self._limits.idle_s
        returns = Returns(self._leases, accounts=accounts, idle_before=idle_before)
        if returns.due:
            await self._registration.write(returns)

    async def adopt(self) -> list[str]:
        """Bring in the journals of the dead on this disk, sweep the dead elsewhere; whose they were."""
        return [*await self._sweeper.adopt(), *await self._sweeper.sweep()]

    async def _keep(self) -> None:
        adopt_at = self._ticks() + self._limits.adopt_s
        while True:
            await asyncio.sleep(self._limits.poll_s)
            try:
                async with self._keeping:
                    await self.tend()
                    if self._ticks() >= adopt_at:
                        adopt_at = self._ticks() + self._limits.adopt_s
                        await self.adopt()
            except TROUBLE as error:
                warn("ledger.keeping_failed", error=type(error).__name__)


def _verify(charge: int, settlement: Settlement) -> None:
    if not 0 <= charge <= CHARGE_LIMIT:
        raise Defect(f"a charge of {charge} is impossible")
    if not 0 < len(settlement.id) <= ID_LIMIT:
        raise Defect(f"a settlement's id has 1 to {ID_LIMIT} characters")


def _identity(directory: Path) -> tuple[str, Lock]:
    """A new worker's id and the lock that shows it alive."""
    while True:
        worker_id = str(uuid4())
        lock = Lock.take(lock_path(directory, worker_id))
        if lock is not None:
            return worker_id, lock
