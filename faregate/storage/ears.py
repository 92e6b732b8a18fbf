"""Connections over which other processes say that something changed: PostgreSQL's LISTEN, Redis's SUBSCRIBE.

An ear opens, hears until its connection is lost, and closes; it neither retries nor logs. Every step has a deadline.
"""

import asyncio
from contextlib import suppress
from typing import Any, Protocol

import asyncpg
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from faregate.storage.engine import Database
from faregate.storage.revision import NOTIFY_CHANNEL

REDIS_CHANNEL = "faregate:revision"
REDIS_FAULTS = (RedisError, OSError, TimeoutError, ValueError)
_POSTGRES_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_PROMPT_S = 5.0
_SILENCE_S = 15.0
_ENGINE_ONLY = ("prepared_statement_cache_size",)


class Ear(Protocol):
    """One connection that hears other processes."""

    name: str
    faults: tuple[type[Exception], ...]

    async def open(self) -> None:
        """Connect and subscribe. Raises one of `faults`."""
        ...

    async def hear(self) -> None:
        """Return when something was said, or the far side has proved alive after a silence. Raises a fault."""
        ...

    async def close(self) -> None:
        """Drop the connection, if there is one."""
        ...


class PostgresEar:
    """A connection of its own beside the pool. State: it, and whether something was said or it ended."""

    name = "postgresql"
    faults: tuple[type[Exception], ...] = _POSTGRES_FAULTS

    def __init__(self, database: Database) -> None:
        _, address = database.engine.dialect.create_connect_args(database.url)
        self._address: dict[str, Any] = {name: value for name, value in address.items() if name not in _ENGINE_ONLY}
        self._connection: Any = None
        self._said = asyncio.Event()

    async def open(self) -> None:
        """Connect and LISTEN."""
        named = {"application_name": "faregate wake-ups"}
        options = {"timeout": _PROMPT_S, "command_timeout": _PROMPT_S, "server_settings": named}
        connect: Any = asyncpg.connect  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        self._connection = await connect(**{**self._address, **options})
        self._connection.add_termination_listener(self._heard)
        await self._connection.add_listener(NOTIFY_CHANNEL, self._heard)

    def _heard(self, *_: Any) -> None:
        self._said.set()

    async def hear(self) -> None:
        """Wait for a notification; ask whether the server is there when none comes."""
        try:
            await asyncio.wait_for(self._said.wait(), _SILENCE_S)
        except TimeoutError:
            await self._connection.execute("SELECT 1")
        self._said.clear()
        if self._connection.is_closed():
            raise ConnectionError("the server has closed the connection")

    async def close(self) -> None:
        """Drop it without a word: the server may be gone."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


class RedisEar:
    """A subscription. State: the subscribed connection."""

    name = "redis"
    faults: tuple[type[Exception], ...] = REDIS_FAULTS

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._subscription: PubSub | None = None

    async def open(self) -> None:
        """Connect and SUBSCRIBE."""
        self._subscription = self._client.pubsub()  # pyright: ignore[reportUnknownMemberType]
        async with asyncio.timeout(_PROMPT_S):
            await self._subscription.subscribe(REDIS_CHANNEL)  # pyright: ignore[reportUnknownMemberType]

    async def hear(self) -> None:
        """Wait for a message; ask whether the server is there when none comes."""
        if await self._message(_SILENCE_S):
            return
        assert self._subscription is not None
        await self._subscription.ping()  # pyright: ignore[reportUnknownMemberType]
        if not await self._message(_PROMPT_S):
            raise TimeoutError("no answer to a ping")

    async def _message(self, within_s: float) -> bool:
        assert self._subscription is not None
        return await self._subscription.get_message(timeout=within_s) is not None  # pyright: ignore[reportUnknownMemberType]

    async def close(self) -> None:
        """Drop it; a server that is gone is not waited for."""
        if self._subscription is not None:
            with suppress(*REDIS_FAULTS):
                await self._subscription.aclose()
            self._subscription = None


def redis_client(address: str) -> Redis:
    """A client that gives up soon and never tries twice: whoever uses it goes on without."""
    return Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
        address,
        protocol=2,
        socket_connect_timeout=_PROMPT_S,
        socket_timeout=_PROMPT_S,
        retry=Retry(NoBackoff(), 0),
    )
