"""kill -9 under load, at a random instant: what was answered is charged exactly once, and the books balance.

FAREGATE_CHAOS_ROUNDS says how often (default 5: three quarters are whole gateways, the rest single workers);
FAREGATE_CHAOS_SEED repeats a run's instants.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.traffic import Traffic, traffic
from tests.databases import temporary
from tests.relay.books import Books, Route, furnish, until_served
from tests.relay.stage import Stage
from tests.serving import Gateway

ROUNDS = int(os.environ.get("FAREGATE_CHAOS_ROUNDS", "5"))
SEED = int(os.environ.get("FAREGATE_CHAOS_SEED", str(time.time_ns() % 100_000)))
START = 10**9
MODEL = "chaos"
ENOUGH = 11  # answers in a round: a kill before there was any traffic would prove nothing
pytestmark = pytest.mark.timeout(60 + 60 * ROUNDS)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A healthy upstream that takes a few milliseconds."""
    running = Stage()
    running.delay_s = 0.005
    yield running
    running.close()


def opened(gateway: Gateway, stage: Stage) -> tuple[Books, str]:
    """The books and a key of a gateway that starts for the first time."""
    gateway.start().set_up()
    books = furnish(gateway, Route(MODEL, stage.url("ok")))
    gateway.balance(START)
    key = gateway.key()
    until_served(gateway, key, MODEL)
    return books, key


def check(books: Books, answered: set[str], seed: int) -> None:
    """Every answered call is recorded, none twice, and the balance is what is left."""
    records = books.wait_for(answered)  # fails when one is there twice
    assert len(answered) >= ENOUGH, seed
    assert all(row.settlement_id == ident for ident, row in records.items()), seed
    assert {row.charge for row in records.values()} == {15}, seed
    assert books.balance() == START - 15 * len(records), seed
    assert books.findings() == [], seed


def test_a_gateway_that_is_killed_has_charged_what_it_answered(stage: Stage, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    gateway = Gateway(tmp_path)
    answered: set[str] = set()
    try:
        books, key = opened(gateway, stage)
        for _ in range(max(1, ROUNDS * 3 // 4)):
            with traffic(gateway.port, key, MODEL) as calls:
                await_more(calls, ENOUGH)
                time.sleep(chance.uniform(0, 0.6))
                gateway.kill()
            answered |= {outcome.request_id for outcome in calls.good}
            gateway.start()
            check(books, answered, SEED)
        assert gateway.doctor() == (0, "The books balance.\n")
    finally:
        gateway.kill()


async def test_a_worker_that_is_killed_has_charged_what_it_answered(stage: Stage, tmp_path: Path) -> None:
    async with temporary("postgresql", tmp_path) as url:
        gateway = Gateway(tmp_path, url.render_as_string(hide_password=False), workers=2)
        try:
            await asyncio.to_thread(_kill_workers, gateway, stage)
        finally:
            gateway.kill()


def _kill_workers(gateway: Gateway, stage: Stage) -> None:
    chance = random.Random(SEED)
    answered: set[str] = set()
    books, key = opened(gateway, stage)
    registered: set[str] = set()
    for _ in range(max(1, ROUNDS // 4)):
        registered = both_serve(books, registered)
        with traffic(gateway.port, key, MODEL) as calls:
            await_more(calls, ENOUGH)
            time.sleep(chance.uniform(0, 0.6))
            os.kill(chance.choice(worker_processes(gateway)), signal.SIGKILL)
            await_more(calls, len(calls.good) + 20)  # the other worker goes on
        answered |= {outcome.request_id for outcome in calls.good}
        check(books, answered, SEED)


def both_serve(books: Books, before: set[str]) -> set[str]:
    """The two workers' ids once both serve: a killed one's have been taken over, its successor has registered."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = {row.id for row in books.rows("SELECT id FROM worker")}
        if len(found) == 2 and found != before:
            return found
        time.sleep(0.1)
    raise AssertionError("there are no two workers")


def worker_processes(gateway: Gateway) -> list[int]:
    """The process ids of the workers."""
    assert gateway.process is not None
    parent = gateway.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def await_more(calls: Traffic, wanted: int) -> None:
    """Return when as many calls were answered."""
    deadline = time.monotonic() + 20
    while len(calls.good) < wanted:
        assert time.monotonic() < deadline, "nobody answers"
        time.sleep(0.02)
