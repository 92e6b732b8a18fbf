"""What tests of channels are made of: channels made in a line, rows as stored, a whole gateway, a scripted provider."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import select

from faregate.app import House, build
from faregate.channels.credentials import unsealed
from faregate.channels.models import Channel, Credential, ServedModel
from faregate.identity import Context
from faregate.identity.models import User
from faregate.kernel.secrets import key_digest
from faregate.logbook.models import Record
from faregate.settings import Settings
from tests.api.world import Client, World

_TOKEN = "root-access-token"


async def make(client: Client, mode: str = "single", more: dict[str, Any] | None = None, **channel: Any) -> Any:
    """Make channels; the answer."""
    body = {"type": 1, "name": "one", "key": "sk-first", "models": "m-1", **channel}
    return await client.post("/api/channel/", {"mode": mode, "channel": body, **(more or {})})


async def named(client: Client, query: str = "?sort_by=id&sort_order=asc") -> list[str]:
    """Names of the channels in a list."""
    return [row["name"] for row in (await client.get(f"/api/channel/{query}"))["data"]["items"]]


async def secrets(context: Context, channel_id: int) -> list[tuple[int, str, int]]:
    """Place, secret and state of a channel's keys."""
    async with context.database.read() as session:
        rows = select(Credential).where(Credential.channel_id == channel_id).order_by(Credential.position)
        found = (await session.execute(rows)).scalars().all()
    return [(row.position, unsealed(context.vault, row), row.status) for row in found]


async def credential_ids(context: Context, channel_id: int) -> list[int]:
    async with context.database.read() as session:
        rows = select(Credential.id).where(Credential.channel_id == channel_id).order_by(Credential.position)
        return list((await session.execute(rows)).scalars())


async def served(context: Context) -> list[tuple[str, str, int]]:
    """The routing index."""
    async with context.database.read() as session:
        rows = select(ServedModel.group, ServedModel.model, ServedModel.channel_id)
        return sorted(tuple(row) for row in await session.execute(rows))


async def stored(context: Context, channel_id: int) -> Channel:
    async with context.database.read() as session:
        return await session.get_one(Channel, channel_id)


async def audited(context: Context) -> list[dict[str, Any]]:
    """What was done to channels, as the audit log has it."""
    async with context.database.read() as session:
        rows = (await session.execute(select(Record.other).where(Record.type == 3).order_by(Record.id))).scalars()
    found = [json.loads(other)["op"] for other in rows]
    return [one for one in found if one["action"].startswith("channel.")]


async def administrator(world: World, **rights: bool) -> Client:
    """An administrator with these fine rights."""
    body = {"username": "ada", "password": "password-1", "role": 10, "admin_permissions": {"channel": rights}}
    assert (await world.root.post("/api/user/", body))["success"]
    return await world.sign_in("ada")


@dataclass
class Site:
    """A whole gateway in this process; calls are root's."""

    house: House
    http: httpx2.AsyncClient

    @property
    def context(self) -> Context:
        return self.house.context

    async def call(self, method: str, path: str, body: object = None) -> httpx2.Response:
        more: dict[str, Any] = {} if body is None else {"json": body}
        return await self.http.request(method, path, headers={"authorization": f"Bearer {_TOKEN}"}, **more)

    async def get(self, path: str) -> dict[str, Any]:
        return (await self.call("GET", path)).json()

    async def channel(self, **fields: Any) -> None:
        """Make a channel: the sandbox unless another type is given."""
        body = {"type": 1001, "name": "sandbox", "models": "sandbox", "group": "default", **fields}
        mode = "multi_to_single" if "\n" in body.get("key", "") else "single"
        made = (await self.call("POST", "/api/channel/", {"mode": mode, "channel": body})).json()
        assert made["success"], made

    async def option(self, key: str, value: str) -> None:
        done = (await self.call("PUT", "/api/option/", {"key": key, "value": value})).json()
        assert done["success"], done

    async def tested(self) -> None:
        """Test all channels, and wait."""
        assert (await self.get("/api/channel/test"))["success"]
        await self.house.channel_tests.idle()

    async def records(self) -> list[Record]:
        """Usage records."""
        await self.house.ledger.flush()
        async with self.context.database.read() as session:
            return list((await session.execute(select(Record).where(Record.type == 2))).scalars())


@asynccontextmanager
async def open_site(folder: Path) -> AsyncIterator[Site]:
    """A whole gateway over the prepared database in `folder`."""
    house = await build(Settings(data_dir=folder, api_limit=False), {})
    async with house.database.write() as session:
        session.add(User(username="root", role=100, status=1, group="default", access_token_digest=key_digest(_TOKEN)))
    await house.start()
    try:
        await Site(house, _client(house)).option("ModelRatio", '{"sandbox": 1, "m-1": 1, "claude-x": 1, "gemini-x": 1}')
        async with _client(house) as http:
            yield Site(house, http)
    finally:
        await house.stop()


def _client(house: House) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(house.api, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://gateway")


@dataclass
class Provider:
    """A scripted provider on loopback: `answers` by path (status, body); `asked` is what came.

    `open` can be cleared to let callers wait for their answers.
    """

    url: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list[tuple[str, dict[str, str], Any]])
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def says(self, path: str, body: object, status: int = 200) -> None:
        self.answers[path] = (status, body if isinstance(body, bytes) else json.dumps(body).encode())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = head[0].split(" ")[1]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append((path, headers, json.loads(body) if body else None))
        await self.open.wait()
        status, answer = self.answers.get(path, (404, b"{}"))
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(answer)}\r\n"
            "connection: close\r\n\r\n".encode()
            + answer
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def open_provider() -> AsyncIterator[Provider]:
    """A provider that answers 404 until it is told what to say."""
    provider = Provider()
    provider.open.set()
    server = await asyncio.start_server(provider._serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.close()
        await server.wait_closed()
