"""A chat stream for a chat client: every frame passes with its exact bytes; only a missing end is supplied."""

import msgspec
from msgspec import Struct

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Glimpse
from faregate.formats.frames import frame
from faregate.formats.openai_chat.errors import render_error
from faregate.formats.openai_chat.usage import shown
from faregate.formats.openai_chat.wire import payload
from faregate.formats.openai_chat.writer import DONE
from faregate.formats.usage import Usage


class _Named(Struct):
    id: str | int = ""
    created: int | float = 0
    model: str = ""


_named_of = msgspec.json.Decoder(_Named).decode


class Passage:
    """State: the last chunk (a usage chunk of ours takes its name from it) and the end mark, held until the end.

    Hidden: the usage chunk the client did not ask for, one that reports zeros, and whatever follows the end mark.
    """

    __slots__ = ("_done", "_ended", "_last", "_opening")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._last = b""
        self._done = b""
        self._ended = False

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """The frame, or b"" when the client must not see it (yet)."""
        if self._done:
            return b""
        if b"[DONE]" in frame and payload(frame) == b"[DONE]":
            self._done = frame
            return b""
        if glimpse.bare and (glimpse.usage is None or not self._opening.wants_usage):
            self._last = self._last or frame
            return b""
        if glimpse.live or glimpse.final or not self._last:
            self._last = frame
        return frame

    def end(self, usage: Usage, reported: bool) -> bytes:
        """A usage chunk when the client wants one and none came, then the end mark; nothing the second time."""
        if self._ended:
            return b""
        self._ended = True
        missing = self._opening.wants_usage and not reported
        return (self._usage_chunk(usage) if missing else b"") + (self._done or DONE)

    def fail(self, fault: Fault) -> bytes:
        """The error as a frame; nothing follows it."""
        self._ended = True
        return frame(render_error(fault))

    def _usage_chunk(self, usage: Usage) -> bytes:
        named = self._name()
        chunk: dict[str, object] = {
            "id": named.id or f"chatcmpl-{self._opening.id}",
            "object": "chat.completion.chunk",
            "created": named.created or self._opening.created,
            "model": named.model or self._opening.model,
            "choices": [],
            "usage": shown(usage),
        }
        return frame(msgspec.json.encode(chunk))

    def _name(self) -> _Named:
        try:
            return _named_of(payload(self._last))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return _Named()
