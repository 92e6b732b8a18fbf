"""The database away, the disk full, records that no database takes: what goes on, what stops, what is kept."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from faregate.billing import Limits, Line, examine
from faregate.billing.journal import owners
from faregate.kernel.errors import Unavailable
from faregate.logbook import Bookkeeper, Record
from faregate.storage import Database
from tests.billing.scene import STILL, HandClock, account, ledger, person, recorded, rows, until, workers


class Outage:
    """While `on`, every statement fails as if the server were gone; with `reads`, only those that write."""

    def __init__(self, database: Database, *, reads: bool = False) -> None:
        self.on = False
        self.failed = 0
        self._reads = reads
        self._database = database
        for engine in database.engines:
            event.listen(engine.sync_engine, "before_cursor_execute", self._fail)

    def end(self) -> None:
        for engine in self._database.engines:
            event.remove(engine.sync_engine, "before_cursor_execute", self._fail)

    def _fail(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if self.on and not (self._reads and statement.startswith(("SELECT", "BEGIN"))):
            self.failed += 1
            raise OperationalError("-", {}, Exception("the server is gone"))


@pytest.fixture
async def outage(database: Database) -> AsyncIterator[Outage]:
    fault = Outage(database)
    yield fault
    fault.end()


@contextmanager
def disk_full() -> Iterator[None]:
    """The system refuses to let any file grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_without_the_database_leases_serve_until_they_are_used_up_and_nothing_is_lost(
    database: Database, outage: Outage, tmp_path: Path
) -> None:
    ada = await person(database, 64_000)
    clock = HandClock()
    book = ledger(database, tmp_path, Limits(flush_s=3600, poll_s=3600, pause_s=0.001), clock)
    await book.start()
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    outage.on = True
    clock.advance(30)
    for number in range(4):
        hold = book.try_hold(ada.wallet, ada.allowance, 1000)
        assert hold is not None
        book.settle(hold, 1000, ada.settlement(f"r{number}"))
    with pytest.raises(Unavailable, match="the database cannot be reached") as refused:
        await book.hold(ada.wallet, ada.allowance, 1000)
    assert refused.value.status == 503
    with pytest.raises(Unavailable, match="the database cannot be reached"):
        await book.flush()
    outage.on = False
    hold = await book.hold(ada.wallet, ada.allowance, 1000)
    book.settle(hold, 500, ada.settlement("r4"))
    await book.flush()
    assert sum(charge for _, charge in await recorded(database)) == 4500
    await book.stop()
    assert await account(database, ada.wallet) == (59_500, 4500)
    assert await examine(database, Bookkeeper()) == []


async def test_the_loops_survive_an_outage(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 64_000)
    fault = Outage(sqlite)
    book = ledger(sqlite, tmp_path, Limits(flush_s=0.005, poll_s=0.005), None)
    await book.start()
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    fault.on = True
    hold = book.try_hold(ada.wallet, ada.allowance, 1000)
    assert hold is not None
    book.settle(hold, 700, ada.settlement("r1"))
    for _ in range(5):
        with pytest.raises(Unavailable):
            await book.flush()
    fault.on = False
    await until(lambda: recorded(sqlite))
    await book.stop()
    assert await account(sqlite, ada.wallet) == (63_300, 700)


async def test_a_stop_without_the_database_leaves_the_journal_for_the_next_start(
    sqlite: Database, tmp_path: Path
) -> None:
    ada = await person(sqlite, 64_000)
    fault = Outage(sqlite)
    first = ledger(sqlite, tmp_path)
    await first.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 1000), 700, ada.settlement("r1"))
    fault.on = True
    await first.stop()
    fault.on = False
    assert (await recorded(sqlite), await workers(sqlite)) == ([], [first.worker_id])
    assert owners(tmp_path) == [first.worker_id]
    second = ledger(sqlite, tmp_path)
    await second.start()
    await second.stop()
    assert await account(sqlite, ada.wallet) == (63_300, 700)
    assert await examine(sqlite, Bookkeeper()) == []


async def test_too_much_that_waits_stops_new_holds_until_it_is_written(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 640_000)
    book = ledger(sqlite, tmp_path, Limits(flush_s=3600, poll_s=3600, batch=100, backlog=3))
    await book.start()
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    for number in range(3):
        hold = book.try_hold(ada.wallet, ada.allowance, 1000)
        assert hold is not None
        book.settle(hold, 10, ada.settlement(f"r{number}"))
    assert book.try_hold(ada.wallet, ada.allowance, 1000) is None
    with pytest.raises(Unavailable, match="too much waits to be written"):
        await book.hold(ada.wallet, ada.allowance, 1000)
    await book.flush()
    assert book.try_hold(ada.wallet, ada.allowance, 1000) is not None
    await book.stop()


async def test_calls_without_a_hold_are_refused_where_holds_are(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path, Limits(flush_s=3600, poll_s=3600, batch=100, backlog=3))
    with pytest.raises(Unavailable, match="the ledger does not serve"):
        book.admit()
    await book.start()
    for number in range(3):
        book.admit()
        book.note(ada.settlement(f"r{number}"))
    with pytest.raises(Unavailable, match="too much waits to be written") as refused:
        book.admit()
    assert refused.value.status == 503
    await book.flush()
    book.admit()
    await book.stop()


async def test_a_full_disk_stops_new_holds_but_loses_no_settlement(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 640_000)
    book = ledger(sqlite, tmp_path / "journal")
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 1000)
    with disk_full():
        book.settle(hold, 700, ada.settlement("r1"))
        with pytest.raises(Unavailable, match="too much waits to be written"):
            await book.hold(ada.wallet, ada.allowance, 1000)
    await book.flush()
    assert await recorded(sqlite) == [("r1", 700)]
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    await book.stop()
    assert await account(sqlite, ada.wallet) == (639_300, 700)
    assert list((tmp_path / "journal").iterdir()) == []


async def test_the_loops_survive_a_full_disk(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 640_000)
    book = ledger(sqlite, tmp_path, Limits(flush_s=0.002, poll_s=0.002))
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 1000)
    with disk_full():
        book.settle(hold, 700, ada.settlement("r1"))
        for _ in range(3):
            with pytest.raises(Unavailable):
                await book.flush()
    await until(lambda: recorded(sqlite))
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    await book.stop()
    assert await account(sqlite, ada.wallet) == (639_300, 700)
    assert await examine(sqlite, Bookkeeper()) == []


async def test_a_journal_that_grows_too_large_stops_new_holds(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 640_000)
    book = ledger(sqlite, tmp_path, Limits(flush_s=0.002, poll_s=3600, backlog_bytes=1))
    await book.start()

    async def refused() -> bool:
        return book.try_hold(ada.wallet, ada.allowance, 0) is None and bool(await workers(sqlite))

    await until(refused)
    with pytest.raises(Unavailable, match="too much waits to be written"):
        await book.hold(ada.wallet, ada.allowance, 1)
    await book.stop()


async def test_a_hold_that_nobody_answers_gives_up(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path, Limits(flush_s=3600, poll_s=3600, hold_s=2))
    await book.start()
    async with sqlite.write() as session:
        await session.execute(text("SELECT 1"))  # the one writer of the process is taken from here on
        with pytest.raises(Unavailable, match="the ledger does not answer in time"):
            await book.hold(ada.wallet, ada.allowance, 100)
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    await book.stop()
    assert await account(sqlite, ada.wallet) == (1000, 0)


async def test_those_who_wait_at_a_stop_are_told(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path, STILL)
    await book.start()
    async with sqlite.write() as session:
        await session.execute(text("SELECT 1"))  # the one writer of the process is taken from here on
        waiting = asyncio.create_task(book.hold(ada.wallet, ada.allowance, 100))
        await asyncio.sleep(0)
        stopping = asyncio.create_task(book.stop())
        with pytest.raises(Unavailable, match="the gateway is stopping"):
            await waiting
    await stopping
    assert await account(sqlite, ada.wallet) == (1000, 0)
    assert await examine(sqlite, Bookkeeper()) == []


async def refuse_model(database: Database, model: str) -> None:
    """From now on the database refuses records of `model`."""
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            f"CREATE TRIGGER refuse BEFORE INSERT ON record WHEN NEW.model = '{model}' "
            "BEGIN SELECT RAISE(ABORT, 'this record is refused'); END"
        )


async def test_a_record_that_the_database_refuses_keeps_its_money_and_stops_nobody(
    sqlite: Database, tmp_path: Path
) -> None:
    ada = await person(sqlite, 640_000)
    await refuse_model(sqlite, "cursed")
    book = ledger(sqlite, tmp_path, Limits(flush_s=0.002, poll_s=3600))
    await book.start()
    for number, model in enumerate(("fine", "cursed", "fine")):
        settlement = ada.settlement(f"r{number}")
        settlement.line = Line(model=model)
        book.settle(await book.hold(ada.wallet, ada.allowance, 1000), 100, settlement)

    async def all_written() -> bool:
        return len(await recorded(sqlite)) == 3

    await until(all_written)
    await book.stop()
    assert [(row.model, row.charge, row.content) for row in await rows(sqlite, Record)] == [
        ("fine", 100, ""),
        ("", 100, "the record of this request could not be stored"),
        ("fine", 100, ""),
    ]
    assert await account(sqlite, ada.wallet) == (639_700, 300)
    assert await examine(sqlite, Bookkeeper()) == []


async def test_a_refused_record_in_a_dead_workers_journal_keeps_its_money_too(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 640_000)
    first = ledger(sqlite, tmp_path)
    await first.start()
    for number, model in enumerate(("fine", "cursed", "fine")):
        settlement = ada.settlement(f"r{number}")
        settlement.line = Line(model=model)
        first.settle(await first.hold(ada.wallet, ada.allowance, 1000), 100, settlement)
    await first.abandon()
    await refuse_model(sqlite, "cursed")
    second = ledger(sqlite, tmp_path)
    await second.start()
    assert [(row.settlement_id, row.model) for row in await rows(sqlite, Record)] == [
        ("r0", "fine"),
        ("r1", ""),
        ("r2", "fine"),
    ]
    assert await account(sqlite, ada.wallet) == (639_700, 300)
    await second.stop()
    assert await examine(sqlite, Bookkeeper()) == []


async def test_an_outage_during_adoption_leaves_the_journal(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    first, second = ledger(sqlite, tmp_path), ledger(sqlite, tmp_path)
    await first.start()
    await second.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    await first.abandon()
    fault = Outage(sqlite)
    fault.on = True
    with pytest.raises(OperationalError):
        await second.adopt()
    fault.on = False
    assert await second.adopt() == [first.worker_id]
    assert await recorded(sqlite) == [("r1", 70)]
    await second.stop()


async def test_a_database_that_only_reads_for_a_while_costs_no_record_its_words(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 64_000)
    fault = Outage(database, reads=True)
    book = ledger(database, tmp_path, Limits(flush_s=0.002, poll_s=3600))
    await book.start()
    holds = [await book.hold(ada.wallet, ada.allowance, 1000) for _ in range(3)]
    fault.on = True
    for number, hold in enumerate(holds):
        book.settle(hold, 700, ada.settlement(f"r{number}"))

    async def tried_often() -> bool:
        return fault.failed >= 8

    await until(tried_often)
    fault.on = False

    async def all_written() -> bool:
        return len(await recorded(database)) == 3

    await until(all_written)
    fault.end()
    await book.stop()
    assert [(row.settlement_id, row.model, row.content) for row in await rows(database, Record)] == [
        (f"r{number}", "gpt-4o", "") for number in range(3)
    ]
    assert await account(database, ada.wallet) == (64_000 - 2100, 2100)
    assert await examine(database, Bookkeeper()) == []


async def test_one_failure_during_adoption_costs_no_record_its_words(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    first, second = ledger(database, tmp_path), ledger(database, tmp_path)
    await second.start()
    await first.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    await first.abandon()
    fault = Outage(database, reads=True)

    def pass_by(*_: Any) -> None:
        fault.on = not fault.failed

    event.listen(database.engine.sync_engine, "begin", pass_by)
    with pytest.raises(OperationalError):
        await second.adopt()
    event.remove(database.engine.sync_engine, "begin", pass_by)
    fault.end()
    assert await second.adopt() == [first.worker_id]
    assert [(row.settlement_id, row.model) for row in await rows(database, Record)] == [("r1", "gpt-4o")]
    await second.stop()
    assert await examine(database, Bookkeeper()) == []
