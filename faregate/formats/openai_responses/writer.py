"""Events to a Responses stream: the whole official grammar, numbered.

`response.created, response.in_progress, (output_item.added, [part added], delta*, done..., output_item.done)*,
response.completed | response.incomplete | response.failed`.
"""

from dataclasses import dataclass, field

from msgspec import Raw

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Close, Delta, Event, Item, Kind, Open, ReplyPart, Seal, Start, Stop, StopReason
from faregate.formats.openai_responses.errors import response_error
from faregate.formats.openai_responses.output import (
    call_item,
    carrier_of,
    id_of,
    item_of,
    made_id,
    message_item,
    outcome,
    refusal_part,
    response_id,
    response_object,
    text_part,
)
from faregate.formats.openai_responses.reasoning import MADE, issued_pieces, reasoning_item
from faregate.formats.openai_responses.usage import show
from faregate.formats.openai_responses.wire import OWN, encode
from faregate.formats.turn import Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage

REPEATED_CHARACTERS = 32 * 1024 * 1024  # beyond this much text the last events stop repeating what was streamed
_DELTAS: dict[Kind, tuple[str, dict[str, object]]] = {
    "text": ("response.output_text.delta", {"content_index": 0, "logprobs": []}),
    "refusal": ("response.refusal.delta", {"content_index": 0}),
    "thinking": ("response.reasoning_summary_text.delta", {"summary_index": 0}),
    "tool": ("response.function_call_arguments.delta", {}),
}
_CUSTOM_DELTA = "response.custom_tool_call_input.delta"


def event_frame(kind: str, fields: dict[str, object], number: int) -> bytes:
    """One event of the stream as a frame."""
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), encode({"type": kind, **fields, "sequence_number": number}))


@dataclass(slots=True)
class _Block:
    """One open output item. `index` is -1 until it was announced; `head` is a delta up to its text."""

    opened: Open
    index: int = -1
    identity: str = ""
    head: bytes = b""
    pieces: list[str] = field(default_factory=list[str])
    sealed: Sealed | None = None
    item: Media | Opaque | None = None
    reissued: dict[str, object] | None = None
    whole: bool = True

    @property
    def text(self) -> str:
        return "".join(self.pieces) if self.whole else ""


class Writer:
    """State: the event number, the open blocks, the finished output and the stop reason, kept for the last event.

    Thoughts are announced with their second piece or their seal: the id under which they were issued is in the seal.
    """

    __slots__ = ("_blocks", "_created", "_ended", "_id", "_kept", "_model", "_number", "_opening", "_output", "_reason")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._id = ""
        self._created = opening.created
        self._model = opening.model
        self._number = 0
        self._blocks: dict[int, _Block] = {}
        self._output: list[object] = []
        self._kept = 0
        self._reason: StopReason = "stop"
        self._ended = False

    def write(self, event: Event) -> bytes:
        """The frames of one event."""
        if isinstance(event, Delta):
            return self._delta(event)
        if self._ended:
            return b""
        match event:
            case Start():
                return self._start(event)
            case Open():
                return self._begin() + self._open(event) if event.choice == 0 else b""
            case Seal(block, sealed) if block in self._blocks:
                return self._seal(self._blocks[block], sealed)
            case Item(block, part) if block in self._blocks:
                self._blocks[block].item = part
            case Close(block) if block in self._blocks:
                return self._close(self._blocks.pop(block))
            case Stop() if event.choice == 0:
                self._reason = event.reason
            case _:
                pass
        return b""

    def end(self, usage: Usage) -> bytes:
        """The last event, with the whole output and the usage; once."""
        if self._ended:
            return b""
        out = self._begin() + b"".join(self._close(block) for block in self._blocks.values())
        self._ended = True
        status, reason = outcome(self._reason)
        response = self._response(status, reason=reason, usage=show(usage))
        return out + self._event(f"response.{status}", response=response)

    def fail(self, fault: Fault) -> bytes:
        """`response.failed` with what came until then; once, and nothing after it."""
        if self._ended:
            return b""
        out = self._begin()
        self._ended = True
        response = self._response("failed", error=response_error(fault))
        return out + self._event("response.failed", response=response)

    # --- the response ------------------------------------------------------------------------------------

    def _event(self, kind: str, **fields: object) -> bytes:
        frame = event_frame(kind, fields, self._number)
        self._number += 1
        return frame

    def _response(
        self,
        status: str,
        *,
        reason: str = "",
        usage: dict[str, object] | None = None,
        error: dict[str, object] | None = None,
    ) -> dict[str, object]:
        created, model = self._created, self._model
        output = [item for item in self._output if item is not None]  # an open item has no form yet
        return response_object(
            self._id, created, model, status=status, output=output, reason=reason, usage=usage, error=error
        )

    def _begin(self) -> bytes:
        """The opening events, where no Start came before."""
        return b"" if self._id else self._start(Start("", ""))

    def _start(self, start: Start) -> bytes:
        if self._id:
            return b""
        self._id = response_id(start.id, self._opening)
        self._created = start.created or self._created
        self._model = self._model or start.model
        response = self._response("in_progress")
        return self._event("response.created", response=response) + self._event(
            "response.in_progress", response=response
        )

    # --- blocks ------------------------------------------------------------------------------------------

    def _open(self, opened: Open) -> bytes:
        block = self._blocks[opened.block] = _Block(opened)
        if opened.kind == "item" or (opened.kind == "thinking" and not opened.call_id):
            return b""
        return self._announce(block)

    def _announce(self, block: _Block) -> bytes:
        """The events that precede the first delta."""
        block.index = len(self._output)
        self._output.append(None)
        block.identity = self._identity(block)
        kind, extra = _DELTAS[block.opened.kind]
        kind = _CUSTOM_DELTA if block.opened.custom else kind
        head = encode({"type": kind, **self._place(block), **extra})
        block.head = b"event: %s\ndata: %s" % (kind.encode(), head[:-1])
        out = self._event("response.output_item.added", output_index=block.index, item=_begun(block))
        match block.opened.kind:
            case "text":
                return out + self._part("response.content_part.added", block, text_part(""))
            case "refusal":
                return out + self._part("response.content_part.added", block, refusal_part(""))
            case "thinking":
                return out + self._summary("response.reasoning_summary_part.added", block, "")
            case _:
                return out

    def _identity(self, block: _Block) -> str:
        if block.opened.kind == "thinking" and block.opened.call_id:
            return block.opened.call_id
        return id_of(_part(block, ""), self._id, block.index)

    def _place(self, block: _Block) -> dict[str, object]:
        return {"item_id": block.identity, "output_index": block.index}

    def _part(self, kind: str, block: _Block, part: dict[str, object]) -> bytes:
        return self._event(kind, **self._place(block), content_index=0, part=part)

    def _summary(self, kind: str, block: _Block, text: str) -> bytes:
        return self._event(kind, **self._place(block), summary_index=0, part=_summary_part(text))

    def _delta(self, event: Delta) -> bytes:
        block = self._blocks.get(event.block)
        if block is None or self._ended or block.reissued is not None:
            return b""
        if block.opened.kind != "tool":  # a call is useless without its arguments
            self._kept += len(event.data)
            if self._kept > REPEATED_CHARACTERS:
                block.whole = False
        if block.index < 0:
            return self._hold(block, event.data)
        if block.whole:
            block.pieces.append(event.data)
        return self._delta_frame(block, event.data)

    def _delta_frame(self, block: _Block, data: str) -> bytes:
        frame = b'%s,"delta":%s,"sequence_number":%d}\n\n' % (block.head, encode(data), self._number)
        self._number += 1
        return frame

    def _hold(self, block: _Block, data: str) -> bytes:
        """The first piece of thoughts waits for a second or a seal; then both follow the announcement."""
        block.pieces.append(data)
        if len(block.pieces) < 2:
            return b""
        return self._announce_held(block)

    def _seal(self, block: _Block, sealed: Sealed) -> bytes:
        block.sealed = sealed
        if block.index >= 0 or block.opened.kind != "thinking":
            return b""
        return self._reissue(block, sealed) if sealed.dialect == OWN else self._announce_held(block)

    def _reissue(self, block: _Block, sealed: Sealed) -> bytes:
        """Thoughts of this dialect that came whole, with their seal: under the id and in the pieces they once had."""
        text = "".join(block.pieces)
        block.index = len(self._output)
        self._output.append(None)
        block.identity = id_of(Thinking(text, sealed), self._id, block.index)
        block.reissued = reasoning_item(text, sealed, block.identity)
        out = self._event("response.output_item.added", output_index=block.index, item=_begun(block))
        kinds = {"s": 0, "c": 0}
        for kind, piece in issued_pieces(text, sealed):
            out += self._piece(block, kinds[kind], piece) if kind == "s" else self._content(block, kinds[kind], piece)
            kinds[kind] += 1
        return out

    def _piece(self, block: _Block, number: int, text: str) -> bytes:
        """All events of one summary."""
        place = {**self._place(block), "summary_index": number}
        return (
            self._event("response.reasoning_summary_part.added", **place, part=_summary_part(""))
            + self._event("response.reasoning_summary_text.delta", **place, delta=text)
            + self._event("response.reasoning_summary_text.done", **place, text=text)
            + self._event("response.reasoning_summary_part.done", **place, part=_summary_part(text))
        )

    def _content(self, block: _Block, number: int, text: str) -> bytes:
        """All events of one piece of open reasoning."""
        place = {**self._place(block), "content_index": number}
        delta = self._event("response.reasoning_text.delta", **place, delta=text)
        return delta + self._event("response.reasoning_text.done", **place, text=text)

    def _announce_held(self, block: _Block) -> bytes:
        return self._announce(block) + b"".join(self._delta_frame(block, piece) for piece in block.pieces)

    def _close(self, block: _Block) -> bytes:
        if block.opened.kind == "item":
            return self._close_item(block)
        out = b""
        if block.index < 0:
            if not block.pieces:
                return b""
            out = self._announce_held(block)
        part = _part(block, block.text)
        item = block.reissued or _finished(part, block)
        out += b"" if block.reissued else self._done(block)
        out += self._event("response.output_item.done", output_index=block.index, item=item)
        self._output[block.index] = item
        return out + self._carry(part)

    def _close_item(self, block: _Block) -> bytes:
        """An item that comes whole; nothing for what only another dialect can say."""
        if block.item is None:
            return b""
        if isinstance(block.item, Opaque) and block.item.words:
            return self._words(block.opened, block.item.words)
        block.index = len(self._output)
        item = item_of(block.item, id_of(block.item, self._id, block.index))
        return self._whole_item(item) if item is not None else b""

    def _words(self, opened: Open, words: str) -> bytes:
        """The events of words that come whole."""
        block = _Block(opened._replace(kind="text"))
        out = self._announce(block)
        block.pieces.append(words)
        return out + self._delta_frame(block, words) + self._close(block)

    def _carry(self, part: ReplyPart) -> bytes:
        seal = part.sealed if isinstance(part, Text | ToolCall) else None
        carrier = carrier_of(seal, made_id(MADE, self._id, len(self._output)))
        return self._whole_item(carrier) if carrier is not None else b""

    def _whole_item(self, item: dict[str, object] | Raw) -> bytes:
        index = len(self._output)
        self._output.append(item)
        added = self._event("response.output_item.added", output_index=index, item=item)
        return added + self._event("response.output_item.done", output_index=index, item=item)

    def _done(self, block: _Block) -> bytes:
        """The events between the last delta and the end of the item."""
        text, place = block.text, self._place(block)
        match block.opened.kind:
            case "text":
                done = self._event("response.output_text.done", **place, content_index=0, text=text, logprobs=[])
                return done + self._part("response.content_part.done", block, text_part(text))
            case "refusal":
                done = self._event("response.refusal.done", **place, content_index=0, refusal=text)
                return done + self._part("response.content_part.done", block, refusal_part(text))
            case "thinking":
                done = self._event("response.reasoning_summary_text.done", **place, summary_index=0, text=text)
                return done + self._summary("response.reasoning_summary_part.done", block, text)
            case _ if block.opened.custom:
                return self._event("response.custom_tool_call_input.done", **place, input=text)
            case _:
                arguments = _arguments(block, text)
                name = block.opened.name
                return self._event("response.function_call_arguments.done", **place, name=name, arguments=arguments)


def _arguments(block: _Block, text: str) -> str:
    return text if text or block.opened.custom else "{}"


def _part(block: _Block, text: str) -> ReplyPart:
    """The block as the part it adds up to."""
    opened, sealed = block.opened, block.sealed
    match opened.kind:
        case "thinking":
            return Thinking(text, sealed, redacted=sealed is not None and not text)
        case "tool":
            return ToolCall(opened.call_id, opened.name, _arguments(block, text), opened.custom, sealed=sealed)
        case "refusal":
            return Refusal(text)
        case _:
            return Text(text, sealed=sealed)


def _begun(block: _Block) -> dict[str, object]:
    """The item as it is announced: without content."""
    match block.opened.kind:
        case "thinking":
            return reasoning_item("", None, block.identity)
        case "tool":
            opened = block.opened
            empty = ToolCall(opened.call_id, opened.name, "", opened.custom)
            return call_item(empty, block.identity, "in_progress")
        case _:
            return message_item(block.identity, [], "in_progress")


def _finished(part: ReplyPart, block: _Block) -> dict[str, object] | Raw | None:
    """The item in its last form, under the id it was announced with; thoughts in the pieces they were issued in."""
    item = item_of(part, block.identity, "completed" if block.whole else "incomplete")
    if isinstance(item, dict):
        item["id"] = block.identity
    return item


def _summary_part(text: str) -> dict[str, object]:
    return {"type": "summary_text", "text": text}
