"""What the pipeline must know of a stream frame, and letting a stream of this dialect pass."""

import re
from typing import Any

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.chunk import Chunk, block_head, data_in, decode, message_head
from faregate.formats.anthropic.errors import render_error
from faregate.formats.anthropic.usage import count, merge, read_usage, show
from faregate.formats.dialect import Fault
from faregate.formats.events import BLANK, Glimpse
from faregate.formats.frames import event_of
from faregate.formats.frames import frame as sse
from faregate.formats.usage import Usage

MESSAGE_STOP = sse(b'{"type":"message_stop"}', "message_stop")
_JUNK = Glimpse(junk=True)
_LIVE = Glimpse(live=True)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ANY = msgspec.json.Decoder()
_INWARD = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def glimpse(frame: bytes) -> Glimpse:
    """The little to know of one frame. Live: content. Final: the message_delta that carries the stop reason."""
    data = data_in(frame)
    if not data or data == b"[DONE]":
        return BLANK
    try:
        chunk = decode(data)
    except (msgspec.DecodeError, RecursionError):
        return _JUNK
    delta = chunk.delta
    if delta is not None and chunk.type == "content_block_delta":
        text = delta.text or delta.thinking or delta.partial_json
        return Glimpse(True, False, text) if text else _LIVE
    return _rare(chunk, frame, data)


def _rare(chunk: Chunk, frame: bytes, data: bytes) -> Glimpse:
    match chunk.type or event_of(frame):
        case "content_block_start":
            return _beginning(chunk)
        case "message_start":
            return Glimpse(usage=read_usage(message_head(chunk.message).usage))
        case "message_delta":
            return Glimpse(
                final=chunk.delta is not None and bool(chunk.delta.stop_reason), usage=read_usage(chunk.usage)
            )
        case "error":
            return Glimpse(error=data)
        case _:
            return Glimpse(error=data) if chunk.error and not chunk.type else BLANK


def _beginning(chunk: Chunk) -> Glimpse:
    """A block without words yet may still be taken back; a call or a server's block may not."""
    head = block_head(chunk.content_block)
    if head.type == "tool_use":
        return Glimpse(live=True, text=head.name or "", tool_calls=1)
    text = head.text or head.thinking or ""
    return Glimpse(live=bool(text) or head.type not in ("text", "thinking"), text=text)


class Passage:
    """State: the usage told so far, and whether message_stop was seen.

    Frames keep their bytes but for one: a message_delta whose usage leaves out (or zeroes) counts of the input that
    message_start told gets them, for clients that read usage at the end only.
    """

    def __init__(self) -> None:
        self._usage: Usage | None = None
        self._ended = False

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """The frame."""
        if glimpse.live:
            return frame
        if glimpse.usage is not None:
            told, self._usage = self._usage, merge(self._usage, glimpse.usage)
            if told is not None and b"message_delta" in frame:
                return _completed(frame, self._usage)
        elif b"message_stop" in frame:
            self._ended = True
        return frame

    def end(self, usage: Usage, reported: bool) -> bytes:
        """The message_stop that the upstream left out."""
        if self._ended:
            return b""
        self._ended = True
        return MESSAGE_STOP

    def fail(self, fault: Fault) -> bytes:
        """The error event."""
        return error_frame(fault)


def error_frame(fault: Fault) -> bytes:
    """An error inside a stream."""
    return sse(render_error(fault), "error")


def _completed(frame: bytes, usage: Usage) -> bytes:
    """The frame with input counts added to its usage; a positive count is never touched, nor any other byte."""
    raw = bytes(decode(data_in(frame)).usage)
    told: dict[str, Any] = _FIELDS.decode(raw)
    known = show(usage)
    missing = {name: known[name] for name in _INWARD if known[name] and not _told(told, name)}
    if "cache_creation" in known and not _told_split(told):
        missing["cache_creation"] = known["cache_creation"]
    at = re.search(rb'"usage"\s*:\s*' + re.escape(raw), frame) if missing else None
    if at is None:
        return frame
    return frame[: at.end() - len(raw)] + msgspec.json.encode(told | missing) + frame[at.end() :]


def _told(usage: dict[str, Raw], name: str) -> bool:
    return name in usage and count(_ANY.decode(usage[name])) > 0


def _told_split(usage: dict[str, Raw]) -> bool:
    split: Any = _ANY.decode(usage["cache_creation"]) if "cache_creation" in usage else None
    return isinstance(split, dict) and any(map(count, split.values()))  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
