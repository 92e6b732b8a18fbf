"""Writes the log: settlements as records with their hourly sums, and lines that are not about a request.

Everything happens in the caller's transaction. Text is cut to what its column takes, never refused.
"""

from collections.abc import Sequence

from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.billing import NUMBER_LIMIT, Settlement
from faregate.logbook.models import CONSUME, Record, Rollup
from faregate.storage import Base, Bulk, insert_or_add
from faregate.storage.bulk import Row

_HOUR_S = 3600

record: Table = Base.metadata.tables[Record.__tablename__]
rollup: Table = Base.metadata.tables[Rollup.__tablename__]
_KEY: tuple[str, ...] = ("hour", "user_id", "key_id", "channel_id", "model")
_SUMS: tuple[str, ...] = ("requests", "charge", "prompt_tokens", "completion_tokens", "duration_ms")
_COLUMNS: tuple[str, ...] = (
    "settlement_id", "created_at", "type", "user_id", "username", "key_id", "key_name", "model", "channel_id", "group",
    "charge", "wallet_id", "allowance_id", "prompt_tokens", "completion_tokens", "duration_ms", "is_stream", "ip",
    "request_id", "upstream_request_id", "content", "other",
)  # fmt: skip

_insert_records = Bulk(record.insert(), *_COLUMNS)
_add_sums = Bulk(lambda backend: insert_or_add(backend, rollup, _KEY, _SUMS), *_KEY, *_SUMS)


class Bookkeeper:
    """Writes settlements for the billing room: its protocol of the same name."""

    async def known(self, session: AsyncSession, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are in the log already."""
        rows = await session.execute(select(record.c.settlement_id).where(record.c.settlement_id.in_(ids)))
        return set(rows.scalars())

    async def write(self, session: AsyncSession, settlements: Sequence[Settlement]) -> None:
        """Insert the records and add them to the rollups."""
        connection = await session.connection()
        await _insert_records.execute(connection, [_row(one) for one in settlements])
        if sums := _sums(settlements):
            await _add_sums.execute(connection, sums)

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


def _row(one: Settlement) -> Row:
    """The values of `_COLUMNS`."""
    line = one.line
    return (
        one.id,
        one.at,
        line.type,
        one.user_id,
        _cut(line.username, 191),
        one.key_id,
        _cut(line.key_name, 191),
        _cut(line.model, 191),
        one.channel_id,
        _cut(line.group, 64),
        one.charge,
        one.wallet_id,
        one.allowance_id,
        min(line.prompt_tokens, NUMBER_LIMIT),
        min(line.completion_tokens, NUMBER_LIMIT),
        min(line.duration_ms, NUMBER_LIMIT),
        line.is_stream,
        _cut(line.ip, 64),
        _cut(line.request_id, 64),
        _cut(line.upstream_request_id, 191),
        _cut(line.content),
        _cut(line.other),
    )


def _sums(settlements: Sequence[Settlement]) -> list[Row]:
    """One row for every hour, user, key, channel and model, in order of the key (no deadlocks between workers)."""
    rows: dict[tuple[int, int, int, int, str], list[int]] = {}
    for one in settlements:
        line = one.line
        if line.type != CONSUME:
            continue
        key = (one.at - one.at % _HOUR_S, one.user_id, one.key_id, one.channel_id, _cut(line.model, 191))
        sums = rows.get(key)
        if sums is None:
            sums = rows[key] = [0] * len(_SUMS)
        sums[0] += 1
        sums[1] += one.charge
        sums[2] += min(line.prompt_tokens, NUMBER_LIMIT >> 16)
        sums[3] += min(line.completion_tokens, NUMBER_LIMIT >> 16)
        sums[4] += min(line.duration_ms, NUMBER_LIMIT >> 16)
    return [(*key, *rows[key]) for key in sorted(rows)]
