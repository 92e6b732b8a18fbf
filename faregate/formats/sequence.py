"""One open block at a time: for writers whose dialect cannot interleave blocks (some hosts interleave parallel calls).

The first open block streams on; blocks opened meanwhile wait and follow whole, in the order of their opening, so the
numbering stays what it was.
"""

from collections.abc import Sequence

from faregate.formats.events import Close, Delta, Event, Item, Open, Seal


class Sequencer:
    """State: the block that is open outside, and what came for the blocks that wait behind it."""

    __slots__ = ("_current", "_waiting")

    def __init__(self) -> None:
        self._current: int | None = None
        self._waiting: dict[int, list[Event]] = {}

    def take(self, event: Event) -> Sequence[Event]:
        """The events that may be written now, in order."""
        if not isinstance(event, Open | Delta | Seal | Item | Close):
            return (event,)
        if event.block == self._current:
            return (event,) if not isinstance(event, Close) else self._advance(event)
        if isinstance(event, Open) and self._current is None:
            self._current = event.block
            return (event,)
        self._waiting.setdefault(event.block, []).append(event)
        return ()

    def _advance(self, close: Close) -> Sequence[Event]:
        """The close, every waiting block that is complete, and the beginning of the next one."""
        out: list[Event] = [close]
        self._current = None
        while self._waiting and self._current is None:
            block = next(iter(self._waiting))
            held = self._waiting.pop(block)
            out += held
            if not isinstance(held[-1], Close):
                self._current = block
        return out
