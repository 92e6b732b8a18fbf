"""Counting tokens where the upstream takes its time: nobody is kept waiting, and nobody is asked for nobody."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from faregate.app import House
from faregate.relay import counting
from tests.relay.inside import SCOPE
from tests.relay.making import channel, routing
from tests.relay.stage import Call, Stage

BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
CLAUDE = 14
AT_ONCE_S = 2.0


@pytest.fixture
def stage(house: House) -> Iterator[Stage]:
    """An upstream that never answers."""
    opened = Stage()
    house.pipeline.publish(routing(channel(1, CLAUDE, base_url=opened.url("stall_head"))))
    yield opened
    opened.close()


class Counter:
    """One caller who wants tokens counted, until `leaves` is set."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting = [{"type": "http.request", "body": BODY, "more_body": False}]
        self.leaves = asyncio.Event()
        self.sent: list[Any] = []

    async def _receive(self) -> Any:
        if self._waiting:
            return self._waiting.pop()
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    async def count(self) -> None:
        headers = [(b"x-api-key", dict(SCOPE["headers"])[b"authorization"].removeprefix(b"Bearer "))]
        scope = {**SCOPE, "path": "/v1/messages/count_tokens", "headers": headers}
        await self._house.relay(scope, self._receive, self._send)


async def asked(stage: Stage) -> Call:
    """The upstream's side of the call."""
    return await asyncio.to_thread(_first, stage)


def _first(stage: Stage) -> Call:
    deadline = time.monotonic() + 10
    while not stage.calls:
        assert time.monotonic() < deadline, "the call did not reach the upstream"
        time.sleep(0.01)
    return stage.calls[0]


async def test_an_upstream_that_does_not_count_in_time_is_not_waited_for(
    house: House, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_PATIENCE_S", 0.3)
    caller = Counter(house)
    async with asyncio.timeout(10):
        await caller.count()
    assert caller.sent[0]["status"] == 200
    assert json.loads(caller.sent[1]["body"])["input_tokens"] > 0
    assert await asyncio.to_thread((await asked(stage)).left.wait, AT_ONCE_S)


async def test_who_leaves_lets_the_upstream_go_at_once(house: House, stage: Stage) -> None:
    caller = Counter(house)
    counting_task = asyncio.create_task(caller.count())
    call = await asked(stage)
    left_at = time.monotonic()
    caller.leaves.set()
    await asyncio.wait_for(counting_task, AT_ONCE_S)
    assert await asyncio.to_thread(call.left.wait, AT_ONCE_S)
    assert call.left_at - left_at < AT_ONCE_S
    assert (caller.sent, house.relay.open_calls) == ([], 0)


async def test_who_stops_the_gateway_stops_the_counting(house: House, stage: Stage) -> None:
    counting_task = asyncio.create_task(Counter(house).count())
    await asked(stage)
    counting_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting_task
