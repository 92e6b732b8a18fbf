"""Entries, bounds and what owners see."""

import pytest

from faregate.billing import ALLOWANCE, BALANCE_LIMIT, WALLET, credit, open_account, override, visible
from faregate.billing.models import Entry, Lease
from faregate.kernel.errors import BadRequest, NotFound
from faregate.storage import Database
from tests.billing.scene import account, person, rows


async def test_a_credit_is_an_entry_and_moves_the_balance(database: Database) -> None:
    ada = await person(database, 0)
    async with database.write() as session:
        booked = await credit(
            session,
            ada.wallet.account_id,
            700,
            kind="admin_add",
            reference="r1",
            at=9,
            actor_id=5,
            reason="gift",
        )
    entry = (await rows(database, Entry))[-1]
    assert booked
    assert await account(database, ada.wallet) == (700, 0)
    assert (entry.amount, entry.kind, entry.actor_id, entry.reason, entry.reference, entry.created_at) == (
        700,
        "admin_add",
        5,
        "gift",
        "r1",
        9,
    )


async def test_the_same_event_is_booked_once(database: Database) -> None:
    ada = await person(database, 0)
    results: list[bool] = []
    for amount in (100, 100, 250):
        async with database.write() as session:
            results.append(
                await credit(session, ada.wallet.account_id, amount, kind="top_up", reference="order:1", at=1)
            )
    assert results == [True, False, False]
    assert await account(database, ada.wallet) == (100, 0)


async def test_a_repeated_event_leaves_the_rest_of_its_transaction_alone(database: Database) -> None:
    ada = await person(database, 10)
    async with database.write() as session:
        assert not await credit(session, ada.wallet.account_id, 1, kind="top_up", reference="ada:wallet", at=1)
        assert await credit(session, ada.wallet.account_id, 2, kind="top_up", reference="other", at=1)
    assert await account(database, ada.wallet) == (12, 0)


@pytest.mark.parametrize("amount", [BALANCE_LIMIT + 1, -BALANCE_LIMIT - 1])
async def test_an_amount_out_of_bounds_is_refused(sqlite: Database, amount: int) -> None:
    ada = await person(sqlite, 0)
    with pytest.raises(BadRequest, match="an amount must be within"):
        async with sqlite.write() as session:
            await credit(session, ada.wallet.account_id, amount, kind="top_up", reference="x", at=1)
    assert await account(sqlite, ada.wallet) == (0, 0)


async def test_a_balance_out_of_bounds_is_refused_and_leaves_no_entry(database: Database) -> None:
    ada = await person(database, BALANCE_LIMIT)
    async with database.write() as session:
        with pytest.raises(BadRequest, match="the balance would leave"):
            await credit(session, ada.wallet.account_id, 1, kind="top_up", reference="x", at=1)
    assert await account(database, ada.wallet) == (BALANCE_LIMIT, 0)
    assert [entry.reference for entry in await rows(database, Entry)] == ["ada:wallet", "ada:allowance"]


@pytest.mark.parametrize("reference", ["", "x" * 192])
async def test_a_reference_has_bounds(sqlite: Database, reference: str) -> None:
    ada = await person(sqlite, 0)
    with pytest.raises(BadRequest, match="a reference has 1 to 191 characters"):
        async with sqlite.write() as session:
            await credit(session, ada.wallet.account_id, 1, kind="top_up", reference=reference, at=1)


async def test_an_unknown_account_is_named(sqlite: Database) -> None:
    with pytest.raises(NotFound, match="there is no account 99"):
        async with sqlite.write() as session:
            await credit(session, 99, 1, kind="top_up", reference="x", at=1)
    with pytest.raises(NotFound, match="there is no account 99"):
        async with sqlite.write() as session:
            await override(session, 99, 1, kind="admin_override", reference="x", at=1)


async def test_the_owner_sees_the_balance_and_what_leases_have_left_less_what_is_held(database: Database) -> None:
    ada = await person(database, 1000)
    bob = await person(database, 50, name="bob")
    async with database.write() as session:
        for worker, granted, settled, held in (("w1", 100, 30, 20), ("w2", 60, 0, 60)):
            session.add(
                Lease(account_id=ada.wallet.account_id, worker_id=worker, granted=granted, settled=settled, held=held)
            )
    async with database.read() as session:
        seen = await visible(session, [ada.wallet.account_id, bob.wallet.account_id, 99])
    assert seen == {ada.wallet.account_id: (1000 + 50 + 0, 80), bob.wallet.account_id: (50, 0)}


async def test_an_override_books_what_is_missing_to_the_target(database: Database) -> None:
    ada = await person(database, 1000)
    async with database.write() as session:
        session.add(Lease(account_id=ada.wallet.account_id, worker_id="w1", granted=100, settled=0, held=40))
    async with database.write() as session:
        amount = await override(session, ada.wallet.account_id, 500, kind="admin_override", reference="o1", at=1)
    async with database.read() as session:
        seen = await visible(session, [ada.wallet.account_id])
    assert amount == 500 - 1060
    assert seen == {ada.wallet.account_id: (500, 40)}
    async with database.write() as session:
        assert await override(session, ada.wallet.account_id, 9, kind="admin_override", reference="o1", at=1) == 0


async def test_an_override_out_of_bounds_is_refused(sqlite: Database) -> None:
    ada = await person(sqlite, 0)
    with pytest.raises(BadRequest, match="a balance must be within"):
        async with sqlite.write() as session:
            await override(session, ada.wallet.account_id, BALANCE_LIMIT + 1, kind="o", reference="x", at=1)


async def test_each_owner_has_one_account_of_a_kind(sqlite: Database) -> None:
    async with sqlite.write() as session:
        first = await open_account(session, WALLET, 7)
        second = await open_account(session, ALLOWANCE, 7)
    assert first != second
