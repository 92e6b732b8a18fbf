"""The database goes away for a while: calls on leased quota go on, and afterwards nothing is missing.

FAREGATE_LONG=1 makes it half a minute instead of some seconds.
"""

import asyncio
import os
import time
from pathlib import Path

from tests.chaos.passage import Passage
from tests.chaos.traffic import Traffic, traffic
from tests.databases import temporary
from tests.relay.books import Books, Route, furnish, until_served
from tests.relay.stage import Stage
from tests.serving import Gateway

AWAY_S = 30.0 if os.environ.get("FAREGATE_LONG") == "1" else 8.0
START = 10**9
MODEL = "steady"


async def test_calls_on_leased_quota_outlive_the_database(tmp_path: Path) -> None:
    async with temporary("postgresql", tmp_path) as url:
        passage = Passage(url.host or "127.0.0.1", url.port or 5432)
        behind = url.set(host="127.0.0.1", port=passage.port).render_as_string(hide_password=False)
        direct = Books(url.render_as_string(hide_password=False), tmp_path)
        stage, gateway = Stage(), Gateway(tmp_path, behind)
        try:
            await asyncio.to_thread(_outlive, gateway, stage, passage, direct)
        finally:
            gateway.kill()
            stage.close()
            passage.close()


def _outlive(gateway: Gateway, stage: Stage, passage: Passage, direct: Books) -> None:
    gateway.start().set_up()
    furnish(gateway, Route(MODEL, stage.url("ok")))
    gateway.balance(START)
    key = gateway.key()
    until_served(gateway, key, MODEL)
    with traffic(gateway.port, key, MODEL, callers=3, pause_s=0.05) as calls:
        await_answers(calls, 10)
        passage.cut()
        written = len(direct.records())
        time.sleep(AWAY_S)
        during = len(calls.outcomes)
        assert len(direct.records()) <= written + 10  # it really was away
        passage.heal()
        await_answers(calls, during + 10)
    assert {outcome.status for outcome in calls.outcomes} == {200}
    assert during > AWAY_S * 10
    records = direct.wait_for(outcome.request_id for outcome in calls.good)
    assert len(records) == len(calls.outcomes)
    assert direct.balance() == START - 15 * len(records)
    assert gateway.stop() == 0
    assert direct.findings() == []


def await_answers(calls: Traffic, wanted: int) -> None:
    """Return when so many calls were answered."""
    deadline = time.monotonic() + 30
    while len(calls.outcomes) < wanted:
        assert time.monotonic() < deadline, "no answers"
        time.sleep(0.02)
