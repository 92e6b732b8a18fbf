"""The revision bus: what changed, told to every process.

A writer bumps a topic's row in its own transaction. Every worker compares the rows each second (and at once when it
wrote itself, or is woken) and tells the listeners of the topics that moved. Listeners rebuild snapshots off the
request path.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import BigInteger, String, func, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faregate.storage.engine import Database
from faregate.storage.tables import Base

Listener = Callable[[], Awaitable[None]]
NOTIFY_CHANNEL = "faregate"
MOVED = "moved topics"  # in the `info` of a session: what it has bumped
_log = structlog.get_logger(__name__)


class Topic(StrEnum):
    """What may change."""

    SETTINGS = "settings"
    CHANNELS = "channels"
    CATALOG = "catalog"
    KEYS = "keys"
    USERS = "users"
    ACCOUNTS = "accounts"  # a balance was lowered by hand


class Revision(Base):
    """One counter a topic."""

    __tablename__ = "revision"

    topic: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


async def bump(session: AsyncSession, *topics: Topic) -> None:
    """Mark `topics` as changed, within the caller's transaction; PostgreSQL tells its listeners when that commits."""
    backend = session.get_bind().dialect.name
    moved = sorted(set(topics))  # one order for all writers: no deadlocks
    await session.execute(_step(backend), [{"topic": topic, "value": 1} for topic in moved])
    if backend == "postgresql":
        await session.execute(select(func.pg_notify(NOTIFY_CHANNEL, ",".join(moved))))
    session.info[MOVED] = True


def _step(backend: str) -> Any:
    """The statement that adds one to a row, or makes it. One statement: two first bumps at once do not collide."""
    table, more = Revision.__table__, Revision.value + 1
    if backend in ("mysql", "mariadb"):
        return mysql.insert(table).on_duplicate_key_update(value=more)
    insert = postgresql.insert if backend == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_update(index_elements=["topic"], set_={"value": more})


class Bus:
    """Watches the revision rows of one process. State: the last values seen."""

    def __init__(self, database: Database, *, every_s: float = 1.0) -> None:
        self._database = database
        self._every_s = every_s
        self._seen: dict[str, int] = {}
        self._listeners: dict[Topic, list[Listener]] = {}
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def listen(self, topic: Topic, listener: Listener) -> None:
        """Call `listener` whenever `topic` moved."""
        self._listeners.setdefault(topic, []).append(listener)

    async def look(self) -> None:
        """Remember where the rows stand: what is loaded after this and changes later will be told."""
        self._seen = await self._values()

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._watch(), name="revision-bus")
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A listener with a defect must not leave this process with old settings for ever: the watch goes on."""
        if not task.cancelled():
            _log.error("revision.listener_failed", error=repr(task.exception()))
            self.start()

    async def stop(self) -> None:
        """End the watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Look at once (another process has said that something changed)."""
        self._wake.set()

    async def refresh(self) -> None:
        """Look now and return when every listener concerned is done: a writer calls it after its commit."""
        async with self._turn:
            values = await self._values()
            for topic in Topic:
                value = values.get(topic, 0)
                if value == self._seen.get(topic, 0):
                    continue
                for listener in self._listeners.get(topic, []):
                    await listener()
                # Only now: a listener that failed is called again.
                self._seen[topic] = value

    async def _values(self) -> dict[str, int]:
        async with self._database.read() as session:
            rows = await session.execute(select(Revision.topic, Revision.value))
            return dict(rows.tuples().all())

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._every_s)
            self._wake.clear()
            try:
                await self.refresh()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                # What we hold stays good; the next look tells.
                _log.warning("revision.unreadable", error=type(error).__name__)
