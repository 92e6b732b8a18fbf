"""Google's stream without `alt=sse`: one JSON array, sent element by element. Another cutter, not another reader."""

import re

from faregate.formats.frames import MAX_FRAME_BYTES, frame
from faregate.kernel.errors import Garbage

_OUTSIDE = re.compile(rb'["{}]')
_INSIDE = re.compile(rb'["\\]')
_BREAKS = bytes.maketrans(b"\r\n", b"  ")  # between tokens only: inside a text they are escaped
_BETWEEN = b" \t\r\n,[]"


class ArrayFrames:
    """Cuts a JSON array of objects into SSE frames, however the network chunked it.

    State: the bytes of the element under way, how far they were looked at, how deep in objects, whether inside a text.
    """

    __slots__ = ("_at", "_depth", "_limit", "_quoted", "_start", "_tail")

    def __init__(self, limit_bytes: int = MAX_FRAME_BYTES) -> None:
        self._tail = bytearray()
        self._at = 0
        self._start = 0
        self._depth = 0
        self._quoted = False
        self._limit = limit_bytes

    def feed(self, chunk: bytes) -> list[bytes]:
        """Complete elements, each as one SSE frame. Raises Garbage when one outgrows the limit."""
        self._tail += chunk
        frames: list[bytes] = []
        while (found := self._next()) is not None:
            at, mark = found
            self._at = at + 1
            if self._quoted:
                self._inside(mark)
            elif mark == b'"':
                self._quoted = True
            elif mark == b"{":
                self._start = at if self._depth == 0 else self._start
                self._depth += 1
            elif self._depth:
                self._depth -= 1
                if self._depth == 0:
                    frames.append(frame(bytes(self._tail[self._start : self._at]).translate(_BREAKS)))
                    self._start = self._at
        self._forget()
        return frames

    def rest(self) -> bytes:
        """An element that has not ended, or bytes that are no array of objects."""
        return bytes(self._tail).strip(_BETWEEN) if self._depth == 0 else bytes(self._tail)

    def _next(self) -> tuple[int, bytes] | None:
        """The next byte that matters and its place; None when all was looked at."""
        found = (_INSIDE if self._quoted else _OUTSIDE).search(self._tail, self._at)
        if found is None:
            self._at = max(self._at, len(self._tail))
            return None
        return found.start(), found.group()

    def _inside(self, mark: bytes) -> None:
        if mark == b'"':
            self._quoted = False
        else:
            self._at += 1  # the escaped byte, perhaps not here yet

    def _forget(self) -> None:
        """Drop the elements that were given out."""
        if self._start:
            del self._tail[: self._start]
            self._at -= self._start
            self._start = 0
        if len(self._tail) > self._limit:
            raise Garbage("an event of the upstream's stream is larger than the limit", code="upstream.frame_size")
