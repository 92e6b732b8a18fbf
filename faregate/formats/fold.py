"""Streaming and not are one thing: events fold into a Reply, a Reply unfolds into events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from faregate.formats.events import (
    Choice,
    Close,
    Delta,
    Event,
    Item,
    Open,
    Reply,
    ReplyPart,
    Seal,
    Start,
    Stop,
)
from faregate.formats.turn import Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage


@dataclass(slots=True)
class _Block:
    opened: Open
    pieces: list[str] = field(default_factory=list[str])
    sealed: Sealed | None = None
    item: Media | Opaque | None = None

    def part(self) -> ReplyPart | None:
        text = "".join(self.pieces)
        match self.opened.kind:
            case "text":
                return Text(text, sealed=self.sealed)
            case "thinking":
                return Thinking(text, sealed=self.sealed, redacted=self.sealed is not None and not text)
            case "tool":
                return ToolCall(
                    self.opened.call_id,
                    self.opened.name,
                    text if text or self.opened.custom else "{}",
                    custom=self.opened.custom,
                    sealed=self.sealed,
                )
            case "refusal":
                return Refusal(text)
            case "item":
                return self.item
        assert_never(self.opened.kind)


class Fold:
    """Collects events into a Reply. State: the blocks seen, in order, and the stops."""

    def __init__(self) -> None:
        self._start = Start("", "")
        self._blocks: dict[int, _Block] = {}
        self._stops: dict[int, Stop] = {}

    def feed(self, events: Iterable[Event]) -> None:
        """Take more of the stream."""
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case Start():
                self._start = event
            case Open():
                self._blocks[event.block] = _Block(event)
            case Delta(block, data):
                self._blocks[block].pieces.append(data)
            case Seal(block, sealed):
                self._blocks[block].sealed = sealed
            case Item(block, part):
                self._blocks[block].item = part
            case Stop():
                self._stops[event.choice] = event
            case Close():
                pass

    def reply(self, usage: Usage | None) -> Reply:
        """The whole answer."""
        count = max([0, *self._stops, *(block.opened.choice for block in self._blocks.values())]) + 1
        return Reply(
            id=self._start.id,
            model=self._start.model,
            created=self._start.created,
            usage=usage,
            choices=tuple(self._choice(index) for index in range(count)),
        )

    def _choice(self, index: int) -> Choice:
        parts = (block.part() for block in self._blocks.values() if block.opened.choice == index)
        stop = self._stops.get(index, Stop("other"))
        return Choice(tuple(part for part in parts if part is not None), stop.reason, stop.raw, stop.sequence)


def fold(events: Iterable[Event], usage: Usage | None = None) -> Reply:
    """The Reply that `events` add up to."""
    folded = Fold()
    folded.feed(events)
    return folded.reply(usage)


def unfold(reply: Reply) -> Iterator[Event]:
    """The events of a whole answer: one delta a block."""
    yield Start(reply.id, reply.model, reply.created)
    block = 0
    for index, choice in enumerate(reply.choices):
        for part in choice.parts:
            yield from _block(block, index, part)
            block += 1
        yield Stop(choice.stop, choice.raw_stop, choice.sequence, index)


def _block(block: int, choice: int, part: ReplyPart) -> Iterator[Event]:
    text, sealed = "", None
    match part:
        case Text():
            yield Open(block, "text", choice=choice)
            text, sealed = part.text, part.sealed
        case Thinking():
            yield Open(block, "thinking", choice=choice)
            text, sealed = part.text, part.sealed
        case ToolCall():
            yield Open(block, "tool", part.id, part.name, choice, part.custom)
            text, sealed = part.arguments, part.sealed
        case Refusal():
            yield Open(block, "refusal", choice=choice)
            text = part.text
        case Media() | Opaque():
            yield Open(block, "item", choice=choice)
            yield Item(block, part)
    if text:
        yield Delta(block, text)
    if sealed is not None:
        yield Seal(block, sealed)
    yield Close(block)
