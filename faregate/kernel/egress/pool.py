"""Direct connections that wait for their next call, and permits for opening more."""

import asyncio
from collections import deque
from weakref import WeakValueDictionary

from faregate.kernel.egress.connecting import Dialler, Place
from faregate.kernel.egress.direct import DirectConnection
from faregate.kernel.errors import Unavailable


class Pool:
    """All direct connections. Idle ones are looked through now and then by one timer; none is used beyond its time."""

    def __init__(self, dialler: Dialler, per_host_limit: int, keepalive_s: float) -> None:
        self.dialler = dialler
        self.limit = per_host_limit
        self.keepalive_s = keepalive_s
        self.loop = asyncio.get_running_loop()
        self._is_closed = False
        self._connections: set[DirectConnection] = set()
        self._sites: WeakValueDictionary[Place, Site] = WeakValueDictionary()
        self._timer: asyncio.TimerHandle | None = None

    def site(self, place: Place) -> "Site":
        """The one site of this place, which lasts while anybody or a connection holds it."""
        found = self._sites.get(place)
        if found is None:
            found = self._sites[place] = Site(self, place)
        return found

    def add(self, connection: DirectConnection) -> None:
        """One more is open."""
        self._connections.add(connection)
        if self._timer is None:
            self._timer = self.loop.call_later(self.keepalive_s, self._expire)

    def discard(self, connection: DirectConnection) -> None:
        """One has closed. May be repeated."""
        self._connections.discard(connection)

    def refuse_when_closed(self) -> None:
        """Raises Unavailable after `close`."""
        if self._is_closed:
            raise Unavailable("the gateway is shutting down")

    async def close(self) -> None:
        """Closes every connection; calls under way fail."""
        self._is_closed = True
        self.dialler.close()
        if self._timer is not None:
            self._timer.cancel()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)  # transports close in the loop's next turn

    def _expire(self) -> None:
        oldest = self.loop.time() - self.keepalive_s
        for connection in list(self._connections):
            if 0 < connection.idle_since <= oldest:
                connection.abort()
        again = max(self.keepalive_s / 2, 0.1)
        self._timer = self.loop.call_later(again, self._expire) if self._connections else None


class Site:
    """One place's idle connections and permits. Calls that wait for a permit get theirs in turn.

    State: `_taken` permits of the limit are out, one for each call that connects or has a connection; while any call
    waits, a permit that comes back is handed on and never free.
    """

    __slots__ = ("__weakref__", "_idle", "_place", "_pool", "_taken", "_waiting")

    def __init__(self, pool: Pool, place: Place) -> None:
        self._pool = pool
        self._place = place
        self._idle: list[DirectConnection] = []
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> DirectConnection | None:
        """A connection that is ready and may be had at once, or None."""
        if self._idle and self._has_permit():
            connection = self._freshest()
            if connection is not None:
                self._taken += 1
            return connection
        return None

    async def connect(self, seconds: float) -> DirectConnection:
        """A connection, an idle one or a new one. Raises Unreachable, Unavailable, TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds or None):
            await self._permit()
            try:
                return self._freshest() or await self._open()
            except BaseException:
                self.give_up()
                raise

    # --- for the connections --------------------------------------------------------------------------------
    def take_back(self, connection: DirectConnection) -> None:
        """A call is over, and its connection waits for the next one."""
        connection.idle_since = self._pool.loop.time()
        self._idle.append(connection)
        self.give_up()

    def give_up(self) -> None:
        """A call is over: its permit goes to whoever waits longest."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._taken -= 1

    def forget(self, connection: DirectConnection) -> None:
        """It has closed, in a call or idle. May be repeated."""
        self._pool.discard(connection)
        if connection.idle_since:
            self._idle.remove(connection)
            connection.idle_since = 0

    # --- within ---------------------------------------------------------------------------------------------
    def _has_permit(self) -> bool:
        limit = self._pool.limit
        return not limit or self._taken < limit

    async def _permit(self) -> None:
        if self._has_permit():
            self._taken += 1
            return
        waiter = self._pool.loop.create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.give_up()  # it came in the same moment
            elif waiter in self._waiting:
                self._waiting.remove(waiter)
            raise

    def _freshest(self) -> DirectConnection | None:
        """The idle connection used last: most likely still open, and the others may expire."""
        now = self._pool.loop.time()
        while self._idle:
            connection = self._idle.pop()
            is_fresh = now - connection.idle_since < self._pool.keepalive_s
            connection.idle_since = 0
            if is_fresh:
                return connection
            connection.abort()
        return None

    async def _open(self) -> DirectConnection:
        pool = self._pool
        pool.refuse_when_closed()
        connection = await pool.dialler.dial(self._place, self._make)
        try:
            pool.refuse_when_closed()
        except Unavailable:
            connection.abort()
            raise
        if not connection.is_closed:
            pool.add(connection)
        return connection

    def _make(self) -> DirectConnection:
        return DirectConnection(self, self._pool.loop)
