"""One transaction that leases quota for all who wait: balances locked, decided, written; memory follows the commit."""

import asyncio
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from faregate.billing.allotment import Allotment, Need, allot, lease_size
from faregate.billing.errors import ALLOWANCE_REFUSED, WALLET_REFUSED, CreditRefused
from faregate.billing.leases import AccountRef, Hold, Lease, Leases
from faregate.billing.limits import Limits
from faregate.billing.posting import insert_lease
from faregate.billing.tables import account as account_table
from faregate.billing.tables import lease as lease_table
from faregate.kernel.clock import Clock
from faregate.kernel.errors import Defect

_MOST_CHUNKS, _FIRST_CHUNK = 4096, 64
_SOON_S, _LONG_S = 1.0, 10.0

_debit = (
    account_table.update()
    .where(account_table.c.id == bindparam("of"), account_table.c.balance >= bindparam("amount"))
    .values(balance=account_table.c.balance - bindparam("amount"))
)
_enlarge = (
    lease_table.update()
    .where(lease_table.c.id == bindparam("of"))
    .values(
        granted=lease_table.c.granted + bindparam("amount"),
        held=bindparam("reserved"),
        wanted=bindparam("waiting"),
    )
)


class Ask:
    """A hold that waits."""

    def __init__(
        self,
        wallet: AccountRef,
        allowance: AccountRef | None,
        amount: int,
        future: asyncio.Future[Hold],
        since: float,
    ) -> None:
        refs = (wallet,) if allowance is None else (wallet, allowance)
        self.wallet = wallet
        self.allowance = allowance
        self.future = future
        self.since = since
        self.accounts = tuple(ref.account_id for ref in refs)
        self.need = Need(tuple(ref.account_id for ref in refs if not ref.unlimited), amount)

    def refusal(self, account_id: int, *, visible: int, held: int) -> CreditRefused:
        """Why this one is refused."""
        code = WALLET_REFUSED if account_id == self.wallet.account_id else ALLOWANCE_REFUSED
        return CreditRefused(code, account_id=account_id, needed=self.need.amount, visible=visible, held=held)


class Grants:
    """State while the transaction runs: the free quota of the leases concerned, which is set aside for it."""

    def __init__(
        self,
        worker_id: str,
        leases: Leases,
        queue: Sequence[Ask],
        wishes: set[Lease],
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._worker_id = worker_id
        self._leases = leases
        self._queue = queue
        self._wishes = wishes
        self._limits = limits
        self._now = clock.ticks()
        self._asks: list[Ask] = []
        self._wished: set[Lease] = set()
        self._refills: list[Lease] = []
        self._pots: dict[Lease, int] = {}
        self._amounts: dict[Lease, int] = {}
        self._rich: set[Lease] = set()
        self._inserted: dict[Lease, int] = {}
        self._shown: dict[Lease, tuple[int, int]] = {}
        self._met: list[Ask] = []
        self._patient: dict[int, list[Ask]] = {}
        self._refused: list[tuple[Ask, CreditRefused]] = []

    async def write(self, session: AsyncSession) -> None:
        """Decide and write."""
        self._asks = [ask for ask in self._queue if not ask.future.done()]
        self._wished = set(self._wishes)
        self._refills = [lease for lease in self._wished if self._leases.by_account.get(lease.account_id) is lease]
        limited = {id for ask in self._asks for id in ask.need.accounts}
        for id in limited:
            lease = self._leases.of(id, self._now)
            self._pots[lease], lease.free = lease.free, 0
        connection = await session.connection()
        balances = await _lock(connection, limited | {lease.account_id for lease in self._refills})
        room = {lease.account_id: balances.get(lease.account_id, 0) + pot for lease, pot in self._pots.items()}
        decided = allot([ask.need for ask in self._asks], room)
        self._met = [self._asks[position] for position in decided.met]
        await self._judge(connection, decided, room)
        self._measure(decided, balances)
        await self._store(connection, decided)

    async def _judge(self, connection: AsyncConnection, decided: Allotment, room: dict[int, int]) -> None:
        """Refuse who cannot be helped; the others wait for what siblings have of the account."""
        siblings = await self._siblings(connection, set(decided.short.values())) if decided.short else {}
        for position, account_id in decided.short.items():
            ask = self._asks[position]
            reserved = decided.reserved.get(account_id, 0)
            left = room[account_id] - reserved
            lent, held = siblings.get(account_id, (0, 0))
            least = max(ask.need.amount, 1)
            patience_s = self._limits.patience_s if left + lent - held >= least else self._limits.courtesy_s
            if left + lent >= least and self._now < ask.since + patience_s:
                self._patient.setdefault(account_id, []).append(ask)
            else:
                ours = reserved + self._under_way(account_id)
                self._refused.append((ask, ask.refusal(account_id, visible=left + lent - held, held=held + ours)))

    def _under_way(self, account_id: int) -> int:
        """What our own calls hold of the account, or have left over since its free quota was set aside."""
        lease = self._leases.of(account_id, self._now)
        return lease.held + lease.free

    async def _siblings(self, connection: AsyncConnection, accounts: set[int]) -> dict[int, tuple[int, int]]:
        """For every account: what other workers have of it and what they hold of that."""
        columns = lease_table.c
        rows = await connection.execute(
            select(columns.account_id, func.sum(columns.granted - columns.settled), func.sum(columns.held))
            .where(columns.account_id.in_(sorted(accounts)), columns.worker_id != self._worker_id)
            .group_by(columns.account_id)
        )
        return {id: (int(lent), int(held)) for id, lent, held in rows}

    def _measure(self, decided: Allotment, balances: dict[int, int]) -> None:
        """How much each lease grows (or shrinks: one whose account is in debt pays that first)."""
        for lease, pot in self._pots.items():
            balance = balances.get(lease.account_id, 0)
            reserved = decided.reserved.get(lease.account_id)
            if reserved is None:
                continue
            need = max(reserved, 1) - pot
            if need <= 0 and balance >= 0:
                continue
            amount = lease_size(need, balance, chunk=self._chunk(lease)) if need > 0 else need
            self._amounts[lease] = amount
            if amount > need:
                self._rich.add(lease)
        for lease in self._refills:
            amount = lease_size(lease.need, balances.get(lease.account_id, 0), chunk=self._chunk(lease))
            if lease not in self._amounts and amount > lease.need:
                self._amounts[lease] = amount
                self._rich.add(lease)

    def _chunk(self, lease: Lease) -> int:
        """Larger steps for an account that comes back soon, small ones after a rest."""
        rest = self._now - lease.granted_at
        if rest > _LONG_S:
            return _FIRST_CHUNK
        return min(lease.chunk * 2, _MOST_CHUNKS) if rest < _SOON_S else lease.chunk

    async def _store(self, connection: AsyncConnection, decided: Allotment) -> None:
        concerned = set(self._amounts) | {
            lease for lease in self._pots if lease.account_id in self._patient or lease.wanted
        }
        for lease in sorted(concerned, key=lambda one: one.account_id):
            amount = self._amounts.get(lease, 0)
            if amount:
                debited = await connection.execute(_debit, {"of": lease.account_id, "amount": amount})
                if debited.rowcount != 1:
                    raise Defect(f"account {lease.account_id} changed while it was locked")
            shown = (lease.held + decided.reserved.get(lease.account_id, 0), int(lease.account_id in self._patient))
            self._shown[lease] = shown
            await self._store_lease(connection, lease, amount, shown)

    async def _store_lease(
        self, connection: AsyncConnection, lease: Lease, amount: int, shown: tuple[int, int]
    ) -> None:
        held, wanted = shown
        if lease.id:
            values = {"of": lease.id, "amount": amount, "reserved": held, "waiting": wanted}
            if (await connection.execute(_enlarge, values)).rowcount != 1:
                raise Defect(f"the lease of account {lease.account_id} is gone")
            return
        self._inserted[lease] = await insert_lease(
            connection, lease.account_id, self._worker_id, granted=amount, held=held, wanted=wanted
        )

    def applied(self) -> None:
        """Fill the leases and answer."""
        for lease, id in self._inserted.items():
            lease.id = id
        self._put_back()
        for lease, amount in self._amounts.items():
            self._grow(lease, amount)
        self._wishes.difference_update(self._wished)
        self._answer()
        for lease, shown in self._shown.items():
            # Who waited may have left meanwhile.
            lease.wanted = int(any(not ask.future.done() for ask in self._patient.get(lease.account_id, ())))
            if (lease.held, lease.wanted) != shown:
                self._leases.dirty.add(lease)

    def _grow(self, lease: Lease, amount: int) -> None:
        lease.free += amount
        lease.chunk = self._chunk(lease)
        lease.granted_at = self._now
        lease.low = amount // 4 if lease in self._rich else -1

    def _answer(self) -> None:
        """Those who left meanwhile leave their quota free in the lease."""
        for ask in self._met:
            if not ask.future.done():
                ask.future.set_result(self._leases.take(ask.wallet, ask.allowance, ask.need.amount, self._now))
        for ask, refusal in self._refused:
            if not ask.future.done():
                ask.future.set_exception(refusal)

    def undone(self) -> None:
        """Leave everything as it was."""
        self._put_back()

    def _put_back(self) -> None:
        for lease, pot in self._pots.items():
            lease.free += pot
        self._pots.clear()


async def _lock(connection: AsyncConnection, accounts: Iterable[int]) -> dict[int, int]:
    """The balances, locked in order of id until the transaction ends."""
    ids = sorted(accounts)
    if not ids:
        return {}
    rows = await connection.execute(
        select(account_table.c.id, account_table.c.balance)
        .where(account_table.c.id.in_(ids))
        .order_by(account_table.c.id)
        .with_for_update()
    )
    return dict(rows.all())
