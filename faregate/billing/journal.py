"""The journal of one worker: what is settled is in a file before anything else happens to it.

Files: `<worker>.lock`, locked by its owner for life, and segments `<worker>.<n>.journal` = magic, then frames of
length, checksum, payload. A frame is one write. Segments whose frames are all in the database are deleted; one that
was found damaged is kept as `….journal.damaged`. Safe against the death of the process at any instant; against power
loss as far as the file system is.
"""

import fcntl
import os
import struct
import zlib
from collections import deque
from pathlib import Path

import msgspec

from faregate.billing.notices import warn
from faregate.kernel.errors import Defect, Unavailable

_MAGIC = b"FGJRNL01"
_HEAD = struct.Struct("<II")
_SEGMENT_BYTES = 4 << 20


class Contents(msgspec.Struct, frozen=True):
    """What a segment holds: the payloads of its sound frames, and how many bytes between them are damaged."""

    payloads: list[bytes]
    damaged: int


class Lock:
    """The sign of life of a worker: a locked file. The system frees it when the process ends, however it ends."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> "Lock | None":
        """The lock, or None when its owner lives (or it was removed under our hands)."""
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if not os.fstat(descriptor).st_nlink:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def free(self) -> None:
        """Let go, leaving the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """Delete the file, then let go."""
        self.path.unlink(missing_ok=True)
        self.free()


class Segment:
    """One file of frames. State: where its good end is, how many frames it has and how many are in the database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0
        self.flushed = 0
        self.end = len(_MAGIC)
        self._descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            self._write(_MAGIC)
        except OSError:
            os.close(self._descriptor)
            path.unlink(missing_ok=True)
            raise

    def append(self, payload: bytes) -> None:
        """Write one frame. After an OSError nothing may follow: half a frame would hide what is behind it."""
        frame = _HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        self._write(frame)
        self.end += len(frame)

    def _write(self, data: bytes) -> None:
        if os.write(self._descriptor, data) != len(data):
            raise OSError("the disk took only a part of a frame")

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """Close and delete the file."""
        self.close()
        self.path.unlink(missing_ok=True)


class Journal:
    """Appends frames and forgets those that are in the database, in the order they came."""

    def __init__(self, directory: Path, worker_id: str, lock: Lock, *, segment_bytes: int = _SEGMENT_BYTES) -> None:
        self._directory = directory
        self._worker_id = worker_id
        self._lock = lock
        self._segment_bytes = segment_bytes
        self._number = 0
        self._segments: deque[Segment] = deque([self._segment()])
        self.broken = False

    @property
    def size_bytes(self) -> int:
        """What the segments take on disk."""
        return sum(segment.end for segment in self._segments)

    def append(self, payload: bytes) -> None:
        """Write one frame; Unavailable when the disk does not take it (the frame still counts for `flushed`)."""
        if self.broken:
            self.mend()
        segment = self._segments[-1]
        segment.frames += 1
        if self.broken:
            raise Unavailable("the journal cannot be written")
        try:
            segment.append(payload)
        except OSError as error:
            self.broken = True
            raise Unavailable("the journal cannot be written", detail=str(error)) from error
        if segment.end >= self._segment_bytes:
            self._rotate()

    def flushed(self, count: int) -> None:
        """The next `count` frames are in the database."""
        while count:
            segment = self._segments[0]
            step = min(count, segment.frames - segment.flushed)
            if not step and len(self._segments) == 1:
                raise Defect("more frames flushed than written")
            segment.flushed += step
            count -= step
            if segment.flushed == segment.frames and len(self._segments) > 1:
                self._segments.popleft().remove()

    def mend(self) -> None:
        """After a failed write: try a new file, and keep refusing while there is none."""
        if self.broken:
            self.broken = not self._rotate()

    def renew(self) -> None:
        """Go on in a new file, so that frames do not stay for long once they are in the database."""
        if self._segments[-1].frames:
            self._rotate()

    def close(self) -> None:
        """Leave the files to whoever adopts them."""
        for segment in self._segments:
            segment.close()
        self._lock.free()

    def remove(self) -> None:
        """Everything is in the database: delete the files."""
        for segment in self._segments:
            segment.remove()
        self._lock.remove()

    def _segment(self) -> Segment:
        self._number += 1
        return Segment(self._directory / f"{self._worker_id}.{self._number:08d}.journal")

    def _rotate(self) -> bool:
        """Go on in a new file; False when the disk does not give one."""
        try:
            fresh = self._segment()
        except OSError:
            return False
        self._segments.append(fresh)
        if self._segments[0].flushed == self._segments[0].frames and len(self._segments) > 1:
            self._segments.popleft().remove()
        return True


def lock_path(directory: Path, worker_id: str) -> Path:
    """Where a worker's lock is."""
    return directory / f"{worker_id}.lock"


def owners(directory: Path) -> list[str]:
    """The workers that have files in `directory`, dead or alive."""
    return sorted({path.name.partition(".")[0] for path in directory.iterdir() if path.suffix in (".lock", ".journal")})


def segments(directory: Path, worker_id: str) -> list[Path]:
    """A worker's segments, oldest first."""
    return sorted(directory.glob(f"{worker_id}.*.journal"))


def set_aside(path: Path) -> Path:
    """Keep a damaged segment for a human under a name that nobody reads again."""
    return path.rename(path.with_name(f"{path.name}.damaged"))


def contents(path: Path) -> Contents:
    """The sound frames of a segment, in order. Defect when it is no journal of this release.

    A tail that ends before its frame does is what a kill leaves, one of zeros what a loss of power leaves: it is passed
    over. Every other bad frame is damage, and reading goes on behind it.
    """
    data = path.read_bytes()
    if len(data) < len(_MAGIC):
        return Contents([], 0)
    if not data.startswith(_MAGIC):
        raise Defect(f"{path.name!r} is not a journal that this release can read")
    payloads: list[bytes] = []
    damaged = 0
    position = len(_MAGIC)
    while position < len(data):
        payload = _frame(data, position)
        if payload is not None:
            payloads.append(payload)
            position += _HEAD.size + len(payload)
            continue
        follows = _behind(data, position)
        if follows == len(data) and _torn(data, position):
            warn("journal.torn_tail", segment=path.name, ignored_bytes=follows - position)
        else:
            damaged += follows - position
        position = follows
    return Contents(payloads, damaged)


def _frame(data: bytes, position: int) -> bytes | None:
    """The payload of the frame at `position`; None when there is no sound one (an empty one says nothing)."""
    start = position + _HEAD.size
    if start >= len(data):
        return None
    length, checksum = _HEAD.unpack_from(data, position)
    if not 0 < length <= len(data) - start:
        return None
    payload = data[start : start + length]
    return payload if zlib.crc32(payload) == checksum else None


def _ends(data: bytes, position: int) -> int:
    """Where the frame at `position` ends by its own account."""
    start = position + _HEAD.size
    return start + _HEAD.unpack_from(data, position)[0] if start <= len(data) else start


def _behind(data: bytes, position: int) -> int:
    """Where to go on behind a bad frame: where it ends by its length, or if that is bad too, at the next sound one."""
    end = _ends(data, position)
    if end == len(data) or _frame(data, end) is not None:
        return end
    return next((at for at in range(position + 1, len(data)) if _frame(data, at) is not None), len(data))


def _torn(data: bytes, position: int) -> bool:
    return _ends(data, position) > len(data) or not data[position:].strip(b"\0")
