"""Settlements into the database, in the caller's transaction: log, counters, leases, accounts.

The order of locks is that of the code below, and within a table that of the ids: workers do not deadlock.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from faregate.billing.settlement import Bookkeeper, Settlement, unique
from faregate.billing.tables import account, channel, key, lease, user, worker
from faregate.kernel.errors import Defect

Row = dict[str, Any]

_count_user = (
    user.update()
    .where(user.c.id == bindparam("of"))
    .values(
        used_quota=user.c.used_quota + bindparam("charge"), request_count=user.c.request_count + bindparam("requests")
    )
)
_count_key = (
    key.update()
    .where(key.c.id == bindparam("of"))
    .values(used_quota=key.c.used_quota + bindparam("charge"), accessed_at=bindparam("at"))
)
_count_channel = (
    channel.update()
    .where(channel.c.id == bindparam("of"))
    .values(used_quota=channel.c.used_quota + bindparam("charge"))
)
_settle_lease = lease.update().where(lease.c.id == bindparam("of")).values(settled=lease.c.settled + bindparam("taken"))
_charge_account = (
    account.update()
    .where(account.c.id == bindparam("of"))
    .values(balance=account.c.balance - bindparam("direct"), charged=account.c.charged + bindparam("charge"))
)
_credit_account = (
    account.update().where(account.c.id == bindparam("of")).values(balance=account.c.balance + bindparam("amount"))
)


async def post(
    session: AsyncSession,
    bookkeeper: Bookkeeper,
    settlements: Sequence[Settlement],
    *,
    dedupe: bool = False,
) -> None:
    """Write `settlements`; with `dedupe`, those whose id is in the log already are passed over.

    What was taken from a lease that has been swept meanwhile is debited from its account.
    """
    if dedupe:
        settlements = unique(settlements)
        known = await bookkeeper.known(session, [one.id for one in settlements])
        settlements = [one for one in settlements if one.id not in known]
    if not settlements:
        return
    await bookkeeper.write(session, settlements)
    connection = await session.connection()
    await _count(connection, settlements)
    await _book(connection, settlements)


async def _count(connection: AsyncConnection, settlements: Sequence[Settlement]) -> None:
    users: dict[int, Row] = {}
    keys: dict[int, Row] = {}
    channels: dict[int, Row] = {}
    for one in settlements:
        charge = one.charge if one.counts else 0
        if not charge and not one.requests:
            continue
        if one.user_id:
            row = users.setdefault(one.user_id, {"of": one.user_id, "charge": 0, "requests": 0})
            row["charge"] += charge
            row["requests"] += one.requests
        if one.key_id:
            row = keys.setdefault(one.key_id, {"of": one.key_id, "charge": 0, "at": 0})
            row["charge"] += charge
            row["at"] = max(row["at"], one.at)
        if one.channel_id:
            row = channels.setdefault(one.channel_id, {"of": one.channel_id, "charge": 0})
            row["charge"] += charge
    for statement, rows in ((_count_user, users), (_count_key, keys), (_count_channel, channels)):
        if rows:
            await connection.execute(statement, _ordered(rows))


async def _book(connection: AsyncConnection, settlements: Sequence[Settlement]) -> None:
    taken: dict[int, int] = defaultdict(int)
    accounts: dict[int, Row] = {}
    alive = await _alive(connection, settlements)
    for one in settlements:
        sides = (
            (one.wallet_id, one.wallet_lease, one.wallet_taken, one.wallet_direct),
            (one.allowance_id, one.allowance_lease, one.allowance_taken, one.allowance_direct),
        )
        for account_id, lease_id, from_lease, direct in sides:
            if not from_lease and not direct:
                continue
            if from_lease and lease_id in alive:
                taken[lease_id] += from_lease
                from_lease = 0
            row = accounts.setdefault(account_id, {"of": account_id, "direct": 0, "charge": 0})
            row["direct"] += direct + from_lease
            row["charge"] += one.charge
    if taken:
        await connection.execute(_settle_lease, [{"of": id, "taken": taken[id]} for id in sorted(taken)])
    if accounts:
        await connection.execute(_charge_account, _ordered(accounts))


async def _alive(connection: AsyncConnection, settlements: Sequence[Settlement]) -> set[int]:
    """The leases named that still exist. The caller's worker row is locked, so nobody sweeps them meanwhile."""
    named = {one.wallet_lease for one in settlements if one.wallet_taken}
    named |= {one.allowance_lease for one in settlements if one.allowance_taken}
    if not named:
        return set()
    rows = await connection.execute(select(lease.c.id).where(lease.c.id.in_(sorted(named))))
    return set(rows.scalars())


async def insert_lease(
    connection: AsyncConnection, account_id: int, worker_id: str, *, granted: int = 0, held: int = 0, wanted: int = 0
) -> int:
    """The id of a new lease row."""
    row = lease.insert().values(
        account_id=account_id, worker_id=worker_id, granted=granted, settled=0, held=held, wanted=wanted
    )
    made = (await connection.execute(row)).inserted_primary_key
    if made is None:
        raise Defect("the database gave no id for a lease")
    return int(made[0])


async def credit_accounts(connection: AsyncConnection, amounts: dict[int, int]) -> None:
    """Give quota back to accounts, in order of id."""
    rows = [{"of": id, "amount": amounts[id]} for id in sorted(amounts) if amounts[id]]
    if rows:
        await connection.execute(_credit_account, rows)


async def sweep(session: AsyncSession, worker_id: str, *, expired_before: int | None = None) -> bool:
    """Give back what a worker's leases have left, and remove them and the worker.

    With `expired_before` (unix time) only if its deadline is still older: False when it has come back meanwhile.
    """
    connection = await session.connection()
    gone = delete(worker).where(worker.c.id == worker_id)
    if expired_before is not None:
        gone = gone.where(worker.c.deadline_at < expired_before)
    if not (await connection.execute(gone)).rowcount and expired_before is not None:
        return False
    rows = await connection.execute(
        select(lease.c.account_id, lease.c.granted - lease.c.settled).where(lease.c.worker_id == worker_id)
    )
    left: dict[int, int] = dict(rows.all())
    await connection.execute(delete(lease).where(lease.c.worker_id == worker_id))
    await credit_accounts(connection, left)
    return True


def _ordered(rows: dict[int, Row]) -> list[Row]:
    return [rows[id] for id in sorted(rows)]
