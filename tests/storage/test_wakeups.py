"""Other processes are woken at once where a server carries the word, and nothing waits for a server that does not."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, MutableMapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from structlog.testing import capture_logs

from faregate.storage import Bus, Database, Topic, Wakeups, bump
from faregate.storage.wakeups import Condition
from tests.databases import Shelf, absent
from tests.storage.relay import Relay

NEVER_S = 3600.0
PATIENCE_S = 15.0
REDIS = os.environ.get("FAREGATE_TEST_REDIS", "redis://127.0.0.1:6379/0")


NEIGHBOUR = """
import asyncio, sys
from pathlib import Path
from faregate.storage.neighbours import Neighbours

async def main():
    heard = asyncio.Event()
    beside = Neighbours(Path(sys.argv[1]), heard.set)
    beside.open()
    print("open", flush=True)
    await heard.wait()
    print("heard", flush=True)
    beside.tell()
    beside.close()

asyncio.run(main())
"""


class Watched(Bus):
    """A bus that only looks when it is woken, and counts that."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, every_s=NEVER_S)
        self.woken: asyncio.Queue[None] = asyncio.Queue()
        self.told: asyncio.Queue[Topic] = asyncio.Queue()
        for topic in Topic:
            self.listen(topic, self._listener(topic))

    def _listener(self, topic: Topic) -> Callable[[], Awaitable[None]]:
        async def listener() -> None:
            self.told.put_nowait(topic)

        return listener

    def wake(self) -> None:
        super().wake()
        self.woken.put_nowait(None)

    async def wakes(self, number: int) -> None:
        """Wait for as many wake-ups."""
        for _ in range(number):
            await self.woken.get()


@asynccontextmanager
async def watching(database: Database, redis: str = "") -> AsyncGenerator[Watched]:
    """What a process has: a bus and its wake-ups, running."""
    bus = Watched(database)
    wakeups = Wakeups(database, bus, redis)
    await bus.look()
    bus.start()
    wakeups.start()
    try:
        yield bus
    finally:
        async with asyncio.timeout(PATIENCE_S):
            await wakeups.stop()
            await bus.stop()


@contextmanager
def logged() -> Generator[asyncio.Queue[tuple[str, str, str]]]:
    """What is logged meanwhile, to be waited for: event, line and error."""
    lines: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()

    def keep(_: Any, __: str, event: MutableMapping[str, Any]) -> NoReturn:
        lines.put_nowait((event["event"], event["line"], event.get("error", "")))
        raise structlog.DropEvent

    # In place: loggers that are in use already share this list.
    processors = structlog.get_config()["processors"]
    kept, processors[:] = processors[:], [keep]
    yield lines
    processors[:] = kept


async def change(database: Database, topic: Topic) -> None:
    async with database.write() as session:
        bump(session, topic)


@pytest.fixture
async def postgres(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Database]:
    """A PostgreSQL database with all tables."""
    opened = Database(await shelf.take("postgresql", tmp_path))
    yield opened
    await opened.close()


@pytest.fixture
async def redis() -> str:
    """The address of a Redis that answers."""
    client = Redis.from_url(REDIS, socket_connect_timeout=2)  # pyright: ignore[reportUnknownMemberType]
    try:
        await client.ping()  # pyright: ignore[reportUnknownMemberType]
    except (RedisError, OSError) as error:
        absent("redis", f"no server answers at {REDIS} ({type(error).__name__})")
    finally:
        await client.aclose()
    return REDIS


@pytest.fixture
async def relay(redis: str) -> AsyncIterator[Relay]:
    """A way to Redis that can be cut."""
    async with Relay.to(redis) as opened:
        yield opened


async def test_a_commit_wakes_the_others_through_postgresql(postgres: Database) -> None:
    beside = Database(postgres.url)
    async with asyncio.timeout(PATIENCE_S), watching(beside) as bus:
        await bus.wakes(1)
        await change(postgres, Topic.CHANNELS)
        assert await bus.told.get() is Topic.CHANNELS
    await beside.close()


async def test_a_roll_back_wakes_nobody(postgres: Database) -> None:
    async with asyncio.timeout(PATIENCE_S), watching(postgres) as bus:
        await bus.wakes(1)
        with suppress(ZeroDivisionError):
            async with postgres.write() as session:
                bump(session, Topic.USERS)
                raise ZeroDivisionError
        await change(postgres, Topic.KEYS)
        assert await bus.told.get() is Topic.KEYS
        await bus.wakes(1)
        assert (bus.woken.qsize(), bus.told.qsize()) == (0, 0)


async def test_a_lost_listener_comes_back_and_has_missed_nothing(postgres: Database) -> None:
    async with asyncio.timeout(PATIENCE_S), watching(postgres) as bus:
        await bus.wakes(1)
        with capture_logs() as logs:
            async with postgres.engine.begin() as connection:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                await connection.execute(text(f"{ended} AND application_name = 'faregate wake-ups'"))
            await bus.wakes(1)
        await change(postgres, Topic.KEYS)
        assert await bus.told.get() is Topic.KEYS
    assert [(line["event"], line["line"]) for line in logs] == [
        ("wakeups.down", "postgresql"),
        ("wakeups.up", "postgresql"),
    ]


async def test_a_commit_wakes_the_others_through_redis(sqlite: Database, redis: str) -> None:
    beside = Database(sqlite.url)
    async with asyncio.timeout(PATIENCE_S), watching(sqlite, redis), watching(beside, redis) as bus:
        await bus.wakes(2)
        await change(sqlite, Topic.CHANNELS)
        assert await bus.told.get() is Topic.CHANNELS
    await beside.close()


async def test_a_commit_wakes_the_processes_of_the_same_machine(sqlite: Database, tmp_path: Path) -> None:
    folder, bus = tmp_path / "w", Watched(sqlite)
    folder.mkdir()
    (folder / "1.sock").touch()  # what a killed process left
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", NEIGHBOUR, folder, stdout=PIPE)
    assert child.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        assert await child.stdout.readline() == b"open\n"
        wakeups = Wakeups(sqlite, bus, neighbours=folder)
        wakeups.start()
        await change(sqlite, Topic.KEYS)
        assert await child.stdout.readline() == b"heard\n"
        await bus.wakes(1)  # the child's answer
        assert await child.wait() == 0
        await wakeups.stop()
    assert not list(folder.iterdir())


async def test_what_was_written_while_redis_was_away_is_said_when_it_is_back(
    sqlite: Database, redis: str, relay: Relay
) -> None:
    beside = Database(sqlite.url)
    async with asyncio.timeout(PATIENCE_S), watching(sqlite, relay.address) as cut_off, watching(beside, redis) as bus:
        await cut_off.wakes(2)
        await bus.wakes(2)
        await relay.cut()
        await change(sqlite, Topic.KEYS)
        await relay.open()
        assert await bus.told.get() is Topic.KEYS
        assert await cut_off.told.get() is Topic.KEYS
    await beside.close()


async def test_no_write_and_no_stop_waits_for_a_redis_that_does_not_answer(sqlite: Database) -> None:
    async with Relay.silent() as silent:
        bus = Watched(sqlite)
        wakeups = Wakeups(sqlite, bus, silent.address)
        wakeups.start()
        async with asyncio.timeout(PATIENCE_S):
            await change(sqlite, Topic.KEYS)
            await silent.called(2)
        async with asyncio.timeout(3):
            await change(sqlite, Topic.USERS)
            await wakeups.stop()
        assert bus.woken.qsize() == 0


async def test_a_redis_that_is_not_there_costs_each_line_one_word_in_the_log(sqlite: Database) -> None:
    async with Relay.silent() as gone:
        await gone.cut()
        with logged() as lines:
            async with asyncio.timeout(PATIENCE_S), watching(sqlite, gone.address) as bus:
                await change(sqlite, Topic.KEYS)
                bus.wake()
                assert await bus.told.get() is Topic.KEYS
                found = [await lines.get(), await lines.get()]
                await gone.open()
                await gone.called(2)
    assert sorted(found) == [
        ("wakeups.down", "redis", "ConnectionError"),
        ("wakeups.down", "redis publisher", "ConnectionError"),
    ]
    assert lines.qsize() == 0


def test_a_line_is_reported_when_its_state_changes_and_not_before() -> None:
    condition = Condition("redis")
    with capture_logs() as logs:
        for act in (condition.opened, condition.opened, condition.proved):
            act()
        condition.failed(OSError())
        condition.failed(TimeoutError())
        condition.opened()
    assert [(line["event"], line["log_level"], line.get("error")) for line in logs] == [
        ("wakeups.up", "info", None),
        ("wakeups.down", "warning", "OSError"),
        ("wakeups.up", "info", None),
    ]


def test_pauses_grow_until_the_line_has_done_its_work() -> None:
    condition = Condition("redis")
    bounds = [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]
    for bound in bounds:
        condition.opened()
        assert bound / 2 <= condition.failed(OSError()) <= bound
    condition.proved()
    assert condition.failed(OSError()) <= 0.25
