"""Two workers on two disks, under every order of holds, endings, flushes, crashes, evictions and restarts.

After every step the books add up; at the end every settled request is in the log exactly once, nothing is held and
every account has exactly its credits less its charges.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from faregate.billing import AccountRef, CreditRefused, Hold, Ledger, examine
from faregate.billing.models import Lease
from faregate.logbook import Bookkeeper
from faregate.storage import Database, database_url
from tests.billing.scene import STILL, HandClock, Person, account, give, ledger, person, recorded, rows
from tests.databases import prepare

T = TypeVar("T")
_WORKERS = st.sampled_from((0, 1))
_PEOPLE = st.sampled_from((0, 1, 2))


@dataclass(eq=False)
class Open:
    """A hold under way. `safe`: its lease has not been swept, so its quota is nobody else's."""

    worker: int
    owner: int
    hold: Hold
    amount: int
    safe: bool = True


class LedgerMachine(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="fg-machine-"))
        shutil.copy(self.template, self.folder / "faregate.db")
        self.database = Database(database_url("", self.folder))
        self.clock = HandClock()
        self.books: list[Ledger | None] = [None, None]
        self.open: list[Open] = []
        self.people: list[Person] = []
        self.credits: dict[int, int] = {}
        self.charges: dict[str, tuple[int, int]] = {}
        self.events = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(poor=st.integers(0, 3000), rich=st.integers(10_000, 10**6), allowance=st.integers(0, 20_000))
    def begin(self, poor: int, rich: int, allowance: int) -> None:
        people = (("poor", poor, 0, True), ("rich", rich, 0, True), ("limited", rich, allowance, False))
        for name, balance, limit, unlimited in people:
            one = self.run(person(self.database, balance, allowance=limit, unlimited=unlimited, name=name))
            self.people.append(one)
            self.credits |= {one.wallet.account_id: balance, one.allowance.account_id: limit}
        for worker in (0, 1):
            self.restart(worker)

    def restart(self, worker: int) -> None:
        book = ledger(self.database, self.folder / f"disk{worker}", STILL, self.clock)
        self.run(book.start())
        self.books[worker] = book

    def book(self, worker: int) -> Ledger:
        book = self.books[worker]
        if book is None:
            self.restart(worker)
            return self.book(worker)
        return book

    def spent(self, ref: AccountRef) -> int:
        people = [number for number, one in enumerate(self.people) if ref in (one.wallet, one.allowance)]
        return sum(charge for owner, charge in self.charges.values() if owner in people)

    def left(self, ref: AccountRef) -> int:
        """What nobody has reserved or used up."""
        owner = next(number for number, one in enumerate(self.people) if ref in (one.wallet, one.allowance))
        held = sum(one.amount for one in self.open if one.owner == owner and one.safe)
        return self.credits[ref.account_id] - self.spent(ref) - held

    @rule(worker=_WORKERS, owner=_PEOPLE, amount=st.integers(0, 2500))
    def hold(self, worker: int, owner: int, amount: int) -> None:
        one = self.people[owner]
        refs = [one.wallet] if one.allowance.unlimited else [one.wallet, one.allowance]
        before = [self.left(ref) for ref in refs]
        try:
            hold = self.run(self.book(worker).hold(one.wallet, one.allowance, amount))
        except CreditRefused:
            return
        assert all(left >= max(amount, 1) for left in before), "more was granted than there was"
        self.open.append(Open(worker, owner, hold, amount))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), factor=st.sampled_from((0, 0.3, 1, 1, 1.7, 9)))
    def settle(self, data: st.DataObject, factor: float) -> None:
        one = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        charge = int(one.amount * factor)
        self.events += 1
        id = f"r{self.events}"
        self.book(one.worker).settle(one.hold, charge, self.people[one.owner].settlement(id))
        self.charges[id] = (one.owner, charge)
        self.recall()

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        one = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.book(one.worker).release(one.hold)

    @rule(worker=_WORKERS)
    def flush(self, worker: int) -> None:
        self.run(self.book(worker).flush())

    @rule(owner=_PEOPLE, amount=st.integers(-3000, 3000))
    def book_entry(self, owner: int, amount: int) -> None:
        self.events += 1

        async def write() -> None:
            async with self.database.write() as session:
                await give(session, self.people[owner].wallet.account_id, amount, f"e{self.events}")

        self.run(write())
        self.credits[self.people[owner].wallet.account_id] += amount
        self.recall()

    def recall(self) -> None:
        """An account in debt gets back what workers have free of it; they look several times a second."""
        for book in self.books:
            if book is not None:
                self.run(book.flush())
                self.run(book.tend())

    @rule(worker=_WORKERS)
    def rest(self, worker: int) -> None:
        """Long enough for leases to be idle."""
        self.clock.advance(31)
        self.run(self.book(worker).tend())

    @rule(worker=_WORKERS)
    def crash(self, worker: int) -> None:
        self.run(self.book(worker).abandon())
        self.books[worker] = None
        self.open = [one for one in self.open if one.worker != worker]

    @rule(worker=_WORKERS)
    def stop(self, worker: int) -> None:
        if not any(one.worker == worker for one in self.open):
            self.run(self.book(worker).stop())
            self.books[worker] = None

    @rule(worker=_WORKERS)
    def evict(self, worker: int) -> None:
        """The other worker takes this one for dead, be it so or not."""
        self.clock.advance(151)
        other = self.book(1 - worker)
        self.run(other.flush())
        self.run(other.adopt())
        for one in self.open:
            one.safe = one.safe and one.worker != worker

    @invariant()
    def the_books_add_up(self) -> None:
        if self.people:
            assert self.run(examine(self.database, Bookkeeper())) == []

    def teardown(self) -> None:
        try:
            if self.people:
                self.finish()
        finally:
            self.run(self.database.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def finish(self) -> None:
        for one in self.open:
            self.book(one.worker).release(one.hold)
        for worker in (0, 1):
            self.run(self.book(worker).stop())
        found = self.run(recorded(self.database))
        assert sorted(found) == sorted((id, charge) for id, (_, charge) in self.charges.items())
        assert self.run(rows(self.database, Lease)) == []
        for one in self.people:
            for ref in (one.wallet, one.allowance):
                spent = self.spent(ref)
                assert self.run(account(self.database, ref)) == (self.credits[ref.account_id] - spent, spent)
        assert self.run(examine(self.database, Bookkeeper())) == []


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database with all tables and no rows."""
    folder = tmp_path_factory.mktemp("template")

    async def make() -> None:
        database = Database(database_url("", folder))
        await prepare(database)
        await database.close()

    asyncio.run(make())
    return folder / "faregate.db"


def test_no_order_of_events_makes_or_loses_money(template: Path) -> None:
    LedgerMachine.template = template
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        LedgerMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
