"""Waking the revision bus at once when another process has written: on this machine, or where a server carries word.

PostgreSQL sends with the commit itself (`bump`), Redis from a task of its own after it. Losing any costs nothing
but time: the bus looks every second anyway. So no write and no request ever waits for them, and what fails is tried
again after a growing pause and told in the log only when its state changes.
"""

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from faregate.kernel.log import get_logger
from faregate.storage.ears import Ear, Voice
from faregate.storage.engine import Database
from faregate.storage.neighbours import Neighbours
from faregate.storage.revision import MOVED, Bus

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 30.0
_log = get_logger(__name__)


class Condition:
    """Whether a line works. Tells the log when that changes, and how long to pause after a failure."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._works: bool | None = None
        self._pause_s = _FIRST_PAUSE_S

    def opened(self) -> None:
        """It works now; whether it stays so is not known yet."""
        if not self._works:
            self._works = True
            _log.info("wakeups.up", line=self._line)

    def proved(self) -> None:
        """It did its work: the next failure is a first one."""
        self.opened()
        self._pause_s = _FIRST_PAUSE_S

    def failed(self, error: Exception) -> float:
        """It does not work. Returns the seconds to pause before the next try."""
        if self._works is not False:
            self._works = False
            _log.warning("wakeups.down", line=self._line, error=type(error).__name__)
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return pause_s * random.uniform(0.5, 1)


class Wakeups:
    """The lines of one process. Neither start nor any write waits for a server."""

    def __init__(self, database: Database, bus: Bus, redis: str = "", neighbours: Path | None = None) -> None:
        """`neighbours`: the folder of the sockets of processes on this machine; None for none."""
        self._bus = bus
        self._neighbours = Neighbours(neighbours, bus.wake) if neighbours is not None else None
        self._ears, self._voice = _lines(database, redis)
        self._moved = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        database.on_commit(self._committed)

    def start(self) -> None:
        """Begin to listen and to publish."""
        if self._neighbours is not None:
            self._neighbours.open()
        self._tasks = [asyncio.create_task(self._listen(ear), name=f"wakeups-{ear.name}") for ear in self._ears]
        if self._voice is not None:
            self._tasks.append(asyncio.create_task(self._publish(self._voice), name="wakeups-publisher"))

    async def stop(self) -> None:
        """Drop every connection."""
        if self._neighbours is not None:
            self._neighbours.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._voice is not None:
            await self._voice.close()

    def _committed(self, info: Mapping[Any, Any]) -> None:
        if MOVED not in info:
            return
        self._moved.set()
        if self._neighbours is not None:
            self._neighbours.tell()

    async def _listen(self, ear: Ear) -> None:
        condition = Condition(ear.name)
        while True:
            try:
                await self._hear(ear, condition)
            except ear.faults as error:
                pause_s = condition.failed(error)
            finally:
                await ear.close()
            await asyncio.sleep(pause_s)

    async def _hear(self, ear: Ear, condition: Condition) -> NoReturn:
        """Pass on what the ear hears until its connection is lost."""
        await ear.open()
        condition.opened()
        while True:
            # The first time too: something may have been said while nobody listened.
            self._bus.wake()
            await ear.hear()
            condition.proved()

    async def _publish(self, voice: Voice) -> None:
        """Say that something moved. Writes during a pause are said together at its end."""
        condition = Condition(voice.name)
        while True:
            await self._moved.wait()
            self._moved.clear()
            try:
                await voice.say()
                condition.proved()
            except voice.faults as error:
                self._moved.set()
                await asyncio.sleep(condition.failed(error))


def _lines(database: Database, redis: str) -> tuple[list[Ear], Voice | None]:
    """The lines that are configured. Only their clients are loaded: Redis's alone takes 6 MB."""
    ears: list[Ear] = []
    voice: Voice | None = None
    if database.backend == "postgresql":
        from faregate.storage.postgres_ear import PostgresEar  # noqa: PLC0415

        ears.append(PostgresEar(database))
    if redis:
        from faregate.storage.redis_line import redis_line  # noqa: PLC0415

        ear, voice = redis_line(redis)
        ears.append(ear)
    return ears, voice
