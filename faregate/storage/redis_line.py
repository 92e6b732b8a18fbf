"""Hearing and telling over Redis: SUBSCRIBE and PUBLISH on one channel."""

import asyncio
from contextlib import suppress

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from faregate.storage.ears import PROMPT_S, SILENCE_S

_CHANNEL = "faregate:revision"
_FAULTS = (RedisError, OSError, TimeoutError, ValueError)
_PUBLISHED_WITHIN_S = 1.0


class RedisEar:
    """A subscription. State: the subscribed connection."""

    name = "redis"
    faults: tuple[type[Exception], ...] = _FAULTS

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._subscription: PubSub | None = None

    async def open(self) -> None:
        """Connect and SUBSCRIBE."""
        self._subscription = self._client.pubsub()  # pyright: ignore[reportUnknownMemberType]
        async with asyncio.timeout(PROMPT_S):
            await self._subscription.subscribe(_CHANNEL)  # pyright: ignore[reportUnknownMemberType]

    async def hear(self) -> None:
        """Wait for a message; ask whether the server is there when none comes."""
        if await self._message(SILENCE_S):
            return
        assert self._subscription is not None
        await self._subscription.ping()  # pyright: ignore[reportUnknownMemberType]
        if not await self._message(PROMPT_S):
            raise TimeoutError("no answer to a ping")

    async def _message(self, within_s: float) -> bool:
        assert self._subscription is not None
        return await self._subscription.get_message(timeout=within_s) is not None  # pyright: ignore[reportUnknownMemberType]

    async def close(self) -> None:
        """Drop it; a server that is gone is not waited for."""
        if self._subscription is not None:
            with suppress(*_FAULTS):
                await self._subscription.aclose()
            self._subscription = None


class RedisVoice:
    """A publisher. It owns the client, which the ear shares."""

    name = "redis publisher"
    faults: tuple[type[Exception], ...] = _FAULTS

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def say(self) -> None:
        """PUBLISH."""
        async with asyncio.timeout(_PUBLISHED_WITHIN_S):
            await self._client.publish(_CHANNEL, b"moved")  # pyright: ignore[reportUnknownMemberType]

    async def close(self) -> None:
        """Drop every connection of the client; a server that is gone is not waited for."""
        with suppress(*_FAULTS):
            await self._client.aclose()


def redis_line(address: str) -> tuple[RedisEar, RedisVoice]:
    """Ear and voice over a client that gives up soon and never tries twice: whoever uses it goes on without."""
    client = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
        address,
        protocol=2,
        socket_connect_timeout=PROMPT_S,
        socket_timeout=PROMPT_S,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisEar(client), RedisVoice(client)
