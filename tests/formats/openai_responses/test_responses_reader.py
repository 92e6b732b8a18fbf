"""Streams in: sparse, odd and broken upstreams lose nothing and say nothing twice."""

import json
from typing import Any

from faregate.formats.events import Choice, Close, Delta, Event, Item, Open, Seal, Start, Stop
from faregate.formats.fold import fold
from faregate.formats.openai_responses import DIALECT
from faregate.formats.turn import Opaque, Sealed, Text, Thinking, ToolCall

CREATED = {"type": "response.created", "response": {"id": "resp_1", "model": "m", "created_at": 7}}


def frame(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def events(*steps: dict[str, Any] | bytes, origin: str = "") -> list[Event]:
    reader = DIALECT.reader(origin)
    frames = [step if isinstance(step, bytes) else frame(step) for step in steps]
    return [event for one in frames for event in reader.feed(one)] + list(reader.end())


def choice(*steps: dict[str, Any] | bytes) -> Choice:
    return fold(events(*steps)).choices[0]


def step(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **fields}


def final(*output: Any, **fields: Any) -> dict[str, Any]:
    return step("completed", response={"id": "resp_1", "status": "completed", "output": list(output), **fields})


def call(identity: str, arguments: str, **more: Any) -> dict[str, Any]:
    return {"type": "function_call", "id": identity, "call_id": "c1", "name": "f", "arguments": arguments, **more}


def test_the_usual_order() -> None:
    assert events(
        CREATED,
        step("output_text.delta", output_index=0, item_id="m1", content_index=0, delta="po"),
        step("output_text.delta", output_index=0, item_id="m1", content_index=0, delta="ng"),
        final({"type": "message", "id": "m1", "content": [{"type": "output_text", "text": "pong"}]}),
        step("output_text.delta", output_index=0, delta="after the end"),
    ) == [
        Start("resp_1", "m", 7),
        Open(0, "text"),
        Delta(0, "po"),
        Delta(0, "ng"),
        Close(0),
        Stop("stop", "completed"),
    ]


def test_a_stream_may_begin_anywhere() -> None:
    assert events(step("output_text.delta", delta="a"), b": ping\n\n", b"data: [DONE]\n\n", b"data: {\n\n") == [
        Start("", ""),
        Open(0, "text"),
        Delta(0, "a"),
        Close(0),
    ]
    assert events(step("failed", response={"id": "r"}), {"type": "error", "message": "no"}) == [Start("r", "")]
    assert events(step("completed", response=5)) == [Start("", ""), Stop("stop", "")]


def test_all_of_it_in_the_last_event() -> None:
    assert choice(
        final(
            {"type": "reasoning", "id": "rs_1", "summary": [{"text": "a"}], "encrypted_content": "x"},
            {"type": "message", "content": [{"text": "b"}, {"type": "refusal", "refusal": "c"}, {"text": "d"}]},
            call("fc_1", "{}"),
            "junk",
        )
    ).parts[1::2] == (Text("b"), Text("d"))


def test_texts_only_in_done_events() -> None:
    assert choice(
        step("reasoning_text.done", output_index=0, item_id="rs", text="why"),
        step("output_text.done", output_index=1, item_id="m", text="so"),
        step("refusal.done", output_index=1, item_id="m", content_index=1, refusal="no"),
        final(),
    ).parts[:2] == (Thinking("why"), Text("so"))


def test_arguments_that_come_before_their_call_are_kept() -> None:
    found = choice(
        step("function_call_arguments.delta", output_index=0, item_id="fc_1", delta='{"a"'),
        step("function_call_arguments.delta", item_id="fc_1", delta=":1"),
        step("output_item.added", output_index=0, item=call("fc_1", "")),
        step("function_call_arguments.done", output_index=0, arguments='{"a":1}'),
        step("output_item.done", output_index=0, item=call("fc_1", '{"a":1}')),
        final(call("fc_1", '{"a":1}')),
    )
    assert found == Choice((ToolCall("c1", "f", '{"a":1}'),), "tool_calls", "completed")


def test_deltas_known_only_by_item_id_belong_to_the_item() -> None:
    assert choice(
        step("function_call_arguments.delta", item_id="fc_1", delta='{"a"'),
        step("output_item.added", output_index=3, item=call("fc_1", "")),
        step("function_call_arguments.delta", output_index=3, item_id="fc_1", delta=":1}"),
        final(call("fc_1", '{"a":1}')),
    ).parts == (ToolCall("c1", "f", '{"a":1}'),)


def test_a_host_that_changes_ids_is_followed_by_index() -> None:
    assert choice(
        step("output_text.delta", output_index=0, item_id="x1", delta="a"),
        step("output_text.delta", output_index=0, item_id="x2", delta="b"),
        step("output_item.done", output_index=0, item={"type": "message", "id": "x3", "content": [{"text": "ab"}]}),
        final({"type": "message", "id": "x4", "content": [{"text": "ab"}]}),
    ).parts == (Text("ab"),)


def test_a_call_whose_item_never_came_gets_an_id() -> None:
    named = step("function_call_arguments.done", item_id="fc_1", name="f", arguments="{}")
    nameless = step("function_call_arguments.delta", output_index=5, delta="{}")
    assert choice(named, nameless, final()).parts == (ToolCall("fc_1", "f", "{}"),)
    custom = step("custom_tool_call_input.done", output_index=0, name="p", input="x")
    assert choice(custom, final()).parts == (ToolCall("call_output_0", "p", "x", custom=True),)


def test_a_call_without_a_name_is_still_one_in_the_end() -> None:
    nameless = {"type": "function_call", "call_id": "c", "arguments": "{}"}
    assert choice(
        step("output_item.added", output_index=0, item=nameless),
        step("output_item.done", output_index=0, item=nameless),
    ).parts == (ToolCall("c", "", "{}"),)


def test_parallel_calls_stay_open_side_by_side() -> None:
    found = events(
        CREATED,
        step("output_item.added", output_index=0, item=call("a", "")),
        step("output_item.added", output_index=1, item=call("b", "", call_id="c2")),
        step("function_call_arguments.delta", output_index=0, delta="{}"),
        step("function_call_arguments.delta", output_index=1, delta="[]"),
        step("output_item.done", output_index=1, item=call("b", "[]", call_id="c2")),
    )
    assert found == [
        Start("resp_1", "m", 7),
        Open(0, "tool", "c1", "f"),
        Open(1, "tool", "c2", "f"),
        Delta(0, "{}"),
        Delta(1, "[]"),
        Close(1),
        Close(0),
    ]


def test_summaries_are_parted_by_a_blank_line() -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [{"text": "a"}, {"text": "b"}], "encrypted_content": "x"}
    found = events(
        CREATED,
        step("output_item.added", output_index=0, item={**item, "summary": []}),
        step("reasoning_summary_text.delta", output_index=0, item_id="rs_1", summary_index=0, delta="a"),
        step("reasoning_summary_text.delta", output_index=0, item_id="rs_1", summary_index=1, delta="b"),
        step("reasoning_summary_text.done", output_index=0, item_id="rs_1", summary_index=1, text="b"),
        step("output_item.done", output_index=0, item=item),
        origin="here",
    )
    data = '{"id":"rs_1","encrypted_content":"x","parts":[["s",1],["s",1]]}'
    assert found[1:] == [
        Open(0, "thinking", "rs_1"),
        Delta(0, "a"),
        Delta(0, "\n\nb"),
        Seal(0, Sealed("openai_responses", data, "here")),
        Close(0),
    ]


def test_thoughts_moved_between_fields_are_not_said_twice() -> None:
    found = choice(
        step("reasoning_summary_text.delta", output_index=0, item_id="rs", delta="thi"),
        final({"type": "reasoning", "id": "rs", "content": [{"type": "summary_text", "text": "think"}]}),
    )
    assert found.parts == (Thinking("think", Sealed("openai_responses", '{"id":"rs","parts":[["c",5]]}')),)


def test_an_unseen_seal_opens_a_block_of_its_own() -> None:
    item = {"type": "reasoning", "id": "rs", "summary": [{"text": "ab"}], "encrypted_content": "x"}
    found = events(
        step("reasoning_text.delta", output_index=0, delta="a"),
        step("output_text.delta", output_index=1, delta="t"),
        step("reasoning_text.delta", output_index=0, delta="b"),
        step("output_text.delta", output_index=1, delta="u"),
        final(item),
    )
    assert [event for event in found if isinstance(event, Open)] == [
        Open(0, "thinking"),
        Open(1, "text"),
        Open(2, "thinking"),
        Open(3, "text"),
        Open(4, "thinking", "rs"),
    ]
    assert isinstance(found[-3], Seal)


def test_an_item_nobody_else_knows_comes_whole() -> None:
    item = {"type": "web_search_call", "id": "ws", "status": "completed"}
    raw = b'{"type":"web_search_call","id":"ws","status":"completed"}'
    assert events(
        step("output_item.added", output_index=0, item={**item, "status": "in_progress"}),
        step("web_search_call.searching", output_index=0, item_id="ws"),
        step("output_item.done", output_index=0, item=item),
        final(item),
    ) == [
        Start("", ""),
        Open(0, "item"),
        Item(0, Opaque("openai_responses", "web_search_call", raw)),
        Close(0),
        Stop("stop", "completed"),
    ]


def test_odd_events_are_ignored() -> None:
    assert (
        choice(
            step("output_item.added", output_index=0),
            step("output_item.done", output_index=0, item=5),
            step("output_text.delta", output_index=0, delta={"a": 1}),
            step("output_text.annotation.added", output_index=0, annotation={}),
            step("output_text.delta", output_index="0", delta="x"),
            {"type": "keepalive"},
            final(),
        ).parts
        == ()
    )
