"""Identity's view of the ledger: accounts named by their owner instead of by their id."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing import accounts
from faregate.billing.models import Account
from faregate.identity import Movement
from faregate.kernel.clock import Clock
from faregate.kernel.errors import NotFound


class LedgerBalances:
    """Implements identity's `Balances` with billing's accounts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def open_account(self, session: AsyncSession, kind: str, owner_id: int) -> int:
        """Open the owner's account; its id comes out."""
        return await accounts.open_account(session, kind, owner_id)

    async def account_ids(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """Account ids by owner."""
        if not owner_ids:
            return {}
        found = select(Account.owner_id, Account.id).where(Account.kind == kind, Account.owner_id.in_(owner_ids))
        return dict((await session.execute(found)).tuples().all())

    async def visible(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """What owners see as their balance, by owner."""
        ids = await self.account_ids(session, kind, owner_ids)
        if not ids:
            return {}
        seen = await accounts.visible(session, list(ids.values()))
        return {owner_id: seen[account_id][0] for owner_id, account_id in ids.items()}

    async def credit(self, session: AsyncSession, kind: str, owner_id: int, amount: int, why: Movement) -> None:
        """Book `amount` once for its reference."""
        await accounts.credit(
            session,
            await self._account(session, kind, owner_id),
            amount,
            kind=why.kind,
            reference=why.reference or _reference(kind),
            at=int(self._clock.now()),
            actor_id=why.actor_id,
            reason=why.reason,
        )

    async def override(self, session: AsyncSession, kind: str, owner_id: int, balance: int, why: Movement) -> None:
        """Book what makes the owner see `balance`."""
        await accounts.override(
            session,
            await self._account(session, kind, owner_id),
            balance,
            kind=why.kind,
            reference=why.reference or _reference(kind),
            at=int(self._clock.now()),
            actor_id=why.actor_id,
            reason=why.reason,
        )

    def balance(self, kind: str, owner: ColumnElement[int]) -> ColumnElement[int]:
        """The balance of the account of `owner`, to sort by."""
        found = select(Account.balance).where(Account.kind == kind, Account.owner_id == owner)
        return func.coalesce(found.correlate_except(Account).scalar_subquery(), 0)

    async def _account(self, session: AsyncSession, kind: str, owner_id: int) -> int:
        found = (await self.account_ids(session, kind, [owner_id])).get(owner_id)
        if found is None:
            raise NotFound("There is no such account.")
        return found


def _reference(kind: str) -> str:
    return f"{kind}:{uuid.uuid4()}"
