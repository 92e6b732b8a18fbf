"""Chat streams: glimpses, the reader's oddities, the writer's chunks, and the passage's end."""

import json
from typing import Any

import pytest

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Close, Delta, Event, Glimpse, Item, Open, Seal, Start, Stop
from faregate.formats.openai_chat import DIALECT
from faregate.formats.turn import Inline, Media, Opaque, Sealed
from faregate.formats.usage import Usage

OPENING = Opening(model="asked", id="r1", created=7)
QUIET = OPENING._replace(wants_usage=False)
DONE = b"data: [DONE]\n\n"
USAGE = Usage(input=9, output=3)
COUNTS = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def frame(**chunk: Any) -> bytes:
    return b"data: " + json.dumps({"id": "c1", "created": 1, "model": "up"} | chunk).encode() + b"\n\n"


def chunk(finish: str | None = None, index: int = 0, usage: Any = None, **delta: Any) -> bytes:
    return frame(choices=[{"index": index, "delta": delta, "finish_reason": finish}], usage=usage)


def read(*frames: bytes) -> list[Event]:
    """What the reader makes of frames, without the Start."""
    reader = DIALECT.reader("acc")
    events = [event for one in frames for event in reader.feed(one)]
    return [*events, *reader.end()][1:]


def wrote(*events: Event, opening: Opening = OPENING) -> list[Any]:
    """The chunks a client gets: the deltas, then finish reasons and usage as they stand."""
    writer = DIALECT.writer(opening)
    body = b"".join(map(writer.write, events)) + writer.end(USAGE)
    return [json.loads(line[6:]) for line in body.split(b"\n\n") if line and line != b"data: [DONE]"]


def deltas(*events: Event) -> list[Any]:
    return [one["choices"][0]["delta"] for one in wrote(*events) if one["choices"]]


# --- glimpse -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (chunk(role="assistant", content=""), Glimpse()),
        (chunk(content="a"), Glimpse(live=True, text="a")),
        (chunk(content="a", finish="stop"), Glimpse(live=True, final=True, text="a")),
        (chunk(reasoning="hm"), Glimpse(live=True, text="hm")),
        (chunk(content="a", reasoning_content="hm"), Glimpse(live=True, text="ahm")),
        (chunk(refusal="no"), Glimpse(live=True, text="no")),
        (
            chunk(tool_calls=[{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{"}}]),
            Glimpse(live=True, text="f{", tool_calls=1),
        ),
        (chunk(tool_calls=[{"index": 0, "function": {"arguments": "}"}}]), Glimpse(live=True, text="}")),
        (chunk(function_call={"name": "f", "arguments": "{"}), Glimpse(live=True, text="f{", tool_calls=1)),
        (chunk(audio={"data": "QQ=="}), Glimpse(live=True)),
        (
            frame(choices=[], usage=COUNTS),
            Glimpse(usage=Usage(input=9, output=3, prompt=9, completion=3), bare=True),
        ),
        (frame(choices=[], usage={"prompt_tokens": 0, "completion_tokens": 0}), Glimpse(bare=True)),
        (frame(choices=[], prompt_filter_results=[]), Glimpse()),
        (chunk(content="a", usage=COUNTS), Glimpse(True, False, "a", Usage(input=9, output=3, prompt=9, completion=3))),
        (DONE, Glimpse()),
        (b": ping\n\n", Glimpse()),
        (b"data: oops\n\n", Glimpse(junk=True)),
        (b"data: [DONE] \r\n\r\n", Glimpse()),
    ],
)
def test_a_frame_is_glimpsed(given: bytes, seen: Glimpse) -> None:
    assert DIALECT.glimpse(given) == seen


@pytest.mark.parametrize(
    "data",
    [
        b'{"error":{"message":"busy","type":"server_error"}}',
        b'{"error":"busy"}',
        b'{"object":"error","message":"busy","code":500}',
        b'{"choices":[{"delta":{"content":"x"},"finish_reason":"error"}],"error":{"message":"busy"}}',
    ],
)
def test_an_error_inside_a_stream_is_seen(data: bytes) -> None:
    assert DIALECT.glimpse(b"data: " + data + b"\n\n") == Glimpse(error=data)
    assert DIALECT.glimpse(b'event: error\ndata: {"message":"busy"}\n\n').error == b'{"message":"busy"}'


def test_an_event_over_two_data_lines_is_one() -> None:
    split = b'data: {"choices":[{"index":0,\ndata: "delta":{"content":"a"}}]}\n\n'
    assert DIALECT.glimpse(split).text == "a"
    assert read(split) == [Open(0, "text"), Delta(0, "a"), Close(0)]


# --- reader ------------------------------------------------------------------------------------------------
def test_words_and_thoughts_take_turns_in_blocks() -> None:
    events = read(chunk(reasoning="a"), chunk(content="b"), chunk(reasoning="c"), chunk(finish="stop"))
    assert [(event.block, event.kind) for event in events if isinstance(event, Open)] == [
        (0, "thinking"),
        (1, "text"),
        (2, "thinking"),
    ]
    assert events[-1] == Stop("stop", "stop")


def test_interleaved_calls_keep_a_block_each_until_the_end() -> None:
    def piece(index: int, arguments: str, **more: Any) -> bytes:
        call = {"index": index, "function": {"name": more.get("name"), "arguments": arguments}, "id": more.get("id")}
        return chunk(tool_calls=[call])

    events = read(
        piece(0, "{", id="a", name="f"), piece(1, "[", id="b", name="g"), piece(0, "}"), piece(1, "]"), chunk("stop")
    )
    assert events == [
        Open(0, "tool", "a", "f"),
        Delta(0, "{"),
        Open(1, "tool", "b", "g"),
        Delta(1, "["),
        Delta(0, "}"),
        Delta(1, "]"),
        Close(0),
        Close(1),
        Stop("tool_calls", "stop"),
    ]


def test_a_repeated_id_is_the_same_call_and_another_id_at_the_same_index_is_a_new_one() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}
    other = {"index": 0, "id": "b", "function": {"name": "g", "arguments": "2"}}
    events = read(chunk(tool_calls=[call]), chunk(tool_calls=[call]), chunk(tool_calls=[other]))
    assert [event for event in events if isinstance(event, Open | Delta)] == [
        Open(0, "tool", "a", "f"),
        Delta(0, "1"),
        Delta(0, "1"),
        Open(1, "tool", "b", "g"),
        Delta(1, "2"),
    ]


def calls_in(*pieces: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Id, name and arguments of the calls that these pieces of one index make, each in a chunk of its own."""
    events = read(*(chunk(tool_calls=[piece]) for piece in pieces), chunk("tool_calls"))
    opened = {event.block: event for event in events if isinstance(event, Open)}
    said = dict.fromkeys(opened, "")
    for event in events:
        if isinstance(event, Delta):
            said[event.block] += event.data
    return [(opened[block].call_id, opened[block].name, words) for block, words in said.items()]


def piece(name: str | None = None, arguments: str | None = None, call_id: str | None = None) -> dict[str, Any]:
    return {"id": call_id, "function": {"name": name, "arguments": arguments}}


def test_calls_without_index_and_id_are_told_apart_by_name_or_by_whole_arguments() -> None:
    first, second = ("call_c1_0", "f", '{"x":1}'), "call_c1_1"
    assert calls_in(piece("f", '{"x":1}'), piece("g", '{"y":2}')) == [first, (second, "g", '{"y":2}')]
    assert calls_in(piece("f", '{"x":1}', ""), piece("f", '{"y":2}', "")) == [first, (second, "f", '{"y":2}')]


@pytest.mark.parametrize(
    "pieces",
    [
        (piece("f", ""), piece("f", '{"x"'), piece("f", ":1}")),
        (piece("f"), piece(None, '{"x":1}')),
        (piece(None, None, "call_c1_0"), piece("f", '{"x":1}')),
        (piece(None, '{"x"', "call_c1_0"), piece(None, ":"), piece("f", "1}")),
    ],
)
def test_pieces_of_one_call_stay_together_however_often_and_late_it_is_named(pieces: list[dict[str, Any]]) -> None:
    assert calls_in(*pieces) == [("call_c1_0", "f", '{"x":1}')]


def test_a_call_that_is_never_named_keeps_its_arguments() -> None:
    assert calls_in(piece(None, "{", "a"), piece(None, "}")) == [("a", "", "{}")]


def test_a_call_without_an_id_gets_one_of_the_reply() -> None:
    events = read(chunk(tool_calls=[{"function": {"name": "f", "arguments": {"a": 1}}}]))
    assert events[:2] == [Open(0, "tool", "call_c1_0", "f"), Delta(0, '{"a":1}')]


def test_a_seal_ends_its_thought_and_carries_the_account() -> None:
    details = [{"type": "reasoning.text", "signature": "s", "index": 0}]
    events = read(chunk(reasoning="hm"), chunk(reasoning_details=details), chunk(reasoning="more"))
    sealed = Sealed("openai_chat", '{"type":"reasoning.text","signature":"s","index":0}'.replace(" ", ""), "acc")
    assert events == [
        Open(0, "thinking"),
        Delta(0, "hm"),
        Seal(0, sealed),
        Close(0),
        Open(1, "thinking"),
        Delta(1, "more"),
        Close(1),
    ]


def test_a_seal_that_names_a_call_sits_on_the_call() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    details = [{"type": "reasoning.encrypted", "data": "fg1.gemini..s", "id": "a"}]
    events = read(chunk(tool_calls=[call], reasoning_details=details))
    assert events == [
        Open(0, "tool", "a", "f"),
        Delta(0, "{}"),
        Seal(0, Sealed("gemini", "s")),
        Close(0),
    ]


def test_what_comes_after_the_stop_reason_still_counts_and_after_the_end_mark_no_more() -> None:
    events = read(chunk(content="a", finish="stop"), chunk(content="b"), DONE, chunk(content="c"))
    assert events == [Open(0, "text"), Delta(0, "a"), Delta(0, "b"), Close(0), Stop("stop", "stop")]


def test_a_stream_without_a_stop_reason_brings_no_stop() -> None:
    assert read(chunk(content="a")) == [Open(0, "text"), Delta(0, "a"), Close(0)]
    assert list(DIALECT.reader("").feed(DONE)) == []


def test_the_start_waits_for_a_chunk_with_choices() -> None:
    reader = DIALECT.reader("")
    assert list(reader.feed(frame(id="", model="", choices=[], prompt_filter_results=[]))) == []
    assert next(iter(reader.feed(chunk(content="a")))) == Start("c1", "up", 1)


def test_sound_in_pieces_becomes_one_item_and_its_transcript_words() -> None:
    events = read(chunk(audio={"transcript": "hi"}), chunk(audio={"data": "UklGRg=="}), chunk(audio={"data": "QQ=="}))
    assert events == [
        Open(0, "text"),
        Delta(0, "hi"),
        Close(0),
        Open(1, "item"),
        Item(1, Media("audio", Inline("audio/wav", "UklGRkE="))),
        Close(1),
    ]


def test_what_cannot_be_read_inside_a_delta_is_left_out() -> None:
    content = [5, {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}]
    given = chunk(content=content, images=[{"image_url": 5}])
    assert [event.data for event in read(given) if isinstance(event, Delta)] == ["hm", "a"]
    assert DIALECT.glimpse(given).text == "hma"
    empty_call = chunk(tool_calls=[{"index": 0, "id": "c"}])
    assert read(empty_call) == [Open(0, "tool", "c", ""), Close(0)]
    assert DIALECT.glimpse(empty_call) == Glimpse(live=True)
    assert read(frame(choices=[{"index": 0, "finish_reason": "length"}])) == [Stop("length", "length")]


def test_a_seal_for_words_that_are_over_stands_alone() -> None:
    details = [{"type": "reasoning.encrypted", "data": "fg1.gemini..s", "id": "content"}]
    sealed = Sealed("gemini", "s")
    assert read(chunk(content="a", reasoning_details=details)) == [
        Open(0, "text"),
        Delta(0, "a"),
        Seal(0, sealed),
        Close(0),
    ]
    assert read(chunk(reasoning_details=details)) == [Open(0, "thinking"), Seal(0, sealed), Close(0)]


def test_sound_that_is_no_base64_is_kept_as_it_came() -> None:
    events = read(chunk(audio={"data": "A"}), chunk(audio={"data": "B"}))
    assert Item(0, Media("audio", Inline("audio/pcm", "AB"))) in events


# --- writer ------------------------------------------------------------------------------------------------
def test_every_event_has_its_chunk() -> None:
    events = [
        Start("c1", "up", 1),
        Open(0, "thinking"),
        Delta(0, "hm"),
        Seal(0, Sealed("anthropic", "sig", "acc")),
        Close(0),
        Open(1, "text"),
        Delta(1, 'a"\n'),
        Close(1),
        Open(2, "item"),
        Item(2, Media("image", Inline("image/png", "QQ=="))),
        Close(2),
        Open(3, "item"),
        Item(3, Opaque("gemini", "executableCode", b"{}")),
        Close(3),
        Open(4, "tool", "t1", "f"),
        Close(4),
        Open(5, "tool", "", "g", 0, True),
        Delta(5, "ls"),
        Close(5),
        Open(6, "refusal"),
        Delta(6, "no"),
        Close(6),
        Stop("stop"),
    ]
    entry = {"type": "reasoning.encrypted", "data": "fg1.anthropic.acc.sig", "format": "anthropic"}
    first = {"index": 0, "id": "t1", "type": "function", "function": {"name": "f", "arguments": ""}}
    second = {"index": 1, "id": "call_r1_5", "type": "custom", "custom": {"name": "g", "input": ""}}
    assert deltas(*events) == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "hm"},
        {"reasoning_details": [entry | {"length": 2, "index": 0}]},
        {"content": 'a"\n'},
        {"content": "\n![image](data:image/png;base64,QQ==)"},
        {"tool_calls": [first]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
        {"tool_calls": [second]},
        {"tool_calls": [{"index": 1, "custom": {"input": "ls"}}]},
        {"refusal": "no"},
        {},
    ]
    *_, finish, usage = wrote(*events)
    assert finish["choices"][0]["finish_reason"] == "tool_calls"
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "up"}
    assert usage == head | {"choices": [], "usage": COUNTS}


def test_unsealed_thoughts_before_a_seal_are_told_by_their_length() -> None:
    seal = Seal(1, Sealed("anthropic", "s"))
    events = [Open(0, "thinking"), Delta(0, "abc"), Close(0), Open(1, "thinking"), Delta(1, "de"), seal, Close(1)]
    details = [delta["reasoning_details"] for delta in deltas(Start("", ""), *events) if "reasoning_details" in delta]
    assert [entry["length"] for entry in details[0]] == [3, 2]


def test_a_stream_without_a_stop_is_ended_properly_and_once() -> None:
    writer = DIALECT.writer(OPENING)
    body = writer.end(USAGE)
    assert b'"finish_reason":"stop"' in body
    assert body.endswith(DONE)
    assert writer.end(USAGE) == b""


def test_no_usage_chunk_for_who_does_not_want_it() -> None:
    assert all(one["choices"] for one in wrote(Start("c", "m"), opening=QUIET))


def test_a_second_stop_of_a_choice_is_not_written() -> None:
    said = wrote(Start("c", "m"), Stop("length"), Stop("stop"))
    assert [one["choices"][0]["finish_reason"] for one in said if one["choices"]] == [None, "length"]


def test_several_choices_are_opened_and_finished_each() -> None:
    events = [Start("c", "m"), Open(0, "text", choice=1), Delta(0, "b"), Close(0), Stop("length", choice=1)]
    said = [(one["choices"][0]["index"], one["choices"][0]["finish_reason"]) for one in wrote(*events)[:-1]]
    assert said == [(0, None), (1, None), (1, None), (1, "length"), (0, "stop")]


def test_a_failure_is_one_error_frame_and_nothing_follows() -> None:
    fault = Fault(status=502, message="cut", kind="server", type="upstream_error", code="c")
    shown = b'data: {"error":{"message":"cut","type":"upstream_error","param":"","code":"c"}}\n\n'
    writer, passage = DIALECT.writer(OPENING), DIALECT.passage(OPENING)
    assert writer.fail(fault) == shown
    assert writer.end(USAGE) == b""
    assert passage.fail(fault) == shown
    assert passage.end(USAGE, False) == b""


# --- passage -----------------------------------------------------------------------------------------------
def passed(*frames: bytes, opening: Opening = OPENING, usage: Usage = USAGE) -> bytes:
    """What the client gets of a stream with the same dialect upstream."""
    passage = DIALECT.passage(opening)
    glimpses = [DIALECT.glimpse(one) for one in frames]
    reported = any(glimpse.usage for glimpse in glimpses)
    out = b"".join(map(passage.feed, frames, glimpses))
    return out + passage.end(usage, reported)


def test_a_whole_stream_passes_with_its_exact_bytes() -> None:
    frames = [b": ping\n\n", chunk(content="a", odd=1), chunk("stop"), frame(choices=[], usage=COUNTS), DONE]
    assert passed(*frames) == b"".join(frames)
    crlf = [one.replace(b"\n", b"\r\n") for one in frames]
    assert passed(*crlf) == b"".join(crlf)


def test_the_usage_chunk_is_hidden_from_who_did_not_ask() -> None:
    frames = [chunk(content="a"), chunk("stop"), frame(choices=[], usage=COUNTS), DONE]
    assert passed(*frames, opening=QUIET) == frames[0] + frames[1] + DONE
    assert passed(frames[0], frames[1], DONE, opening=QUIET) == frames[0] + frames[1] + DONE


def test_a_missing_usage_chunk_is_supplied_before_the_end_mark() -> None:
    own = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "up", "choices": [], "usage": COUNTS}
    said = chunk(content="a") + chunk("stop")
    expected = said + b"data: " + json.dumps(own, separators=(",", ":")).encode() + b"\n\n" + DONE
    assert passed(chunk(content="a"), chunk("stop"), DONE) == expected
    assert passed(chunk(content="a"), chunk("stop")) == expected
    zeros = frame(choices=[], usage={"prompt_tokens": 0, "completion_tokens": 0})
    assert passed(chunk(content="a"), chunk("stop"), zeros, DONE) == expected


def test_a_usage_chunk_of_ours_takes_its_name_from_the_opening_where_there_is_none() -> None:
    own = json.loads(passed().split(b"\n\n")[0][6:])
    assert (own["id"], own["created"], own["model"]) == ("chatcmpl-r1", 7, "asked")


def test_usage_on_a_content_chunk_is_enough() -> None:
    frames = [chunk(content="a"), chunk("stop", usage=COUNTS)]
    assert passed(*frames) == b"".join(frames) + DONE


def test_nothing_passes_after_the_end_mark() -> None:
    frames = [chunk("stop", usage=COUNTS), DONE, chunk(content="late"), DONE]
    assert passed(*frames) == frames[0] + DONE


def test_rubbish_between_events_passes() -> None:
    frames = [chunk(content="a"), b"data: oops\n\n", chunk("stop", usage=COUNTS), DONE]
    assert passed(*frames) == b"".join(frames)
