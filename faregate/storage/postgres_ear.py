"""Hearing over PostgreSQL's LISTEN; what is heard is sent with the commit itself (`revision.bump`)."""

import asyncio
from typing import Any

import asyncpg

from faregate.storage.ears import PROMPT_S, SILENCE_S
from faregate.storage.engine import Database
from faregate.storage.revision import NOTIFY_CHANNEL

_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_ENGINE_ONLY = ("prepared_statement_cache_size",)


class PostgresEar:
    """A connection of its own beside the pool. State: it, and whether something was said or it ended."""

    name = "postgresql"
    faults: tuple[type[Exception], ...] = _FAULTS

    def __init__(self, database: Database) -> None:
        _, address = database.engine.dialect.create_connect_args(database.url)
        self._address: dict[str, Any] = {name: value for name, value in address.items() if name not in _ENGINE_ONLY}
        self._connection: Any = None
        self._said = asyncio.Event()

    async def open(self) -> None:
        """Connect and LISTEN."""
        named = {"application_name": "faregate wake-ups"}
        options = {"timeout": PROMPT_S, "command_timeout": PROMPT_S, "server_settings": named}
        connect: Any = asyncpg.connect  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        self._connection = await connect(**{**self._address, **options})
        self._connection.add_termination_listener(self._heard)
        await self._connection.add_listener(NOTIFY_CHANNEL, self._heard)

    def _heard(self, *_: Any) -> None:
        self._said.set()

    async def hear(self) -> None:
        """Wait for a notification; ask whether the server is there when none comes."""
        try:
            await asyncio.wait_for(self._said.wait(), SILENCE_S)
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
