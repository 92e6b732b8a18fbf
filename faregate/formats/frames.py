"""Cutting bytes into SSE frames, each with its exact bytes, however the network chunked them."""

import re
from itertools import pairwise

from faregate.kernel.errors import Garbage

MAX_FRAME_BYTES = 128 * 1024 * 1024
_BOUNDARY = re.compile(rb"\r?\n\r?\n|\r\r")
_LONGEST_BOUNDARY = 4
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
        if not tail and chunk.endswith(b"\n\n") and chunk.count(b"\n\n") == 1 and b"\r" not in chunk:
            return [chunk]  # the common case: one event a chunk
        unseen = max(0, len(tail) - _LONGEST_BOUNDARY + 1)
        tail += chunk
        ends = [match.end() for match in _BOUNDARY.finditer(tail, unseen)]
        if not ends:
            if len(tail) > self._limit:
                raise Garbage("an event of the upstream's stream is larger than the limit", code="upstream.frame_size")
            return []
        frames = [bytes(tail[start:end]) for start, end in pairwise([0, *ends])]
        del tail[: ends[-1]]
        return frames

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
