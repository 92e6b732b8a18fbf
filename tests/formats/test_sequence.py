"""Interleaved blocks made sequential."""

from faregate.formats.events import Close, Delta, Event, Open, Start, Stop
from faregate.formats.sequence import Sequencer


def sequenced(events: list[Event]) -> list[Event]:
    sequencer = Sequencer()
    return [out for event in events for out in sequencer.take(event)]


def test_the_first_block_streams_on_and_the_others_follow_whole() -> None:
    a, b, c = (Open(n, "tool", f"c{n}", "f") for n in range(3))
    events = [Start("", ""), a, Delta(0, "1"), b, Delta(1, "2"), Delta(0, "3"), c, Delta(2, "4"), Delta(1, "5")]
    events += [Close(1), Close(0), Delta(2, "6"), Close(2), Stop("tool_calls")]
    assert sequenced(events) == [
        Start("", ""),
        *(a, Delta(0, "1"), Delta(0, "3"), Close(0)),
        *(b, Delta(1, "2"), Delta(1, "5"), Close(1)),
        *(c, Delta(2, "4"), Delta(2, "6"), Close(2)),
        Stop("tool_calls"),
    ]


def test_the_current_block_is_never_held_back() -> None:
    sequencer = Sequencer()
    sequencer.take(Open(0, "text"))
    assert sequencer.take(Open(1, "text")) == ()
    assert sequencer.take(Delta(0, "a")) == (Delta(0, "a"),)


def test_sequential_blocks_pass_as_they_are() -> None:
    events: list[Event] = [Open(0, "text"), Delta(0, "a"), Close(0), Open(1, "text"), Close(1)]
    assert sequenced(events) == events
