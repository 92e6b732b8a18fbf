"""Records and their hourly sums."""

from sqlalchemy import select

from faregate.billing import Line, Settlement
from faregate.logbook import CONSUME, ERROR, TOP_UP, Bookkeeper, Record, Rollup, write_line
from faregate.storage import Database


def settlement(id: str, at: int = 7200, **more: object) -> Settlement:
    line = Line(model="gpt-4o", prompt_tokens=10, completion_tokens=5, duration_ms=100)
    return Settlement(id=id, at=at, line=line, user_id=1, key_id=2, channel_id=3, charge=50, **more)  # type: ignore[arg-type]


async def write(database: Database, *settlements: Settlement) -> None:
    async with database.write() as session:
        await Bookkeeper().write(session, settlements)


async def sums(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as session:
        rows = await session.scalars(select(Rollup).order_by(Rollup.hour, Rollup.channel_id))
        return [
            (
                row.hour,
                row.user_id,
                row.key_id,
                row.channel_id,
                row.model,
                row.requests,
                row.charge,
                row.prompt_tokens,
                row.completion_tokens,
                row.duration_ms,
            )
            for row in rows
        ]


async def test_a_record_has_every_field_of_its_settlement(database: Database) -> None:
    one = Settlement(
        id="s1",
        at=7300,
        line=Line(
            type=ERROR,
            username="ada",
            key_name="k",
            model="m",
            group="vip",
            prompt_tokens=1,
            completion_tokens=2,
            duration_ms=3,
            is_stream=True,
            ip="::1",
            request_id="q1",
            upstream_request_id="u1",
            content="text",
            other='{"a":1}',
        ),
        user_id=4,
        key_id=5,
        channel_id=6,
        charge=7,
        wallet_id=8,
        allowance_id=9,
    )
    await write(database, one)
    async with database.read() as session:
        row = (await session.scalars(select(Record))).one()
    fields = {column.name: getattr(row, column.name) for column in Record.__table__.columns if column.name != "id"}
    assert fields == {
        "settlement_id": "s1",
        "created_at": 7300,
        "type": ERROR,
        "user_id": 4,
        "username": "ada",
        "key_id": 5,
        "key_name": "k",
        "model": "m",
        "channel_id": 6,
        "group": "vip",
        "charge": 7,
        "wallet_id": 8,
        "allowance_id": 9,
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "duration_ms": 3,
        "is_stream": True,
        "ip": "::1",
        "request_id": "q1",
        "upstream_request_id": "u1",
        "content": "text",
        "other": '{"a":1}',
    }


async def test_usage_is_summed_by_hour_and_what_it_was_for(database: Database) -> None:
    elsewhere = settlement("c")
    elsewhere.channel_id = 4
    await write(database, settlement("a"), settlement("b", 7200 + 3599), elsewhere, settlement("d", 7200 + 3600))
    await write(database, settlement("e"))
    assert await sums(database) == [
        (7200, 1, 2, 3, "gpt-4o", 3, 150, 30, 15, 300),
        (7200, 1, 2, 4, "gpt-4o", 1, 50, 10, 5, 100),
        (10800, 1, 2, 3, "gpt-4o", 1, 50, 10, 5, 100),
    ]


async def test_only_usage_is_summed(database: Database) -> None:
    failed = settlement("a")
    failed.line.type = ERROR
    await write(database, failed)
    assert await sums(database) == []


async def test_what_is_in_the_log_is_known(database: Database) -> None:
    await write(database, settlement("a"), settlement("b"))
    async with database.read() as session:
        assert await Bookkeeper().known(session, ["a", "c", "b"]) == {"a", "b"}


async def test_charges_are_summed_by_the_accounts_they_were_taken_from(database: Database) -> None:
    await write(
        database,
        settlement("a", wallet_id=1, allowance_id=2),
        settlement("b", wallet_id=1),
        settlement("c", wallet_id=3, allowance_id=2),
        settlement("d"),
    )
    async with database.read() as session:
        assert await Bookkeeper().charges(session) == {1: 100, 2: 100, 3: 50}


async def test_a_line_that_is_no_request_needs_no_settlement(database: Database) -> None:
    async with database.write() as session:
        for _ in range(2):
            await write_line(session, TOP_UP, at=5, user_id=1, username="ada", charge=9, content="card\0", ip="i" * 99)
    async with database.read() as session:
        first, second = (await session.scalars(select(Record).order_by(Record.id))).all()
    assert (first.type, first.settlement_id, first.charge, first.content, first.ip) == (
        TOP_UP,
        None,
        9,
        "card",
        "i" * 64,
    )
    assert second.id > first.id
    assert await sums(database) == []
    assert CONSUME == 2
