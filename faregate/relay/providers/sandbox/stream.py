"""A reply as the frames of a stream, written by the dialect's own writer, one delta for each piece."""

from collections.abc import Callable, Iterable, Iterator

from faregate.formats.dialect import Writer
from faregate.formats.events import Delta, Event, Kind, Open, Reply, Stop
from faregate.formats.fold import unfold
from faregate.formats.frames import Frames
from faregate.formats.turn import Text, Thinking, ToolCall
from faregate.formats.usage import Usage
from faregate.relay.providers.sandbox.faults import IN_STREAM_STATUS, break_of, fault
from faregate.relay.providers.sandbox.knobs import Knobs
from faregate.relay.providers.sandbox.pieces import count_pieces, pieces
from faregate.relay.providers.sandbox.script import EVENTS, Frame, Script

_KEPT_DELTAS = 256  # up to here a stream without pauses is written once and kept; longer ones are written as they go
_ARGUMENT_CHARACTERS = 12


def streamed(reply: Reply, usage: Usage, knobs: Knobs, writer: Callable[[], Writer]) -> Script:
    """The script of a reply as a stream, broken as the knobs say."""
    broken = break_of(knobs)
    total = _count(reply, knobs)
    limit = None if broken is None else max(1, total // 2) if broken.halfway else 0

    def frames() -> Iterator[Frame]:
        return _frames(_until(_events(reply, knobs), limit), usage, writer(), knobs, is_whole=limit is None)

    kept = tuple(frames()) if total <= _KEPT_DELTAS and not knobs.interval_ms else None
    return Script(
        frames=frames if kept is None else lambda: kept,
        content_type=EVENTS,
        latency_s=knobs.latency_ms / 1000,
        interval_s=knobs.interval_ms / 1000,
        ending=broken.stream if broken else "clean",
    )


def _frames(events: Iterable[Event], usage: Usage, writer: Writer, knobs: Knobs, *, is_whole: bool) -> Iterator[Frame]:
    for event in events:
        paced = type(event) is Delta
        for frame in _cut(writer.write(event)):
            yield Frame(frame, paced)
            paced = False
    last = b""
    if is_whole:
        last = writer.end(usage)
    elif knobs.fault == "error_in_stream":
        last = writer.fail(fault(IN_STREAM_STATUS))
    for frame in _cut(last):
        yield Frame(frame)


def _cut(data: bytes) -> Iterable[bytes]:
    if not data:
        return ()
    frames = Frames()
    found = frames.feed(data)
    return [*found, rest] if (rest := frames.rest()) else found


def _events(reply: Reply, knobs: Knobs) -> Iterator[Event]:
    """The reply's events, each block in as many deltas as asked."""
    kind: Kind = "text"
    for event in unfold(reply):
        match event:
            case Open():
                kind = event.kind
                yield event
            case Delta(block, data):
                for piece in pieces(data, _wanted(kind, data, knobs)):
                    yield Delta(block, piece)
            case _:
                yield event


def _until(events: Iterable[Event], deltas: int | None) -> Iterator[Event]:
    """The events up to a number of deltas, and never to the stop; all of them for None."""
    if deltas is None:
        yield from events
        return
    for event in events:
        if type(event) is Stop or (type(event) is Delta and deltas == 0):
            return
        yield event
        if type(event) is Delta:
            deltas -= 1
            if deltas == 0:
                return


def _count(reply: Reply, knobs: Knobs) -> int:
    """How many deltas the whole reply has."""
    total = 0
    for choice in reply.choices:
        for part in choice.parts:
            match part:
                case Text():
                    total += count_pieces(part.text, _wanted("text", part.text, knobs))
                case Thinking():
                    total += count_pieces(part.text, _wanted("thinking", part.text, knobs))
                case ToolCall():
                    total += count_pieces(part.arguments, _wanted("tool", part.arguments, knobs))
                case _:
                    pass
    return total


def _wanted(kind: Kind, data: str, knobs: Knobs) -> int:
    """How many deltas a block is to have; thoughts always come word by word."""
    if kind == "tool":
        return knobs.chunks or -(-len(data) // _ARGUMENT_CHARACTERS)
    return knobs.chunks if kind == "text" else 0
