"""Every recorded exchange: there and back, streamed and whole, passed on and converted."""

from pathlib import Path

import pytest

from faregate.formats.anthropic import DIALECT
from faregate.formats.dialect import Notes, Opening, Quirks
from faregate.formats.events import Event, Reply
from faregate.formats.fold import fold, unfold
from faregate.formats.frames import Frames
from faregate.formats.usage import NOTHING, Usage

FIXTURES = Path(__file__).parent.parent / "fixtures" / "anthropic"
CASES = sorted(path.name.partition(".")[0] for path in FIXTURES.glob("*.request.json"))


def read(case: str, kind: str) -> bytes:
    return (FIXTURES / f"{case}.{kind}").read_bytes()


def heard(stream: bytes, cut: int = 0) -> Reply:
    """What a stream adds up to, read in pieces of `cut` bytes (0: whole)."""
    frames, reader = Frames(), DIALECT.reader("")
    usage: Usage | None = None
    events: list[Event] = []
    for start in range(0, len(stream), cut or len(stream)):
        for frame in frames.feed(stream[start : start + (cut or len(stream))]):
            events += reader.feed(frame)
            told = DIALECT.glimpse(frame).usage
            usage = DIALECT.merge(usage, told) if told else usage
    return fold([*events, *reader.end()], usage)


@pytest.mark.parametrize("case", CASES)
def test_a_rendered_request_parses_to_the_same_turn(case: str) -> None:
    turn, notes = DIALECT.parse(read(case, "request.json")), Notes()
    assert DIALECT.parse(DIALECT.render(turn, Quirks(), notes)) == turn
    assert notes.lines == []


@pytest.mark.parametrize("cut", [0, 1, 7])
@pytest.mark.parametrize("case", CASES)
def test_a_stream_adds_up_to_its_whole_twin_however_it_is_cut(case: str, cut: int) -> None:
    assert heard(read(case, "stream.txt"), cut) == DIALECT.parse_reply(read(case, "reply.json"))


@pytest.mark.parametrize("case", CASES)
def test_a_written_stream_and_a_rendered_reply_say_what_was_read(case: str) -> None:
    reply = DIALECT.parse_reply(read(case, "reply.json"))
    writer = DIALECT.writer(Opening("asked"))
    written = b"".join(map(writer.write, unfold(reply))) + writer.end(reply.usage or NOTHING)
    assert heard(written) == reply
    assert DIALECT.parse_reply(DIALECT.render_reply(reply, Opening("asked"))) == reply


@pytest.mark.parametrize("case", CASES)
def test_a_stream_passes_with_its_exact_bytes(case: str) -> None:
    stream, passage = read(case, "stream.txt"), DIALECT.passage(Opening("asked"))
    frames = Frames().feed(stream)
    assert b"".join(passage.feed(frame, DIALECT.glimpse(frame)) for frame in frames) == stream
    assert passage.end(NOTHING, True) == b""


@pytest.mark.parametrize("case", CASES)
def test_only_the_frame_with_the_stop_reason_is_final(case: str) -> None:
    frames = Frames().feed(read(case, "stream.txt"))
    assert [DIALECT.glimpse(frame).final for frame in frames] == [False] * (len(frames) - 2) + [True, False]


@pytest.mark.parametrize("case", CASES)
def test_a_glimpse_sees_as_much_of_a_whole_reply_as_of_its_stream(case: str) -> None:
    whole = DIALECT.glimpse_reply(read(case, "reply.json"))
    frames = [DIALECT.glimpse(frame) for frame in Frames().feed(read(case, "stream.txt"))]
    assert whole.final
    assert whole.live == any(glimpse.live for glimpse in frames)
    assert whole.tool_calls == sum(glimpse.tool_calls for glimpse in frames)
    assert whole.usage == heard(read(case, "stream.txt")).usage
