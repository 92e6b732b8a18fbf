"""API keys in memory: digest to record, bounded, each good for a minute or until keys or users change.

A stale record is fetched again before it is used when something changed, and beside the request when only its minute
is over; while the database is away the last known record goes on.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from faregate.identity import KeyRecord
from faregate.kernel.clock import SYSTEM, Clock
from faregate.kernel.errors import Unavailable
from faregate.kernel.log import get_logger
from faregate.kernel.secrets import key_digest

_TTL_S = 60.0
_UNKNOWN_TTL_S = 2.0
_MAX_ENTRIES = 50_000
Load = Callable[[str], Awaitable[KeyRecord | None]]
_log = get_logger(__name__)


@dataclass(slots=True)
class _Entry:
    record: KeyRecord | None
    loaded_at: float
    generation: int
    refreshing: bool = False


class Keyring:
    """The keys this worker has seen. `load` reads one from the database by its digest."""

    def __init__(self, load: Load, clock: Clock = SYSTEM) -> None:
        self._load = load
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._loading: dict[str, asyncio.Task[KeyRecord | None]] = {}
        self._generation = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def changed(self) -> None:
        """Keys or users changed: every record is fetched again before its next use."""
        self._generation += 1

    def cached(self, key: str) -> KeyRecord | None:
        """The record when it is known and good; a record past its minute is renewed beside the request."""
        digest = key_digest(key)
        entry = self._entries.get(digest)
        if entry is None or entry.record is None or entry.generation != self._generation:
            return None
        if self._clock.ticks() - entry.loaded_at > _TTL_S and not entry.refreshing:
            entry.refreshing = True
            task = asyncio.create_task(self._renew(digest, entry))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return entry.record

    async def find(self, key: str) -> KeyRecord | None:
        """The record of a key, or None. Raises Unavailable when it is unknown here and the database is away."""
        found = self.cached(key)
        if found is not None:
            return found
        digest = key_digest(key)
        entry = self._entries.get(digest)
        fresh = entry is not None and self._clock.ticks() - entry.loaded_at < _UNKNOWN_TTL_S
        if entry is not None and entry.record is None and fresh and entry.generation == self._generation:
            return None
        try:
            return await self._fetch(digest)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if entry is not None and entry.record is not None:
                return entry.record
            raise Unavailable("the gateway's database cannot be reached; try again", code="") from error

    async def _fetch(self, digest: str) -> KeyRecord | None:
        """Load once however many ask at the same time; whoever asked first may leave without the others."""
        running = self._loading.get(digest)
        if running is None:
            running = self._loading[digest] = asyncio.create_task(self._load_and_keep(digest))
        return await asyncio.shield(running)

    async def _load_and_keep(self, digest: str) -> KeyRecord | None:
        try:
            generation = self._generation
            record = await self._load(digest)
            self._keep(digest, record, generation)
            return record
        finally:
            del self._loading[digest]

    def _keep(self, digest: str, record: KeyRecord | None, generation: int) -> None:
        self._entries[digest] = _Entry(record, self._clock.ticks(), generation)
        self._entries.move_to_end(digest)
        if len(self._entries) > _MAX_ENTRIES:
            self._entries.popitem(last=False)

    async def _renew(self, digest: str, entry: _Entry) -> None:
        try:
            await self._fetch(digest)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            entry.refreshing = False
            entry.loaded_at = self._clock.ticks()
            _log.warning("key.not_renewed", error=type(error).__name__)
