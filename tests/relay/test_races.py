"""Two hundred calls at once on a balance that pays for fifty: exactly fifty are answered, whatever the topology.

FAREGATE_LONG=1 adds the server databases with a single worker.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import BACKENDS, temporary
from tests.relay.books import Route, furnish, until_served
from tests.relay.load import at_once
from tests.relay.stage import Stage
from tests.relay.wire import ask, carrying
from tests.serving import Gateway

CALLS, PAID, PRICE = 200, 50, 1000  # 1000 quota a call = 0.002 USD
MODEL = "by-the-call"
LONG = os.environ.get("FAREGATE_LONG") == "1"
TOPOLOGIES = [
    (backend, workers) for backend in BACKENDS for workers in (1, 2) if LONG or workers == 2 or backend == "sqlite"
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """An upstream that thinks for 50 ms."""
    running = Stage()
    running.delay_s = 0.05
    yield running
    running.close()


def race(gateway: Gateway, stage: Stage) -> None:
    """Run the race on a gateway that is not started yet."""
    gateway.start().set_up()
    books = furnish(gateway, Route(MODEL, stage.url("ok")), prices={MODEL: 0.002})
    key = gateway.key()
    gateway.balance(PAID * PRICE)
    until_served(gateway, key, MODEL)
    before = len(stage.calls)
    path, body = ask("openai_chat", MODEL)
    outcomes = at_once(gateway.port, path, carrying("openai_chat", key), [body] * CALLS)
    assert all(outcome.complete for outcome in outcomes)
    assert Counter(outcome.status for outcome in outcomes) == {200: PAID, 403: CALLS - PAID}
    assert len(stage.calls) - before == PAID
    records = books.wait_for(outcome.request_id for outcome in outcomes if outcome.good)
    assert Counter(row.charge for row in records.values()) == {PRICE: PAID}
    assert books.balance() == 0
    assert gateway.stop() == 0
    assert books.rows("SELECT balance, charged FROM account WHERE kind = 'wallet'") == [(0, PAID * PRICE)]
    assert books.findings() == []


@pytest.mark.parametrize(("backend", "workers"), TOPOLOGIES)
async def test_a_balance_for_fifty_pays_for_fifty(stage: Stage, tmp_path: Path, backend: str, workers: int) -> None:
    async with temporary(backend, tmp_path) as url:
        address = "" if backend == "sqlite" else url.render_as_string(hide_password=False)
        gateway = Gateway(tmp_path, address, workers)
        try:
            await asyncio.to_thread(race, gateway, stage)
        finally:
            gateway.kill()
