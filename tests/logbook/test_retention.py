"""Old rows go, the money stays proved."""

from pathlib import Path

from sqlalchemy import select, update

from faregate.billing import WALLET, examine
from faregate.billing.models import Account, Worker
from faregate.logbook import MANAGE, Bookkeeper, Record
from faregate.logbook.retention import clean_up
from faregate.logbook.writer import write_line
from faregate.storage import Database
from tests.billing.scene import Person, ledger, person, rows

T0 = 1_700_000_000
LONG_AFTER = T0 + 30 * 86_400


async def spend(database: Database, folder: Path, who: Person, charges: list[int]) -> None:
    """Settle some calls through a ledger that is then closed."""
    open_ledger = ledger(database, folder)
    await open_ledger.start()
    for number, charge in enumerate(charges):
        hold = await open_ledger.hold(who.wallet, who.allowance, charge)
        settlement = who.settlement(f"s{number}")
        settlement.line.content = "words"
        open_ledger.settle(hold, charge, settlement)
    await open_ledger.stop()


async def pruned(database: Database) -> list[tuple[str, int]]:
    async with database.read() as session:
        found = await session.execute(select(Account.kind, Account.pruned).order_by(Account.id))
        return [(kind, amount) for kind, amount in found]


async def test_removed_charges_are_kept_on_the_accounts(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 10_000, allowance=10_000, unlimited=False)
    await spend(database, tmp_path, ada, [100, 20, 3])
    assert await clean_up(database, T0 + 1, LONG_AFTER, batch=2) == 3
    assert await rows(database, Record) == []
    assert await pruned(database) == [(WALLET, 123), ("allowance", 123)]
    assert await examine(database, Bookkeeper()) == []


async def test_rows_of_the_time_itself_and_later_stay(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10_000)
    await spend(sqlite, tmp_path, ada, [100])
    assert await clean_up(sqlite, T0, LONG_AFTER) == 0
    assert [one.charge for one in await rows(sqlite, Record)] == [100]


async def test_audit_lines_stay(sqlite: Database) -> None:
    async with sqlite.write() as session:
        for type in (1, MANAGE, 4, 7):
            await write_line(session, type, at=T0)
    assert await clean_up(sqlite, T0 + 1, LONG_AFTER) == 3
    assert [one.type for one in await rows(sqlite, Record)] == [MANAGE]


async def test_a_record_that_a_journal_may_name_is_only_emptied(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10_000)
    await spend(sqlite, tmp_path, ada, [100])
    assert await clean_up(sqlite, T0 + 1, T0 + 3600) == 1
    (left,) = await rows(sqlite, Record)
    assert (left.type, left.content, left.other, left.charge, left.settlement_id) == (0, "", "", 100, "s0")
    assert await examine(sqlite, Bookkeeper()) == []
    assert await clean_up(sqlite, T0 + 1, T0 + 3600) == 0
    assert await clean_up(sqlite, T0 + 1, LONG_AFTER) == 1
    assert await rows(sqlite, Record) == []
    assert await examine(sqlite, Bookkeeper()) == []


async def test_a_replay_after_a_clean_up_charges_nothing(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10_000)
    killed = ledger(sqlite, tmp_path)
    await killed.start()
    hold = await killed.hold(ada.wallet, ada.allowance, 100)
    killed.settle(hold, 100, ada.settlement("s0"))
    await killed.flush()
    async with sqlite.write() as session:
        await session.execute(update(Worker).values(started_at=T0))
    assert await clean_up(sqlite, T0 + 1, LONG_AFTER) == 1
    await killed.abandon()
    heir = ledger(sqlite, tmp_path)
    await heir.start()
    await heir.stop()
    assert [(one.type, one.charge) for one in await rows(sqlite, Record)] == [(0, 100)]
    assert await examine(sqlite, Bookkeeper()) == []
    async with sqlite.read() as session:
        assert await session.scalar(select(Account.balance).where(Account.kind == WALLET)) == 9_900
