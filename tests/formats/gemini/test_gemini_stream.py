"""Google's stream: what is glimpsed, read and written."""

import json
from typing import Any

import pytest

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import BLANK, Close, Delta, Event, Glimpse, Item, Open, Seal, Start, Stop
from faregate.formats.gemini import DIALECT
from faregate.formats.turn import FileReference, Inline, Link, Media, Opaque, Sealed
from faregate.formats.usage import Usage

FAULT = Fault(status=503, message="busy", kind="overloaded", type="upstream_error", code="x", param=None)


def frame(data: Any) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\r\n\r\n"


def chunk(*parts: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0}
    return frame({"candidates": [candidate], "modelVersion": "up", "responseId": "g-1", **more})


def read(*frames: bytes, origin: str = "") -> list[Event]:
    reader = DIALECT.reader(origin)
    return [event for one in frames for event in reader.feed(one)] + list(reader.end())


def written(*events: Event, usage: Usage | None = None) -> list[Any]:
    writer = DIALECT.writer(Opening("asked", id="req"))
    stream = b"".join(writer.write(event) for event in events) + writer.end(usage or Usage())
    frames = stream.split(b"\n\n")
    assert frames.pop() == b""
    assert all(one.startswith(b"data: ") and b"\n" not in one for one in frames)
    return [json.loads(one[6:]) for one in frames]


# --- glimpses ----------------------------------------------------------------------------------------------
def test_a_piece_of_text_is_live_and_carries_the_running_usage() -> None:
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 1, "totalTokenCount": 10}
    assert DIALECT.glimpse(chunk({"text": "po"}, usageMetadata=usage)) == Glimpse(
        live=True, text="po", usage=Usage(input=9, output=1, prompt=9, completion=1, semantic="gemini")
    )


@pytest.mark.parametrize(
    ("part", "text", "calls"),
    [
        ({"text": "hm", "thought": True}, "hm", 0),
        ({"functionCall": {"name": "f", "args": {"a": 1}}}, 'f{"a": 1}', 1),
        ({"inlineData": {"mimeType": "image/png", "data": "eA=="}}, "", 0),
        ({"executableCode": {"code": "x"}}, "", 0),
    ],
)
def test_content_of_every_kind_is_live(part: dict[str, Any], text: str, calls: int) -> None:
    assert DIALECT.glimpse(chunk(part)) == Glimpse(live=True, text=text, tool_calls=calls)


def test_an_end_is_final_and_an_empty_text_is_not_live() -> None:
    assert DIALECT.glimpse(chunk({"text": ""}, finish="STOP")) == Glimpse(final=True)
    assert DIALECT.glimpse(chunk({"text": ""}, finish="FINISH_REASON_UNSPECIFIED")) == BLANK
    assert DIALECT.glimpse(frame({"promptFeedback": {"blockReason": "SAFETY"}})) == Glimpse(final=True)
    assert DIALECT.glimpse(frame({"promptFeedback": {}})) == BLANK


def test_usage_alone_is_bare_and_zeros_are_none() -> None:
    alone = DIALECT.glimpse(frame({"usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}}))
    assert alone == Glimpse(usage=Usage(input=5, prompt=5, semantic="gemini"), bare=True)
    assert DIALECT.glimpse(frame({"usageMetadata": {"promptTokenCount": 0, "totalTokenCount": 0}})) == BLANK


def test_a_search_counts_once() -> None:
    grounded = {"finishReason": "STOP", "groundingMetadata": {"webSearchQueries": ["a", "b"]}}
    two = DIALECT.glimpse(frame({"candidates": [grounded, grounded], "usageMetadata": {"promptTokenCount": 5}}))
    assert two.usage == Usage(input=5, prompt=5, web_searches=1, semantic="gemini")
    alone = DIALECT.glimpse(frame({"candidates": [grounded]}))
    assert alone.usage == Usage(web_searches=1, semantic="gemini")
    none = {"finishReason": "STOP", "groundingMetadata": {"webSearchQueries": []}}
    assert DIALECT.glimpse(frame({"candidates": [none]})).usage is None


def test_an_error_in_the_stream_is_given_whole() -> None:
    error = b'{"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}'
    assert DIALECT.glimpse(frame(error)) == Glimpse(error=error)
    fault = DIALECT.parse_error(error, 200)
    assert (fault.status, fault.message, fault.kind) == (503, "busy", "overloaded")
    assert DIALECT.glimpse(frame({"error": None})) == BLANK


@pytest.mark.parametrize("body", [b"{oops", b'{"candidates": 5}', b"[]"])
def test_what_is_no_answer_is_junk(body: bytes) -> None:
    assert DIALECT.glimpse(frame(body)) == Glimpse(junk=True)
    assert DIALECT.glimpse_reply(body).junk
    assert read(frame(body)) == []


@pytest.mark.parametrize("ping", [b": PING\n\n", b"data: [DONE]\n\n", b"event: x\n\n", b"\n\n"])
def test_comments_and_end_marks_say_nothing(ping: bytes) -> None:
    assert DIALECT.glimpse(ping) == BLANK
    assert read(ping) == []


def test_a_whole_answer_without_google_s_fields_is_junk() -> None:
    assert DIALECT.glimpse_reply(b'{"choices":[]}').junk
    error = b'{"error":{"message":"no"}}'
    assert DIALECT.glimpse_reply(error) == Glimpse(error=error)
    assert not DIALECT.glimpse_reply(b'{"candidates":[]}').final


# --- reading -----------------------------------------------------------------------------------------------
def test_a_piece_of_another_kind_closes_the_block() -> None:
    assert read(
        chunk({"text": "thi", "thought": True}),
        chunk({"text": "nk", "thought": True, "thoughtSignature": "c2ln"}),
        chunk({"text": "a"}, {"text": "b"}),
        chunk({"functionCall": {"id": "i", "name": "f", "args": {"x": 1}}, "thoughtSignature": "c2ln"}),
        chunk({"text": "c"}),
        chunk({"text": "", "thoughtSignature": "c2ln"}, finish="STOP"),
        origin="acc",
    ) == [
        Start("g-1", ""),  # the name asked for is what a client is shown
        Open(0, "thinking"),
        Delta(0, "thi"),
        Delta(0, "nk"),
        Seal(0, Sealed("gemini", "c2ln", "acc")),
        Close(0),
        Open(1, "text"),
        Delta(1, "a"),
        Delta(1, "b"),
        Close(1),
        Open(2, "tool", "i", "f"),
        Delta(2, '{"x":1}'),
        Seal(2, Sealed("gemini", "c2ln", "acc")),
        Close(2),
        Open(3, "text"),
        Delta(3, "c"),
        Seal(3, Sealed("gemini", "c2ln", "acc")),
        Close(3),
        Stop("tool_calls", "STOP"),
    ]


def test_calls_without_an_id_get_one_that_names_the_answer() -> None:
    call = {"functionCall": {"name": "f", "args": {}}}
    ids = [event.call_id for event in read(chunk(call, call)) if isinstance(event, Open)]
    assert ids == ["call_g-1_1", "call_g-1_2"]
    long = chunk(call, responseId="x/" * 40)
    (event,) = [event for event in read(long) if isinstance(event, Open)]
    assert event.call_id == "call_" + "x" * 24 + "_1"


def test_a_stop_that_is_repeated_ends_nothing_early() -> None:
    events = read(chunk({"text": "a"}, finish="STOP"), chunk({"text": "b"}, finish="STOP"))
    assert events[1:] == [Open(0, "text"), Delta(0, "a"), Delta(0, "b"), Close(0), Stop("stop", "STOP")]


def test_a_stream_without_a_reason_has_no_stop() -> None:
    assert read(chunk({"text": "a"}))[-1] == Close(0)
    assert read() == []


def test_items_are_media_or_google_s_own() -> None:
    events = read(
        chunk(
            {"inlineData": {"mimeType": "image/png", "data": "eA=="}},
            {"fileData": {"mimeType": "video/mp4", "fileUri": "https://files.example/v"}},
            {"inlineData": {"mimeType": "image/png", "data": "eA=="}, "thought": True},
            {"newThing": 1},
            {},
        )
    )
    assert [event.part for event in events if isinstance(event, Item)] == [
        Media("image", Inline("image/png", "eA==")),
        Media("video", Link("https://files.example/v", "video/mp4")),
        Opaque("gemini", "inlineData", b'{"inlineData":{"mimeType":"image/png","data":"eA=="},"thought":true}'),
        Opaque("gemini", "newThing", b'{"newThing":1}'),
    ]


def test_candidates_are_read_side_by_side_and_odd_numbers_by_their_place() -> None:
    def both(a: str, b: str, finish: str | None = None) -> bytes:
        return frame(
            {
                "candidates": [
                    {"content": {"parts": [{"text": a}]}, "finishReason": finish, "index": -1},
                    {"content": {"parts": [{"text": b}]}, "finishReason": finish, "index": 10**9},
                ]
            }
        )

    assert read(both("a", "b"), both("c", "d", "MAX_TOKENS")) == [
        Start("", ""),
        Open(0, "text", choice=0),
        Delta(0, "a"),
        Open(1, "text", choice=1),
        Delta(1, "b"),
        Delta(0, "c"),
        Delta(1, "d"),
        Close(0),
        Close(1),
        Stop("length", "MAX_TOKENS", choice=0),
        Stop("length", "MAX_TOKENS", choice=1),
    ]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "refusal"),
        ("RECITATION", "refusal"),
        ("MALFORMED_FUNCTION_CALL", "refusal"),
        ("SOMETHING_NEW", "refusal"),
    ],
)
def test_reasons_to_stop_are_mapped(word: str, reason: str) -> None:
    assert read(chunk({"text": "a"}, finish=word))[-1] == Stop(reason, word)  # type: ignore[arg-type]


# --- writing -----------------------------------------------------------------------------------------------
def test_pieces_go_out_at_once_and_calls_whole() -> None:
    first, second, sealed, call, last = written(
        Start("id-1", "up"),
        Open(0, "thinking"),
        Delta(0, "hm"),
        Close(0),
        Open(1, "text"),
        Delta(1, 'a"b\n'),
        Seal(1, Sealed("gemini", "c2ln")),
        Close(1),
        Open(2, "tool", "i", "f"),
        Delta(2, '{"a":\n'),
        Delta(2, "1}"),
        Seal(2, Sealed("anthropic", "sig", "acc")),
        Close(2),
        Stop("tool_calls", "tool_calls"),
        usage=Usage(input=600, cache_read=400, output=40, reasoning=60),
    )
    assert first == {
        "candidates": [{"content": {"parts": [{"text": "hm", "thought": True}], "role": "model"}, "index": 0}],
        "modelVersion": "asked",
        "responseId": "id-1",
    }
    assert second["candidates"][0]["content"]["parts"] == [{"text": 'a"b\n'}]
    assert sealed["candidates"][0]["content"]["parts"] == [{"text": "", "thoughtSignature": "c2ln"}]
    assert call["candidates"][0]["content"]["parts"] == [
        {
            "functionCall": {"id": "i", "name": "f", "args": {"a": 1}},
            "thoughtSignature": "ZmcxLmFudGhyb3BpYy5hY2Muc2ln",
        }
    ]
    assert last == {
        "candidates": [{"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 1000,
            "candidatesTokenCount": 40,
            "totalTokenCount": 1100,
            "cachedContentTokenCount": 400,
            "thoughtsTokenCount": 60,
        },
        "modelVersion": "asked",
        "responseId": "id-1",
    }


def test_the_end_is_said_once_even_if_no_reason_came() -> None:
    writer = DIALECT.writer(Opening("asked", id="req"))
    end = json.loads(writer.end(Usage(input=1, output=2)).removeprefix(b"data: "))
    assert (end["candidates"][0]["finishReason"], end["responseId"]) == ("STOP", "req")
    assert end["usageMetadata"] == {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3}
    assert writer.end(Usage()) == b""


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        (Stop("length", "length"), "MAX_TOKENS"),
        (Stop("refusal", "content_filter"), "SAFETY"),
        (Stop("refusal", "RECITATION"), "RECITATION"),
        (Stop("stop", "SAFETY"), "STOP"),
        (Stop("pause", "pause_turn"), "STOP"),
        (Stop("context", ""), "MAX_TOKENS"),
    ],
)
def test_the_reason_is_in_google_s_words(stop: Stop, word: str) -> None:
    assert written(stop)[-1]["candidates"][0]["finishReason"] == word


def test_parallel_blocks_and_choices_keep_apart() -> None:
    chunks = written(
        Open(0, "tool", "a", "f"),
        Open(1, "tool", "b", "g", 1),
        Delta(1, "{}"),
        Delta(0, "oops"),
        Close(1),
        Close(0),
        Stop("tool_calls", choice=0),
        Stop("length", choice=1),
    )
    shown = [
        (c["index"], c["content"]["parts"][0].get("functionCall"), c.get("finishReason"))
        for one in chunks
        for c in one["candidates"]
    ]
    assert shown == [
        (1, {"id": "b", "name": "g", "args": {}}, None),
        (0, {"id": "a", "name": "f", "args": {"arguments": "oops"}}, None),
        (0, None, "STOP"),
        (1, None, "MAX_TOKENS"),
    ]


def test_items_and_refusals_are_shown_where_google_has_a_word() -> None:
    chunks = written(
        Open(0, "item"),
        Item(0, Media("image", Inline("image/png", "eA=="), sealed=Sealed("gemini", "c2ln"))),
        Close(0),
        Open(1, "item"),
        Item(1, Opaque("anthropic", "server_tool_use", b"{}")),
        Close(1),
        Open(2, "item"),
        Item(2, Media("image", FileReference("openai_responses", "f"))),
        Close(2),
        Open(3, "item"),
        Item(3, Opaque("gemini", "executableCode", b'{"executableCode":\n{"code":"x"}}')),
        Close(3),
        Open(4, "refusal"),
        Delta(4, "No."),
        Close(4),
    )
    assert [one["candidates"][0]["content"]["parts"][0] for one in chunks] == [
        {"inlineData": {"mimeType": "image/png", "data": "eA=="}, "thoughtSignature": "c2ln"},
        {"executableCode": {"code": "x"}},
        {"text": "No."},
        {"text": ""},
    ]


def test_a_failure_is_google_s_error_event() -> None:
    expected = (
        b'data: {"error":{"code":503,"message":"busy","status":"UNAVAILABLE","type":"upstream_error","param":null}}\n\n'
    )
    assert DIALECT.writer(Opening("m")).fail(FAULT) == expected
    assert DIALECT.passage(Opening("m")).fail(FAULT) == expected
