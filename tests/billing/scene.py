"""What billing tests are made of: people with accounts, ledgers that stand still, a clock that is set by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from faregate.billing import ALLOWANCE, WALLET, AccountRef, Ledger, Limits, Line, Settlement, credit, open_account
from faregate.billing.models import Account, Lease, Worker
from faregate.identity.models import Key, User
from faregate.kernel.clock import Clock
from faregate.logbook import Bookkeeper, Record
from faregate.storage import Database

STILL = Limits(flush_s=3600, poll_s=3600, patience_s=0, courtesy_s=0, pause_s=0.01)
LIVELY = Limits(flush_s=0.02, poll_s=0.02, pause_s=0.01)


class HandClock(Clock):
    """Time stands still until `advance`."""

    def __init__(self) -> None:
        self._now = 1_700_000_000.0

    def now(self) -> float:
        return self._now

    def ticks(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


@dataclass(frozen=True)
class Person:
    """A user with a wallet, and a key with an allowance."""

    user_id: int
    key_id: int
    wallet: AccountRef
    allowance: AccountRef

    def settlement(self, id: str, **more: Any) -> Settlement:
        return Settlement(
            id=id, at=1_700_000_000, line=Line(model="gpt-4o"), user_id=self.user_id, key_id=self.key_id, **more
        )


async def person(
    database: Database, balance: int, *, allowance: int = 0, unlimited: bool = True, name: str = "ada"
) -> Person:
    """Somebody with `balance` quota in the wallet."""
    async with database.write() as session:
        user = User(username=name)
        session.add(user)
        await session.flush()
        key = Key(user_id=user.id, digest=name, unlimited=unlimited)
        session.add(key)
        await session.flush()
        wallet_id = await open_account(session, WALLET, user.id)
        allowance_id = await open_account(session, ALLOWANCE, key.id)
        await give(session, wallet_id, balance, f"{name}:wallet")
        await give(session, allowance_id, allowance, f"{name}:allowance")
    return Person(user.id, key.id, AccountRef(wallet_id), AccountRef(allowance_id, unlimited))


async def give(session: Any, account_id: int, amount: int, reference: str) -> bool:
    return await credit(session, account_id, amount, kind="opening", reference=reference, at=1)


def ledger(database: Database, folder: Path, limits: Limits = STILL, clock: Clock | None = None) -> Ledger:
    """A ledger whose journal is in `folder`."""
    return Ledger(database, Bookkeeper(), folder, node="test", limits=limits, clock=clock or HandClock())


async def rows(database: Database, model: Any) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def account(database: Database, ref: AccountRef) -> tuple[int, int]:
    """Balance and charged, as stored."""
    async with database.read() as session:
        found = await session.get_one(Account, ref.account_id)
        return found.balance, found.charged


async def lease(database: Database, ref: AccountRef) -> tuple[int, int, int] | None:
    """Granted, settled and held of all leases of an account; None without any."""
    async with database.read() as session:
        query = select(func.count(), func.sum(Lease.granted), func.sum(Lease.settled), func.sum(Lease.held))
        count, *sums = (await session.execute(query.where(Lease.account_id == ref.account_id))).one()
        return (int(sums[0]), int(sums[1]), int(sums[2])) if count else None


async def recorded(database: Database) -> list[tuple[str | None, int]]:
    """Settlement ids and charges in the log."""
    return [(one.settlement_id, one.charge) for one in await rows(database, Record)]


async def workers(database: Database) -> list[str]:
    return [one.id for one in await rows(database, Worker)]


async def stored(database: Database, model: Any, id: int) -> Any:
    """One row, as it is now."""
    async with database.read() as session:
        return await session.get_one(model, id)


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Return when `condition` holds: for what another task or process does in its own time."""
    async with asyncio.timeout(20):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.005)
