"""Statements compiled once: whatever the order of a driver's placeholders, values arrive under their names."""

from sqlalchemy import bindparam, select

from faregate.logbook import Rollup
from faregate.storage import Base, Bulk, Database

TABLE = Base.metadata.tables[Rollup.__tablename__]
NAMES = (
    "model", "hour", "user_id", "key_id", "channel_id",
    "requests", "charge", "prompt_tokens", "completion_tokens", "duration_ms",
)  # fmt: skip
INSERT = Bulk(TABLE.insert(), *NAMES)
UPDATE = Bulk(
    TABLE.update()
    .where(TABLE.c.hour == bindparam("of"), TABLE.c.duration_ms < bindparam("more"))
    .values(charge=TABLE.c.charge + bindparam("more"), requests=bindparam("count")),
    "of",
    "count",
    "more",
)


async def write(database: Database, bulk: Bulk, *rows: tuple[object, ...]) -> int:
    async with database.write() as session:
        return await bulk.execute(await session.connection(), rows)


async def stored(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as session:
        found = await session.execute(select(*(TABLE.c[name] for name in NAMES)).order_by(TABLE.c.hour))
        return [tuple(row) for row in found]


async def test_values_arrive_under_their_names_one_row_or_many(database: Database) -> None:
    rows = [(f"model 100% {hour}", hour, 2, 3, 4, 5, 6, 7, 8, 9) for hour in (1, 2, 3)]
    await write(database, INSERT, *rows[:1])
    await write(database, INSERT, *rows[1:])
    assert await stored(database) == rows


async def test_a_value_may_be_used_twice(database: Database) -> None:
    await write(database, INSERT, *[("m", hour, 2, 3, 4, 5, 6, 7, 8, 9) for hour in (1, 2)])
    await write(database, UPDATE, (1, 50, 10), (2, 60, 20))
    assert [(row[5], row[6]) for row in await stored(database)] == [(50, 16), (60, 26)]


async def test_one_row_tells_whether_it_was_touched(database: Database) -> None:
    await write(database, INSERT, ("m", 1, 2, 3, 4, 5, 6, 7, 8, 9))
    assert await write(database, UPDATE, (1, 50, 10)) == 1
    assert await write(database, UPDATE, (7, 50, 10)) == 0
