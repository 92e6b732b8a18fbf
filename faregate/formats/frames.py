"""Cutting bytes into SSE frames, each with its exact bytes, however the network chunked them."""

import re
from itertools import pairwise

from faregate.kernel.errors import Garbage

MAX_FRAME_BYTES = 128 * 1024 * 1024
_BOUNDARY = re.compile(rb"\n\r?\n")
_DATA = re.compile(rb"^data:[ \t]*(.*?)\r?$", re.MULTILINE)
_EVENT = re.compile(rb"^event:[ \t]*(.*?)\r?$", re.MULTILINE)


class Frames:
    """State: the bytes after the last boundary. `feed` returns the frames that became complete, boundary included."""

    __slots__ = ("_limit", "_tail")

    def __init__(self, limit_bytes: int = MAX_FRAME_BYTES) -> None:
        self._tail = bytearray()
        self._limit = limit_bytes

    def feed(self, chunk: bytes) -> list[bytes]:
        """Complete frames, in order. Raises Garbage when one frame outgrows the limit."""
        tail = self._tail
        if tail:
            tail += chunk
            if b"\n" not in chunk:
                self._check_size()
                return []  # more of one long line: nothing can be complete, and nothing is copied or looked at again
            chunk = bytes(tail)
            tail.clear()
        if b"\r" in chunk:
            ends = [match.end() for match in _BOUNDARY.finditer(chunk)]
            frames = [chunk[start:end] for start, end in pairwise([0, *ends])]
            rest = chunk[ends[-1] :] if ends else chunk
        else:
            *whole, rest = chunk.split(b"\n\n")
            frames = [frame + b"\n\n" for frame in whole]
        if rest:
            tail += rest
            self._check_size()
        return frames

    def _check_size(self) -> None:
        if len(self._tail) > self._limit:
            raise Garbage("an event of the upstream's stream is larger than the limit", code="upstream.frame_size")

    def last(self) -> list[bytes]:
        """What a connection's end left: a frame whose blank line never came, or half a frame; else nothing."""
        return self.feed(b"\n\n") if self._tail.strip() else []

    def rest(self) -> bytes:
        """What came after the last boundary: a frame whose blank line is missing, or half a frame."""
        return bytes(self._tail)


def data_of(frame: bytes) -> bytes:
    """The `data:` content of a frame, several lines joined by a newline; b"" for comments and pings."""
    if frame.startswith(b"data:") and frame.count(b"data:") == 1:
        return frame[5:].split(b"\n", 1)[0].strip() if b"\n" in frame.rstrip() else frame[5:].strip()
    return b"\n".join(match.group(1) for match in _DATA.finditer(frame)).strip()


def event_of(frame: bytes) -> str:
    """The `event:` name of a frame, or ""."""
    found = _EVENT.search(frame)
    return found.group(1).decode("utf8", "replace") if found else ""


def frame(data: bytes, event: str = "") -> bytes:
    """One SSE frame around `data` (a single line of JSON)."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), data) if event else b"data: %s\n\n" % data
