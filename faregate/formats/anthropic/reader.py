"""Anthropic's stream events -> events of the house."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.chunk import BlockHead, Chunk, ChunkDelta, block_head, data_in, decode, message_head
from faregate.formats.anthropic.seals import redacted_seal, seal
from faregate.formats.anthropic.wire import NAME
from faregate.formats.events import Close, Delta, Event, Item, Kind, Open, Seal, Start, Stop, StopReason
from faregate.formats.turn import Opaque, Sealed
from faregate.kernel.body import splice
from faregate.kernel.errors import BadRequest

STOP_REASONS: dict[str, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop_sequence",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "refusal",
    "pause_turn": "pause",
    "model_context_window_exceeded": "context",
}
_KINDS: dict[str, Kind] = {
    "text": "text",
    "thinking": "thinking",
    "redacted_thinking": "thinking",
    "tool_use": "tool",
}
_DELTA_KINDS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "tool_use"}
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_EMPTY_INPUTS = (b"", b"{}", b"null")


@dataclass(slots=True)
class _Block:
    number: int
    kind: Kind
    grown: bool = False  # text came: a seal without text means something else
    signature: str = ""
    sealed: Sealed | None = None
    input: str = ""  # arguments given whole at the start, until a delta says otherwise
    item_kind: str = ""
    item: bytes = b""
    item_input: list[str] = field(default_factory=list[str])


class Reader:
    """State: the open blocks by the upstream's index, how many were opened, whether Start and Stop were told.

    `message_start (content_block_start content_block_delta* content_block_stop)* message_delta message_stop`, in any
    order a host may send them: what was not opened is opened, what was not closed is closed.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._blocks: dict[int, _Block] = {}
        self._count = 0
        self._started = False
        self._stopped = False

    def feed(self, frame: bytes) -> Iterator[Event]:
        """Events of one frame; none for pings, unknown events and what is no JSON."""
        data = data_in(frame)
        if not data or self._stopped:
            return
        try:
            chunk = decode(data)
        except (msgspec.DecodeError, RecursionError):
            return
        match chunk.type:
            case "content_block_delta" if chunk.delta is not None:
                yield from self._delta(chunk.index or 0, chunk.delta)
            case "content_block_start":
                yield from self._open(chunk.index or 0, block_head(chunk.content_block), chunk.content_block)
            case "content_block_stop":
                yield from self._close(chunk.index or 0)
            case "message_start":
                yield from self._start(chunk)
            case "message_delta" if chunk.delta is not None and chunk.delta.stop_reason:
                yield from self._stop(chunk.delta)
            case _:
                return

    def end(self) -> Iterator[Event]:
        """Closes what the upstream left open."""
        for index in list(self._blocks):
            yield from self._close(index)

    def _start(self, chunk: Chunk | None = None) -> Iterator[Event]:
        if self._started:
            return
        self._started = True
        head = message_head(chunk.message if chunk is not None else Raw())
        yield Start(head.id or "", head.model or "")

    def _stop(self, delta: ChunkDelta) -> Iterator[Event]:
        yield from self._start()
        yield from self.end()
        self._stopped = True
        raw = delta.stop_reason or ""
        yield Stop(STOP_REASONS.get(raw, "other"), raw, delta.stop_sequence or "")

    def _open(self, index: int, head: BlockHead, raw: Raw) -> Iterator[Event]:
        yield from self._start()
        yield from self._close(index)
        kind = _KINDS.get(head.type or "", "item")
        block = _Block(self._count, kind)
        self._blocks[index] = block
        self._count += 1
        yield Open(block.number, kind, head.id or "", head.name or "") if kind == "tool" else Open(block.number, kind)
        if kind == "item":
            block.item_kind, block.item = head.type or "", bytes(raw)
            return
        block.signature = head.signature or ""
        block.sealed = redacted_seal(head.data or "", self._origin) if head.type == "redacted_thinking" else None
        if kind == "tool" and bytes(head.input).strip() not in _EMPTY_INPUTS:
            block.input = bytes(head.input).decode("utf8", "replace")
        if text := head.text or head.thinking:
            block.grown = True
            yield Delta(block.number, text)

    def _delta(self, index: int, delta: ChunkDelta) -> Iterator[Event]:
        block = self._blocks.get(index)
        if block is None:
            if delta.type not in _DELTA_KINDS:
                return
            yield from self._open(index, BlockHead(type=_DELTA_KINDS[delta.type]), Raw())
            block = self._blocks[index]
        if delta.signature:
            block.signature += delta.signature
        text = delta.text or delta.thinking or delta.partial_json
        if not text:
            return
        if block.kind == "item":
            block.item_input.append(text)
            return
        block.grown = True
        yield Delta(block.number, text)

    def _close(self, index: int) -> Iterator[Event]:
        block = self._blocks.pop(index, None)
        if block is None:
            return
        if block.kind == "item":
            yield Item(block.number, Opaque(NAME, block.item_kind, _whole_item(block)))
        if block.input and not block.grown:
            yield Delta(block.number, block.input)
        sealed = block.sealed or seal("text" if block.grown else "", block.signature, self._origin)
        if sealed is not None:
            yield Seal(block.number, sealed)
        yield Close(block.number)


def _whole_item(block: _Block) -> bytes:
    """A server block with the input that grew after it began."""
    grown = "".join(block.item_input).encode("utf8", "replace")
    if not grown:
        return block.item
    try:
        _FIELDS.decode(grown)
        return splice(block.item, input=Raw(grown))
    except (BadRequest, msgspec.MsgspecError, RecursionError):
        return block.item
