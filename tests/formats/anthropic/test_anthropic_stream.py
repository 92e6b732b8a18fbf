"""Reading, glimpsing, passing on and writing streams, odd ones included."""

import json
from typing import Any

import pytest

from faregate.formats.anthropic import DIALECT
from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import BLANK, Close, Delta, Event, Glimpse, Item, Open, Seal, Start, Stop
from faregate.formats.frames import Frames, frame
from faregate.formats.turn import FileReference, Inline, Link, Media, Opaque, Sealed
from faregate.formats.usage import NOTHING, Usage

Wire = dict[str, Any]


def sse(event: Wire) -> bytes:
    return frame(json.dumps(event, separators=(",", ":")).encode(), event.get("type", ""))


def start(**usage: int) -> Wire:
    return {"type": "message_start", "message": {"id": "msg_1", "model": "up", "content": [], "usage": usage}}


def begin(index: int, kind: str = "text", **fields: Any) -> Wire:
    return {"type": "content_block_start", "index": index, "content_block": {"type": kind, **fields}}


def grow(index: int, kind: str = "text_delta", **fields: Any) -> Wire:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def close(index: int) -> Wire:
    return {"type": "content_block_stop", "index": index}


def last(reason: str | None = "end_turn", **usage: int) -> Wire:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}


def read(*events: Wire, origin: str = "") -> list[Event]:
    reader = DIALECT.reader(origin)
    return [event for wire in events for event in reader.feed(sse(wire))] + list(reader.end())


# --- reader ----------------------------------------------------------------------------------------------
def test_what_was_not_opened_is_opened_and_what_was_not_closed_is_closed() -> None:
    assert read(grow(0, text="a"), grow(1, "input_json_delta", partial_json="{}"), last()) == [
        Start("", ""),
        Open(0, "text"),
        Delta(0, "a"),
        Open(1, "tool"),
        Delta(1, "{}"),
        Close(0),
        Close(1),
        Stop("stop", "end_turn"),
    ]


def test_a_cut_stream_closes_its_blocks_and_has_no_stop() -> None:
    assert read(start(), begin(0), grow(0, text="a")) == [
        Start("msg_1", "up"),
        Open(0, "text"),
        Delta(0, "a"),
        Close(0),
    ]


def test_blocks_are_numbered_in_order_of_opening() -> None:
    assert [event for event in read(begin(3), close(3), begin(7), close(7)) if isinstance(event, Open)] == [
        Open(0, "text"),
        Open(1, "text"),
    ]


def test_a_second_stop_and_what_follows_are_ignored() -> None:
    assert read(start(), last("tool_use"), last("end_turn"), begin(0)) == [
        Start("msg_1", "up"),
        Stop("tool_calls", "tool_use"),
    ]


def test_words_and_arguments_may_come_with_the_start_of_a_block() -> None:
    call = {"id": "t", "name": "f", "input": {"a": 1}}
    assert read(start(), begin(0, text="Hel"), grow(0, text="lo"), begin(1, "tool_use", **call), close(1))[1:] == [
        Open(0, "text"),
        Delta(0, "Hel"),
        Delta(0, "lo"),
        Open(1, "tool", "t", "f"),
        Delta(1, '{"a":1}'),
        Close(1),
        Close(0),
    ]
    grown = read(begin(0, "tool_use", **call), grow(0, "input_json_delta", partial_json="{}"), close(0))
    assert grown[2:] == [Delta(0, "{}"), Close(0)]


def test_own_seals_are_bound_to_the_account() -> None:
    events = read(
        begin(0, "thinking", thinking="", signature=""),
        grow(0, "thinking_delta", thinking="hm"),
        grow(0, "signature_delta", signature="SI"),
        grow(0, "signature_delta", signature="G"),
        close(0),
        begin(1, "redacted_thinking", data="RED"),
        close(1),
        begin(2, "thinking", thinking="", signature="fg1.gemini.them.X"),
        close(2),
        origin="acct",
    )
    assert [event for event in events if isinstance(event, Seal)] == [
        Seal(0, Sealed("anthropic", "SIG", "acct")),
        Seal(1, Sealed("anthropic", "RED", "acct")),
        Seal(2, Sealed("gemini", "X", "them")),
    ]


def test_a_server_block_whose_input_is_broken_stays_as_it_began() -> None:
    head = begin(0, "server_tool_use", id="s", name="web_search", input={})
    raw = b'{"type":"server_tool_use","id":"s","name":"web_search","input":{}}'
    events = read(head, grow(0, "input_json_delta", partial_json='{"query'), close(0))
    assert events[2] == Item(0, Opaque("anthropic", "server_tool_use", raw))


@pytest.mark.parametrize(
    "odd",
    [
        b": comment\n\n",
        b"data: [DONE]\n\n",
        b"data: rubbish\n\n",
        b"data: [1]\n\n",
        b'data: "x"\n\n',
        b'event: ping\ndata: {"type":"ping"}\n\n',
        b'data: {"type":"content_block_delta","index":"x","delta":{"type":"new_delta","text":null}}\n\n',
        b'data: {"type":"content_block_delta"}\n\n',
        b'data: {"type":"message_delta","delta":{"stop_reason":null}}\n\n',
        b'data: {"type":7,"message":{"id":5}}\n\n',
        b'data: {"type":"content_block_stop","index":9}\n\n',
    ],
)
def test_what_says_nothing_is_ignored(odd: bytes) -> None:
    reader = DIALECT.reader("")
    assert [*reader.feed(odd), *reader.end()] == []
    assert not DIALECT.glimpse(odd).final
    assert DIALECT.glimpse(odd).text == ""


def test_fields_of_a_wrong_type_are_as_if_absent() -> None:
    wire = b'data: {"type":"content_block_delta","index":"0","delta":{"type":"text_delta","text":"a","thinking":5}}\n\n'
    assert list(DIALECT.reader("").feed(wire))[2] == Delta(0, "a")
    assert DIALECT.glimpse(wire) == Glimpse(live=True, text="a")
    block = b'data: {"type":"content_block_start","content_block":{"type":"text","text":[]}}\n\n'
    assert list(DIALECT.reader("").feed(block)) == [Start("", ""), Open(0, "item")]
    head = b'data: {"type":"message_start","message":{"id":5,"model":"m"}}\n\n'
    assert list(DIALECT.reader("").feed(head)) == [Start("", "")]


def test_frames_may_come_with_carriage_returns_or_several_data_lines() -> None:
    assert list(DIALECT.reader("").feed(sse(start()).replace(b"\n", b"\r\n"))) == [Start("msg_1", "up")]
    wire = b'data: {"type":"message_start",\ndata: "message":{"id":"msg_1","model":"up"}}\n\n'
    assert list(DIALECT.reader("").feed(wire)) == [Start("msg_1", "up")]


# --- glimpse ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wire", "seen"),
    [
        (grow(0, text="po"), Glimpse(live=True, text="po")),
        (grow(0, "thinking_delta", thinking="hm"), Glimpse(live=True, text="hm")),
        (grow(0, "input_json_delta", partial_json="{}"), Glimpse(live=True, text="{}")),
        (grow(0, "signature_delta", signature="s"), Glimpse(live=True)),
        (grow(0, "citations_delta", citation={}), Glimpse(live=True)),
        (grow(0, text=""), BLANK),
        (begin(0, text=""), BLANK),
        (begin(0, text="po"), Glimpse(live=True, text="po")),
        (begin(0, "thinking", thinking="", signature=""), BLANK),
        (begin(0, "tool_use", id="t", name="f", input={}), Glimpse(live=True, text="f", tool_calls=1)),
        (begin(0, "redacted_thinking", data="x"), Glimpse(live=True)),
        (close(0), BLANK),
        ({"type": "ping"}, BLANK),
        ({"type": "message_stop"}, BLANK),
        (start(input_tokens=0, output_tokens=0), BLANK),
        (last(), Glimpse(final=True)),
        (last(None), BLANK),
    ],
)
def test_a_glimpse_sees_the_little_that_matters(wire: Wire, seen: Glimpse) -> None:
    assert DIALECT.glimpse(sse(wire)) == seen


def test_a_glimpse_sees_usage() -> None:
    assert DIALECT.glimpse(sse(start(input_tokens=9, output_tokens=1))).usage == Usage(
        input=9, output=1, prompt=9, completion=1, semantic="anthropic"
    )
    assert DIALECT.glimpse(sse(last(output_tokens=3))) == Glimpse(
        final=True, usage=Usage(output=3, completion=3, semantic="anthropic")
    )


@pytest.mark.parametrize(
    "data",
    [b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', b'{"error":{"message":"busy"}}'],
)
def test_an_error_in_a_stream_is_seen(data: bytes) -> None:
    assert DIALECT.glimpse(frame(data, "error")) == Glimpse(error=data)


def test_data_that_is_no_json_is_junk() -> None:
    assert DIALECT.glimpse(b"data: rubbish\n\n") == Glimpse(junk=True)


# --- passage ---------------------------------------------------------------------------------------------
def passed(*events: Wire) -> tuple[list[bytes], bytes]:
    passage = DIALECT.passage(Opening("m"))
    out = [passage.feed(sse(wire), DIALECT.glimpse(sse(wire))) for wire in events]
    return out, passage.end(NOTHING, True)


def test_a_last_usage_without_input_gets_what_the_start_told() -> None:
    split = {"ephemeral_5m_input_tokens": 70, "ephemeral_1h_input_tokens": 30}
    head = start(input_tokens=500, cache_read_input_tokens=400, cache_creation_input_tokens=100, output_tokens=1)
    head["message"]["usage"]["cache_creation"] = split
    out, tail = passed(head, last("tool_use", output_tokens=100), {"type": "message_stop"})
    assert out[0] == sse(head)
    assert out[1] == (
        b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},'
        b'"usage":{"output_tokens":100,"input_tokens":500,"cache_read_input_tokens":400,'
        b'"cache_creation_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":70,'
        b'"ephemeral_1h_input_tokens":30}}}\n\n'
    )
    assert tail == b""


def test_zeros_are_replaced_and_everything_else_keeps_its_bytes() -> None:
    passage = DIALECT.passage(Opening("m"))
    passage.feed(
        sse(start(input_tokens=9, output_tokens=1)), DIALECT.glimpse(sse(start(input_tokens=9, output_tokens=1)))
    )
    told = b'{"output_tokens": 3,"input_tokens":0,"y":1.10 }'
    wire = b'data: {"x": 1.10, "type": "message_delta",  "usage" : %s ,"delta":{}}\n\n' % told
    assert passage.feed(wire, DIALECT.glimpse(wire)) == wire.replace(
        told, b'{"output_tokens":3,"input_tokens":9,"y":1.10}'
    )


@pytest.mark.parametrize(
    "end",
    [
        last(input_tokens=120, output_tokens=10),
        last(input_tokens=0, cache_read_input_tokens=9000, output_tokens=10),
        last(),
    ],
)
def test_a_last_usage_that_tells_the_input_or_nothing_is_not_touched(end: Wire) -> None:
    assert passed(start(input_tokens=100, output_tokens=1), end)[0][1] == sse(end)


def test_usage_spread_over_data_lines_is_not_touched() -> None:
    passage = DIALECT.passage(Opening("m"))
    head = sse(start(input_tokens=9, output_tokens=1))
    passage.feed(head, DIALECT.glimpse(head))
    wire = b'data: {"type":"message_delta","usage":{"output_tokens":3,\ndata: "x":1}}\n\n'
    assert passage.feed(wire, DIALECT.glimpse(wire)) == wire


def test_a_missing_message_stop_is_supplied_once() -> None:
    passage = DIALECT.passage(Opening("m"))
    passage.feed(sse(last()), DIALECT.glimpse(sse(last())))
    assert passage.end(NOTHING, False) == b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    assert passage.end(NOTHING, False) == b""


def test_text_that_speaks_of_message_stop_is_no_end() -> None:
    assert passed(grow(0, text="message_stop"), last())[1] != b""


# --- writer ----------------------------------------------------------------------------------------------
def written(*events: Event, usage: Usage = NOTHING, opening: Opening | None = None) -> list[Wire]:
    writer = DIALECT.writer(opening or Opening("asked", prompt_tokens=7, id="req_1"))
    out = b"".join(map(writer.write, events)) + writer.end(usage)
    assert writer.end(usage) == b""
    told = [json.loads(one.partition(b"\ndata: ")[2]) for one in Frames().feed(out)]
    assert [one.partition(b"\n")[0] for one in Frames().feed(out)] == [
        b"event: " + wire["type"].encode() for wire in told
    ]
    return told


def test_a_stream_is_written_with_its_lifecycle() -> None:
    usage = Usage(input=5, image_in=4, cache_read=3, cache_write_1h=2, output=6, reasoning=1, web_searches=1)
    assert written(
        Start("c1", "up"),
        Open(0, "text"),
        Delta(0, "po"),
        Delta(0, 'n"g\n'),
        Close(0),
        Stop("length", "x"),
        usage=usage,
    ) == [
        {
            "type": "message_start",
            "message": {
                "id": "c1",
                "type": "message",
                "role": "assistant",
                "model": "up",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {
                    "input_tokens": 7,
                    "cache_creation_input_tokens": 0,
                    "cache_read_input_tokens": 0,
                    "output_tokens": 0,
                },
            },
        },
        begin(0, text=""),
        grow(0, text="po"),
        grow(0, text='n"g\n'),
        close(0),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "max_tokens", "stop_sequence": None},
            "usage": {
                "input_tokens": 9,
                "cache_creation_input_tokens": 2,
                "cache_read_input_tokens": 3,
                "output_tokens": 7,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 2},
                "output_tokens_details": {"thinking_tokens": 1},
                "server_tool_use": {"web_search_requests": 1},
            },
        },
        {"type": "message_stop"},
    ]


def test_interleaved_calls_are_written_one_after_the_other() -> None:
    told = written(
        Start("c1", "up"),
        Open(0, "tool", "c1", "f"),
        Delta(0, "{"),
        Open(1, "tool", "c2", "g"),
        Delta(1, "{}"),
        Delta(0, "}"),
        Close(1),
        Close(0),
        Stop("tool_calls"),
    )
    assert told[1:-2] == [
        begin(0, "tool_use", id="c1", name="f", input={}),
        grow(0, "input_json_delta", partial_json="{"),
        grow(0, "input_json_delta", partial_json="}"),
        close(0),
        begin(1, "tool_use", id="c2", name="g", input={}),
        grow(1, "input_json_delta", partial_json="{}"),
        close(1),
    ]
    assert told[-2]["delta"]["stop_reason"] == "tool_use"


def test_an_answer_without_stop_start_or_content_still_has_a_proper_end() -> None:
    told = written()
    assert [wire["type"] for wire in told] == [
        "message_start",
        "content_block_start",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert (told[0]["message"]["id"], told[0]["message"]["model"]) == ("req_1", "asked")
    assert told[3]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}


def test_thinking_shows_what_seal_it_has() -> None:
    told = written(
        Open(0, "thinking"),
        Delta(0, "hm"),
        Seal(0, Sealed("anthropic", "SIG", "acct")),
        Close(0),
        Open(1, "thinking"),
        Seal(1, Sealed("anthropic", "RED", "acct")),
        Close(1),
        Open(2, "thinking"),
        Seal(2, Sealed("anthropic", "omitted:SIG2")),
        Close(2),
        Open(3, "thinking"),
        Delta(3, "so"),
        Seal(3, Sealed("openai_responses", "ENC", "acct")),
        Close(3),
        Open(4, "thinking"),
        Close(4),
    )
    empty = {"thinking": "", "signature": ""}
    assert told[1:-2] == [
        begin(0, "thinking", **empty),
        grow(0, "thinking_delta", thinking="hm"),
        grow(0, "signature_delta", signature="SIG"),
        close(0),
        begin(1, "redacted_thinking", data="RED"),
        close(1),
        begin(2, "thinking", **empty),
        grow(2, "signature_delta", signature="SIG2"),
        close(2),
        begin(3, "thinking", **empty),
        grow(3, "thinking_delta", thinking="so"),
        grow(3, "signature_delta", signature="fg1.openai_responses.acct.ENC"),
        close(3),
        begin(4, "thinking", **empty),
        close(4),
    ]


def test_a_seal_on_a_call_follows_in_a_block_of_its_own() -> None:
    told = written(
        Open(0, "tool", "t", "f"),
        Delta(0, "{}"),
        Seal(0, Sealed("gemini", "c2ln", "acct")),
        Close(0),
        Open(1, "text"),
        Delta(1, "a"),
        Close(1),
    )
    assert told[1:-2] == [
        begin(0, "tool_use", id="t", name="f", input={}),
        grow(0, "input_json_delta", partial_json="{}"),
        close(0),
        begin(1, "redacted_thinking", data="fg1.gemini.acct.c2ln"),
        close(1),
        begin(2, text=""),
        grow(2, text="a"),
        close(2),
    ]


def test_a_seal_on_words_follows_them_when_they_do_not_close_the_answer() -> None:
    sealed = Sealed("gemini", "c2ln", "acct")
    words = (Open(0, "text"), Delta(0, "a"), Seal(0, sealed), Close(0))
    told = written(*words, Open(1, "text"), Delta(1, "b"), Seal(1, sealed), Close(1))
    assert told[1:-2] == [
        begin(0, text=""),
        grow(0, text="a"),
        close(0),
        begin(1, "redacted_thinking", data="fg1.gemini.acct.c2ln"),
        close(1),
        begin(2, text=""),
        grow(2, text="b"),
        close(2),
    ]


def test_items_are_shown_when_there_is_a_form_for_them() -> None:
    told = written(
        Open(0, "item"),
        Item(0, Opaque("anthropic", "web_search_tool_result", b'{"type": "web_search_tool_result",\n "content": []}')),
        Close(0),
        Open(1, "item"),
        Item(1, Media("image", Inline("image/png", "aQ=="))),
        Close(1),
        Open(2, "item"),
        Item(2, Media("audio", Link("https://a.example/1.mp3"))),
        Close(2),
        Open(3, "item"),
        Item(3, Opaque("openai_responses", "web_search_call", b"{}")),
        Close(3),
        Open(4, "refusal"),
        Delta(4, "no"),
        Close(4),
    )
    assert [wire for wire in told[1:-2] if wire["type"] != "content_block_stop"] == [
        begin(0, "web_search_tool_result", content=[]),
        begin(1, text=""),
        grow(1, text="![image](data:image/png;base64,aQ==)"),
        begin(2, text=""),
        grow(2, text="[media](https://a.example/1.mp3)"),
        begin(3, text=""),
        grow(3, text="no"),
    ]


def test_words_of_another_dialect_s_item_are_streamed_as_text() -> None:
    told = written(Open(0, "item"), Item(0, Opaque("gemini", "executableCode", b"{}", words="x = 1")), Close(0))
    assert told[1:-2] == [begin(0, text=""), grow(0, text="x = 1"), close(0)]


def test_free_text_of_a_custom_tool_is_wrapped_whole() -> None:
    told = written(Open(0, "tool", "t", "patch", custom=True), Delta(0, 'a"'), Delta(0, "b"), Close(0))
    assert told[2] == grow(0, "input_json_delta", partial_json='{"arguments":"a\\"b"}')
    assert [wire["type"] for wire in written(Open(0, "tool", "t", "patch", custom=True), Close(0))[1:-2]] == [
        "content_block_start",
        "content_block_stop",
    ]


@pytest.mark.parametrize("stop", [Stop("stop"), Stop("other", "eos")])
def test_a_plain_or_unknown_stop_after_a_call_is_tool_use(stop: Stop) -> None:
    told = written(Open(0, "tool", "t", "f"), Close(0), stop)
    assert told[-2]["delta"]["stop_reason"] == "tool_use"


def test_media_of_a_provider_are_shown_by_their_id() -> None:
    told = written(
        Open(0, "item"), Delta(0, "ignored"), Item(0, Media("image", FileReference("gemini", "f1"))), Close(0)
    )
    assert told[1:-2] == [begin(0, text=""), grow(0, text="![image](f1)"), close(0)]


def test_an_open_block_is_closed_at_the_end() -> None:
    assert written(Open(0, "text"), Delta(0, "a"))[-3] == close(0)


def test_a_failure_is_an_error_event_and_nothing_follows() -> None:
    fault = Fault(status=529, message="busy", kind="overloaded")
    expected = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'
    writer = DIALECT.writer(Opening("m"))
    assert writer.fail(fault) == expected
    assert writer.end(NOTHING) == b""
    assert DIALECT.passage(Opening("m")).fail(fault) == expected
