"""A thousand calls in a row on a warm gateway: the database hears of them in batches, and is asked nothing."""

import asyncio
import gc
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from faregate.app import House, build, open_database
from faregate.channels.models import Channel, Credential, ServedModel
from faregate.channels.snapshot import CREDENTIAL_PURPOSE
from faregate.identity import prepare_installation
from faregate.identity.installation import RootAccount, set_up
from faregate.kernel.clock import SYSTEM
from faregate.kernel.secrets import Vault, load_master_secret
from faregate.settings import Settings
from faregate.storage.migrate import migrate

CALLS, WARM = 1000, 20
KEY = "sk-steadystatesteadystatesteadystatesteadystate00"
SECRET = "a-setup-secret"
ASKED = re.compile(r"^SELECT\s.*?\sFROM\s+[`\"]?(\w+)", re.DOTALL)
CHAT = "/v1/chat/completions"
SCOPE = {
    "type": "http",
    "method": "POST",
    "path": CHAT,
    "query_string": b"",
    "headers": [(b"authorization", b"Bearer " + KEY.encode()), (b"content-type", b"application/json")],
    "client": ("127.0.0.1", 1),
}
BODY = json.dumps({"model": "sandbox", "messages": [{"role": "user", "content": "hi"}]}).encode()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The whole house in this process, with one sandbox channel and one key."""
    settings = Settings(data_dir=tmp_path, setup_secret=SECRET, root_key=KEY)
    database = open_database(settings)
    await migrate(database)
    vault = Vault(load_master_secret(tmp_path))
    await prepare_installation(database, vault, SYSTEM, SECRET, "test")
    async with database.write() as session:
        channel = Channel(type=1001, name="sandbox", models="sandbox", groups="default")
        session.add(channel)
        await session.flush()
        sealed = vault.seal(CREDENTIAL_PURPOSE, str(channel.id), "none")
        session.add(Credential(channel_id=channel.id, position=0, sealed=sealed, digest="x"))
        session.add(ServedModel(group="default", model="sandbox", channel_id=channel.id))
    await database.close()
    built = await build(settings, {})
    account = RootAccount("root", "a-long-root-pass", "a-long-root-pass", SECRET)
    await set_up(built.context, account, {"ModelRatio": json.dumps({"sandbox": 1})})
    await built.start()
    yield built
    await built.stop()


class Caller:
    """Calls the house as the server would; stays on the line until it has the answer."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._on_the_line = asyncio.Event()  # never set: nobody leaves

    async def call(self, path: str = CHAT, body: bytes = BODY) -> int:
        """The status of one call."""
        sent: list[Any] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if not waiting:
                await self._on_the_line.wait()
            return waiting.pop()

        async def send(message: Any) -> None:
            sent.append(message)

        await self._house.relay({**SCOPE, "path": path}, receive, send)
        return int(sent[0]["status"])


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
