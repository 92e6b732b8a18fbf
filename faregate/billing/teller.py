"""The slow way to a hold: requests queue, and one transaction at a time leases quota for all of them."""

import asyncio
import contextlib

from faregate.billing.errors import TROUBLE
from faregate.billing.grants import Ask, Grants
from faregate.billing.leases import AccountRef, Hold, Lease, Leases
from faregate.billing.limits import Limits
from faregate.billing.notices import warn
from faregate.billing.registration import Registration
from faregate.kernel.clock import Clock
from faregate.kernel.errors import Unavailable

_TRIES = 3


class Teller:
    """State: the queue of asks, the leases to fill up ahead of need, failures in a row."""

    def __init__(self, registration: Registration, leases: Leases, limits: Limits, clock: Clock) -> None:
        self._registration = registration
        self._leases = leases
        self._limits = limits
        self._clock = clock
        self._queue: dict[Ask, None] = {}  # in order of arrival; each stays until its asker has gone
        self._wishes: set[Lease] = set()
        self._bell = asyncio.Event()
        self._failures = 0

    async def ask(self, wallet: AccountRef, allowance: AccountRef | None, amount: int) -> Hold:
        """A hold, after queueing. Raises CreditRefused, or Unavailable when the database does not answer in time."""
        ask = Ask(wallet, allowance, amount, asyncio.get_running_loop().create_future(), self._clock.ticks())
        self._queue[ask] = None
        self._leases.join_queues(ask.accounts)
        self._bell.set()
        try:
            async with asyncio.timeout(self._limits.hold_s):
                return await ask.future
        except TimeoutError as error:
            self._give_up(ask)
            raise Unavailable("the ledger does not answer in time") from error
        except asyncio.CancelledError:
            self._give_up(ask)
            raise
        finally:
            self._leases.leave_queues(ask.accounts)
            del self._queue[ask]

    def _give_up(self, ask: Ask) -> None:
        """The asker has left: a hold that came at the same moment goes back."""
        granted = ask.future.done() and not ask.future.cancelled() and ask.future.exception() is None
        if granted:
            self._leases.release(ask.future.result())
        ask.future.cancel()
        for account in ask.need.accounts:
            lease = self._leases.of(account, self._clock.ticks())
            lease.wanted = 0
            self._leases.dirty.add(lease)

    def refill(self, lease: Lease) -> None:
        """Fetch more for a lease that runs low, while what is left still serves."""
        lease.low = -1
        self._wishes.add(lease)
        self._bell.set()

    def evicted(self) -> None:
        """The leases are gone; those who wait go on waiting."""
        self._wishes.clear()

    def close(self) -> None:
        """Answer everyone who waits: no."""
        for ask in self._queue:
            if not ask.future.done():
                ask.future.set_exception(Unavailable("the gateway is stopping"))

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._open():
                await self.serve()
                if self._open():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._bell.wait(), self._limits.pause_s)
                    self._bell.clear()

    def _open(self) -> bool:
        return bool(self._wishes) or any(not ask.future.done() for ask in self._queue)

    async def serve(self) -> None:
        """One round: a transaction that grants, then everyone who can be answered is."""
        grants = Grants(self._registration.id, self._leases, list(self._queue), self._wishes, self._limits, self._clock)
        try:
            await self._registration.write(grants)
        except TROUBLE as error:
            self._failed(error)
            return
        self._failures = 0

    def _failed(self, error: BaseException) -> None:
        """After a few tries those who wait are told; the leases that are left go on serving."""
        self._failures += 1
        warn("ledger.lease_failed", error=type(error).__name__, waiting=len(self._queue))
        if self._failures < _TRIES:
            return
        self._failures = 0
        self._wishes.clear()
        for ask in self._queue:
            if not ask.future.done():
                ask.future.set_exception(Unavailable("the database cannot be reached", detail=type(error).__name__))
