"""Streams out: the official grammar, its numbering, its end; and frames that pass untouched."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import BLANK, Close, Delta, Event, Item, Open, Seal, Start, Stop
from faregate.formats.openai_responses import DIALECT, writer
from faregate.formats.turn import Inline, Media, Opaque, Sealed
from faregate.formats.usage import Usage

OPENING = Opening(model="m", id="req1", created=9)
USAGE = Usage(input=4, output=2)
FAULT = Fault(status=503, message="busy", kind="rate_limit", request_id="req1")


def read(stream: bytes) -> list[dict[str, Any]]:
    """The data of every frame, whose event name and number must agree with it."""
    found: list[dict[str, Any]] = []
    for number, one in enumerate(stream.decode().split("\n\n")[:-1]):
        name, data = one.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        assert event.pop("sequence_number") == number
        found.append(event)
    return found


def written(events: Iterable[Event], usage: Usage = USAGE) -> list[dict[str, Any]]:
    out = DIALECT.writer(OPENING)
    return read(b"".join(map(out.write, events)) + out.end(usage) + out.end(usage))


def kinds(events: Iterable[Event]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in written(events)]


def test_words_have_the_whole_grammar() -> None:
    events = written(
        [Start("resp_1", "up", 5), Open(0, "text"), Delta(0, 'a"\n'), Delta(0, "b"), Close(0), Stop("stop")]
    )
    place = {"item_id": "msg_1_0", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": 'a"\nb', "annotations": [], "logprobs": []}
    item = {"type": "message", "id": "msg_1_0", "role": "assistant"}
    assert events[2:-1] == [
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **place, "part": {**part, "text": ""}},
        {"type": "response.output_text.delta", **place, "logprobs": [], "delta": 'a"\n'},
        {"type": "response.output_text.delta", **place, "logprobs": [], "delta": "b"},
        {"type": "response.output_text.done", **place, "text": 'a"\nb', "logprobs": []},
        {"type": "response.content_part.done", **place, "part": part},
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": {**item, "status": "completed", "content": [part]},
        },
    ]
    created, progress, last = events[0], events[1], events[-1]
    assert created["type"] == "response.created"
    assert created["response"] == progress["response"]
    assert (created["response"]["status"], created["response"]["output"]) == ("in_progress", [])
    assert (created["response"]["id"], created["response"]["model"], created["response"]["created_at"]) == (
        "resp_1",
        "m",
        5,
    )
    assert last["type"] == "response.completed"
    assert last["response"]["output"] == [events[-2]["item"]]
    assert last["response"]["usage"]["total_tokens"] == 6


def test_thoughts_wait_for_their_second_piece() -> None:
    out = DIALECT.writer(OPENING)
    out.write(Start("resp_1", "up"))
    assert out.write(Open(0, "thinking")) == b""
    assert out.write(Delta(0, "a")) == b""
    assert out.write(Delta(0, "b")).count(b"reasoning_summary_text.delta") == 4
    assert out.write(Seal(0, Sealed("anthropic", "sig"))) == b""
    done = out.write(Close(0))
    assert (
        b'"id":"rs_fg_1_0","summary":[{"type":"summary_text","text":"ab"}],"encrypted_content":"fg1.anthropic..sig"'
        in done
    )


def test_thoughts_that_come_whole_keep_the_id_and_pieces_they_were_issued_in() -> None:
    data = '{"id":"rs_9","encrypted_content":"x","parts":[["s",1],["c",1]]}'
    events = [
        Open(0, "thinking"),
        Delta(0, "a\n\nb"),
        Seal(0, Sealed("openai_responses", data)),
        Delta(0, "late"),
        Close(0),
    ]
    assert kinds(events) == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "reasoning_text.delta",
        "reasoning_text.done",
        "output_item.done",
        "completed",
    ]
    assert written(events)[-1]["response"]["output"] == [
        {
            "type": "reasoning",
            "id": "rs_9",
            "summary": [{"type": "summary_text", "text": "a"}],
            "content": [{"type": "reasoning_text", "text": "b"}],
            "encrypted_content": "x",
        }
    ]


def test_thoughts_known_by_id_stream_at_once() -> None:
    sealed = Sealed("openai_responses", '{"id":"rs_9","encrypted_content":"x"}')
    events = written([Open(0, "thinking", "rs_9"), Delta(0, "a"), Seal(0, sealed), Close(0)])
    assert {event["item_id"] for event in events if "item_id" in event} == {"rs_9"}
    assert events[-2]["item"]["encrypted_content"] == "x"


def test_a_short_thought_and_a_sealed_one() -> None:
    assert kinds([Open(0, "thinking"), Delta(0, "a"), Close(0)])[2:-1] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    redacted = written([Open(0, "thinking"), Seal(0, Sealed("anthropic", "s")), Close(0)])
    assert redacted[-2]["item"] == {
        "type": "reasoning",
        "id": "rs_fg_req1_0",
        "summary": [],
        "encrypted_content": "fg1.anthropic..s",
    }
    assert kinds([Open(0, "thinking"), Close(0)]) == ["created", "in_progress", "completed"]


def test_parallel_calls_may_interleave() -> None:
    events = written(
        [
            Open(0, "tool", "c1", "f"),
            Open(1, "tool", "c2", "ns-ns-p", custom=True),
            Delta(1, "x"),
            Delta(0, '{"a":'),
            Delta(0, "1}"),
            Close(1),
            Seal(0, Sealed("gemini", "s")),
            Close(0),
            Stop("tool_calls"),
        ]
    )
    assert [event["type"].removeprefix("response.") for event in events[2:-1]] == [
        "output_item.added",
        "output_item.added",
        "custom_tool_call_input.delta",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "custom_tool_call_input.done",
        "output_item.done",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "output_item.done",
    ]
    assert events[9] == {
        "type": "response.function_call_arguments.done",
        "item_id": "fc_req1_0",
        "output_index": 0,
        "name": "f",
        "arguments": '{"a":1}',
    }
    called, custom, carrier = events[-1]["response"]["output"]
    assert (called["call_id"], called["arguments"], called["status"]) == ("c1", '{"a":1}', "completed")
    assert (custom["name"], custom["namespace"], custom["input"]) == ("p", "ns", "x")
    assert carrier["encrypted_content"] == "fg1.gemini..s"


def test_refusals_and_whole_items() -> None:
    raw = b'{"type":"mcp_call","id":"m"}'
    events = written(
        [
            Open(0, "refusal"),
            Delta(0, "no"),
            Close(0),
            Open(1, "item"),
            Item(1, Media("image", Inline("image/png", "AA"))),
            Close(1),
            Open(2, "item"),
            Item(2, Opaque("openai_responses", "mcp_call", raw)),
            Close(2),
            Open(3, "item"),
            Item(3, Opaque("anthropic", "x", b"{}")),
            Close(3),
            Open(4, "item"),
            Close(4),
            Stop("refusal", "content_filter"),
        ]
    )
    assert [event["type"] for event in events[3:8]] == [
        "response.content_part.added",
        "response.refusal.delta",
        "response.refusal.done",
        "response.content_part.done",
        "response.output_item.done",
    ]
    last = events[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "content_filter"}
    assert [item["type"] for item in last["response"]["output"]] == ["message", "image_generation_call", "mcp_call"]


def test_words_of_another_dialect_s_item_are_streamed_as_a_message() -> None:
    item = [Open(0, "item"), Item(0, Opaque("gemini", "executableCode", b"{}", words="x = 1")), Close(0)]
    words = [Open(0, "text"), Delta(0, "x = 1"), Close(0)]
    assert written(item) == written(words)


def test_the_end_closes_what_is_open_and_needs_no_stop() -> None:
    assert kinds([Open(0, "text"), Delta(0, "a"), Start("late", "m")])[-3:] == [
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert kinds([]) == ["created", "in_progress", "completed"]


def test_other_choices_and_unknown_blocks_are_left_out() -> None:
    events = [
        Open(0, "text", choice=1),
        Delta(0, "a"),
        Seal(0, Sealed("gemini", "s")),
        Item(0, Media("image", Inline("a", "b"))),
        Close(0),
        Stop("length", choice=1),
    ]
    assert kinds(events) == ["created", "in_progress", "completed"]


def test_a_failure_ends_the_stream() -> None:
    out = DIALECT.writer(OPENING)
    stream = b"".join(map(out.write, [Open(0, "text"), Delta(0, "a"), Close(0), Open(1, "text")])) + out.fail(FAULT)
    last = read(stream)[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["error"] == {"code": "rate_limit_exceeded", "message": "busy (request id: req1)"}
    assert (last["response"]["status"], len(last["response"]["output"])) == ("failed", 1)
    assert out.fail(FAULT) + out.end(USAGE) + out.write(Delta(1, "b")) + out.write(Close(1)) == b""


def test_an_endless_answer_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "REPEATED_CHARACTERS", 4)
    events = written(
        [
            Open(0, "text"),
            Delta(0, "abc"),
            Delta(0, "de"),
            Close(0),
            Open(1, "thinking"),
            Delta(1, "f"),
            Delta(1, "g"),
            Close(1),
            Open(2, "tool", "c", "f"),
            Delta(2, "{}"),
            Close(2),
        ]
    )
    assert "".join(event["delta"] for event in events if event["type"].endswith("delta")) == "abcdefg{}"
    text, thought, called = events[-1]["response"]["output"]
    assert (text["content"][0]["text"], text["status"], thought["summary"]) == ("", "incomplete", [])
    assert called["arguments"] == "{}"


def test_frames_pass_untouched_and_nothing_is_added() -> None:
    passage = DIALECT.passage(OPENING)
    created = (
        b'event: response.created\r\ndata: {"type":"response.created","response":{"id":"resp_5","model":"up"}}\r\n\r\n'
    )
    frames = [b": hi\n\n", created, b"data: {oops\n\n", b"data: [DONE]\n\n"]
    assert [passage.feed(frame, BLANK) for frame in frames] == frames
    assert passage.end(USAGE, False) == b""
    failed = json.loads(passage.fail(FAULT).split(b"data: ")[1])
    assert (failed["type"], failed["sequence_number"]) == ("response.failed", 4)
    assert (failed["response"]["id"], failed["response"]["model"]) == ("resp_5", "up")


def test_a_failure_before_any_frame_names_the_call() -> None:
    for first in (b"", b"data: oops\n\n"):
        passage = DIALECT.passage(OPENING)
        passage.feed(first, BLANK)
        failed = json.loads(passage.fail(FAULT).split(b"data: ")[1])["response"]
        assert (failed["id"], failed["model"], failed["created_at"]) == ("resp_req1", "m", 9)
