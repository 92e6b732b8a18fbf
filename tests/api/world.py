"""The management API in this process, on a database of its own, with a clock that tests set."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import select
from starlette.datastructures import State

from faregate.api import ROUTERS
from faregate.api.app import api_of, equip
from faregate.billing.doors import AccountBalances
from faregate.billing.models import Account, Lease
from faregate.catalog import SECTIONS as CATALOG_SECTIONS
from faregate.catalog import Groups
from faregate.channels.offer import ChannelOffer
from faregate.identity import SECTIONS as IDENTITY_SECTIONS
from faregate.identity import AccessSettings, Context, Limit, Passwords, Router, SetupPresets, prepare_installation
from faregate.kernel.clock import Clock
from faregate.kernel.secrets import Vault
from faregate.logbook.audit import AuditLog
from faregate.storage import Bus, Database, SettingsStore, Topic

OFF = Limit(False, 1, 1)
OPEN = AccessSettings(api_limit=OFF, critical_limit=OFF, search_limit=OFF)
PASSWORD = "password-1"
SETUP_SECRET = "a setup secret"
_FREE: list[FastAPI] = []


class SetClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def now(self) -> float:
        return self.at

    def ticks(self) -> float:
        return self.at


class Client:
    """Somebody who calls. Keeps the refresh cookie; `token` is sent as Bearer."""

    def __init__(self, world: "World", token: str = "") -> None:
        self.world = world
        self.token = token
        self.cookie = ""
        self.id = 0

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx2.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("authorization", f"Bearer {self.token}")
        if self.cookie:
            sent.setdefault("cookie", self.cookie)
        more: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await self.world.http.request(method, path, headers=sent, **({} if body is None else more))
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        self.world.http.cookies.clear()
        return answer

    async def get(self, path: str, **headers: str) -> dict[str, Any]:
        return (await self.call("GET", path, **headers)).json()

    async def post(self, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        return (await self.call("POST", path, body, **headers)).json()

    async def put(self, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        return (await self.call("PUT", path, body, **headers)).json()

    async def delete(self, path: str) -> dict[str, Any]:
        return (await self.call("DELETE", path)).json()


class World:
    """A gateway's management API and the people who use it."""

    def __init__(self, context: Context, clock: SetClock, http: httpx2.AsyncClient) -> None:
        self.context = context
        self.clock = clock
        self.http = http
        self.public = Client(self)
        self.root = self.public

    async def set_up(self) -> Client:
        """Make and sign in the root account."""
        asked = {"username": "root", "password": PASSWORD, "confirmPassword": PASSWORD, "setup_secret": SETUP_SECRET}
        assert (await self.public.post("/api/setup", asked))["success"]
        self.root = await self.sign_in("root")
        return self.root

    async def sign_in(self, name: str, password: str = PASSWORD) -> Client:
        client = Client(self)
        got = await client.post("/api/user/login", {"username": name, "password": password})
        assert got["success"], got
        client.token, client.id = got["data"]["access_token"], got["data"]["user"]["id"]
        return client

    async def user(self, name: str, role: int = 1) -> Client:
        made = await self.root.post("/api/user/", {"username": name, "password": PASSWORD, "role": role})
        assert made["success"], made
        return await self.sign_in(name)

    async def key(self, owner: Client, **fields: object) -> tuple[int, str]:
        """A new key of `owner`: its id and the key itself."""
        made = await owner.post("/api/token/", {"name": "key", "unlimited_quota": True, "expired_time": -1, **fields})
        assert made["success"], made
        ident = (await owner.get("/api/token/"))["data"]["items"][0]["id"]
        return ident, (await owner.post(f"/api/token/{ident}/key"))["data"]["key"]

    async def reserve(self, kind: str, owner_id: int, quota: int) -> None:
        """Calls under way hold `quota` of the account of an owner."""
        async with self.context.database.write() as session:
            found = select(Account).where(Account.kind == kind, Account.owner_id == owner_id)
            account = (await session.scalars(found)).one()
            account.balance -= quota
            session.add(Lease(account_id=account.id, worker_id="w", granted=quota, settled=0, held=quota))


@asynccontextmanager
async def open_world(
    database: Database,
    access: AccessSettings = OPEN,
    presets: SetupPresets | None = None,
    routers: Sequence[Router] = ROUTERS,
    master: bytes = b"t" * 32,
) -> AsyncIterator[World]:
    """A world that is not set up yet, unless its database is that of another."""
    clock = SetClock()
    vault = Vault(master)
    store = SettingsStore(database, (*IDENTITY_SECTIONS, *CATALOG_SECTIONS), vault)
    await store.load()
    bus = Bus(database)
    bus.listen(Topic.SETTINGS, store.load)
    await prepare_installation(database, vault, clock, SETUP_SECRET, "test")
    context = Context(
        database=database,
        bus=bus,
        settings=store,
        vault=vault,
        clock=clock,
        balances=AccountBalances(clock),
        audit=AuditLog(clock),
        groups=Groups(store),
        offer=ChannelOffer(),
        passwords=Passwords(memory_kib=64),
        access=access,
        presets=presets or SetupPresets(),
        version="test",
        started_at=int(clock.at),
    )
    with _api(context, routers) as api:
        transport = httpx2.ASGITransport(api, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
            yield World(context, clock, http)


@contextmanager
def _api(context: Context, routers: Sequence[Router]) -> Iterator[FastAPI]:
    """The API of a context. Its routes are those of an earlier test that is over: making them takes 0.15 s."""
    free = _FREE if routers is ROUTERS else []
    api = free.pop() if free else api_of(routers, context.version)
    equip(api, context)
    yield api
    api.state = State()
    free.append(api)
