"""Recorded exchanges: what is read is what was said, whole and streamed, and what is written reads the same."""

from pathlib import Path

import msgspec
import pytest

from faregate.formats.dialect import Notes, Opening, Quirks
from faregate.formats.events import Choice, Reply
from faregate.formats.fold import fold, unfold
from faregate.formats.frames import Frames
from faregate.formats.gemini import DIALECT
from faregate.formats.turn import Media, Opaque, Text, Thinking, ToolCall
from faregate.formats.usage import Usage

FIXTURES = Path(__file__).parents[1] / "fixtures" / "gemini"
CASES = sorted(path.name.removesuffix(".request.json") for path in FIXTURES.glob("*.request.json"))


def _request(case: str) -> bytes:
    return (FIXTURES / f"{case}.request.json").read_bytes()


def _reply(case: str) -> Reply:
    return DIALECT.parse_reply((FIXTURES / f"{case}.reply.json").read_bytes())


def _read(stream: bytes) -> Reply:
    frames = Frames().feed(stream)
    reader = DIALECT.reader("")
    events = [event for frame in frames for event in reader.feed(frame)] + list(reader.end())
    usage: Usage | None = None
    for frame in frames:
        report = DIALECT.glimpse(frame).usage
        usage = usage if report is None else DIALECT.merge(usage, report)
    return fold(events, usage)


def _shown(usage: Usage | None) -> Usage | None:
    return None if usage is None else msgspec.structs.replace(usage, web_searches=0)  # no field of Google's tells them


@pytest.mark.parametrize("case", CASES)
def test_a_request_reads_the_same_after_writing(case: str) -> None:
    turn = DIALECT.parse(_request(case))
    notes = Notes()
    assert DIALECT.parse(DIALECT.render(turn, Quirks(), notes)) == turn
    assert notes.lines == []


@pytest.mark.parametrize("case", CASES)
def test_a_stream_and_a_whole_answer_say_the_same(case: str) -> None:
    assert _read((FIXTURES / f"{case}.stream.txt").read_bytes()) == _reply(case)


@pytest.mark.parametrize("case", CASES)
def test_an_answer_reads_the_same_after_writing_it_whole(case: str) -> None:
    reply = _reply(case)
    again = DIALECT.parse_reply(DIALECT.render_reply(reply, Opening(reply.model)))
    assert again == msgspec.structs.replace(reply, usage=_shown(reply.usage))


@pytest.mark.parametrize("case", CASES)
def test_an_answer_reads_the_same_after_writing_it_as_a_stream(case: str) -> None:
    reply = _reply(case)
    assert reply.usage is not None
    writer = DIALECT.writer(Opening(reply.model))
    stream = b"".join(writer.write(event) for event in unfold(reply)) + writer.end(reply.usage)
    assert _read(stream) == msgspec.structs.replace(reply, usage=_shown(reply.usage))


@pytest.mark.parametrize("case", CASES)
def test_every_cut_of_a_stream_gives_the_same_events(case: str) -> None:
    stream = (FIXTURES / f"{case}.stream.txt").read_bytes()
    whole = Frames().feed(stream)
    for size in (1, 7, 64):
        frames = Frames()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert [frame for piece in pieces for frame in frames.feed(piece)] == whole


@pytest.mark.parametrize("case", [case for case in CASES if case != "oddities"])
def test_only_the_last_event_is_final(case: str) -> None:
    frames = Frames().feed((FIXTURES / f"{case}.stream.txt").read_bytes())
    assert [DIALECT.glimpse(frame).final for frame in frames] == [False] * (len(frames) - 1) + [True]


@pytest.mark.parametrize("case", CASES)
def test_a_whole_answer_is_metered_as_it_is_read(case: str) -> None:
    glimpse = DIALECT.glimpse_reply((FIXTURES / f"{case}.reply.json").read_bytes())
    assert (glimpse.final, glimpse.junk, glimpse.usage) == (True, False, _reply(case).usage)


@pytest.mark.parametrize("case", CASES)
def test_google_s_stream_passes_byte_for_byte(case: str) -> None:
    stream = (FIXTURES / f"{case}.stream.txt").read_bytes()
    passage = DIALECT.passage(Opening("m"))
    passed = [passage.feed(frame, DIALECT.glimpse(frame)) for frame in Frames().feed(stream)]
    assert b"".join(passed) + passage.end(Usage(input=1), False) == stream


def test_the_rich_answer_has_every_part() -> None:
    (choice,) = _reply("rich").choices
    thought, text, first, second = choice.parts
    assert thought == Thinking("think hard")
    assert text == Text("Sunny.")
    assert isinstance(first, ToolCall)
    assert (first.id, first.name, first.arguments) == ("fc_b1", "weather", '{"city":"Bonn","unit":null}')
    assert first.sealed is not None
    assert first.sealed.data == "c2lnLTI="
    assert second == ToolCall("fc_b2", "clock", "{}")
    assert (choice.stop, choice.raw_stop) == ("tool_calls", "STOP")
    usage = _reply("rich").usage
    assert usage == Usage(
        input=342,
        cache_read=400,
        image_in=258,
        output=40,
        reasoning=60,
        prompt=1000,
        completion=100,
        semantic="gemini",
    )


def test_a_blocked_prompt_is_a_refusal_without_parts() -> None:
    assert _reply("blocked_prompt").choices == (Choice((), "refusal", "PROHIBITED_CONTENT"),)


def test_an_answer_of_thoughts_alone_counts_them_once() -> None:
    usage = _reply("length_in_thoughts").usage
    assert usage is not None
    assert (usage.input, usage.output, usage.reasoning) == (3, 0, 64)
    assert _reply("length_in_thoughts").choices[0].stop == "length"


def test_a_search_is_counted_once_and_code_stays_google_s() -> None:
    reply = _reply("search_and_code")
    assert reply.usage is not None
    assert (reply.usage.web_searches, reply.usage.input) == (1, 60)
    assert [part.kind for part in reply.choices[0].parts if isinstance(part, Opaque)] == [
        "executableCode",
        "codeExecutionResult",
    ]


def test_code_has_words_for_the_other_dialects() -> None:
    assert [part.words for part in _reply("search_and_code").choices[0].parts if isinstance(part, Opaque)] == [
        "\n```PYTHON\nprint(1)\n```\n",
        "\n```output\n1\n```\n",
    ]


def test_a_made_picture_is_media_and_counted_apart() -> None:
    reply = _reply("picture_made")
    assert reply.usage is not None
    assert (reply.usage.output, reply.usage.image_out) == (2, 1290)
    picture = reply.choices[0].parts[1]
    assert isinstance(picture, Media)
    assert picture.kind == "image"
    assert picture.sealed is not None


def test_two_candidates_are_two_choices() -> None:
    parts = [choice.parts for choice in _reply("two_candidates").choices]
    assert parts == [(Text("Red."),), (Text("Dark blue."),)]
