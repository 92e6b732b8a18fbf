"""Noticing that a caller closed the connection: the request's task is then cancelled.

Listening takes a task of its own, so calls that are over soon are not listened to; one timer serves all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[Any]]
_STEP_S = 0.025


class Watch:
    """One call under watch. State: whether the caller has gone, and whether the call is over."""

    __slots__ = ("_listener", "_owner", "_receive", "gone")

    def __init__(self, receive: Receive) -> None:
        self._receive: Receive | None = receive
        self._owner = asyncio.current_task()
        self._listener: asyncio.Future[Any] | None = None
        self.gone = False

    def __enter__(self) -> "Watch":
        return self

    def listen(self) -> None:
        """Wait for the caller's leaving, unless the call is over."""
        if self._receive is not None:
            self._listener = asyncio.ensure_future(self._receive())
            self._listener.add_done_callback(self._noticed)

    def _noticed(self, listener: "asyncio.Future[Any]") -> None:
        if listener.cancelled() or self._receive is None:
            return
        self.gone = True
        if self._owner is not None:
            self._owner.cancel()

    def forgive(self) -> bool:
        """True when a cancellation was the caller's leaving: it is undone, and the task may go on."""
        if self.gone and self._owner is not None:
            self._owner.uncancel()
        return self.gone

    def __exit__(self, *_: object) -> None:
        self._receive = self._owner = None  # the timer may keep us a moment longer, but not what is the call's
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()


class Watches:
    """Starts to listen to calls that last longer than one or two steps. State: the calls of this step and the last."""

    def __init__(self) -> None:
        self._new: list[Watch] = []
        self._old: list[Watch] = []
        self._is_ticking = False

    def over(self, receive: Receive) -> Watch:
        """The watch over a call of the running task; to be used as a context manager."""
        watch = Watch(receive)
        self._new.append(watch)
        if not self._is_ticking:
            self._is_ticking = True
            asyncio.get_running_loop().call_later(_STEP_S, self._step)
        return watch

    def _step(self) -> None:
        for watch in self._old:
            watch.listen()
        self._old, self._new = self._new, []
        self._is_ticking = bool(self._old)
        if self._is_ticking:
            asyncio.get_running_loop().call_later(_STEP_S, self._step)
