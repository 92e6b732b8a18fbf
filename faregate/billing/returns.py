"""Leased quota on its way back: what is idle, and what siblings or a debt call for."""

from math import inf

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing.leases import Lease, Leases
from faregate.billing.posting import credit_accounts
from faregate.billing.tables import account, lease
from faregate.kernel.errors import Defect

_shrink = lease.update().where(lease.c.id == bindparam("of")).values(granted=lease.c.granted - bindparam("amount"))


async def recalled(session: AsyncSession, worker_id: str) -> set[int]:
    """The accounts whose free quota this worker should give back: another worker waits for it, or they are in debt."""
    other = lease.alias()
    wanted = exists().where(
        other.c.account_id == lease.c.account_id, other.c.wanted > 0, other.c.worker_id != worker_id
    )
    rows = await session.execute(
        select(lease.c.account_id)
        .join(account, account.c.id == lease.c.account_id)
        .where(lease.c.worker_id == worker_id, lease.c.granted > lease.c.settled, or_(account.c.balance < 0, wanted))
    )
    return set(rows.scalars())


class Returns:
    """One transaction that gives quota back. State: what it took out of the leases, to put back if it fails."""

    def __init__(self, leases: Leases, *, accounts: set[int] | None = None, idle_before: float = -inf) -> None:
        self._leases = leases
        self._accounts = accounts or set()
        self._idle_before = idle_before
        self._given: dict[Lease, int] = {}
        self._closing: list[Lease] = []

    @property
    def due(self) -> bool:
        """True when there is something to give back or to close."""
        return any(self._closable(one) or self._returnable(one) for one in self._leases.by_account.values())

    def _closable(self, one: Lease) -> bool:
        used = one.held or one.pending or one.closing or one.account_id in self._leases.queues
        return one.touched_at <= self._idle_before and not used

    def _returnable(self, one: Lease) -> bool:
        return one.free > 0 and (one.account_id in self._accounts or one.touched_at <= self._idle_before)

    async def write(self, session: AsyncSession) -> None:
        """Take the free quota out of the leases concerned, and give it to the accounts."""
        for one in self._leases.by_account.values():
            closing = self._closable(one)
            if closing:
                one.closing = True
                self._closing.append(one)
            if closing or self._returnable(one):
                self._given[one], one.free = one.free, 0
        connection = await session.connection()
        shrunk = [
            {"of": one.id, "amount": amount}
            for one, amount in sorted(self._given.items(), key=lambda item: item[0].id)
            if amount
        ]
        if shrunk and (await connection.execute(_shrink, shrunk)).rowcount not in (len(shrunk), -1):
            raise Defect("a lease is gone")
        closed = [one.id for one in self._closing if one.id]
        if closed:
            await connection.execute(lease.delete().where(lease.c.id.in_(closed)))
        await credit_accounts(connection, {one.account_id: amount for one, amount in self._given.items()})

    def applied(self) -> None:
        """Forget the closed leases."""
        for one in self._closing:
            self._leases.close(one)

    def undone(self) -> None:
        """Put everything back."""
        for one, amount in self._given.items():
            one.free += amount
        for one in self._closing:
            one.closing = False
