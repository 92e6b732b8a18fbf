"""A thousand calls in a row on a warm gateway: the database hears of them in batches, and is asked nothing."""

import json
import re
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


async def call(house: House) -> int:
    """One call as the server makes it; the status."""
    messages = [{"type": "http.request", "body": BODY, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        if messages:
            return messages.pop()
        return await house.context.before_everything() if False else await _never()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer " + KEY.encode()), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
    }
    await house.relay(scope, receive, send)
    return int(sent[0]["status"])
