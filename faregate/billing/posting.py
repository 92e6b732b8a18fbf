"""Settlements into the database, in the caller's transaction: log, counters, leases, accounts.

The order of locks is that of the code below, and within a table that of the ids: workers do not deadlock.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from faregate.billing.settlement import Bookkeeper, Settlement, unique
from faregate.billing.tables import account, channel, key, lease, user, worker
from faregate.kernel.errors import Defect
from faregate.storage import Bulk

_count_user = Bulk(
    user.update()
    .where(user.c.id == bindparam("of"))
    .values(
        used_quota=user.c.used_quota + bindparam("charge"), request_count=user.c.request_count + bindparam("requests")
    ),
    "of",
    "charge",
    "requests",
)
_count_key = Bulk(
    key.update()
    .where(key.c.id == bindparam("of"))
    .values(used_quota=key.c.used_quota + bindparam("charge"), accessed_at=bindparam("at")),
    "of",
    "charge",
    "at",
)
_count_channel = Bulk(
    channel.update()
    .where(channel.c.id == bindparam("of"))
    .values(used_quota=channel.c.used_quota + bindparam("charge")),
    "of",
    "charge",
)
_settle_lease = Bulk(
    lease.update().where(lease.c.id == bindparam("of")).values(settled=lease.c.settled + bindparam("taken")),
    "of",
    "taken",
)
_charge_account = Bulk(
    account.update()
    .where(account.c.id == bindparam("of"))
    .values(balance=account.c.balance - bindparam("direct"), charged=account.c.charged + bindparam("charge")),
    "of",
    "direct",
    "charge",
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
    users: dict[int, tuple[int, int]] = {}  # charge, requests
    keys: dict[int, tuple[int, int]] = {}  # charge, when last
    channels: dict[int, tuple[int]] = {}
    for one in settlements:
        charge = one.charge if one.counts else 0
        if not charge and not one.requests:
            continue
        if ident := one.user_id:
            spent, requests = users.get(ident, (0, 0))
            users[ident] = (spent + charge, requests + one.requests)
        if ident := one.key_id:
            spent, at = keys.get(ident, (0, 0))
            keys[ident] = (spent + charge, max(at, one.at))
        if ident := one.channel_id:
            channels[ident] = (channels.get(ident, (0,))[0] + charge,)
    await _write(connection, _count_user, users)
    await _write(connection, _count_key, keys)
    await _write(connection, _count_channel, channels)


async def _book(connection: AsyncConnection, settlements: Sequence[Settlement]) -> None:
    taken: dict[int, tuple[int]] = {}
    accounts: dict[int, tuple[int, int]] = {}  # debited directly, charged in all
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
                taken[lease_id] = (taken.get(lease_id, (0,))[0] + from_lease,)
                from_lease = 0
            debited, charged = accounts.get(account_id, (0, 0))
            accounts[account_id] = (debited + direct + from_lease, charged + one.charge)
    await _write(connection, _settle_lease, taken)
    await _write(connection, _charge_account, accounts)


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


async def _write(connection: AsyncConnection, bulk: Bulk, rows: Mapping[int, tuple[int, ...]]) -> None:
    """Write values by id, in order of the ids."""
    if rows:
        await bulk.execute(connection, [(id, *rows[id]) for id in sorted(rows)])
