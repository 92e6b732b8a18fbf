"""What the pipeline must know of a stream frame, and letting a stream of this dialect pass."""

import re

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.chunk import Chunk, block_head, data_in, decode, message_head
from faregate.formats.anthropic.errors import render_error
from faregate.formats.anthropic.usage import merge, read_usage, show
from faregate.formats.dialect import Fault
from faregate.formats.events import BLANK, Glimpse
from faregate.formats.frames import event_of
from faregate.formats.frames import frame as sse
from faregate.formats.usage import Usage

MESSAGE_STOP = sse(b'{"type":"message_stop"}', "message_stop")
_WORDY = ("text_delta", "thinking_delta", "input_json_delta")  # these say nothing without words
_JUNK = Glimpse(junk=True)
_LIVE = Glimpse(live=True)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_INWARD = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation")


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
        if text:
            return Glimpse(True, False, text)
        return BLANK if delta.type in _WORDY else _LIVE
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

    Frames keep their bytes but for one: a message_delta whose usage tells nothing of the input gets the counts that
    message_start told, for clients that read usage at the end only (New API adds them too).
    """

    def __init__(self) -> None:
        self._usage: Usage | None = None
        self._ended = False

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """The frame."""
        if glimpse.live:
            return frame
        if glimpse.usage is not None:
            self._usage = merge(self._usage, glimpse.usage)
            if not glimpse.usage.total_input and self._usage.total_input:
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
    """The frame with the input counts added to its usage; no other byte is touched."""
    raw = bytes(decode(data_in(frame)).usage)
    at = re.search(rb'"usage"\s*:\s*' + re.escape(raw), frame) if raw else None
    if at is None:
        return frame
    known = show(usage)
    missing = {name: known[name] for name in _INWARD if known.get(name)}
    whole = msgspec.json.encode(_FIELDS.decode(raw) | missing)
    return frame[: at.end() - len(raw)] + whole + frame[at.end() :]
