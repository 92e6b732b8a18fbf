"""The laws that every dialect keeps, run over every recorded exchange; a new dialect inherits them.

A fixture is `<case>.request.json`, `<case>.reply.json` and `<case>.stream.txt`; reply and stream are twins.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest

from faregate.formats import DIALECTS
from faregate.formats.dialect import Dialect, Notes, Opening, Quirks
from faregate.formats.events import Close, Delta, Event, Item, Open, Reply, Seal, Start, Stop
from faregate.formats.fold import fold, unfold
from faregate.formats.frames import Frames
from faregate.formats.gemini.signature import SKIP_MARK
from faregate.formats.turn import (
    DialectName,
    FunctionTool,
    Media,
    Opaque,
    Refusal,
    Sealed,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)
from faregate.formats.usage import Usage
from faregate.kernel.errors import Unrepresentable

FIXTURES = Path(__file__).parent / "fixtures"
OPENING = Opening(model="asked", prompt_tokens=11, id="req1", created=1754000000)
NAMES: tuple[DialectName, ...] = tuple(DIALECTS)


def cases(kind: str) -> list[Any]:
    """(dialect, case) for every fixture file of a kind."""
    return [
        pytest.param(name, path.name.split(".")[0], id=f"{name}-{path.name.split('.')[0]}")
        for name in NAMES
        for path in sorted((FIXTURES / name).glob(f"*.{kind}"))
    ]


def pairs(kind: str) -> list[Any]:
    """(client dialect, upstream dialect, case of `kind`'s owner) for every two dialects."""
    return [
        pytest.param(other, *param.values, id=f"{other}-and-{param.id}") for other in NAMES for param in cases(kind)
    ]


@cache
def read(name: str, case: str, kind: str) -> bytes:
    """A fixture's bytes."""
    return (FIXTURES / name / f"{case}.{kind}").read_bytes()


def frames_of(body: bytes, size: int = 0) -> list[bytes]:
    """The frames of a stream that arrives in chunks of `size` bytes (0: at once), an unterminated last one included."""
    cutter = Frames()
    step = size or max(len(body), 1)
    frames = [frame for start in range(0, len(body), step) for frame in cutter.feed(body[start : start + step])]
    return frames + ([cutter.rest()] if cutter.rest().strip() else [])


def events_of(dialect: Dialect, frames: Iterable[bytes], origin: str = "") -> list[Event]:
    """What a reader makes of a stream."""
    reader = dialect.reader(origin)
    events = [event for frame in frames for event in reader.feed(frame)]
    return events + list(reader.end())


def usage_of(dialect: Dialect, frames: Iterable[bytes]) -> Usage | None:
    """The usage a meter reads off a stream."""
    seen = None
    for frame in frames:
        report = dialect.glimpse(frame).usage
        seen = dialect.merge(seen, report) if report is not None else seen
    return seen


def comparable(reply: Reply) -> Reply:
    """A reply without what streams of some dialects cannot tell, and with arguments in one spelling."""
    choices = tuple(
        msgspec.structs.replace(choice, parts=tuple(map(plain_part, choice.parts))) for choice in reply.choices
    )
    return msgspec.structs.replace(reply, id="", created=0, choices=choices)


def plain_part(part: Any) -> Any:
    """A part with arguments in one spelling."""
    if isinstance(part, ToolCall) and not part.custom:
        return msgspec.structs.replace(part, arguments=spelled(part.arguments))
    return part


def spelled(arguments: str) -> str:
    """JSON text without insignificant blanks; other text as it is."""
    try:
        return json.dumps(json.loads(arguments), separators=(",", ":"), sort_keys=True)
    except ValueError:
        return arguments


def words_of(reply: Reply) -> tuple[str, str, list[tuple[str, str]], str]:
    """What a client relies on: text, refusal, calls with their arguments, the class of the stop reason."""
    parts = reply.choices[0].parts
    said = (part.words if isinstance(part, Opaque) else part.text for part in parts if isinstance(part, Text | Opaque))
    text = "".join(said)
    refusal = "".join(part.text for part in parts if isinstance(part, Refusal))
    calls = [(part.name, call_arguments(part)) for part in parts if isinstance(part, ToolCall)]
    stop = reply.choices[0].stop
    return text, refusal, calls, stop if stop in ("length", "tool_calls", "refusal") else "stop"


def call_arguments(call: ToolCall) -> str:
    """Arguments in one spelling; free text counts as its words, however the client's dialect wraps it."""
    value = json.loads(call.arguments) if call.arguments.startswith("{") else call.arguments
    if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), str) and call.custom:
        return next(iter(value.values()))
    return spelled(call.arguments)


# --- streams of one dialect --------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "case"), cases("stream.txt"))
def test_any_cutting_of_the_bytes_gives_the_same_frames_and_events(name: DialectName, case: str) -> None:
    body = read(name, case, "stream.txt")
    whole = frames_of(body)
    events = events_of(DIALECTS[name], whole)
    assert b"".join(whole) == body
    for size in (1, 2, 3, 7, 64):
        assert frames_of(body, size) == whole
    assert events_of(DIALECTS[name], frames_of(body, 5)) == events


@pytest.mark.parametrize(("name", "case"), cases("stream.txt"))
def test_a_reader_keeps_the_grammar(name: DialectName, case: str) -> None:
    check_grammar(events_of(DIALECTS[name], frames_of(read(name, case, "stream.txt"))))


@pytest.mark.parametrize(("name", "case"), cases("reply.json"))
def test_an_unfolded_reply_keeps_the_grammar_and_folds_back(name: DialectName, case: str) -> None:
    reply = DIALECTS[name].parse_reply(read(name, case, "reply.json"))
    events = list(unfold(reply))
    check_grammar(events)
    assert fold(events, reply.usage) == reply


def check_grammar(events: list[Event]) -> None:
    """Start (Open (Delta | Seal | Item)* Close | Stop)*, numbered from 0, each block closed once, one Stop a choice."""
    assert isinstance(events[0], Start)
    open_blocks: dict[int, int] = {}
    opened = 0
    stopped: set[int] = set()
    for event in events[1:]:
        match event:
            case Open():
                assert event.block == opened
                assert event.choice not in stopped
                open_blocks[event.block] = event.choice
                opened += 1
            case Delta() | Seal() | Item():
                assert event.block in open_blocks
                assert event != Delta(event.block, "")
            case Close():
                del open_blocks[event.block]
            case Stop():
                assert event.choice not in stopped
                assert event.choice not in open_blocks.values()
                stopped.add(event.choice)
            case Start():
                pytest.fail("a second Start")
    assert not open_blocks
    assert stopped


@pytest.mark.parametrize(("name", "case"), cases("stream.txt"))
def test_a_stream_adds_up_to_its_whole_twin(name: DialectName, case: str) -> None:
    dialect = DIALECTS[name]
    frames = frames_of(read(name, case, "stream.txt"))
    streamed = fold(events_of(dialect, frames), usage_of(dialect, frames))
    whole = dialect.parse_reply(read(name, case, "reply.json"))
    assert comparable(streamed) == comparable(whole)
    assert dialect.glimpse_reply(read(name, case, "reply.json")).usage == streamed.usage


@pytest.mark.parametrize(("name", "case"), cases("stream.txt"))
def test_a_passage_is_exact_to_the_byte(name: DialectName, case: str) -> None:
    dialect = DIALECTS[name]
    body = read(name, case, "stream.txt")
    frames = frames_of(body)
    usage = usage_of(dialect, frames)
    passage = dialect.passage(OPENING)
    out = b"".join(passage.feed(frame, dialect.glimpse(frame)) for frame in frames)
    assert out + passage.end(usage or Usage(), usage is not None) == body
    assert passage.end(usage or Usage(), usage is not None) == b""


@pytest.mark.parametrize(("name", "case"), cases("stream.txt"))
def test_a_cut_stream_is_never_final_and_brings_no_stop(name: DialectName, case: str) -> None:
    dialect = DIALECTS[name]
    body = read(name, case, "stream.txt")
    frames = frames_of(body)
    first = next(index for index, frame in enumerate(frames) if dialect.glimpse(frame).final)
    before = sum(map(len, frames[:first]))
    for cut in range(0, before + len(frames[first].rstrip()), 3):
        kept = frames_of(body[:cut])
        assert not any(dialect.glimpse(frame).final for frame in kept)
        if cut % 30 == 0:
            assert not any(isinstance(event, Stop) for event in events_of(dialect, kept))


@pytest.mark.parametrize(("name", "case"), cases("stream.txt"))
def test_glimpses_see_all_words_commit_once_and_report_no_error(name: DialectName, case: str) -> None:
    dialect = DIALECTS[name]
    frames = frames_of(read(name, case, "stream.txt"))
    glimpses = [dialect.glimpse(frame) for frame in frames]
    reader = dialect.reader("")
    events = [list(reader.feed(frame)) for frame in frames]
    reply = fold([*chain.from_iterable(events), *reader.end()])
    said = [part for choice in reply.choices for part in choice.parts]
    assert not any(glimpse.error or glimpse.junk for glimpse in glimpses)
    for glimpse, made in zip(glimpses, events, strict=True):
        if not glimpse.final:
            assert len(glimpse.text) >= sum(len(event.data.strip()) for event in made if isinstance(event, Delta))
            begun = [event for event in made if isinstance(event, Open) and event.kind == "tool"]
            assert glimpse.tool_calls == len(begun)
    if said and any(not isinstance(part, Text) or part.text for part in said):
        assert any(glimpse.live for glimpse in glimpses)


# --- usage -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "case"), cases("reply.json"))
def test_usage_buckets_are_disjoint_and_add_up_to_what_was_reported(name: DialectName, case: str) -> None:
    usage = DIALECTS[name].glimpse_reply(read(name, case, "reply.json")).usage
    if usage is None:
        return
    counts = [value for value in msgspec.structs.asdict(usage).values() if type(value) is int]
    assert min(counts) >= 0
    cached = usage.cache_read + usage.written if usage.semantic == "anthropic" else 0
    assert usage.total_input - cached == usage.prompt
    assert usage.total_output == usage.completion


@pytest.mark.parametrize(("client", "upstream", "case"), pairs("stream.txt"))
def test_what_is_metered_upstream_is_what_the_client_is_shown(
    client: DialectName, upstream: DialectName, case: str
) -> None:
    frames = frames_of(read(upstream, case, "stream.txt"))
    metered = usage_of(DIALECTS[upstream], frames)
    events = events_of(DIALECTS[upstream], frames)
    reply = fold(events, metered)
    if metered is None or (len(reply.choices) > 1 and client != upstream):
        return
    shown = usage_of(DIALECTS[client], frames_of(written(DIALECTS[client], events, metered)))
    whole = DIALECTS[client].glimpse_reply(DIALECTS[client].render_reply(reply, OPENING)).usage
    assert shown is not None
    assert whole is not None
    for seen in (shown, whole):
        assert (seen.total_input, seen.total_output) == (metered.total_input, metered.total_output)
        assert seen.cache_read == metered.cache_read
        assert seen.written == metered.written or client == "gemini"  # Google's form has no count of written tokens
        assert seen.reasoning == metered.reasoning or client == "anthropic"  # and Anthropic's none of reasoning


@pytest.mark.parametrize(("name", "case"), cases("reply.json"))
def test_a_usage_put_into_a_reply_is_read_back(name: DialectName, case: str) -> None:
    dialect = DIALECTS[name]
    usage = Usage(input=7, cache_read=3, output=5, reasoning=0, prompt=10, completion=5)
    seen = dialect.glimpse_reply(dialect.show_usage(read(name, case, "reply.json"), usage)).usage
    assert seen is not None
    assert (seen.total_input, seen.cache_read, seen.total_output) == (10, 3, 5)


# --- requests ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "case"), cases("request.json"))
def test_a_parsed_request_renders_to_what_parses_the_same(name: DialectName, case: str) -> None:
    dialect = DIALECTS[name]
    turn = dialect.parse(read(name, case, "request.json"))
    notes = Notes()
    assert dialect.parse(dialect.render(turn, Quirks(), notes)) == turn
    assert notes.lines == []


@pytest.mark.parametrize(("name", "case"), cases("request.json"))
def test_the_envelope_says_what_the_parsed_request_says(name: DialectName, case: str) -> None:
    body = read(name, case, "request.json")
    envelope, turn = DIALECTS[name].peek(body), DIALECTS[name].parse(body)
    assert (envelope.model, envelope.max_output_tokens) == (turn.model, turn.max_output_tokens or 0)
    assert (envelope.stream, envelope.choices) == (turn.stream, turn.choices or 1)
    weight = DIALECTS[name].weigh(body)
    assert all(line in weight.text for text in texts_of(turn) for line in text.splitlines() if name != "gemini")


@pytest.mark.parametrize(("upstream", "client", "case"), pairs("request.json"))
def test_every_request_reaches_every_dialect_or_is_refused_by_name(
    upstream: DialectName, client: DialectName, case: str
) -> None:
    turn = DIALECTS[client].parse(read(client, case, "request.json"))
    turn = msgspec.structs.replace(turn, model=turn.model or "named-in-the-path")
    body = rendered(DIALECTS[upstream], turn)
    if not body:
        assert client != upstream
        return
    arrived = DIALECTS[upstream].parse(body)
    words = "\n".join(texts_of(arrived))
    assert all(text in words for text in texts_of(turn))
    assert calls_of(arrived) == calls_of(turn)
    assert results_of(arrived) == results_of(turn)
    assert media_of(arrived) >= media_of(turn)
    assert functions_of(arrived) in (functions_of(turn), allowed_functions_of(turn))


def rendered(dialect: Dialect, turn: Turn) -> bytes:
    """The request in a dialect, b"" when it says that it cannot express something."""
    try:
        return dialect.render(turn, Quirks(), Notes())
    except Unrepresentable:
        return b""


def functions_of(turn: Turn) -> list[str]:
    """The names of the functions on offer."""
    return [tool.name for tool in turn.tools if isinstance(tool, FunctionTool)]


def allowed_functions_of(turn: Turn) -> list[str]:
    """The same, without those that the choice leaves out: a dialect may say so by not offering them."""
    names = turn.tool_choice.names if turn.tool_choice else ()
    return [name for name in functions_of(turn) if name in names]


def texts_of(turn: Turn) -> list[str]:
    """Everything that was said, system first; tool results left out."""
    said = [part.text for message in turn.messages for part in message.parts if isinstance(part, Text) and part.text]
    return [part.text for part in turn.system if part.text] + said


def calls_of(turn: Turn) -> list[tuple[str, str]]:
    """Names and arguments of the calls, in order."""
    parts = [part for message in turn.messages for part in message.parts]
    return [(part.name, call_words(part)) for part in parts if isinstance(part, ToolCall)]


def call_words(call: ToolCall) -> str:
    """Arguments in one spelling; free text is compared as text, wrapped or not."""
    value = json.loads(call.arguments) if call.arguments[:1] == "{" else call.arguments
    if isinstance(value, dict) and list(value) in (["input"], ["arguments"]):
        value = next(iter(value.values()))
    return value if isinstance(value, str) else spelled(call.arguments)


def results_of(turn: Turn) -> int:
    """How many tool results there are."""
    return sum(isinstance(part, ToolResult) for message in turn.messages for part in message.parts)


def media_of(turn: Turn) -> int:
    """How many pictures, documents and sounds there are, inside tool results too."""
    parts = [part for message in turn.messages for part in message.parts]
    inner = [piece for part in parts if isinstance(part, ToolResult) for piece in part.content]
    return sum(isinstance(part, Media) for part in [*parts, *inner])


# --- answers across dialects -------------------------------------------------------------------------------
def written(dialect: Dialect, events: Iterable[Event], usage: Usage) -> bytes:
    """The bytes a client of `dialect` gets for these events."""
    writer = dialect.writer(OPENING)
    body = b"".join(map(writer.write, events)) + writer.end(usage)
    assert writer.end(usage) == b""
    return body


@pytest.mark.parametrize(("client", "upstream", "case"), pairs("stream.txt"))
def test_every_answer_reaches_every_dialect_streamed_and_whole(
    client: DialectName, upstream: DialectName, case: str
) -> None:
    frames = frames_of(read(upstream, case, "stream.txt"))
    events = events_of(DIALECTS[upstream], frames)
    usage = usage_of(DIALECTS[upstream], frames) or Usage(input=1, output=1, prompt=1, completion=1)
    reply = fold(events, usage)
    if len(reply.choices) > 1 and client != upstream:
        return
    arrived = frames_of(written(DIALECTS[client], events, usage))
    streamed_events = events_of(DIALECTS[client], arrived)
    check_grammar(streamed_events)
    assert any(DIALECTS[client].glimpse(frame).final for frame in arrived)
    whole = DIALECTS[client].parse_reply(DIALECTS[client].render_reply(reply, OPENING))
    for got in (fold(streamed_events), whole):
        check_arrival(got, reply)


def check_arrival(got: Reply, sent: Reply) -> None:
    """Words, refusal, calls and stop are the sent ones; pictures may have become words."""
    text, refusal, calls, stop = words_of(got)
    sent_text, sent_refusal, sent_calls, sent_stop = words_of(sent)
    assert text.startswith(sent_text) if not refusal else sent_text in text
    assert refusal == sent_refusal or sent_refusal in text
    assert [name for name, _ in calls] == [name for name, _ in sent_calls]
    for (_, arguments), (_, sent_arguments) in zip(calls, sent_calls, strict=True):
        assert arguments == sent_arguments or sent_arguments in json.loads(arguments).values()
    assert stop == sent_stop


@pytest.mark.parametrize(("client", "upstream", "case"), pairs("reply.json"))
def test_seals_come_home_byte_for_byte(client: DialectName, upstream: DialectName, case: str) -> None:
    """A client that repeats the answer gives the upstream its own signatures back, through any dialect."""
    reply = DIALECTS[upstream].parse_reply(read(upstream, case, "reply.json"))
    issued = [sealed.data for sealed in seals_of(reply.choices[0].parts) if sealed.dialect == upstream]
    if not issued or len(reply.choices) > 1:
        return
    closing = reply.choices[0].parts[-1]
    if client == "anthropic" and isinstance(closing, Text) and closing.sealed is not None:
        issued[-1] = SKIP_MARK  # that of closing words is left out (anthropic/shown.py)
    shown = DIALECTS[client].render_reply(reply, OPENING)
    events = events_of(DIALECTS[client], frames_of(written(DIALECTS[client], unfold(reply), reply.usage or Usage())))
    collected = DIALECTS[client].render_reply(fold(events, reply.usage), OPENING)
    for body in (shown, collected):
        echoed = DIALECTS[client].parse(json.dumps(REPEATED[client](json.loads(body))).encode())
        echoed = msgspec.structs.replace(echoed, model="m")
        home = DIALECTS[upstream].parse(DIALECTS[upstream].render(echoed, Quirks(), Notes()))
        assert [sealed.data for message in home.messages for sealed in seals_of(message.parts)] == issued


def repeated_chat(body: Any) -> Any:
    """The next request of a chat client that sends the answer back."""
    message = body["choices"][0]["message"]
    results = [{"role": "tool", "tool_call_id": c["id"], "content": "done"} for c in message.get("tool_calls", ())]
    asked = {"role": "user", "content": "go"}
    return {"model": "m", "messages": [asked, message, *(results or [asked])]}


def repeated_responses(body: Any) -> Any:
    """The same of a Responses client."""
    outputs = [
        {"type": f"{item['type']}_output", "call_id": item["call_id"], "output": "done"}
        for item in body["output"]
        if item["type"] in ("function_call", "custom_tool_call")
    ]
    asked = {"type": "message", "role": "user", "content": "go"}
    return {"model": "m", "input": [asked, *body["output"], *(outputs or [asked])]}


def repeated_anthropic(body: Any) -> Any:
    """The same of a Messages client."""
    results = [
        {"type": "tool_result", "tool_use_id": block["id"], "content": "done"}
        for block in body["content"]
        if block["type"] == "tool_use"
    ]
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": body["content"]},
        {"role": "user", "content": results or "go"},
    ]
    return {"model": "m", "max_tokens": 4000, "messages": messages}


def repeated_gemini(body: Any) -> Any:
    """The same of a generateContent client."""
    content = body["candidates"][0]["content"]
    calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
    answers = [{"functionResponse": {"name": call["name"], "response": {"result": "done"}}} for call in calls]
    asked = {"text": "go"}
    return {
        "contents": [
            {"role": "user", "parts": [asked]},
            {"role": "model", **content},
            {"role": "user", "parts": answers or [asked]},
        ]
    }


REPEATED: dict[DialectName, Callable[[Any], Any]] = {
    "openai_chat": repeated_chat,
    "openai_responses": repeated_responses,
    "anthropic": repeated_anthropic,
    "gemini": repeated_gemini,
}


def seals_of(parts: Iterable[Any]) -> Iterator[Sealed]:
    """The seals on parts, in order; pictures left out, which clients of other dialects get as words."""
    for part in parts:
        if isinstance(part, Media):
            continue
        sealed = getattr(part, "sealed", None)
        if isinstance(sealed, Sealed):
            yield sealed
