"""What the pipeline sees of single frames."""

import json
from typing import Any

import pytest

from faregate.formats.events import BLANK, Glimpse
from faregate.formats.openai_responses import DIALECT
from faregate.formats.usage import Usage

USAGE = {"input_tokens": 4, "output_tokens": 2}
SEEN = Usage(input=4, output=2, prompt=4, completion=2)


def glimpse(**event: Any) -> Glimpse:
    return DIALECT.glimpse(f"event: x\ndata: {json.dumps(event)}\n\n".encode())


@pytest.mark.parametrize(
    "kind",
    [
        "output_text",
        "refusal",
        "reasoning_summary_text",
        "reasoning_text",
        "function_call_arguments",
        "custom_tool_call_input",
    ],
)
def test_every_delta_of_words_is_live_text(kind: str) -> None:
    assert glimpse(type=f"response.{kind}.delta", delta="a") == Glimpse(live=True, text="a")


def test_deltas_that_are_no_words_are_live_only() -> None:
    assert glimpse(type="response.output_audio.delta", delta="AAAA") == Glimpse(live=True)
    assert glimpse(type="response.reasoning_summary.delta", delta={"text": "a"}) == Glimpse(live=True)
    assert glimpse(type="response.image_generation_call.partial_image") == Glimpse(live=True)


@pytest.mark.parametrize(
    "kind", ["created", "in_progress", "queued", "content_part.added", "web_search_call.searching"]
)
def test_steps_without_content_are_blank(kind: str) -> None:
    assert glimpse(type=f"response.{kind}", response={"output": []}) == BLANK


def test_an_item_is_live_when_it_says_something() -> None:
    added = "response.output_item.added"
    assert glimpse(type=added, item={"type": "message"}) == BLANK
    assert glimpse(type=added, item={"type": "reasoning"}) == BLANK
    assert glimpse(type=added, item=[]) == BLANK
    assert glimpse(type=added, item={"type": "mcp_call"}) == Glimpse(live=True)
    assert glimpse(type=added, item={"type": "function_call", "name": "f"}) == Glimpse(
        live=True, text="f", tool_calls=1
    )
    assert glimpse(type=added, item={"type": "custom_tool_call"}) == Glimpse(live=True, tool_calls=1)
    assert glimpse(type="response.output_item.done", item={}) == Glimpse(live=True)


@pytest.mark.parametrize("kind", ["completed", "incomplete", "done"])
def test_the_last_event_is_final_and_brings_usage(kind: str) -> None:
    assert glimpse(type=f"response.{kind}", response={"usage": USAGE}) == Glimpse(live=True, final=True, usage=SEEN)
    assert glimpse(type=f"response.{kind}", response=3).final


def test_a_failure_is_an_error_and_brings_its_usage() -> None:
    for kind in ("response.failed", "response.completed"):
        seen = glimpse(
            type=kind, response={"status": "failed", "usage": USAGE, "error": {"message": "no", "code": "c"}}
        )
        assert (seen.final, seen.live, seen.usage) == (False, False, SEEN)
        fault = DIALECT.parse_error(seen.error, 200)
        assert (fault.message, fault.code) == ("no", "c")


def test_error_events_in_both_forms() -> None:
    for event in ({"type": "error", "message": "no"}, {"type": "error", "error": {"message": "no"}}):
        assert DIALECT.parse_error(glimpse(**event).error, 200).message == "no"
    assert DIALECT.parse_error(glimpse(error={"message": "no"}).error, 200).message == "no"


def test_frames_without_data_and_odd_ones() -> None:
    for frame in (b": ping\n\n", b"data: [DONE]\n\n", b"event: x\n\n", b"\n\n", b"data: {}\n\n", b"data: []\n\n"):
        assert DIALECT.glimpse(frame) == BLANK
    assert DIALECT.glimpse(b"data: {oops\n\n") == Glimpse(junk=True)


def test_data_over_two_lines_is_one_event() -> None:
    frame = b'data: {"type":"response.output_text.delta",\ndata: "delta":"a"}\n\n'
    assert DIALECT.glimpse(frame) == Glimpse(live=True, text="a")
    assert DIALECT.glimpse(frame.replace(b"\n", b"\r\n")) == Glimpse(live=True, text="a")


def test_the_newest_usage_counts() -> None:
    assert DIALECT.merge(Usage(input=1), SEEN) == SEEN


def test_half_a_character_is_no_junk() -> None:
    frame = b'data: {"type":"response.output_text.delta","delta":"a\\ud83d"}\n\n'
    assert DIALECT.glimpse(frame) == Glimpse(live=True, text="a\ufffd")
