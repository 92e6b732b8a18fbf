"""Journals that are damaged, from another release, copied or moved: what is booked, what is kept, who is swept."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from faregate.billing import examine
from faregate.billing.journal import owners, segments
from faregate.billing.models import Worker
from faregate.logbook import Bookkeeper
from faregate.storage import Database
from tests.billing.scene import HandClock, account, lease, ledger, person, recorded, workers


async def test_a_damaged_frame_costs_one_settlement_and_the_file_is_kept(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1_000_000)
    first = ledger(database, tmp_path)
    await first.start()
    for number in range(10):
        first.settle(await first.hold(ada.wallet, ada.allowance, 1000), 700, ada.settlement(f"r{number}"))
    (path,) = segments(tmp_path, first.worker_id)
    await first.abandon()
    data = bytearray(path.read_bytes())
    data[data.index(b"r2") + 5] ^= 1
    path.write_bytes(data)
    second = ledger(database, tmp_path)
    with capture_logs() as said:
        await second.start()
    assert await recorded(database) == [(f"r{number}", 700) for number in range(10) if number != 2]
    assert await account(database, ada.wallet) == (1_000_000 - 9 * 700, 9 * 700)
    kept = path.with_name(f"{path.name}.damaged")
    assert kept.read_bytes() == data
    assert owners(tmp_path) == [second.worker_id]
    assert [(line["log_level"], line["segment"]) for line in said if line["event"] == "journal.unreadable"] == [
        ("error", kept.name)
    ]
    await second.stop()
    assert kept.exists()
    assert await examine(database, Bookkeeper()) == []


async def test_a_segment_that_cannot_be_read_stops_neither_the_next_one_nor_the_leases(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1000)
    first = ledger(database, tmp_path)
    await first.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 600), 10, ada.settlement("r1"))
    (path,) = segments(tmp_path, first.worker_id)
    later = path.with_name(f"{first.worker_id}.00000002.journal")
    held = path.read_bytes()
    first.settle(await first.hold(ada.wallet, ada.allowance, 300), 20, ada.settlement("r2"))
    await first.abandon()
    whole = path.read_bytes()
    later.write_bytes(whole[:8] + whole[len(held) :])
    path.write_bytes(b"FGJRNL99" + held[8:])
    second = ledger(database, tmp_path)
    await second.start()
    assert await recorded(database) == [("r2", 20)]
    assert (await account(database, ada.wallet), await lease(database, ada.wallet)) == ((980, 20), None)
    assert (path.exists(), later.exists()) == (True, False)
    # A release that can read it comes: what the leases had paid is debited now.
    path.write_bytes(held)
    assert await second.adopt() == [first.worker_id]
    assert await account(database, ada.wallet) == (970, 30)
    await second.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_a_copied_directory_sweeps_nobody_who_lives(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    owner = ledger(database, tmp_path / "here")
    await owner.start()
    owner.settle(await owner.hold(ada.wallet, ada.allowance, 1000), 70, ada.settlement("r1"))
    await owner.flush()
    shutil.copytree(tmp_path / "here", tmp_path / "copy")
    other = ledger(database, tmp_path / "copy")
    await other.start()
    assert owners(tmp_path / "copy") == [other.worker_id]
    assert set(await workers(database)) == {owner.worker_id, other.worker_id}
    assert await lease(database, ada.wallet) == (1000, 70, 0)
    owner.settle(await owner.hold(ada.wallet, ada.allowance, 930), 30, ada.settlement("r2"))
    for book in (owner, other):
        await book.stop()
    assert await recorded(database) == [("r1", 70), ("r2", 30)]
    assert await account(database, ada.wallet) == (900, 100)
    assert await examine(database, Bookkeeper()) == []


@pytest.mark.parametrize("home", [{"node": "elsewhere"}, {"journal": "/elsewhere/x.lock"}])
async def test_the_journal_of_another_machine_is_booked_at_once_and_its_leases_are_swept_in_time(
    sqlite: Database, tmp_path: Path, home: dict[str, str]
) -> None:
    ada = await person(sqlite, 1000)
    clock = HandClock()
    first = ledger(sqlite, tmp_path, clock=clock)
    await first.start()
    first.settle(await first.hold(ada.wallet, ada.allowance, 1000), 70, ada.settlement("r1"))
    await first.abandon()
    async with sqlite.write() as session:
        await session.execute(update(Worker).values(**home))
    second = ledger(sqlite, tmp_path, clock=clock)
    await second.start()
    assert await recorded(sqlite) == [("r1", 70)]
    assert await lease(sqlite, ada.wallet) == (1000, 70, 1000)
    clock.advance(149)
    await second.flush()
    assert await second.adopt() == []
    clock.advance(2)
    assert await second.adopt() == [first.worker_id]
    assert (await account(sqlite, ada.wallet), await lease(sqlite, ada.wallet)) == ((930, 70), None)
    await second.stop()
    assert await examine(sqlite, Bookkeeper()) == []
