"""Several workers on one account: nothing is oversold, nothing that is there is refused."""

import asyncio
from pathlib import Path

import pytest

from faregate.billing import AccountRef, CreditRefused, Hold, Ledger, Limits, examine
from faregate.kernel.clock import SYSTEM
from faregate.logbook import Bookkeeper
from faregate.storage import Database
from tests.billing.scene import LIVELY, STILL, HandClock, account, give, lease, ledger, person, until


async def pair(
    database: Database, folder: Path, limits: Limits = LIVELY, clock: HandClock | None = None
) -> tuple[Ledger, Ledger]:
    books = [ledger(database, folder / name, limits, clock or SYSTEM) for name in ("a", "b")]
    for book in books:
        await book.start()
    return books[0], books[1]


async def attempt(book: Ledger, wallet: AccountRef, amount: int) -> Hold | None:
    try:
        return await book.hold(wallet, None, amount)
    except CreditRefused:
        return None


async def test_of_two_hundred_holds_on_a_balance_for_fifty_exactly_fifty_are_granted(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 50 * 1000)
    books = await pair(database, tmp_path)
    holds = await asyncio.gather(*(attempt(books[number % 2], ada.wallet, 1000) for number in range(200)))
    granted = [(number, hold) for number, hold in enumerate(holds) if hold is not None]
    assert len(granted) == 50
    for number, hold in granted:
        books[number % 2].settle(hold, 1000, ada.settlement(f"r{number}"))
    for book in books:
        await book.flush()
    assert await account(database, ada.wallet) == (0, 50_000)
    assert await attempt(books[0], ada.wallet, 1) is None
    for book in books:
        await book.stop()
    assert await account(database, ada.wallet) == (0, 50_000)
    assert await examine(database, Bookkeeper()) == []


async def test_prices_of_all_sizes_are_never_granted_beyond_the_balance(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 100_000)
    books = await pair(database, tmp_path)
    prices = [1 + (7919 * number) % 4999 for number in range(120)]
    holds = await asyncio.gather(
        *(attempt(books[number % 2], ada.wallet, price) for number, price in enumerate(prices))
    )
    granted = sum(price for price, hold in zip(prices, holds, strict=True) if hold)
    assert granted <= 100_000
    # What was refused did not fit any more.
    assert min(price for price, hold in zip(prices, holds, strict=True) if not hold) > 100_000 - granted
    for number, hold in enumerate(holds):
        if hold is not None:
            books[number % 2].release(hold)
    for book in books:
        await book.stop()
    assert await account(database, ada.wallet) == (100_000, 0)


async def test_what_a_sibling_has_left_over_is_given_back_when_it_is_wanted(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 1000)
    first, second = await pair(database, tmp_path)
    first.settle(await first.hold(ada.wallet, None, 1000), 100, ada.settlement("r1"))
    # Perhaps not yet shown in the database: the first one's 900 free may look held for one more flush.
    hold = await second.hold(ada.wallet, None, 900)
    second.settle(hold, 900, ada.settlement("r2"))
    for book in (first, second):
        await book.stop()
    assert await account(database, ada.wallet) == (0, 1000)
    assert await examine(database, Bookkeeper()) == []


async def test_workers_that_each_want_what_the_other_has_do_not_starve_both(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 600)
    first, second = await pair(sqlite, tmp_path)
    for book in (first, second):
        book.release(await book.hold(ada.wallet, None, 300))
    assert await account(sqlite, ada.wallet) == (0, 0)
    holds = await asyncio.gather(attempt(first, ada.wallet, 500), attempt(second, ada.wallet, 500))
    assert sum(hold is not None for hold in holds) == 1
    for book, hold in zip((first, second), holds, strict=True):
        if hold is not None:
            book.release(hold)
        await book.stop()
    assert await account(sqlite, ada.wallet) == (600, 0)


async def test_nobody_waits_for_siblings_that_cannot_help(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 600)
    first, second = await pair(sqlite, tmp_path, Limits(flush_s=3600, poll_s=3600, patience_s=3600, courtesy_s=3600))
    first.release(await first.hold(ada.wallet, None, 300))
    await first.flush()
    with pytest.raises(CreditRefused, match="has 600 quota left, the call needs 601"):
        await second.hold(ada.wallet, None, 601)
    for book in (first, second):
        await book.stop()


async def test_what_a_sibling_holds_does_not_use_an_account_up(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 10_000, allowance=1000, unlimited=False)
    first, second = await pair(database, tmp_path, STILL, HandClock())
    holds = [await first.hold(ada.wallet, ada.allowance, amount) for amount in (600, 400)]
    await first.flush()
    with pytest.raises(CreditRefused) as refused:
        await second.hold(ada.wallet, ada.allowance, 500)
    assert (refused.value.visible, refused.value.held, refused.value.exhausted) == (0, 1000, False)
    for number, (hold, charge) in enumerate(zip(holds, (15, 985), strict=True)):
        first.settle(hold, charge, ada.settlement(f"r{number}"))
    await first.flush()
    with pytest.raises(CreditRefused) as refused:
        await second.hold(ada.wallet, ada.allowance, 500)
    assert (refused.value.visible, refused.value.held, refused.value.exhausted) == (0, 0, True)
    for book in (first, second):
        await book.stop()
    assert await examine(database, Bookkeeper()) == []


async def test_patience_with_a_silent_sibling_ends(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 600)
    clock = HandClock()
    limits = Limits(flush_s=3600, poll_s=3600, pause_s=0.001)
    first, second = await pair(sqlite, tmp_path, limits, clock)
    first.release(await first.hold(ada.wallet, None, 600))
    await first.flush()
    waiting = asyncio.create_task(second.hold(ada.wallet, None, 500))

    async def wanted() -> bool:
        return any(one.wanted for one in second._leases.by_account.values())

    await until(wanted)
    clock.advance(2.4)
    assert not waiting.done()
    clock.advance(0.2)
    with pytest.raises(CreditRefused, match="has 600 quota left, the call needs 500"):
        await waiting
    await second.flush()
    await first.tend()
    # Nobody wants it any more: the lease stays.
    assert await lease(sqlite, ada.wallet) == (600, 0, 0)
    for book in (first, second):
        await book.stop()


async def test_an_asker_who_gives_up_wants_nothing_any_more(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 600)
    first, second = await pair(sqlite, tmp_path, Limits(flush_s=3600, poll_s=3600, patience_s=3600, pause_s=0.001))
    first.release(await first.hold(ada.wallet, None, 600))
    await first.flush()
    waiting = asyncio.create_task(second.hold(ada.wallet, None, 500))

    async def wanted() -> bool:
        return any(one.wanted for one in second._leases.by_account.values())

    await until(wanted)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await second.flush()
    await first.tend()
    assert await lease(sqlite, ada.wallet) == (600, 0, 0)
    for book in (first, second):
        await book.stop()


async def test_free_quota_goes_back_at_once_when_the_account_falls_into_debt(
    database: Database, tmp_path: Path
) -> None:
    ada = await person(database, 640_000)
    first, second = await pair(database, tmp_path, STILL, HandClock())
    for book in (first, second):
        book.release(await book.hold(ada.wallet, None, 1000))
        await book.flush()
    async with database.write() as session:
        await give(session, ada.wallet.account_id, -640_000, "refund")
    for book in (first, second):
        await book.tend()
    assert await account(database, ada.wallet) == (0, 0)
    for book in (first, second):
        with pytest.raises(CreditRefused):
            await book.hold(ada.wallet, None, 1)
        await book.stop()
