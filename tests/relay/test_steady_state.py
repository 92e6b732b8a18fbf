"""A thousand calls in a row on a warm gateway: the database hears of them in batches, and is asked nothing."""

import gc
import json
import re
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import event

from faregate.app import House
from tests.relay.inside import CHAT, Caller

CALLS, WARM = 1000, 20
ASKED = re.compile(r"^SELECT\s.*?\sFROM\s+[`\"]?(\w+)", re.DOTALL)


async def test_the_database_is_written_in_batches_and_asked_nothing(house: House) -> None:
    caller = Caller(house)
    assert [await caller.call() for _ in range(WARM)] == [200] * WARM
    await house.ledger.flush()
    statements: list[str] = []
    batches: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)
        if statement.startswith("INSERT INTO record"):
            batches.append(statement)

    for engine in house.database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    statuses = Counter([await caller.call() for _ in range(CALLS)])
    await house.ledger.flush()
    assert statuses == {200: CALLS}
    assert len(statements) < CALLS / 5, Counter(statements).most_common(10)
    assert len(batches) < CALLS / 20
    asked = {found[1] for statement in statements if (found := ASKED.search(statement))}
    assert asked <= {"revision", "lease", "worker"}, asked


def told(path: str, **more: Any) -> tuple[str, bytes]:
    said = {"input": "hi"} if path == "/v1/responses" else {"messages": [{"role": "user", "content": "hi"}]}
    return path, json.dumps({"model": "sandbox", "max_tokens": 9, **said, **more}).encode()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        told(CHAT),
        told(CHAT, stream=True),
        told(CHAT, stream=True, stream_options={"include_usage": True}),
        told("/v1/responses", stream=True),
        told("/v1/messages", stream=True),
        ("/v1beta/models/sandbox:streamGenerateContent", b'{"contents":[{"parts":[{"text":"hi"}]}]}'),
        told(CHAT, sandbox={"status": 500}),
        told(CHAT, sandbox={"status": 401}, stream=True),
    ],
)
async def test_a_call_leaves_nothing_for_the_collector(house: House, path: str, body: bytes) -> None:
    """What is only freed by the collector is there until it comes: megabytes, at some hundred streams of some time."""
    caller = Caller(house)
    await caller.call(path, body)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(5):
            await caller.call(path, body)
        gc.collect()
        left = Counter(type(one).__qualname__ for one in gc.garbage if is_a_calls(one))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == {}


def is_a_calls(one: object) -> bool:
    return type(one).__module__.startswith(("faregate.relay", "faregate.formats", "faregate.kernel"))
