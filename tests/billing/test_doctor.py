"""Every way in which the money may not add up is found, and only that."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, update

from faregate.billing import AccountRef, Finding, Ledger, examine
from faregate.billing.models import Account, Entry, Lease, Worker
from faregate.identity.models import Key, User
from faregate.logbook import Bookkeeper, Record
from faregate.storage import Database
from tests.api.world import Client, World, open_world
from tests.billing.scene import Person, account, ledger, person, rows


async def scene(database: Database, folder: Path) -> Person:
    """Somebody with one settled request and one open lease."""
    ada = await person(database, 1000, allowance=500, unlimited=False)
    book = ledger(database, folder)
    await book.start()
    book.settle(await book.hold(ada.wallet, ada.allowance, 100), 70, ada.settlement("r1"))
    await book.hold(ada.wallet, ada.allowance, 100)
    await book.flush()
    await book.abandon()
    return ada


async def rules(database: Database) -> list[tuple[str, str, int]]:
    found: Sequence[Finding] = await examine(database, Bookkeeper())
    return [(one.rule, one.owner, one.difference) for one in found]


async def change(database: Database, statement: object) -> None:
    async with database.write() as session:
        await session.execute(statement)  # type: ignore[call-overload]


async def test_sound_books_have_no_findings(database: Database, tmp_path: Path) -> None:
    await scene(database, tmp_path)
    assert await examine(database, Bookkeeper()) == []


async def test_a_balance_that_was_touched_is_found(database: Database, tmp_path: Path) -> None:
    ada = await scene(database, tmp_path)
    await change(
        database, update(Account).where(Account.id == ada.wallet.account_id).values(balance=Account.balance + 7)
    )
    assert await examine(database, Bookkeeper()) == [
        Finding(
            account_id=ada.wallet.account_id,
            owner=f"user {ada.user_id}",
            difference=7,
            rule="balance",
            sentence="entries less charges are 930, balance and leases 937",
        )
    ]


async def test_a_charge_without_a_record_is_found(database: Database, tmp_path: Path) -> None:
    ada = await scene(database, tmp_path)
    await change(database, delete(Record))
    assert await rules(database) == [("charges", f"user {ada.user_id}", 70), ("charges", f"key {ada.key_id}", 70)]


async def test_records_that_retention_removed_are_accounted_for(database: Database, tmp_path: Path) -> None:
    await scene(database, tmp_path)
    await change(database, delete(Record))
    await change(database, update(Account).values(pruned=70))
    assert await rules(database) == []


async def test_a_lease_without_a_worker_is_found(sqlite: Database, tmp_path: Path) -> None:
    await scene(sqlite, tmp_path)
    await change(sqlite, delete(Worker))
    assert [rule for rule, _, _ in await rules(sqlite)] == ["lease owner", "lease owner"]


async def test_an_impossible_lease_is_found(sqlite: Database, tmp_path: Path) -> None:
    ada = await scene(sqlite, tmp_path)
    async with sqlite.engine.begin() as connection:
        await connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        await connection.execute(update(Lease).where(Lease.account_id == ada.wallet.account_id).values(held=-1))
        await connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
    assert [(rule, owner) for rule, owner, _ in await rules(sqlite)] == [("lease amounts", f"user {ada.user_id}")]


async def test_accounts_without_an_owner_are_found(sqlite: Database, tmp_path: Path) -> None:
    ada = await scene(sqlite, tmp_path)
    await change(sqlite, delete(User))
    await change(sqlite, delete(Key))
    assert [(rule, owner) for rule, owner, _ in await rules(sqlite)] == [
        ("owner", f"user {ada.user_id}"),
        ("owner", f"key {ada.key_id}"),
    ]


async def spender(world: World, book: Ledger) -> tuple[Client, Person]:
    """Alma, who has spent 70 of 1000, still in her worker's lease."""
    alma = await world.user("alma")
    ident, _ = await world.key(alma)
    await world.root.post("/api/user/manage", {"id": alma.id, "action": "add_quota", "mode": "add", "value": 1000})
    balances = world.context.balances
    async with world.context.database.read() as session:
        wallet = (await balances.account_ids(session, "wallet", [alma.id]))[alma.id]
        allowance = (await balances.account_ids(session, "allowance", [ident]))[ident]
    spent = Person(alma.id, ident, AccountRef(wallet), AccountRef(allowance, unlimited=True))
    book.settle(await book.hold(spent.wallet, spent.allowance, 100), 70, spent.settlement("r1"))
    await book.flush()
    return alma, spent


async def test_the_wallet_of_a_removed_user_is_closed(database: Database, tmp_path: Path) -> None:
    async with open_world(database) as world:
        await world.set_up()
        book = ledger(database, tmp_path)
        await book.start()
        alma, spent = await spender(world, book)
        await book.stop()
        assert (await world.root.delete(f"/api/user/{alma.id}"))["success"]
    entry = (await rows(database, Entry))[-1]
    assert (entry.account_id, entry.amount, entry.kind, entry.actor_id, entry.reason) == (
        spent.wallet.account_id,
        -930,
        "closed",
        world.root.id,
        f"user alma (id {alma.id}) was removed by root",
    )
    assert await examine(database, Bookkeeper()) == []


async def test_a_call_under_way_settles_on_the_closed_wallet(database: Database, tmp_path: Path) -> None:
    async with open_world(database) as world:
        await world.set_up()
        book = ledger(database, tmp_path)
        await book.start()
        alma, spent = await spender(world, book)
        hold = await book.hold(spent.wallet, spent.allowance, 100)
        assert (await world.root.delete(f"/api/user/{alma.id}"))["success"]
        assert await examine(database, Bookkeeper()) == []
    book.settle(hold, 40, spent.settlement("r2"))
    await book.stop()
    assert (await account(database, spent.wallet)) == (-40, 110)
    assert await examine(database, Bookkeeper()) == []


async def test_money_of_accounts_that_do_not_exist_is_found(sqlite: Database, tmp_path: Path) -> None:
    await scene(sqlite, tmp_path)
    async with sqlite.write() as session:
        session.add(Entry(account_id=98, amount=5, kind="gift", reference="x", created_at=1))
        session.add(Record(created_at=1, type=2, charge=5, wallet_id=99, settlement_id="y"))
    found = await examine(sqlite, Bookkeeper())
    assert [one.sentence for one in found] == [
        "entries or leases name account 98, which does not exist",
        "usage records name account 99, which does not exist",
    ]
