"""The revision bus: who is told, when, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from sqlalchemy import select

from faregate.kernel.errors import Unavailable
from faregate.storage import Bus, Database, Topic, bump, take_turn
from faregate.storage.revision import Revision
from faregate.storage.sections import SettingRow

NEVER_S = 3600.0


class Ears:
    """Remembers which topics were told."""

    def __init__(self, bus: Bus, *topics: Topic) -> None:
        self.told: list[Topic] = []
        self.arrived = asyncio.Event()
        for topic in topics:
            bus.listen(topic, self._listener(topic))

    def _listener(self, topic: Topic) -> Callable[[], Awaitable[None]]:
        async def listener() -> None:
            self.told.append(topic)
            self.arrived.set()

        return listener


async def change(database: Database, *topics: Topic) -> None:
    async with database.write() as session:
        bump(session, *topics)


async def values(database: Database) -> dict[str, int]:
    async with database.read() as session:
        return {row.topic: row.value for row in await session.scalars(select(Revision))}


async def test_a_move_is_told_once(database: Database) -> None:
    bus = Bus(database)
    ears = Ears(bus, Topic.KEYS, Topic.CHANNELS)
    await change(database, Topic.KEYS)
    await bus.refresh()
    await bus.refresh()
    assert ears.told == [Topic.KEYS]


async def test_moves_between_two_looks_are_told_together(database: Database) -> None:
    bus = Bus(database)
    ears = Ears(bus, *Topic)
    await change(database, Topic.USERS, Topic.KEYS, Topic.USERS)
    await change(database, Topic.KEYS)
    await bus.refresh()
    assert ears.told == [Topic.KEYS, Topic.USERS]
    assert await values(database) == {"keys": 2, "users": 1}


async def test_a_bump_that_is_rolled_back_is_silent(database: Database) -> None:
    bus = Bus(database)
    ears = Ears(bus, *Topic)
    await change(database, Topic.KEYS)
    await bus.refresh()
    with suppress(ZeroDivisionError):
        async with database.write() as session:
            bump(session, Topic.KEYS, Topic.USERS)
            raise ZeroDivisionError
    await bus.refresh()
    assert ears.told == [Topic.KEYS]


async def test_every_listener_of_a_topic_is_called_in_order(sqlite: Database) -> None:
    bus = Bus(sqlite)
    calls: list[str] = []

    async def first() -> None:
        await asyncio.sleep(0)
        calls.append("first")

    async def second() -> None:
        calls.append("second")

    bus.listen(Topic.KEYS, first)
    bus.listen(Topic.KEYS, second)
    await change(sqlite, Topic.KEYS)
    await bus.refresh()
    assert calls == ["first", "second"]


async def test_first_bumps_at_once_do_not_collide(database: Database) -> None:
    await asyncio.gather(*(change(database, Topic.USERS, Topic.KEYS) for _ in range(8)))
    assert await values(database) == {"keys": 8, "users": 8}


async def test_what_changes_after_the_first_look_is_told(database: Database) -> None:
    await change(database, Topic.CHANNELS)
    bus = Bus(database)
    await bus.look()
    ears = Ears(bus, *Topic)
    await change(database, Topic.KEYS)
    await bus.refresh()
    assert ears.told == [Topic.KEYS]


async def test_two_buses_see_each_others_bumps_at_their_next_look(database: Database) -> None:
    buses = [Bus(database, every_s=0.02), Bus(database, every_s=0.02)]
    ears = [Ears(bus, *Topic) for bus in buses]
    for bus in buses:
        bus.start()
    await change(database, Topic.CATALOG)
    async with asyncio.timeout(5):
        await asyncio.gather(*(one.arrived.wait() for one in ears))
    await asyncio.gather(*(bus.stop() for bus in buses))
    assert [one.told for one in ears] == [[Topic.CATALOG], [Topic.CATALOG]]


async def test_a_bus_that_is_woken_looks_at_once(sqlite: Database) -> None:
    bus = Bus(sqlite, every_s=NEVER_S)
    ears = Ears(bus, *Topic)
    bus.start()
    await change(sqlite, Topic.USERS)
    bus.wake()
    async with asyncio.timeout(5):
        await ears.arrived.wait()
    await bus.stop()
    assert ears.told == [Topic.USERS]


async def test_a_listener_that_fails_holds_up_no_other_and_is_called_again(sqlite: Database) -> None:
    bus = Bus(sqlite)
    tries: list[str] = []

    async def fails_once() -> None:
        tries.append("settings")
        if len(tries) == 1:
            raise Unavailable("not now")

    bus.listen(Topic.SETTINGS, fails_once)
    ears = Ears(bus, Topic.USERS)
    await change(sqlite, Topic.SETTINGS, Topic.USERS)
    with pytest.raises(Unavailable):
        await bus.refresh()
    assert ears.told == [Topic.USERS]
    await bus.refresh()
    await bus.refresh()
    assert (tries, ears.told) == (["settings"] * 2, [Topic.USERS])


@pytest.mark.parametrize("failure", [Unavailable("not now"), OSError(), ZeroDivisionError()])
async def test_no_failure_ends_the_watch(sqlite: Database, failure: Exception) -> None:
    bus = Bus(sqlite, every_s=0.02)
    tries: list[str] = []
    done = asyncio.Event()

    async def fails_once() -> None:
        tries.append("keys")
        if len(tries) == 1:
            raise failure
        done.set()

    bus.listen(Topic.KEYS, fails_once)
    bus.start()
    await change(sqlite, Topic.KEYS)
    async with asyncio.timeout(5):
        await done.wait()
    await bus.stop()
    assert tries == ["keys"] * 2


async def test_who_bumps_makes_nobody_wait_before_the_end(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("one writer at a time")
    async with database.write() as session:
        session.add_all([SettingRow(key="a", value="0"), SettingRow(key="b", value="0")])
    bumped, held = asyncio.Event(), asyncio.Event()

    async def several() -> None:
        async with database.write() as session:
            await session.get_one(SettingRow, "a", with_for_update=True)
            bump(session, Topic.USERS)
            bumped.set()
            await held.wait()
            await session.get_one(SettingRow, "b", with_for_update=True)

    async def one() -> None:
        await bumped.wait()
        async with database.write() as session:
            await session.get_one(SettingRow, "b", with_for_update=True)
            held.set()
            bump(session, Topic.USERS)

    await asyncio.wait_for(asyncio.gather(several(), one()), 30)
    assert await values(database) == {"users": 2}


async def test_who_takes_a_turn_waits_for_who_has_it(database: Database) -> None:
    seen: list[str] = []

    async def change_it(name: str) -> None:
        async with database.write() as session:
            await take_turn(session, Topic.SETTINGS)
            seen.append(f"{name} begins")
            await session.scalars(select(Revision))
            seen.append(f"{name} ends")

    await asyncio.gather(*map(change_it, "abc"))
    assert [one[2:] for one in seen] == ["begins", "ends"] * 3
