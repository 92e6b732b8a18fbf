"""kill -9 under load, at a random instant: what was answered is charged exactly once, and the books balance.

FAREGATE_CHAOS_ROUNDS says how often (default 5: three quarters are whole gateways, the rest single workers);
FAREGATE_CHAOS_SEED repeats a run's instants.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.passage import Passage
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
            os.kill(chance.choice(gateway.worker_processes()), signal.SIGKILL)
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


async def test_a_worker_killed_while_the_database_is_away_is_replaced_when_it_is_back(tmp_path: Path) -> None:
    async with temporary("postgresql", tmp_path) as url:
        passage = Passage(url.host or "127.0.0.1", url.port or 5432)
        behind = url.set(host="127.0.0.1", port=passage.port).render_as_string(hide_password=False)
        gateway = Gateway(tmp_path, behind, workers=2)
        direct = Books(url.render_as_string(hide_password=False), tmp_path)
        try:
            await asyncio.to_thread(_kill_during_outage, gateway, passage, direct)
        finally:
            gateway.kill()
            passage.close()


def _kill_during_outage(gateway: Gateway, passage: Passage, direct: Books) -> None:
    gateway.start()
    registered = both_serve(direct, set())
    logged(gateway, "wakeups.up", 2)  # the last that a start asks of the database
    passage.cut()
    os.kill(gateway.worker_processes()[0], signal.SIGKILL)
    killed, first, second = logged(gateway, "worker.ended", 3)
    assert gateway.call("GET", "/v1/models").status == 401  # the other worker serves
    assert gateway.call("GET", "/api/status").status == 503
    assert [end["exit_status"] for end in (killed, first, second)] == [-signal.SIGKILL, 3, 3]
    assert second["again_in_s"] == 2 * first["again_in_s"] > 0
    passage.heal()
    both_serve(direct, registered)


def logged(gateway: Gateway, name: str, number: int) -> list[dict[str, Any]]:
    """The events of that name, once there are as many."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and gateway.process and gateway.process.poll() is None:
        lines = (gateway.data_dir / "server.log").read_text().splitlines()
        found = [json.loads(line) for line in lines if f'"event": "{name}"' in line]
        if len(found) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no {number} times {name!r} in the log")


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one core only")
def test_a_replacement_has_the_core_of_the_worker_before_it(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, workers=2)
    try:
        gateway.start()
        cores = pinned(gateway, without=0)
        assert len(set(cores.values())) == 2
        victim = min(cores)
        for _ in range(2):
            os.kill(victim, signal.SIGKILL)
            after = pinned(gateway, without=victim)
            (successor,) = after.keys() - cores.keys()
            assert after[successor] == cores[victim]
            cores, victim = after, successor
    finally:
        gateway.kill()


def pinned(gateway: Gateway, *, without: int) -> dict[int, int]:
    """The core of each of the two workers, once both have one and the process `without` is none of them."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = {worker: os.sched_getaffinity(worker) for worker in gateway.worker_processes() if worker != without}
        if len(found) == 2 and all(len(cores) == 1 for cores in found.values()):
            return {worker: min(cores) for worker, cores in found.items()}
        time.sleep(0.05)
    raise AssertionError("there are no two workers with a core each")


def await_more(calls: Traffic, wanted: int) -> None:
    """Return when as many calls were answered."""
    deadline = time.monotonic() + 20
    while len(calls.good) < wanted:
        assert time.monotonic() < deadline, "nobody answers"
        time.sleep(0.02)
