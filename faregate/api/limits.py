"""Call limits of the management API: sliding windows in this process, by address or by user.

A window keeps the times of the calls it let through; a call beyond the count is refused and does not lengthen the
wait. Windows nobody uses are forgotten.
"""

from collections import OrderedDict, deque

from faregate.identity import AccessSettings, Limit
from faregate.kernel.clock import Clock
from faregate.kernel.errors import RateLimited

_MOST_WINDOWS = 50_000


class Windows:
    """One class of limit. State: a queue of times for every key, least recently used first."""

    def __init__(self, limit: Limit, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, key: str) -> None:
        """Count one call of `key`. Raises RateLimited beyond the limit."""
        if not self._limit.enabled:
            return
        now = self._clock.ticks()
        calls = self._calls.setdefault(key, deque())
        self._calls.move_to_end(key)
        while calls and calls[0] <= now - self._limit.window_s:
            calls.popleft()
        if len(calls) >= self._limit.count:
            wait = max(1, int(calls[0] + self._limit.window_s - now + 1))
            raise RateLimited("too many calls", retry_after_s=wait)
        calls.append(now)
        while len(self._calls) > _MOST_WINDOWS:
            self._calls.popitem(last=False)


class CallLimits:
    """All classes: every call and critical calls by address, searches and scoped critical calls by user."""

    def __init__(self, access: AccessSettings, clock: Clock) -> None:
        self.every = Windows(access.api_limit, clock)
        self.critical = Windows(access.critical_limit, clock)
        self.by_user = Windows(access.critical_limit, clock)
        self.search = Windows(access.search_limit, clock)
