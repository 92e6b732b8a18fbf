"""Leased quota in this worker's memory, and the holds taken from it. No I/O, no clock.

For every lease: granted - settled = free + what limited holds reserve + what settlements not yet committed took.
"""

from collections.abc import Iterable
from math import inf

import msgspec

_FIRST_CHUNK = 64


class AccountRef(msgspec.Struct, frozen=True, gc=False):
    """An account as a request names it. An unlimited one never refuses; its charges are debited directly."""

    account_id: int
    unlimited: bool = False


class Lease:
    """This worker's share of one account. State: see the fields."""

    __slots__ = (
        "account_id",
        "chunk",
        "closing",
        "free",
        "granted_at",
        "held",
        "id",
        "low",
        "need",
        "pending",
        "swept",
        "touched_at",
        "wanted",
    )

    def __init__(self, account_id: int, now: float) -> None:
        self.account_id = account_id
        self.id = 0  # of the row; 0 while there is none
        self.free = 0  # what the next hold may take
        self.held = 0  # reserved now, limited or not
        self.pending = 0  # settlements that took from it and are not yet committed
        self.closing = False  # its row is being removed: holds must queue
        self.swept = False  # its quota went back to the account behind our back
        self.wanted = 0  # 1 while a hold waits for what siblings have left over
        self.low = -1  # below this much free quota, more is fetched ahead
        self.chunk = _FIRST_CHUNK  # how many holds' worth to fetch at once
        self.need = 1  # the largest hold seen
        self.granted_at = -inf
        self.touched_at = now

    def end(self, amount: int, charge: int, limited: bool) -> int:
        """End a hold of `amount` with `charge`: what the lease pays of it (the rest is debited directly)."""
        self.held -= amount
        if not limited or self.swept:
            return 0
        taken = charge if charge <= amount else min(charge, amount + self.free)
        self.free += amount - taken
        if taken:
            self.pending += 1
        return taken


class Hold(msgspec.Struct, gc=False, eq=False):
    """Quota reserved for one request. Exactly one of settle and release ends it."""

    wallet: Lease
    allowance: Lease | None
    amount: int
    wallet_limited: bool
    allowance_limited: bool
    open: bool = True


class Leases:
    """All leases of this worker. `dirty` are those whose row shows another `held` or `wanted` than is true.

    `queues` is how many holds wait for an account, whatever becomes of its lease meanwhile: nobody overtakes them.
    """

    def __init__(self) -> None:
        self.by_account: dict[int, Lease] = {}
        self.dirty: set[Lease] = set()
        self.queues: dict[int, int] = {}
        self.open_holds = 0

    def of(self, account_id: int, now: float) -> Lease:
        """The lease of an account; an empty one is made when there is none."""
        lease = self.by_account.get(account_id)
        if lease is None:
            lease = self.by_account[account_id] = Lease(account_id, now)
        return lease

    def able(self, ref: AccountRef, need: int, now: float) -> Lease | None:
        """The lease if it can give `need` at once."""
        if ref.account_id in self.queues:
            return None
        lease = self.by_account.get(ref.account_id)
        if lease is None:
            return self.of(ref.account_id, now) if ref.unlimited else None
        if lease.closing or (lease.free < need and not ref.unlimited):
            return None
        return lease

    def join_queues(self, accounts: Iterable[int]) -> None:
        """A hold on these accounts waits from now on."""
        for id in accounts:
            self.queues[id] = self.queues.get(id, 0) + 1

    def leave_queues(self, accounts: Iterable[int]) -> None:
        """It waits no longer."""
        for id in accounts:
            self.queues[id] -= 1
            if not self.queues[id]:
                del self.queues[id]

    def take(self, wallet: AccountRef, allowance: AccountRef | None, amount: int, now: float) -> Hold:
        """Reserve `amount` on both. The caller has made sure that limited leases have it free."""
        purse = self._reserve(wallet, amount, now)
        pouch = None if allowance is None else self._reserve(allowance, amount, now)
        self.open_holds += 1
        return Hold(purse, pouch, amount, not wallet.unlimited, allowance is not None and not allowance.unlimited)

    def _reserve(self, ref: AccountRef, amount: int, now: float) -> Lease:
        lease = self.by_account.get(ref.account_id) or self.of(ref.account_id, now)
        if not ref.unlimited:
            lease.free -= amount
            if amount > lease.need:
                lease.need = amount
        lease.held += amount
        lease.touched_at = now
        self.dirty.add(lease)
        return lease

    def end(self, hold: Hold, lease: Lease, charge: int, limited: bool) -> int:
        """End one side of `hold`; what its lease pays of `charge`."""
        self.dirty.add(lease)
        return lease.end(hold.amount, charge, limited)

    def release(self, hold: Hold) -> None:
        """End `hold` without a charge. The caller has made sure that it is open."""
        hold.open = False
        self.open_holds -= 1
        self.end(hold, hold.wallet, 0, hold.wallet_limited)
        if hold.allowance is not None:
            self.end(hold, hold.allowance, 0, hold.allowance_limited)

    def committed(self, account_id: int, lease_id: int) -> None:
        """A settlement that took from this lease is in the database."""
        lease = self.by_account.get(account_id)
        if lease is not None and lease.id == lease_id:
            lease.pending -= 1

    def evict(self) -> None:
        """All leases were swept: open holds on them will be debited directly."""
        for lease in self.by_account.values():
            lease.swept = True
        self.by_account.clear()
        self.dirty.clear()

    def close(self, lease: Lease) -> None:
        """Forget a lease whose row is gone."""
        self.dirty.discard(lease)
        self.by_account.pop(lease.account_id, None)
