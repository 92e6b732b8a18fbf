"""One frame of a stream, decoded as far as anybody reads it."""

from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Raw, Struct

from faregate.formats.frames import data_of


class ChunkDelta(Struct):
    """The growth of a block, or the end of the message."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


class Chunk(Struct):
    """A stream event. `message`, `content_block`, `usage` and `error` are rare, and stay bytes until asked for."""

    type: str | None = None
    index: int | None = None
    delta: ChunkDelta | None = None
    content_block: Raw = Raw()
    message: Raw = Raw()
    usage: Raw = Raw()
    error: Raw = Raw()


class BlockHead(Struct):
    """A block as it begins."""

    type: str | None = None
    id: str | None = None
    name: str | None = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    input: Raw = Raw()


class MessageHead(Struct):
    """The message as it begins."""

    id: str | None = None
    model: str | None = None
    usage: Raw = Raw()


_CHUNK = msgspec.json.Decoder(Chunk)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ANY = msgspec.json.Decoder()
_HEAD = msgspec.json.Decoder(BlockHead)
_MESSAGE = msgspec.json.Decoder(MessageHead)


def data_in(frame: bytes) -> bytes:
    """The data of a frame; quick for the usual one, an event line and a data line."""
    if frame.startswith(b"event:") and frame.count(b"\n") == 3:
        at = frame.find(b"\ndata:")
        if at > 0:
            return frame[at + 6 :].strip()
    return data_of(frame)


def decode(data: bytes) -> Chunk:
    """The event in `data`; fields of a wrong type are as if absent. Raises msgspec.DecodeError for what is no JSON."""
    try:
        return _CHUNK.decode(data)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return _loosely(data)


def block_head(raw: Raw) -> BlockHead:
    """A block as it begins; empty when it is not an object of the right types."""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _HEAD.decode(raw)
    return BlockHead()


def message_head(raw: Raw) -> MessageHead:
    """The message as it begins; empty when it is not an object of the right types."""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _MESSAGE.decode(raw)
    return MessageHead()


def _loosely(data: bytes) -> Chunk:
    chunk = Chunk()
    with suppress(msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        fields = _FIELDS.decode(data)
        chunk.type = _value(fields, "type", str, None)
        chunk.index = _value(fields, "index", int, None)
        delta = _value(fields, "delta", dict[str, Raw], None)
        if delta is not None:
            known = {name: _value(delta, name, str, None) for name in ChunkDelta.__struct_fields__}
            chunk.delta = ChunkDelta(**known)
        for name in ("content_block", "message", "usage", "error"):
            setattr(chunk, name, fields.get(name, Raw()))
    return chunk


def _value(fields: dict[str, Raw], name: str, kind: Any, default: Any) -> Any:
    with suppress(msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(fields[name], type=kind) if name in fields else default
    return default
