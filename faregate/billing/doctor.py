"""The proof that the money adds up: every rule is checked by SQL, all in one snapshot of the database."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing.models import ALLOWANCE, WALLET
from faregate.billing.settlement import Bookkeeper
from faregate.billing.tables import account, entry, key, lease, user, worker
from faregate.identity import CLOSED
from faregate.storage import Database


class Finding(msgspec.Struct, frozen=True):
    """Something that does not add up. `difference` in quota, `owner` like `user 7` or `key 3`."""

    account_id: int
    owner: str
    difference: int
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"account {self.account_id} ({self.owner}), {self.rule}, difference {self.difference}: {self.sentence}"


class _State(msgspec.Struct, frozen=True):
    id: int
    kind: str
    owner_id: int
    balance: int
    charged: int
    pruned: int

    @property
    def owner(self) -> str:
        return f"{'key' if self.kind == ALLOWANCE else 'user'} {self.owner_id}"


async def examine(database: Database, bookkeeper: Bookkeeper) -> list[Finding]:
    """All findings by rule and account, none when everything adds up. May run while the gateway serves."""
    async with database.read() as session:
        if not database.is_sqlite:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        rows = (await session.execute(select(account).order_by(account.c.id))).all()
        states = {row.id: _State(row.id, row.kind, row.owner_id, row.balance, row.charged, row.pruned) for row in rows}
        return [
            *await _balances(session, states),
            *await _charges(session, states, bookkeeper),
            *await _leases(session, states),
            *await _orphans(session, states),
        ]


async def _balances(session: AsyncSession, states: dict[int, _State]) -> list[Finding]:
    """Entries - charges = balance + what leases have."""
    entries = await _sums(session, select(entry.c.account_id, func.sum(entry.c.amount)).group_by(entry.c.account_id))
    lent = await _sums(
        session, select(lease.c.account_id, func.sum(lease.c.granted - lease.c.settled)).group_by(lease.c.account_id)
    )
    findings = list(_unknown(set(entries) | set(lent), states, "entries or leases"))
    for state in states.values():
        due = entries.get(state.id, 0) - state.charged
        there = state.balance + lent.get(state.id, 0)
        if due != there:
            sentence = f"entries less charges are {due}, balance and leases {there}"
            findings.append(Finding(state.id, state.owner, there - due, "balance", sentence))
    return findings


async def _charges(session: AsyncSession, states: dict[int, _State], bookkeeper: Bookkeeper) -> list[Finding]:
    """What an account was charged = the charges of its records, those removed by retention included."""
    recorded = await bookkeeper.charges(session)
    findings = list(_unknown({id for id, total in recorded.items() if total}, states, "usage records"))
    for state in states.values():
        total = recorded.get(state.id, 0) + state.pruned
        if total != state.charged:
            sentence = f"{state.charged} was charged, its records say {total}"
            findings.append(Finding(state.id, state.owner, state.charged - total, "charges", sentence))
    return findings


async def _leases(session: AsyncSession, states: dict[int, _State]) -> list[Finding]:
    """No lease is negative, overdrawn or without a worker."""
    findings: list[Finding] = []
    rows = await session.execute(
        select(lease, worker.c.id.label("owner"))
        .outerjoin(worker, worker.c.id == lease.c.worker_id)
        .order_by(lease.c.id)
    )
    for row in rows:
        owner = states[row.account_id].owner if row.account_id in states else "nobody"
        if row.owner is None:
            sentence = f"lease {row.id} belongs to worker {row.worker_id!r}, which does not exist"
            findings.append(Finding(row.account_id, owner, row.granted - row.settled, "lease owner", sentence))
        if min(row.granted, row.settled, row.held, row.granted - row.settled) < 0:
            sentence = f"lease {row.id} has granted {row.granted}, settled {row.settled}, held {row.held}"
            findings.append(Finding(row.account_id, owner, row.granted - row.settled, "lease amounts", sentence))
    return findings


async def _orphans(session: AsyncSession, states: dict[int, _State]) -> list[Finding]:
    """Every account has an owner, or was closed when the owner was removed."""
    owners = {
        WALLET: set(await session.scalars(select(user.c.id))),
        ALLOWANCE: set(await session.scalars(select(key.c.id))),
    }
    closed = set(await session.scalars(select(entry.c.account_id).where(entry.c.kind == CLOSED)))
    return [
        Finding(state.id, state.owner, state.balance, "owner", f"the account's {state.owner} does not exist")
        for state in states.values()
        if state.owner_id not in owners.get(state.kind, set()) and state.id not in closed
    ]


async def _sums(session: AsyncSession, query: Select[Any, Any]) -> dict[int, int]:
    rows = await session.execute(query)
    return {id: int(total) for id, total in rows}


def _unknown(ids: set[int], states: dict[int, _State], what: str) -> Iterator[Finding]:
    for id in sorted(ids - set(states)):
        yield Finding(id, "nobody", 0, "account", f"{what} name account {id}, which does not exist")
