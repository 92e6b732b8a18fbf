"""A worker that was swept, and one whose database went back: what it remembers, what it gives up."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from faregate.billing import Limits, examine
from faregate.billing.journal import contents, segments
from faregate.billing.models import Lease, Worker
from faregate.logbook import Bookkeeper, Record
from faregate.logbook.retention import clean_up
from faregate.storage import Base, Database
from tests.billing.scene import HandClock, account, lease, ledger, person, recorded, rows, until

DAY = 86_400


async def test_a_call_whose_record_was_cleaned_up_is_not_charged_again_after_a_sweep_and_a_kill(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1_000_000)
    clock = HandClock()
    begin = int(clock.now())
    first, other = (ledger(database, tmp_path / name, clock=clock) for name in ("first", "other"))
    await first.start()
    settlement = ada.settlement("r1")
    settlement.at = begin
    first.settle(await first.hold(ada.wallet, ada.allowance, 1000), 700, settlement)
    await first.flush()
    clock.advance(20 * DAY)
    await first.flush()
    await other.start()
    clock.advance(200)
    await other.flush()
    assert await other.adopt() == [first.worker_id]
    await first.flush()
    assert [row.started_at for row in await rows(database, Worker) if row.id == first.worker_id] == [begin]
    clock.advance(DAY)
    for book in (first, other):
        await book.flush()
    await clean_up(database, begin + 10 * DAY, int(clock.now()))
    await first.abandon()
    again = ledger(database, tmp_path / "first", clock=clock)
    await again.start()
    assert await account(database, ada.wallet) == (1_000_000 - 700, 700)
    assert [row.charge for row in await rows(database, Record)] == [700]
    for book in (again, other):
        await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_a_call_whose_record_was_cleaned_up_is_not_charged_again_by_a_machine_that_comes_back(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1_000_000)
    clock = HandClock()
    begin = int(clock.now())
    first = ledger(database, tmp_path / "first", Limits(flush_s=0.005, poll_s=3600), clock)
    other = ledger(database, tmp_path / "other", clock=clock)
    await first.start()
    settlement = ada.settlement("r1")
    settlement.at = begin
    first.settle(await first.hold(ada.wallet, ada.allowance, 1000), 700, settlement)
    await first.flush()

    async def renewed() -> bool:
        return [contents(path).payloads for path in segments(tmp_path / "first", first.worker_id)] == [[]]

    clock.advance(20 * DAY)
    await until(renewed)
    await first.abandon()
    await other.start()
    clock.advance(DAY)
    await other.flush()
    assert await other.adopt() == [first.worker_id]
    clock.advance(DAY)
    await other.flush()
    await clean_up(database, begin + 10 * DAY, int(clock.now()))
    assert await rows(database, Record) == []
    again = ledger(database, tmp_path / "first", clock=clock)
    await again.start()
    assert await account(database, ada.wallet) == (1_000_000 - 700, 700)
    for book in (again, other):
        await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_a_worker_names_its_journal_so_that_nobody_elsewhere_takes_it_for_his_own(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    book = ledger(sqlite, Path("data"))
    await book.start()
    assert [row.journal for row in await rows(sqlite, Worker)] == [f"{tmp_path}/data/{book.worker_id}.lock"]
    await book.stop()


class Replica:
    """What a fail-over serves: all rows as they were when it was taken."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: dict[str, list[dict[str, Any]]] = {}

    async def take(self) -> None:
        async with self._database.read() as session:
            for table in Base.metadata.sorted_tables:
                self._rows[table.name] = [dict(row) for row in (await session.execute(select(table))).mappings()]

    async def promote(self) -> None:
        async with self._database.write() as session:
            for table in Base.metadata.sorted_tables:
                await session.execute(delete(table))
                if self._rows[table.name]:
                    await session.execute(insert(table), self._rows[table.name])


async def test_a_database_that_lost_its_last_transactions_is_gone_on_with(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 64_000)
    bea, cyd = [await person(database, 1000, name=name) for name in ("bea", "cyd")]
    book, other = (ledger(database, tmp_path / name) for name in ("book", "other"))
    await book.start()
    await other.start()
    book.settle(await book.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    await book.flush()
    replica = Replica(database)
    await replica.take()
    lost = await book.hold(bea.wallet, bea.allowance, 600)  # a lease of which the replica knows nothing
    book.settle(await book.hold(ada.wallet, ada.allowance, 100), 30, ada.settlement("r2"))
    await book.flush()
    book.settle(await book.hold(ada.wallet, ada.allowance, 100), 40, ada.settlement("r3"))
    book.settle(lost, 500, bea.settlement("r4"))
    open_hold = await book.hold(ada.wallet, ada.allowance, 100)
    await replica.promote()
    # Another worker's lease gets the number that the lost one had.
    elsewhere = await other.hold(cyd.wallet, None, 400)
    async with database.write() as session:
        await session.execute(update(Lease).where(Lease.id == elsewhere.wallet.id).values(id=lost.wallet.id))
    elsewhere.wallet.id = lost.wallet.id
    await book.flush()
    assert await recorded(database) == [("r1", 70), ("r3", 40), ("r4", 500)]
    assert await account(database, ada.wallet) == (64_000 - 110, 110)
    assert await lease(database, ada.wallet) is None
    assert await examine(database, Bookkeeper()) == []
    book.settle(open_hold, 20, ada.settlement("r5"))
    fresh = await book.hold(ada.wallet, ada.allowance, 100)
    book.settle(fresh, 10, ada.settlement("r6"))
    other.release(elsewhere)
    for each in (book, other):
        await each.stop()
    assert await account(database, ada.wallet) == (64_000 - 140, 140)
    assert await account(database, bea.wallet) == (500, 500)
    assert await account(database, cyd.wallet) == (1000, 0)
    assert await examine(database, Bookkeeper()) == []


async def test_the_loops_survive_a_database_that_went_back(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 64_000)
    book = ledger(sqlite, tmp_path)
    await book.start()
    book.settle(await book.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    await book.flush()
    async with sqlite.write() as session:
        await session.execute(update(Worker).values(writes=Worker.writes - 1))
    hold = await book.hold(ada.wallet, ada.allowance, 5000)  # more than the lease has: the teller must write
    book.settle(hold, 4000, ada.settlement("r2"))

    async def told() -> bool:
        return book.try_hold(ada.wallet, ada.allowance, 1) is not None

    await until(told)
    await book.stop()
    assert await recorded(sqlite) == [("r1", 70), ("r2", 4000)]
    assert await examine(sqlite, Bookkeeper()) == []
