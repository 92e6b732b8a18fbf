"""The whole house in the test's own process, called as the server would call it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from faregate.app import House, build, open_database
from faregate.channels.models import Channel, Credential, ServedModel
from faregate.channels.snapshot import CREDENTIAL_PURPOSE
from faregate.identity import prepare_installation
from faregate.identity.installation import RootAccount, set_up
from faregate.kernel.clock import SYSTEM
from faregate.kernel.secrets import Vault, load_master_secret
from faregate.settings import Settings
from faregate.storage.migrate import migrate

KEY = "sk-steadystatesteadystatesteadystatesteadystate00"
SECRET = "a-setup-secret"
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


@asynccontextmanager
async def open_house(data_dir: Path) -> AsyncIterator[House]:
    """A house with one sandbox channel, priced at 1 quota a token, and root's key."""
    settings = Settings(data_dir=data_dir, setup_secret=SECRET, root_key=KEY)
    database = open_database(settings)
    await migrate(database)
    vault = Vault(load_master_secret(data_dir))
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

        async def send(message: Any) -> None:
            sent.append(message)

        await self.call_into(send, path, body)
        return int(sent[0]["status"])

    async def call_into(self, send: Callable[[Any], Awaitable[None]], path: str, body: bytes) -> None:
        """One call whose answer goes to `send`."""
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if not waiting:
                await self._on_the_line.wait()
            return waiting.pop()

        await self._house.relay({**SCOPE, "path": path}, receive, send)
