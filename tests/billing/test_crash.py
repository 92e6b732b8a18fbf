"""Workers that die, are taken for dead, or do not learn what became of a commit."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from faregate.billing import Limits, examine
from faregate.billing.journal import lock_path, owners, segments
from faregate.billing.models import Worker
from faregate.billing.posting import sweep
from faregate.kernel.errors import Defect
from faregate.logbook import Bookkeeper
from faregate.storage import Database
from tests.billing.scene import (
    HandClock,
    account,
    lease,
    ledger,
    person,
    recorded,
    until,
    workers,
)


async def test_what_a_dead_worker_settled_is_brought_in_by_the_next(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 64_000, allowance=64_000, unlimited=False)
    first = ledger(database, tmp_path)
    await first.start()
    for number in range(3):
        hold = await first.hold(ada.wallet, ada.allowance, 100)
        first.settle(hold, 70, ada.settlement(f"r{number}"))
        if number == 0:
            await first.flush()
    await first.hold(ada.wallet, ada.allowance, 100)
    await first.abandon()
    second = ledger(database, tmp_path)
    await second.start()
    assert await recorded(database) == [("r0", 70), ("r1", 70), ("r2", 70)]
    assert await account(database, ada.wallet) == (64_000 - 210, 210)
    assert await account(database, ada.allowance) == (64_000 - 210, 210)
    assert await workers(database) == [second.worker_id]
    assert owners(tmp_path) == [second.worker_id]
    assert await examine(database, Bookkeeper()) == []
    await second.stop()


async def test_a_journal_that_is_brought_in_twice_counts_once(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    first = ledger(database, tmp_path)
    await first.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    copies = {path: path.read_bytes() for path in segments(tmp_path, first.worker_id)}
    await first.abandon()
    for _ in range(2):
        for path, data in copies.items():
            path.write_bytes(data)
        second = ledger(database, tmp_path)
        await second.start()
        await second.stop()
    assert await recorded(database) == [("r1", 70)]
    assert await account(database, ada.wallet) == (930, 70)
    assert await account(database, ada.allowance) == (-70, 70)
    assert await examine(database, Bookkeeper()) == []


async def test_a_sibling_adopts_the_dead_but_never_the_living(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    first, second = ledger(sqlite, tmp_path), ledger(sqlite, tmp_path)
    await first.start()
    await second.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    assert await second.adopt() == []
    await first.abandon()
    assert await second.adopt() == [first.worker_id]
    assert await recorded(sqlite) == [("r1", 70)]
    await second.stop()


async def test_the_keeper_adopts_by_itself(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    first = ledger(sqlite, tmp_path)
    await first.start()
    clock = HandClock()
    second = ledger(sqlite, tmp_path, Limits(poll_s=0.01), clock)
    await second.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    await first.abandon()
    clock.advance(6)
    await until(lambda: recorded(sqlite))
    await second.stop()
    assert await account(sqlite, ada.wallet) == (930, 70)


async def test_an_overrun_of_a_dead_worker_is_still_debt(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    first = ledger(sqlite, tmp_path)
    await first.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 1000), 1500, ada.settlement("r1"))
    await first.abandon()
    second = ledger(sqlite, tmp_path)
    await second.start()
    assert await account(sqlite, ada.wallet) == (-500, 1500)
    await second.stop()
    assert await examine(sqlite, Bookkeeper()) == []


async def test_a_worker_of_another_machine_is_swept_after_its_deadline(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    clock = HandClock()
    here, there = (ledger(database, tmp_path / name, clock=clock) for name in ("here", "there"))
    await here.start()
    await there.start()
    there.settle(await there.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    there.settle(await there.hold(ada.wallet, ada.allowance, 900), 10, ada.settlement("r2"))
    await there.hold(ada.wallet, ada.allowance, 800)
    await there.abandon()
    clock.advance(149)
    await here.flush()
    assert await here.adopt() == []
    clock.advance(2)
    assert await here.adopt() == [there.worker_id]
    assert await account(database, ada.wallet) == (1000, 0)
    # Its disk comes back: what was settled is debited after all.
    again = ledger(database, tmp_path / "there", clock=clock)
    await again.start()
    assert await account(database, ada.wallet) == (920, 80)
    assert await recorded(database) == [("r1", 70), ("r2", 10)]
    for book in (here, again):
        await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_a_worker_that_came_back_in_time_is_not_swept(sqlite: Database, tmp_path: Path) -> None:
    clock = HandClock()
    here, there = (ledger(sqlite, tmp_path / name, clock=clock) for name in ("here", "there"))
    await here.start()
    await there.start()
    clock.advance(149)
    await there.flush()
    clock.advance(3)
    assert await here.adopt() == []
    for book in (here, there):
        await book.stop()


async def test_a_worker_that_comes_back_while_it_is_being_swept_keeps_its_leases(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1000)
    clock = HandClock()
    book = ledger(database, tmp_path, clock=clock)
    await book.start()
    await book.hold(ada.wallet, None, 1000)
    deadline = int(clock.now()) + 120
    for limit, swept in ((deadline, False), (deadline + 1, True)):
        async with database.write() as session:
            assert await sweep(session, book.worker_id, expired_before=limit) is swept
        assert await account(database, ada.wallet) == ((1000, 0) if swept else (0, 0))
    await book.abandon()


async def test_a_worker_past_its_deadline_grants_nothing_before_it_has_written(
    sqlite: Database, tmp_path: Path
) -> None:
    ada = await person(sqlite, 640_000)
    clock = HandClock()
    book = ledger(sqlite, tmp_path, clock=clock)
    await book.start()
    book.release(await book.hold(ada.wallet, ada.allowance, 100))
    clock.advance(119)
    hold = book.try_hold(ada.wallet, ada.allowance, 100)
    assert hold is not None
    book.release(hold)
    clock.advance(1)
    assert book.try_hold(ada.wallet, ada.allowance, 100) is None
    book.release(await book.hold(ada.wallet, ada.allowance, 100))
    hold = book.try_hold(ada.wallet, ada.allowance, 100)
    assert hold is not None
    book.release(hold)
    await book.stop()


async def test_a_living_worker_that_was_swept_charges_directly_and_starts_anew(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 64_000)
    clock = HandClock()
    slow, other = (ledger(database, tmp_path / name, clock=clock) for name in ("slow", "other"))
    await slow.start()
    await other.start()
    settled, open_hold = [await slow.hold(ada.wallet, ada.allowance, 100) for _ in range(2)]
    slow.settle(settled, 60, ada.settlement("r1"))
    clock.advance(151)
    await other.flush()
    assert await other.adopt() == [slow.worker_id]
    assert await account(database, ada.wallet) == (64_000, 0)
    fresh = await slow.hold(ada.wallet, ada.allowance, 100)
    slow.settle(open_hold, 50, ada.settlement("r2"))
    slow.settle(fresh, 40, ada.settlement("r3"))
    await slow.flush()
    assert await recorded(database) == [("r1", 60), ("r2", 50), ("r3", 40)]
    assert await account(database, ada.allowance) == (-150, 150)
    assert await examine(database, Bookkeeper()) == []
    for book in (slow, other):
        await book.stop()
    assert await account(database, ada.wallet) == (64_000 - 150, 150)
    assert await examine(database, Bookkeeper()) == []


async def test_those_who_wait_while_their_worker_is_swept_are_served(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    clock = HandClock()
    slow, other = (ledger(sqlite, tmp_path / name, clock=clock) for name in ("slow", "other"))
    await slow.start()
    await other.start()
    slow.release(await slow.hold(ada.wallet, ada.allowance, 1000))
    clock.advance(151)
    await other.flush()
    await other.adopt()
    holds = await asyncio.gather(*(slow.hold(ada.wallet, ada.allowance, 200) for _ in range(5)))
    assert await lease(sqlite, ada.wallet) == (1000, 0, 1000)
    for hold in holds:
        slow.release(hold)
    hold = slow.try_hold(ada.wallet, ada.allowance, 1000)
    assert hold is not None
    slow.release(hold)
    for book in (slow, other):
        await book.stop()


Commit = Callable[..., Any]


class Commits:
    """Makes the commits of a database's connections fail: before they happen, or after, when nobody hears of it."""

    def __init__(self, database: Database) -> None:
        self._dialect = database.engine.dialect
        self._real: Commit = self._dialect.do_commit
        self._dialect.do_commit = self._commit  # type: ignore[method-assign]
        self._fates: list[str] = []

    def fail(self, *fates: str) -> None:
        self._fates.extend(fates)

    def restore(self) -> None:
        self._dialect.do_commit = self._real  # type: ignore[method-assign]

    def _commit(self, connection: Any) -> None:
        fate = self._fates.pop(0) if self._fates else ""
        if fate != "lost":
            self._real(connection)
        if fate:
            raise OperationalError("COMMIT", {}, Exception("the connection broke"))


@pytest.fixture
async def commits(database: Database) -> AsyncIterator[Commits]:
    faults = Commits(database)
    yield faults
    faults.restore()


@pytest.mark.parametrize("fate", ["lost", "unheard"])
async def test_a_flush_of_unknown_outcome_is_neither_lost_nor_doubled(
    database: Database, commits: Commits, tmp_path: Path, fate: str
) -> None:
    ada = await person(database, 64_000)
    book = ledger(database, tmp_path)
    await book.start()
    book.settle(await book.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    commits.fail(fate)
    with pytest.raises(Exception, match="the database cannot be reached"):
        await book.flush()
    book.settle(await book.hold(ada.wallet, ada.allowance, 100), 30, ada.settlement("r2"))
    await book.flush()
    assert await recorded(database) == [("r1", 70), ("r2", 30)]
    assert await lease(database, ada.wallet) == (4000, 100, 0)
    await book.stop()
    assert await account(database, ada.wallet) == (63_900, 100)
    assert await examine(database, Bookkeeper()) == []


@pytest.mark.parametrize("fate", ["lost", "unheard"])
async def test_a_lease_of_unknown_outcome_is_neither_lost_nor_doubled(
    database: Database, commits: Commits, tmp_path: Path, fate: str
) -> None:
    ada = await person(database, 1000)
    book = ledger(database, tmp_path)
    await book.start()
    commits.fail(fate)
    holds = await asyncio.gather(*(book.hold(ada.wallet, ada.allowance, 250) for _ in range(4)))
    assert await lease(database, ada.wallet) == (1000, 0, 1000)
    for hold in holds:
        book.release(hold)
    await book.stop()
    assert await account(database, ada.wallet) == (1000, 0)


@pytest.mark.parametrize("fate", ["lost", "unheard"])
async def test_a_return_of_unknown_outcome_is_neither_lost_nor_doubled(
    database: Database, commits: Commits, tmp_path: Path, fate: str
) -> None:
    ada = await person(database, 1000)
    clock = HandClock()
    book = ledger(database, tmp_path, clock=clock)
    await book.start()
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    await book.flush()
    clock.advance(31)
    commits.fail(fate)
    with pytest.raises(OperationalError):
        await book.tend()
    assert book.try_hold(ada.wallet, ada.allowance, 1) is None
    hold = await book.hold(ada.wallet, ada.allowance, 1000)
    book.settle(hold, 400, ada.settlement("r1"))
    await book.stop()
    assert await account(database, ada.wallet) == (600, 400)
    assert await examine(database, Bookkeeper()) == []


async def test_a_doubtful_flush_of_a_worker_that_was_swept_counts_once(
    database: Database, commits: Commits, tmp_path: Path
) -> None:
    ada = await person(database, 64_000)
    clock = HandClock()
    slow, other = (ledger(database, tmp_path / name, clock=clock) for name in ("slow", "other"))
    await slow.start()
    await other.start()
    slow.settle(await slow.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    commits.fail("unheard")
    with pytest.raises(Exception, match="the database cannot be reached"):
        await slow.flush()
    slow.settle(await slow.hold(ada.wallet, ada.allowance, 100), 30, ada.settlement("r2"))
    clock.advance(151)
    await other.flush()
    await other.adopt()
    await slow.flush()
    assert await recorded(database) == [("r1", 70), ("r2", 30)]
    for book in (slow, other):
        await book.stop()
    assert await account(database, ada.wallet) == (63_900, 100)
    assert await examine(database, Bookkeeper()) == []


async def test_the_same_request_settled_twice_is_charged_once_and_stops_nobody(
    sqlite: Database, tmp_path: Path
) -> None:
    ada = await person(sqlite, 64_000)
    book = ledger(sqlite, tmp_path, Limits(flush_s=0.01, poll_s=3600))
    await book.start()
    for id in ("r1", "r1", "r2", "r1", "r3"):
        book.settle(await book.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement(id))

    async def third() -> bool:
        return len(await recorded(sqlite)) == 3

    await until(third)
    await book.stop()
    assert await recorded(sqlite) == [("r1", 70), ("r2", 70), ("r3", 70)]
    assert await account(sqlite, ada.wallet) == (64_000 - 210, 210)
    assert await examine(sqlite, Bookkeeper()) == []


async def test_leftovers_of_a_start_that_never_came_are_removed(sqlite: Database, tmp_path: Path) -> None:
    lock_path(tmp_path, "ghost").touch()
    book = ledger(sqlite, tmp_path)
    await book.start()
    assert owners(tmp_path) == [book.worker_id]
    await book.stop()


async def test_a_journal_that_cannot_be_read_is_left_alone(sqlite: Database, tmp_path: Path) -> None:
    path = tmp_path / "ghost.00000001.journal"
    path.write_bytes(b"FGJRNL99 from the future")
    book = ledger(sqlite, tmp_path)
    await book.start()
    assert path.read_bytes() == b"FGJRNL99 from the future"
    await book.stop()


async def test_nobody_else_writes_as_this_worker(sqlite: Database, tmp_path: Path) -> None:
    book = ledger(sqlite, tmp_path)
    await book.start()
    async with sqlite.write() as session:
        await session.execute(update(Worker).values(writes=Worker.writes + 5))
    with pytest.raises(Defect, match="another process writes as this worker"):
        await book.flush()
    await book.abandon()
