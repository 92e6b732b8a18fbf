"""The revision bus: what changed, told to every process.

A writer bumps a topic's row in its own transaction. Every worker compares the rows each second (and at once when it
wrote itself, or is woken) and tells the listeners of the topics that moved. Listeners rebuild snapshots off the
request path.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from enum import StrEnum

import structlog
from sqlalchemy import BigInteger, String, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faregate.storage.engine import Database
from faregate.storage.tables import Base

Listener = Callable[[], Awaitable[None]]
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
    """Mark `topics` as changed, within the caller's transaction (fixed order: no deadlocks)."""
    for topic in sorted(topics):
        changed = await session.execute(
            update(Revision).where(Revision.topic == topic).values(value=Revision.value + 1)
        )
        if not changed.rowcount:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
            await session.execute(insert(Revision).values(topic=topic, value=1))


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

    async def start(self) -> None:
        """Remember where the rows stand and begin to watch."""
        self._seen = await self._values()
        self._task = asyncio.create_task(self._watch(), name="revision-bus")

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
            moved = [topic for topic in Topic if values.get(topic, 0) != self._seen.get(topic, 0)]
            self._seen = values
            for topic in moved:
                for listener in self._listeners.get(topic, []):
                    await listener()

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
