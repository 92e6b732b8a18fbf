"""The interior's events to Google's stream, and Google's own stream as it is."""

import msgspec

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Close, Delta, Event, Glimpse, Item, Kind, Open, Seal, Start, Stop
from faregate.formats.frames import frame
from faregate.formats.gemini.errors import render_error
from faregate.formats.gemini.parts import show_part
from faregate.formats.gemini.signature import show_signature
from faregate.formats.gemini.stops import show_stop
from faregate.formats.gemini.usage import show
from faregate.formats.turn import Sealed, ToolCall
from faregate.formats.usage import Usage

_encode = msgspec.json.Encoder().encode
_BREAKS = bytes.maketrans(b"\r\n", b"  ")  # between tokens only: inside a text they are escaped


class _Block:
    """State: of which kind and answer a block is; for a call the pieces of its arguments and its seal."""

    __slots__ = ("choice", "kind", "opened", "pieces", "sealed")

    def __init__(self, opened: Open) -> None:
        self.opened = opened
        self.kind: Kind = opened.kind
        self.choice = opened.choice
        self.pieces: list[str] = []
        self.sealed: Sealed | None = None


def _line(part: object) -> bytes:
    """The JSON of a part on one line: what it carries as it came may stand on several."""
    return _encode(part).translate(_BREAKS)


class Writer:
    """State: the open blocks, the reasons to stop (told in the last event, with the usage), the fields of every event,
    whether the end was said.

    Text and thoughts go out piece by piece; the arguments of a call are collected, for Google's calls come whole.
    """

    __slots__ = ("_blocks", "_ended", "_opening", "_stops", "_tail")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._blocks: dict[int, _Block] = {}
        self._stops: dict[int, Stop] = {}
        self._ended = False
        self._tail = self._fields("")

    def write(self, event: Event) -> bytes:
        """Bytes to send now, possibly none."""
        match event:
            case Delta(block, data):
                return self._delta(self._blocks[block], data)
            case Open():
                self._blocks[event.block] = _Block(event)
            case Seal(block, sealed):
                return self._seal(self._blocks[block], sealed)
            case Close(block):
                return self._close(self._blocks.pop(block))
            case Item(block, part):
                shown = show_part(part)
                return b"" if shown is None else self._event(_line(shown), self._blocks[block].choice)
            case Start(id):
                self._tail = self._fields(id)
            case Stop():
                self._stops[event.choice] = event
        return b""

    def end(self, usage: Usage) -> bytes:
        """The last event: every answer's reason to stop, and the usage. A second call gives nothing."""
        if self._ended:
            return b""
        self._ended = True
        if not self._stops:
            self._stops[0] = Stop("stop")
        candidates = [
            b'{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"%s","index":%d}'
            % (show_stop(stop.reason, stop.raw).encode(), choice)
            for choice, stop in sorted(self._stops.items())
        ]
        return b'data: {"candidates":[%s],"usageMetadata":%s%s' % (
            b",".join(candidates),
            _encode(show(usage)),
            self._tail,
        )

    def fail(self, fault: Fault) -> bytes:
        """Google's error event; nothing follows it."""
        return frame(render_error(fault))

    def _delta(self, block: _Block, data: str) -> bytes:
        if block.kind == "tool":
            block.pieces.append(data)
            return b""
        thought = b',"thought":true}' if block.kind == "thinking" else b"}"
        return self._event(b'{"text":' + _encode(data) + thought, block.choice)

    def _seal(self, block: _Block, sealed: Sealed) -> bytes:
        if block.kind == "tool":
            block.sealed = sealed
            return b""
        thought = b'"thought":true,' if block.kind == "thinking" else b""
        signature = _encode(show_signature(sealed))
        return self._event(b'{"text":"",%s"thoughtSignature":%s}' % (thought, signature), block.choice)

    def _close(self, block: _Block) -> bytes:
        if block.kind != "tool":
            return b""
        opened = block.opened
        call = ToolCall(opened.call_id, opened.name, "".join(block.pieces), custom=opened.custom, sealed=block.sealed)
        return self._event(_line(show_part(call)), block.choice)

    def _event(self, part: bytes, choice: int) -> bytes:
        return b'data: {"candidates":[{"content":{"parts":[%s],"role":"model"},"index":%d}]%s' % (
            part,
            choice,
            self._tail,
        )

    def _fields(self, id: str) -> bytes:
        return b',"modelVersion":%s,"responseId":%s}\n\n' % (
            _encode(self._opening.model),
            _encode(id or self._opening.id),
        )


class Passage:
    """Google's stream to Google's client: nothing is changed and nothing is added."""

    __slots__ = ()

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """The frame."""
        return frame

    def end(self, usage: Usage, reported: bool) -> bytes:
        """Nothing: Google's streams have no end mark."""
        return b""

    def fail(self, fault: Fault) -> bytes:
        """Google's error event; nothing follows it."""
        return frame(render_error(fault))
