"""Hold, settle, release: one worker against every database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, update

from faregate.billing import (
    ALLOWANCE_REFUSED,
    CHARGE_LIMIT,
    WALLET_REFUSED,
    AccountRef,
    CreditRefused,
    Hold,
    Limits,
    Line,
    Settlement,
    examine,
    visible,
)
from faregate.billing.models import Lease, Worker
from faregate.channels.models import Channel
from faregate.identity.models import Key, User
from faregate.kernel.errors import Defect, Unavailable
from faregate.logbook import ERROR, Bookkeeper, Record
from faregate.storage import Database
from tests.billing.scene import (
    LIVELY,
    HandClock,
    account,
    give,
    lease,
    ledger,
    person,
    recorded,
    rows,
    stored,
    until,
    workers,
)


async def test_a_settled_hold_is_charged_recorded_and_counted(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1_000_000, allowance=500_000, unlimited=False)
    async with database.write() as session:
        session.add(Channel(id=3, name="c"))
    book = ledger(database, tmp_path / "journal")
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 1000)
    book.settle(hold, 700, ada.settlement("r1", channel_id=3))
    await book.flush()
    assert await recorded(database) == [("r1", 700)]
    assert await lease(database, ada.wallet) == (62_500, 700, 0)
    assert await lease(database, ada.allowance) == (31_250, 700, 0)
    assert await account(database, ada.wallet) == (1_000_000 - 62_500, 700)
    user, key, channel = [
        await stored(database, model, id) for model, id in ((User, ada.user_id), (Key, ada.key_id), (Channel, 3))
    ]
    assert (user.used_quota, user.request_count, key.used_quota, key.accessed_at, channel.used_quota) == (
        700,
        1,
        700,
        1_700_000_000,
        700,
    )
    assert await examine(database, Bookkeeper()) == []
    await book.stop()
    assert await account(database, ada.wallet) == (999_300, 700)
    assert await account(database, ada.allowance) == (499_300, 700)
    assert (await workers(database), await rows(database, Lease)) == ([], [])
    assert list((tmp_path / "journal").iterdir()) == []
    assert await examine(database, Bookkeeper()) == []


async def test_what_is_held_is_seen_as_taken_until_it_is_released(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    ids = [ada.wallet.account_id, ada.allowance.account_id]
    book = ledger(database, tmp_path)
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 300)
    await book.flush()
    async with database.read() as session:
        assert await visible(session, ids) == {ids[0]: (700, 300), ids[1]: (-300, 300)}
    book.release(hold)
    await book.flush()
    async with database.read() as session:
        assert await visible(session, ids) == {ids[0]: (1000, 0), ids[1]: (0, 0)}
    await book.stop()
    assert await recorded(database) == []


async def test_an_unlimited_key_is_debited_directly_below_zero(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 10_000)
    book = ledger(database, tmp_path)
    await book.start()
    for number in range(3):
        book.settle(await book.hold(ada.wallet, ada.allowance, 100), 100, ada.settlement(f"r{number}"))
    await book.flush()
    assert await account(database, ada.allowance) == (-300, 300)
    assert await examine(database, Bookkeeper()) == []
    await book.stop()
    assert await account(database, ada.allowance) == (-300, 300)


async def test_the_poor_are_lent_exactly_what_they_need(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    book = ledger(database, tmp_path)
    await book.start()
    await book.hold(ada.wallet, None, 300)
    assert await lease(database, ada.wallet) == (300, 0, 300)
    await asyncio.gather(*(book.hold(ada.wallet, None, 100) for _ in range(3)))
    assert await lease(database, ada.wallet) == (600, 0, 600)
    assert await account(database, ada.wallet) == (400, 0)
    await book.stop()


async def test_a_wallet_that_does_not_cover_the_hold_refuses_and_says_what_is_left(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1000)
    book = ledger(database, tmp_path)
    await book.start()
    await book.hold(ada.wallet, ada.allowance, 600)
    with pytest.raises(CreditRefused, match="the wallet has 400 quota left, the call needs 401") as refused:
        await book.hold(ada.wallet, ada.allowance, 401)
    error = refused.value
    assert (error.code, error.status, error.exhausted, error.visible, error.needed, error.account_id) == (
        WALLET_REFUSED,
        403,
        False,
        400,
        401,
        ada.wallet.account_id,
    )
    await book.hold(ada.wallet, ada.allowance, 400)
    with pytest.raises(CreditRefused) as refused:
        await book.hold(ada.wallet, ada.allowance, 1)
    assert (refused.value.visible, refused.value.held) == (0, 1000)
    await book.stop()


async def test_an_account_is_used_up_only_when_no_call_under_way_can_leave_anything_over(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1_000_000, allowance=1000, unlimited=False)
    book = ledger(database, tmp_path)
    await book.start()
    holds = [await book.hold(ada.wallet, ada.allowance, 500) for _ in range(2)]
    with pytest.raises(CreditRefused, match="the key's allowance has 0 quota left, the call needs 500") as refused:
        await book.hold(ada.wallet, ada.allowance, 500)
    error = refused.value
    assert (error.code, error.visible, error.held, error.exhausted) == (ALLOWANCE_REFUSED, 0, 1000, False)
    for number, hold in enumerate(holds):
        book.settle(hold, 15, ada.settlement(f"r{number}"))
    last = await book.hold(ada.wallet, ada.allowance, 970)
    with pytest.raises(CreditRefused) as refused:
        await book.hold(ada.wallet, ada.allowance, 1)
    assert (refused.value.held, refused.value.exhausted) == (970, False)
    book.settle(last, 970, ada.settlement("last"))
    with pytest.raises(CreditRefused) as refused:
        await book.hold(ada.wallet, ada.allowance, 1)
    assert (refused.value.visible, refused.value.held, refused.value.exhausted) == (0, 0, True)
    await book.stop()
    assert await account(database, ada.allowance) == (0, 1000)
    assert await examine(database, Bookkeeper()) == []


async def test_what_another_is_granted_in_the_same_moment_is_held(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10_000, allowance=700, unlimited=False)
    book = ledger(sqlite, tmp_path)
    await book.start()
    asked = (book.hold(ada.wallet, ada.allowance, amount) for amount in (700, 500))
    granted, refused = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(granted, Hold)
    assert isinstance(refused, CreditRefused)
    assert (refused.visible, refused.held, refused.exhausted) == (0, 700, False)
    await book.stop()


async def test_what_is_settled_while_a_hold_is_refused_still_shows_that_there_is_more(
    sqlite: Database, tmp_path: Path
) -> None:
    ada = await person(sqlite, 10_000, allowance=1000, unlimited=False)
    book = ledger(sqlite, tmp_path)
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 1000)

    def settle(*args: Any) -> None:
        if hold.open and "FROM account" in args[2]:  # the balances are being read
            book.settle(hold, 15, ada.settlement("r1"))

    for engine in sqlite.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", settle)
    with pytest.raises(CreditRefused) as refused:
        await book.hold(ada.wallet, ada.allowance, 500)
    assert not hold.open
    assert (refused.value.visible, refused.value.held, refused.value.exhausted) == (0, 985, False)
    book.release(await book.hold(ada.wallet, ada.allowance, 985))
    await book.stop()
    assert await account(sqlite, ada.allowance) == (985, 15)


async def test_a_debt_that_calls_under_way_may_pay_does_not_use_an_account_up(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 10**6, allowance=1000, unlimited=False)
    book = ledger(database, tmp_path)
    await book.start()
    first, second = [await book.hold(ada.wallet, ada.allowance, 500) for _ in range(2)]
    book.settle(first, 600, ada.settlement("r1"))
    await book.flush()
    with pytest.raises(CreditRefused) as refused:
        await book.hold(ada.wallet, ada.allowance, 300)
    assert (refused.value.visible, refused.value.held, refused.value.exhausted) == (-100, 500, False)
    book.settle(second, 10, ada.settlement("r2"))
    book.release(await book.hold(ada.wallet, ada.allowance, 390))
    await book.stop()
    assert await account(database, ada.allowance) == (390, 610)


async def test_an_allowance_that_does_not_cover_the_hold_refuses_and_nothing_stays_held(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1000, allowance=50, unlimited=False)
    book = ledger(database, tmp_path)
    await book.start()
    with pytest.raises(CreditRefused, match="the key's allowance has 50 quota left, the call needs 60") as refused:
        await book.hold(ada.wallet, ada.allowance, 60)
    assert (refused.value.code, refused.value.exhausted) == (ALLOWANCE_REFUSED, False)
    await book.flush()
    async with database.read() as session:
        assert (await visible(session, [ada.wallet.account_id]))[ada.wallet.account_id] == (1000, 0)
    await book.stop()


@pytest.mark.parametrize(("balance", "granted"), [(1, True), (0, False), (-5, False)])
async def test_a_free_call_asks_for_an_account_that_is_not_empty(
    sqlite: Database, tmp_path: Path, balance: int, granted: bool
) -> None:
    ada = await person(sqlite, balance)
    book = ledger(sqlite, tmp_path)
    await book.start()
    if granted:
        for _ in range(3):
            book.settle(await book.hold(ada.wallet, ada.allowance, 0), 0, ada.settlement(f"r{_}"))
    else:
        with pytest.raises(CreditRefused) as refused:
            await book.hold(ada.wallet, ada.allowance, 0)
        assert refused.value.exhausted
    await book.stop()
    assert await account(sqlite, ada.wallet) == (balance, 0)
    assert await examine(sqlite, Bookkeeper()) == []


async def test_an_overrun_is_booked_as_debt_and_no_hold_is_granted_below_zero(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1000, allowance=2000, unlimited=False)
    book = ledger(database, tmp_path)
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 400)
    book.settle(hold, 1500, ada.settlement("r1"))
    await book.flush()
    assert await account(database, ada.wallet) == (-500, 1500)
    assert await account(database, ada.allowance) == (500, 1500)
    with pytest.raises(CreditRefused) as refused:
        await book.hold(ada.wallet, ada.allowance, 1)
    assert (refused.value.visible, refused.value.exhausted) == (-500, True)
    async with database.write() as session:
        await give(session, ada.wallet.account_id, 501, "top-up")
    await book.hold(ada.wallet, ada.allowance, 1)
    assert await examine(database, Bookkeeper()) == []
    await book.stop()


async def test_an_overrun_takes_what_the_lease_has_free_before_it_makes_debt(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 64_000)
    book = ledger(database, tmp_path)
    await book.start()
    hold = await book.hold(ada.wallet, None, 100)
    assert await lease(database, ada.wallet) == (4000, 0, 100)
    book.settle(hold, 4100, ada.settlement("r1"))
    await book.flush()
    assert await lease(database, ada.wallet) == (4000, 4000, 0)
    assert await account(database, ada.wallet) == (59_900, 4100)
    await book.stop()
    assert await account(database, ada.wallet) == (59_900, 4100)


async def test_a_debt_is_paid_from_the_lease_before_anything_is_granted(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 64_000)
    book = ledger(database, tmp_path)
    await book.start()
    book.release(await book.hold(ada.wallet, None, 100))
    await book.flush()
    async with database.write() as session:
        await give(session, ada.wallet.account_id, -63_000, "fee")
    assert await account(database, ada.wallet) == (-3000, 0)
    with pytest.raises(CreditRefused, match="has 1000 quota left, the call needs 4001"):
        await book.hold(ada.wallet, None, 4001)
    await book.tend()
    assert await account(database, ada.wallet) == (1000, 0)
    assert await lease(database, ada.wallet) == (0, 0, 0)
    await book.hold(ada.wallet, None, 900)
    assert await account(database, ada.wallet) == (100, 0)
    await book.stop()


async def test_a_hold_on_an_account_in_debt_leaves_the_lease_with_what_it_reserves(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 64_000)
    book = ledger(database, tmp_path)
    await book.start()
    book.release(await book.hold(ada.wallet, None, 100))
    async with database.write() as session:
        await give(session, ada.wallet.account_id, -61_000, "fee")
    with pytest.raises(CreditRefused):
        await book.hold(ada.wallet, None, 4001)
    queued = [asyncio.create_task(book.hold(ada.wallet, None, amount)) for amount in (4001, 900)]
    refused, granted = await asyncio.gather(*queued, return_exceptions=True)
    assert isinstance(refused, CreditRefused)
    assert not isinstance(granted, BaseException)
    assert await account(database, ada.wallet) == (2100, 0)
    assert await lease(database, ada.wallet) == (900, 0, 900)
    await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_a_hold_ends_once(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path)
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 10)
    book.settle(hold, 10, ada.settlement("r1"))
    with pytest.raises(Defect, match="ended twice"):
        book.settle(hold, 10, ada.settlement("r2"))
    with pytest.raises(Defect, match="ended twice"):
        book.release(hold)
    released = await book.hold(ada.wallet, ada.allowance, 10)
    book.release(released)
    with pytest.raises(Defect, match="ended twice"):
        book.settle(released, 10, ada.settlement("r3"))
    await book.stop()
    assert await recorded(sqlite) == [("r1", 10)]


@pytest.mark.parametrize("charge", [-1, CHARGE_LIMIT + 1])
async def test_an_impossible_charge_is_refused_and_the_hold_stays_open(
    sqlite: Database, tmp_path: Path, charge: int
) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path)
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 10)
    with pytest.raises(Defect, match="is impossible"):
        book.settle(hold, charge, ada.settlement("r1"))
    with pytest.raises(Defect, match="is impossible"):
        book.debit(ada.wallet, ada.allowance, charge, ada.settlement("r1"))
    for id in ("", "x" * 65):
        with pytest.raises(Defect, match="a settlement's id has 1 to 64 characters"):
            book.settle(hold, 1, ada.settlement(id))
        with pytest.raises(Defect, match="impossible charge or id"):
            book.note(ada.settlement(id))
    book.release(hold)
    with pytest.raises(Defect, match="a hold cannot be negative"):
        book.try_hold(ada.wallet, None, -1)
    await book.stop()


async def test_log_lines_without_money_travel_the_same_way(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    book = ledger(database, tmp_path)
    await book.start()
    failed = Settlement(id="r1-1", at=1_700_000_000, line=Line(type=ERROR, content="no"), user_id=ada.user_id)
    failed.requests = 0
    book.note(failed)
    book.note(ada.settlement("test-1", charge=77, requests=0, counts=False))
    await book.stop()
    assert await recorded(database) == [("r1-1", 0), ("test-1", 77)]
    assert [row.type for row in await rows(database, Record)] == [ERROR, 2]
    user = await stored(database, User, ada.user_id)
    assert (user.used_quota, user.request_count) == (0, 0)
    assert await account(database, ada.wallet) == (1000, 0)
    assert await examine(database, Bookkeeper()) == []


async def test_a_call_without_a_hold_is_debited_from_wallet_and_allowance(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000, allowance=50, unlimited=False)
    book = ledger(database, tmp_path)
    await book.start()
    book.debit(ada.wallet, ada.allowance, 70, ada.settlement("r1"))
    book.debit(ada.wallet, None, 30, ada.settlement("r2"))
    await book.flush()
    assert await recorded(database) == [("r1", 70), ("r2", 30)]
    assert await account(database, ada.wallet) == (900, 100)
    assert await account(database, ada.allowance) == (-20, 70)
    assert (await stored(database, Key, ada.key_id)).used_quota == 100
    with pytest.raises(CreditRefused) as refused:
        await book.hold(ada.wallet, ada.allowance, 1)
    assert refused.value.exhausted
    await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_a_debit_outlives_a_kill_and_counts_once(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    first = ledger(sqlite, tmp_path)
    await first.start()
    first.debit(ada.wallet, ada.allowance, 70, ada.settlement("r1"))
    await first.abandon()
    for _ in range(2):
        book = ledger(sqlite, tmp_path)
        await book.start()
        await book.stop()
    assert await recorded(sqlite) == [("r1", 70)]
    assert await account(sqlite, ada.wallet) == (930, 70)
    assert await account(sqlite, ada.allowance) == (-70, 70)
    assert await examine(sqlite, Bookkeeper()) == []


async def test_the_steady_state_costs_a_few_statements_a_batch(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10**12)
    book = ledger(sqlite, tmp_path)
    await book.start()
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    await book.flush()
    statements: list[str] = []

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    for engine in sqlite.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", count)
    for number in range(50):
        hold = book.try_hold(ada.wallet, ada.allowance, 1000)
        assert hold is not None
        book.settle(hold, 900, ada.settlement(f"r{number}"))
    await book.flush()
    tables = [statement.split("SET")[0].split("(")[0].strip() for statement in statements]
    assert tables == [
        "BEGIN IMMEDIATE",
        "UPDATE worker",
        "INSERT INTO record",
        "INSERT INTO rollup",
        "UPDATE user",
        'UPDATE "key"',
        "SELECT lease.id \nFROM lease \nWHERE lease.id IN",
        "UPDATE lease",
        "UPDATE account",
        "UPDATE lease",
    ]
    await book.stop()


async def test_a_lease_that_runs_low_is_filled_up_before_anybody_waits(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10**9)
    clock = HandClock()
    book = ledger(sqlite, tmp_path, clock=clock)
    await book.start()
    first = await book.hold(ada.wallet, None, 100)
    assert await lease(sqlite, ada.wallet) == (6400, 0, 100)
    holds = [book.try_hold(ada.wallet, None, 100) for _ in range(47)]
    assert book.try_hold(ada.wallet, None, 100) is not None
    assert None not in holds
    assert first.wallet.free == 1500

    async def refilled() -> bool:
        return first.wallet.free > 1500

    await until(refilled)
    # Back within a second: the step is doubled.
    assert await lease(sqlite, ada.wallet) == (6400 + 12_800, 0, 4900)
    await book.stop()


async def test_an_allowance_that_runs_low_is_filled_up_too(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10**9, allowance=10**9, unlimited=False)
    book = ledger(sqlite, tmp_path)
    await book.start()
    first = await book.hold(ada.wallet, ada.allowance, 100)
    pouch = first.allowance
    assert pouch is not None
    assert pouch.free == 6300
    while pouch.free >= 1600:
        assert book.try_hold(ada.wallet, ada.allowance, 100) is not None

    async def refilled() -> bool:
        return pouch.free > 6400

    await until(refilled)
    await book.stop()
    assert await account(sqlite, ada.allowance) == (10**9, 0)


async def test_a_ledger_whose_part_has_failed_holds_nothing_more(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path, LIVELY)
    await book.start()
    hold = await book.hold(ada.wallet, None, 10)
    async with sqlite.write() as session:
        await session.execute(update(Worker).values(writes=Worker.writes + 5))
    book.settle(hold, 7, ada.settlement("r1"))

    async def refused() -> bool:
        return book.try_hold(ada.wallet, None, 0) is None

    await until(refused)
    with pytest.raises(Unavailable, match="the ledger does not serve"):
        await book.hold(ada.wallet, None, 1)
    await book.abandon()
    second = ledger(sqlite, tmp_path)
    await second.start()
    assert await recorded(sqlite) == [("r1", 7)]
    await second.stop()


async def test_an_idle_lease_goes_back_and_its_row_goes_away(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 64_000)
    clock = HandClock()
    book = ledger(database, tmp_path, clock=clock)
    await book.start()
    hold = await book.hold(ada.wallet, ada.allowance, 100)
    await book.flush()
    clock.advance(29)
    await book.tend()
    assert await lease(database, ada.wallet) == (4000, 0, 100)
    clock.advance(2)
    await book.tend()
    assert await lease(database, ada.wallet) == (100, 0, 100)
    book.settle(hold, 60, ada.settlement("r1"))
    await book.tend()
    assert await lease(database, ada.wallet) == (60, 0, 100)
    await book.flush()
    await book.tend()
    assert await rows(database, Lease) == []
    assert await account(database, ada.wallet) == (63_940, 60)
    book.release(await book.hold(ada.wallet, ada.allowance, 100))
    await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_a_hold_that_meets_the_return_of_its_idle_lease_leaves_the_fast_way_open(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 64_000, allowance=64_000, unlimited=False)
    clock = HandClock()
    book = ledger(database, tmp_path, clock=clock)
    await book.start()
    book.release(await book.hold(ada.wallet, ada.allowance, 100))
    await book.flush()
    clock.advance(31)
    asked: list[asyncio.Task[Hold]] = []

    def ask(*args: Any) -> None:
        if args[2].startswith("DELETE FROM lease") and not asked:
            asked.append(asyncio.create_task(book.hold(ada.wallet, ada.allowance, 100)))

    for engine in database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", ask)
    await book.tend()
    hold = await asked[0]
    assert await lease(database, ada.wallet) == (4000, 0, 100)
    for number in range(39):
        fast = book.try_hold(ada.wallet, ada.allowance, 100)
        assert fast is not None
        book.settle(fast, 100, ada.settlement(f"r{number}"))
    book.release(hold)
    await book.flush()
    clock.advance(31)
    await book.tend()
    assert await rows(database, Lease) == []
    assert await account(database, ada.wallet) == (60_100, 3900)
    await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_who_waits_is_not_overtaken_when_the_worker_is_taken_for_dead(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 64_000)
    book = ledger(sqlite, tmp_path)
    await book.start()
    book.release(await book.hold(ada.wallet, None, 100))
    async with sqlite.write() as session:
        await session.execute(delete(Worker))
        await session.execute(delete(Lease))
        await give(session, ada.wallet.account_id, 4000, "swept")
    boundless = AccountRef(ada.wallet.account_id, unlimited=True)
    tried: list[Hold | None] = []

    def overtake(*args: Any) -> None:
        if args[2].startswith("INSERT INTO worker"):  # its leases are gone, who waits is still there
            tried.append(book.try_hold(boundless, None, 100))

    for engine in sqlite.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", overtake)
    book.release(await book.hold(ada.wallet, None, 5000))
    assert tried == [None]
    fast = book.try_hold(boundless, None, 100)
    assert fast is not None
    book.release(fast)
    await book.stop()


async def test_a_refused_hold_leaves_the_next_one_its_turn(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path)
    await book.start()
    outcomes = await asyncio.gather(
        *(book.hold(ada.wallet, None, amount) for amount in (700, 500, 300)), return_exceptions=True
    )
    assert [isinstance(one, CreditRefused) for one in outcomes] == [False, True, False]
    await book.stop()


async def test_an_asker_who_leaves_while_waiting_keeps_nothing(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path)
    await book.start()
    for turns in range(40):
        task = asyncio.create_task(book.hold(ada.wallet, ada.allowance, 1000))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        if not isinstance(outcome, BaseException):
            book.release(outcome)
    book.release(await book.hold(ada.wallet, ada.allowance, 1000))
    await book.stop()
    assert await account(sqlite, ada.wallet) == (1000, 0)


async def test_an_asker_who_leaves_in_the_moment_of_the_grant_gives_it_back(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path)
    await book.start()
    leaver: asyncio.Task[Hold] | None = None

    async def hold_then_send_the_other_away() -> Hold:
        held = await book.hold(ada.wallet, None, 500)
        assert leaver is not None
        leaver.cancel()  # its answer is there, but it has not run since
        return held

    first = asyncio.create_task(hold_then_send_the_other_away())
    leaver = asyncio.create_task(book.hold(ada.wallet, None, 500))
    hold = await first
    with pytest.raises(asyncio.CancelledError):
        await leaver
    second = await book.hold(ada.wallet, None, 500)
    for one in (hold, second):
        book.release(one)
    await book.stop()
    assert await account(sqlite, ada.wallet) == (1000, 0)


async def test_the_loops_flush_by_themselves(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 600)
    book = ledger(sqlite, tmp_path, LIVELY)
    await book.start()
    book.settle(await book.hold(ada.wallet, None, 10), 7, ada.settlement("r1"))
    await until(lambda: recorded(sqlite))
    assert await account(sqlite, ada.wallet) == (590, 7)
    await book.stop()


async def test_a_full_batch_is_not_kept_waiting(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 10**6)
    limits = Limits(flush_s=3600, poll_s=3600, batch=5)
    book = ledger(sqlite, tmp_path, limits)
    await book.start()
    for number in range(5):
        book.settle(await book.hold(ada.wallet, None, 10), 7, ada.settlement(f"r{number}"))
    await until(lambda: recorded(sqlite))
    assert len(await recorded(sqlite)) == 5
    await book.stop()


async def test_an_unknown_account_holds_nothing(sqlite: Database, tmp_path: Path) -> None:
    book = ledger(sqlite, tmp_path)
    await book.start()
    with pytest.raises(CreditRefused) as refused:
        await book.hold(AccountRef(99), None, 5)
    assert (refused.value.visible, refused.value.exhausted) == (0, True)
    await book.stop()


async def test_nothing_is_held_before_the_start_or_after_the_stop(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000)
    book = ledger(sqlite, tmp_path)
    with pytest.raises(Unavailable, match="the ledger does not serve"):
        await book.hold(ada.wallet, None, 1)
    await book.start()
    await book.stop()
    assert book.try_hold(ada.wallet, None, 1) is None
    with pytest.raises(Unavailable, match="the ledger does not serve"):
        await book.hold(ada.wallet, None, 1)


async def test_a_request_that_outlives_the_stop_is_charged_by_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 1000)
    first = ledger(database, tmp_path)
    await first.start()
    hold = await first.hold(ada.wallet, ada.allowance, 100)
    await first.stop()
    assert await account(database, ada.wallet) == (1000, 0)
    first.settle(hold, 80, ada.settlement("late"))
    await first.abandon()
    second = ledger(database, tmp_path)
    await second.start()
    assert await recorded(database) == [("late", 80)]
    assert await account(database, ada.wallet) == (920, 80)
    await second.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_text_that_no_column_takes_is_cut_not_refused(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    book = ledger(database, tmp_path)
    await book.start()
    settlement = ada.settlement("r1")
    settlement.line = Line(
        model="m" * 500, username="\0u", group="g" * 90, ip="i" * 99, content="\ud800", other="é" * 70_000
    )
    book.settle(await book.hold(ada.wallet, None, 10), 5, settlement)
    await book.stop()
    (row,) = await rows(database, Record)
    assert (row.model, row.username, row.group, row.ip, row.content, len(row.other)) == (
        "m" * 191,
        "u",
        "g" * 64,
        "i" * 64,
        "?",
        70_000,
    )
