"""Writes the log: settlements as records with their hourly sums, and lines that are not about a request.

Everything happens in the caller's transaction. Text is cut to what its column takes, never refused.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from faregate.billing import NUMBER_LIMIT, Settlement
from faregate.logbook.models import CONSUME, Record, Rollup
from faregate.storage import Base

_HOUR_S = 3600

record: Table = Base.metadata.tables[Record.__tablename__]
rollup: Table = Base.metadata.tables[Rollup.__tablename__]
_KEY: tuple[str, ...] = ("hour", "user_id", "key_id", "channel_id", "model")
_SUMS: tuple[str, ...] = ("requests", "charge", "prompt_tokens", "completion_tokens", "duration_ms")


class Bookkeeper:
    """Writes settlements for the billing room: its protocol of the same name."""

    async def known(self, session: AsyncSession, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are in the log already."""
        rows = await session.execute(select(record.c.settlement_id).where(record.c.settlement_id.in_(ids)))
        return set(rows.scalars())

    async def write(self, session: AsyncSession, settlements: Sequence[Settlement]) -> None:
        """Insert the records and add them to the rollups."""
        connection = await session.connection()
        await connection.execute(record.insert(), [_row(one) for one in settlements])
        sums = _sums(settlements)
        if sums:
            await connection.execute(_add(connection), sums)

    async def charges(self, session: AsyncSession) -> dict[int, int]:
        """The sum of the charges in the log for every account they were taken from."""
        totals: dict[int, int] = {}
        for column in (record.c.wallet_id, record.c.allowance_id):
            rows = await session.execute(select(column, func.sum(record.c.charge)).where(column > 0).group_by(column))
            totals.update({id: int(total) for id, total in rows})
        return totals


async def write_line(
    session: AsyncSession,
    type: int,
    *,
    at: int,
    user_id: int = 0,
    username: str = "",
    charge: int = 0,
    content: str = "",
    other: str = "",
    ip: str = "",
    request_id: str = "",
) -> None:
    """Log something that is no request: a top-up, an administrative act, a sign-in. `at` is unix time in seconds."""
    await session.execute(
        insert(Record).values(
            created_at=at,
            type=type,
            user_id=user_id,
            username=_cut(username, 191),
            charge=charge,
            content=_cut(content),
            other=_cut(other),
            ip=_cut(ip, 64),
            request_id=_cut(request_id, 64),
        )
    )


def _cut(text: str, limit: int | None = None) -> str:
    """What a text column takes; PostgreSQL has no zero bytes."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if limit is None else text[:limit]


def _row(one: Settlement) -> dict[str, Any]:
    line = one.line
    return {
        "settlement_id": one.id,
        "created_at": one.at,
        "type": line.type,
        "user_id": one.user_id,
        "username": _cut(line.username, 191),
        "key_id": one.key_id,
        "key_name": _cut(line.key_name, 191),
        "model": _cut(line.model, 191),
        "channel_id": one.channel_id,
        "group": _cut(line.group, 64),
        "charge": one.charge,
        "wallet_id": one.wallet_id,
        "allowance_id": one.allowance_id,
        "prompt_tokens": min(line.prompt_tokens, NUMBER_LIMIT),
        "completion_tokens": min(line.completion_tokens, NUMBER_LIMIT),
        "duration_ms": min(line.duration_ms, NUMBER_LIMIT),
        "is_stream": line.is_stream,
        "ip": _cut(line.ip, 64),
        "request_id": _cut(line.request_id, 64),
        "upstream_request_id": _cut(line.upstream_request_id, 191),
        "content": _cut(line.content),
        "other": _cut(line.other),
    }


def _sums(settlements: Sequence[Settlement]) -> list[dict[str, Any]]:
    """One row for every hour, user, key, channel and model, in order of the key (no deadlocks between workers)."""
    rows: dict[tuple[int, int, int, int, str], dict[str, Any]] = {}
    for one in settlements:
        line = one.line
        if line.type != CONSUME:
            continue
        key = (one.at - one.at % _HOUR_S, one.user_id, one.key_id, one.channel_id, _cut(line.model, 191))
        row = rows.get(key)
        if row is None:
            row = rows[key] = dict.fromkeys(_SUMS, 0)
            row.update(zip(_KEY, key, strict=True))
        row["requests"] += 1
        row["charge"] += one.charge
        row["prompt_tokens"] += min(line.prompt_tokens, NUMBER_LIMIT >> 16)
        row["completion_tokens"] += min(line.completion_tokens, NUMBER_LIMIT >> 16)
        row["duration_ms"] += min(line.duration_ms, NUMBER_LIMIT >> 16)
    return [rows[key] for key in sorted(rows)]


def _add(connection: AsyncConnection) -> Any:
    """The statement that inserts a row of sums or adds it to the one that is there."""
    if connection.dialect.name == "mysql" or connection.dialect.name == "mariadb":
        adding = mysql.insert(rollup)
        return adding.on_duplicate_key_update({name: rollup.c[name] + adding.inserted[name] for name in _SUMS})
    if connection.dialect.name == "postgresql":
        upsert = postgresql.insert(rollup)
        return upsert.on_conflict_do_update(
            index_elements=_KEY, set_={name: rollup.c[name] + upsert.excluded[name] for name in _SUMS}
        )
    lite = sqlite.insert(rollup)
    return lite.on_conflict_do_update(
        index_elements=_KEY, set_={name: rollup.c[name] + lite.excluded[name] for name in _SUMS}
    )
