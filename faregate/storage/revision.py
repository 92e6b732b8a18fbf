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

from sqlalchemy import BigInteger, String, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faregate.kernel.errors import GatewayError
from faregate.kernel.log import get_logger
from faregate.storage.engine import LAST, Database
from faregate.storage.tables import Base
from faregate.storage.upsert import insert_or_add

Listener = Callable[[], Awaitable[None]]
NOTIFY_CHANNEL = "faregate"
MOVED = "moved topics"  # in the `info` of a session: what it bumps
_log = get_logger(__name__)


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


def bump(session: AsyncSession, *topics: Topic) -> None:
    """Mark `topics` as changed, within the caller's transaction; PostgreSQL tells its listeners when that commits.

    The rows are stepped when everything else is done, and in one order: every writer needs them, so nobody may wait
    for another row while he holds one.
    """
    session.info.setdefault(MOVED, set()).update(topics)
    session.info[LAST] = _bump_all


async def take_turn(session: AsyncSession, topic: Topic) -> None:
    """Mark `topic` as changed at once: others who take a turn wait here until this transaction ends."""
    bump(session, topic)
    await session.execute(_step(session.get_bind().dialect.name, [topic.value]))


async def _bump_all(session: AsyncSession) -> None:
    backend = session.get_bind().dialect.name
    moved = sorted(topic.value for topic in session.info[MOVED])
    await session.execute(_step(backend, moved))
    if backend == "postgresql":
        await session.execute(select(func.pg_notify(NOTIFY_CHANNEL, ",".join(moved))))


def _step(backend: str, topics: list[str]) -> Any:
    """The statement that adds one to each row, or makes it."""
    table = Base.metadata.tables[Revision.__tablename__]
    rows = [{"topic": topic, "value": 1} for topic in topics]
    return insert_or_add(backend, table, ("topic",), ("value",)).values(rows)


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
        if task is self._task and not task.cancelled():
            _log.error("revision.listener_failed", error=repr(task.exception()))
            self.start()

    async def stop(self) -> None:
        """End the watching."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def wake(self) -> None:
        """Look at once (another process has said that something changed)."""
        self._wake.set()

    async def refresh(self) -> None:
        """Look now and return when every listener concerned is done: a writer calls it after its commit.

        A listener that fails is called again at the next look, holds up no other topic, and raises here at the end.
        """
        async with self._turn:
            values = await self._values()
            moved = [topic for topic in Topic if values.get(topic, 0) != self._seen.get(topic, 0)]
            failures: list[BaseException | None] = []
            for topic in moved:
                failures += await asyncio.gather(self._tell(topic, values.get(topic, 0)), return_exceptions=True)
        if failure := next(filter(None, failures), None):
            raise failure

    async def _tell(self, topic: Topic, value: int) -> None:
        for listener in self._listeners.get(topic, []):
            await listener()
        self._seen[topic] = value

    async def _values(self) -> dict[str, int]:
        async with self._database.read() as session:
            rows = await session.execute(select(Revision.topic, Revision.value))
            return dict(rows.all())

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._every_s)
            self._wake.clear()
            try:
                await self.refresh()
            except (SQLAlchemyError, OSError, TimeoutError, GatewayError) as error:
                # What we hold stays good; the next look tells.
                _log.warning("revision.unreadable", error=type(error).__name__)
