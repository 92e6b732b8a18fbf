"""A deadline that can be moved for nothing, which is what nearly every call does with its own."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Final

SLACK_S: Final = 0.001
"""Some loops count in milliseconds and ring that much too early."""


class Alarm:
    """Calls `ring` at `due`, in loop time; infinity for never.

    State: at most one timer of the loop, which goes off at `due` or earlier and is then set anew. So a deadline that
    moves away, or that is taken back and set again by the next call on a connection, costs no timer.
    """

    __slots__ = ("_due", "_loop", "_timer", "_timer_at", "ring")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.ring: Callable[[], None] | None = None
        self._loop = loop
        self._due = inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf

    def set(self, due: float) -> None:
        """Rings at `due` instead of whenever it would have rung."""
        self._due = due
        if due < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = due
            self._timer = self._loop.call_at(due, self._look)

    def rest(self) -> None:
        """Rings no more until it is set again; whoever rang is forgotten."""
        self._due = inf
        self.ring = None

    def stop(self) -> None:
        """Rests for good: no timer is left behind."""
        self.rest()
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timer_at = None, inf

    def _look(self) -> None:
        due, self._timer, self._timer_at = self._due, None, inf
        if due > self._loop.time() + SLACK_S:
            if due < inf:
                self.set(due)
        elif self.ring is not None:
            self._due = inf
            self.ring()
