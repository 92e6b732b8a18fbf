"""A stream that came unasked, gathered into the one whole answer that the caller waits for."""

from typing import Protocol

from faregate.formats.dialect import Dialect, Opening, Reader
from faregate.formats.fold import Fold
from faregate.formats.usage import Usage


class Gathering(Protocol):
    """Takes the frames of a stream; gives the answer they add up to."""

    def feed(self, frame: bytes) -> None:
        """Take one more frame."""
        ...

    def whole(self, usage: Usage) -> bytes:
        """The answer, with this usage, once the stream has ended."""
        ...


class TurnGathering:
    """A conversation's next turn, in whatever two dialects. State: the events so far."""

    __slots__ = ("_client", "_folded", "_opening", "_reader")

    def __init__(self, reader: Reader, client: Dialect, opening: Opening) -> None:
        self._reader = reader
        self._client = client
        self._opening = opening
        self._folded = Fold()

    def feed(self, frame: bytes) -> None:
        """Take one more frame."""
        self._folded.feed(self._reader.feed(frame))

    def whole(self, usage: Usage) -> bytes:
        """The answer in the client's dialect."""
        self._folded.feed(self._reader.end())
        return self._client.render_reply(self._folded.reply(usage), self._opening)
