"""Accounts and their entries: every credit or debit that is not a request."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing.models import Account, Entry, Lease
from faregate.billing.tables import account
from faregate.kernel.errors import BadRequest, NotFound

BALANCE_LIMIT = 10**18  # quota either way; well inside 64 bits, whatever is charged on top
_REFERENCE_LIMIT = 191  # characters


async def open_account(session: AsyncSession, kind: str, owner_id: int) -> int:
    """The id of a new, empty account of kind WALLET or ALLOWANCE."""
    fresh = Account(kind=kind, owner_id=owner_id, balance=0, charged=0, pruned=0)
    session.add(fresh)
    await session.flush()
    return fresh.id


async def credit(
    session: AsyncSession,
    account_id: int,
    amount: int,
    *,
    kind: str,
    reference: str,
    at: int,
    actor_id: int = 0,
    reason: str = "",
) -> bool:
    """Book `amount` quota (negative: a debit) as an entry: True, or False if `reference` was booked before.

    BadRequest when amount or resulting balance is out of bounds, NotFound when there is no such account. The entry
    and the balance change together, in the caller's transaction, at most once for every reference.
    """
    if not -BALANCE_LIMIT <= amount <= BALANCE_LIMIT:
        raise BadRequest(f"an amount must be within ±{BALANCE_LIMIT} quota", param="amount")
    if not 0 < len(reference) <= _REFERENCE_LIMIT:
        raise BadRequest(f"a reference has 1 to {_REFERENCE_LIMIT} characters", param="reference")
    entry = insert(Entry).values(
        account_id=account_id,
        amount=amount,
        kind=kind,
        actor_id=actor_id,
        reason=reason,
        reference=reference,
        created_at=at,
    )
    try:
        async with session.begin_nested():
            await session.execute(entry)
            await _move(session, account_id, amount)
    except IntegrityError:
        return False
    return True


async def _move(session: AsyncSession, account_id: int, amount: int) -> None:
    connection = await session.connection()
    changed = await connection.execute(
        account.update()
        .where(account.c.id == account_id, (account.c.balance + amount).between(-BALANCE_LIMIT, BALANCE_LIMIT))
        .values(balance=account.c.balance + amount)
    )
    if changed.rowcount:
        return
    if await session.scalar(select(Account.id).where(Account.id == account_id)) is None:
        raise NotFound(f"there is no account {account_id}")
    raise BadRequest(f"the balance would leave ±{BALANCE_LIMIT} quota", param="amount")


async def override(
    session: AsyncSession,
    account_id: int,
    target: int,
    *,
    kind: str,
    reference: str,
    at: int,
    actor_id: int = 0,
    reason: str = "",
) -> int:
    """Book the entry after which the owner sees `target` quota; its amount. Raises like `credit`."""
    if not -BALANCE_LIMIT <= target <= BALANCE_LIMIT:
        raise BadRequest(f"a balance must be within ±{BALANCE_LIMIT} quota", param="quota")
    if await session.scalar(select(Account.id).where(Account.id == account_id).with_for_update()) is None:
        raise NotFound(f"there is no account {account_id}")
    seen, _ = (await visible(session, [account_id]))[account_id]
    amount = target - seen
    booked = await credit(
        session, account_id, amount, kind=kind, reference=reference, at=at, actor_id=actor_id, reason=reason
    )
    return amount if booked else 0


async def visible(session: AsyncSession, account_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For every account: the quota its owner sees, and what is held of it by requests under way.

    Seen is balance + what leases have left - held: reservations count as taken at once.
    """
    left = func.coalesce(func.sum(Lease.granted - Lease.settled - Lease.held), 0)
    held = func.coalesce(func.sum(Lease.held), 0)
    rows = await session.execute(
        select(Account.id, Account.balance + left, held)
        .outerjoin(Lease, Lease.account_id == Account.id)
        .where(Account.id.in_(account_ids))
        .group_by(Account.id, Account.balance)
    )
    return {id: (int(seen), int(reserved)) for id, seen, reserved in rows}
