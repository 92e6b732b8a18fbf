"""Billing as identity needs it: accounts named by their owner."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing import accounts
from faregate.billing.models import Account
from faregate.identity import Movement
from faregate.kernel.clock import Clock
from faregate.kernel.errors import NotFound
from faregate.storage import Topic, bump


class AccountBalances:
    """Implements identity's `Balances` on the account table."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def open_account(self, session: AsyncSession, kind: str, owner_id: int) -> int:
        """Open the owner's account with nothing in it; its id comes out."""
        return await accounts.open_account(session, kind, owner_id)

    async def account_ids(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """Account ids by owner; owners without an account are left out."""
        found = select(Account.owner_id, Account.id).where(Account.kind == kind, Account.owner_id.in_(owner_ids))
        return dict((await session.execute(found)).all())

    async def visible(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """What owners see as their balance, by owner."""
        idents = await self.account_ids(session, kind, owner_ids)
        seen = await accounts.visible(session, list(idents.values()))
        return {owner: seen[ident][0] for owner, ident in idents.items() if ident in seen}

    async def held(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """What requests under way have reserved, by owner."""
        idents = await self.account_ids(session, kind, owner_ids)
        seen = await accounts.visible(session, list(idents.values()))
        return {owner: seen[ident][1] for owner, ident in idents.items() if ident in seen}

    async def credit(self, session: AsyncSession, kind: str, owner_id: int, amount: int, why: Movement) -> None:
        """Add `amount` (negative takes away)."""
        ident = await self._account(session, kind, owner_id)
        await accounts.credit(
            session,
            ident,
            amount,
            kind=why.kind,
            reference=why.reference or str(uuid4()),
            at=int(self._clock.now()),
            actor_id=why.actor_id,
            reason=why.reason,
        )
        if amount < 0:
            bump(session, Topic.ACCOUNTS)

    async def override(self, session: AsyncSession, kind: str, owner_id: int, balance: int, why: Movement) -> None:
        """Set what the owner sees as the balance."""
        ident = await self._account(session, kind, owner_id)
        await accounts.override(
            session,
            ident,
            balance,
            kind=why.kind,
            reference=why.reference or str(uuid4()),
            at=int(self._clock.now()),
            actor_id=why.actor_id,
            reason=why.reason,
        )
        # Workers give back what they have leased beyond the new balance.
        bump(session, Topic.ACCOUNTS)

    def balance(self, kind: str, owner: ColumnElement[int]) -> ColumnElement[int]:
        """A scalar sub-query: the balance of the account of `owner`, to sort by."""
        found = select(Account.balance).where(Account.kind == kind, Account.owner_id == owner)
        return found.correlate_except(Account).scalar_subquery()

    async def _account(self, session: AsyncSession, kind: str, owner_id: int) -> int:
        found = (await self.account_ids(session, kind, [owner_id])).get(owner_id)
        if found is None:
            raise NotFound(f"there is no {kind} of {owner_id}")
        return found
