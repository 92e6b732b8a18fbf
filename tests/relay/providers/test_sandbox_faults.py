"""The knobs of the sandbox: pace, size, usage and every fault, by the model's name and by field."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from faregate.formats import DIALECTS
from faregate.formats.turn import DialectName
from faregate.formats.usage import Usage
from faregate.kernel.errors import CutOff, NoAnswer, Unreachable
from faregate.relay.providers.sandbox import MODELS, SANDBOX
from faregate.relay.providers.sandbox.knobs import FAULTS, Knobs
from faregate.relay.routes import Mode
from tests.relay.providers.sandbox_calls import ALL, Heard, Stop, call, function, reply, said, target, texts

EVERY = pytest.mark.parametrize("dialect", ALL)
BOTH = pytest.mark.parametrize("stream", [False, True])
FOUR = "a b"  # "You said: a b" is four words


def words(dialect: DialectName, heard: Heard) -> list[str]:
    known = DIALECTS[dialect]
    return [word for chunk in heard.chunks if (word := known.glimpse(chunk).text)]


def is_final(dialect: DialectName, heard: Heard) -> bool:
    return any(DIALECTS[dialect].glimpse(chunk).final for chunk in heard.chunks)


async def faulty(dialect: DialectName, fault: str | int, *, stream: bool, **more: Any) -> Heard:
    """The same fault asked for by the model's name and by field: both must give the same."""
    listed = "".join(f",{name}={value}" for name, value in more.items())
    by_name = await call(dialect, said(dialect, FOUR), model=f"sandbox:fault={fault}{listed}", stream=stream)
    by_field = await call(dialect, said(dialect, FOUR, sandbox={"fault": fault, **more}), stream=stream)
    assert (by_name.status, by_name.headers, by_name.pauses) == (by_field.status, by_field.headers, by_field.pauses)
    assert len(by_name.chunks) == len(by_field.chunks)
    assert type(by_name.failure) is type(by_field.failure)
    return by_field


# --- pace and size -----------------------------------------------------------------------------------------
@EVERY
async def test_a_stream_keeps_its_latency_and_the_interval_between_deltas(dialect: DialectName) -> None:
    heard = await call(dialect, said(dialect, FOUR), model="sandbox:latency=200,interval=5", stream=True)
    assert [seconds for _, seconds in heard.pauses] == [0.2, 0.005, 0.005, 0.005]
    assert heard.pauses[0][0] == 0
    first = heard.pauses[1][0]
    assert [before for before, _ in heard.pauses[1:]] == [first, first + 1, first + 2]
    assert words(dialect, heard) == ["You ", "said: ", "a ", "b"]


async def test_a_whole_answer_keeps_its_latency() -> None:
    heard = await call("anthropic", said("anthropic", "ping"), model="sandbox-slow")
    assert heard.pauses == [(0, 1.0)]
    assert len(heard.chunks) == 1


@EVERY
@pytest.mark.parametrize("chunks", [1, 2, 3, 64, 1000])
async def test_a_stream_has_as_many_deltas_as_chosen(dialect: DialectName, chunks: int) -> None:
    body = said(dialect, "hello there", sandbox={"chunks": chunks})
    heard = await call(dialect, body, stream=True)
    assert len(words(dialect, heard)) == chunks
    whole = texts(await reply(dialect, body))[0]
    assert "".join(words(dialect, heard)) == whole
    assert whole.startswith("You said: hello there")


async def test_a_chosen_text_is_said_as_it_is_and_cut_into_letters_when_need_be() -> None:
    body = said("openai_chat", "hello", sandbox={"text": "abcdef", "chunks": 3})
    assert words("openai_chat", await call("openai_chat", body, stream=True)) == ["ab", "cd", "ef"]


async def test_the_arguments_of_a_call_come_in_chosen_pieces() -> None:
    schema = {"type": "object", "properties": {"city": {"const": "Paris"}}, "required": ["city"]}
    body = said("openai_chat", "go", tools=[function("openai_chat", "go", schema)], sandbox={"chunks": 4})
    heard = await call("openai_chat", body, stream=True)
    pieces = [
        piece["function"]["arguments"]
        for chunk in heard.chunks
        if b"tool_calls" in chunk and b'"delta"' in chunk
        for choice in json.loads(chunk[6:])["choices"]
        for piece in choice["delta"].get("tool_calls", [])
    ]
    assert [piece for piece in pieces if piece] == ['{"ci', 'ty":', '"Par', 'is"}']


async def test_a_long_stream_without_pauses_lets_others_run() -> None:
    heard = await call("openai_chat", said("openai_chat", "x", sandbox={"chunks": 200}), stream=True)
    assert [seconds for _, seconds in heard.pauses] == [0, 0, 0]


@EVERY
@BOTH
async def test_the_usage_can_be_chosen(dialect: DialectName, stream: bool) -> None:
    chosen = {"input": 100, "cache_read": 50, "output": 30, "reasoning": 7}
    usage = (await reply(dialect, said(dialect, "hello", sandbox={"usage": chosen}), stream=stream)).usage
    assert usage is not None
    assert (usage.input, usage.cache_read, usage.output, usage.reasoning) == (100, 50, 30, 7)


@EVERY
@BOTH
async def test_the_usage_can_be_withheld(dialect: DialectName, stream: bool) -> None:
    usage = (await reply(dialect, said(dialect, "hello", sandbox={"fault": "no_usage"}), stream=stream)).usage
    assert usage is None or usage == Usage(semantic=usage.semantic)


async def test_a_chat_stream_tells_its_usage_unless_declined() -> None:
    for options, told in ((None, True), ({"include_usage": True}, True), ({"include_usage": False}, False)):
        body = said("openai_chat", "hello", stream=True, stream_options=options)
        heard = await call("openai_chat", body, stream=True)
        assert (b'"usage":{' in heard.body) is told


# --- refusals ----------------------------------------------------------------------------------------------
@EVERY
@BOTH
@pytest.mark.parametrize(("status", "kind"), [(401, "authentication"), (429, "rate_limit"), (500, "server")])
async def test_an_error_status_is_told_in_the_dialect(
    dialect: DialectName, stream: bool, status: int, kind: str
) -> None:
    heard = await faulty(dialect, status, stream=stream)
    assert heard.status == status
    assert heard.headers["Content-Type"] == "application/json"
    fault = DIALECTS[dialect].parse_error(heard.body, status)
    assert (fault.kind, fault.message) == (kind, f"the sandbox was asked to fail with status {status}")


async def test_a_busy_sandbox_says_when_to_come_back() -> None:
    assert (await faulty("anthropic", 429, stream=True)).headers["Retry-After"] == "1"
    assert (await faulty("anthropic", 529, stream=True, retry_after=30)).headers["Retry-After"] == "30"
    assert "Retry-After" not in (await faulty("anthropic", 500, stream=True)).headers


async def test_a_status_is_a_fault_by_another_name() -> None:
    heard = await call("openai_chat", said("openai_chat", "x", sandbox={"status": 418}))
    assert heard.status == 418


async def test_a_refusal_comes_before_the_request_is_read() -> None:
    heard = await call("openai_chat", {"messages": "nonsense"}, model="sandbox:refuse")
    assert (heard.status, heard.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(("fault", "error"), [("unreachable", Unreachable), ("close", NoAnswer)])
async def test_a_lost_connection_is_raised_by_the_call(fault: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await call("gemini", said("gemini", "x"), model=f"sandbox:fault={fault}")


@BOTH
async def test_slow_headers_are_silence_before_the_whole_answer(stream: bool) -> None:
    heard = await faulty("anthropic", "slow_headers", stream=stream)
    assert heard.pauses == [(0, 30.0)]
    assert (heard.status, heard.failure) == (200, None)
    assert (await faulty("anthropic", "slow_headers", stream=stream, latency=70)).pauses == [(0, 0.07)]


# --- answers that break ------------------------------------------------------------------------------------
@EVERY
async def test_a_stalled_stream_never_has_a_first_token(dialect: DialectName) -> None:
    heard = await faulty(dialect, "stall", stream=True)
    assert words(dialect, heard) == []
    assert not any(DIALECTS[dialect].glimpse(chunk).live for chunk in heard.chunks)
    assert isinstance(heard.failure, Stop)


@EVERY
async def test_a_stream_can_stall_in_the_middle(dialect: DialectName) -> None:
    heard = await faulty(dialect, "stall_middle", stream=True)
    assert words(dialect, heard) == ["You ", "said: "]
    assert isinstance(heard.failure, Stop)


@EVERY
async def test_a_cut_stream_ends_without_a_stop(dialect: DialectName) -> None:
    heard = await faulty(dialect, "cut", stream=True)
    assert words(dialect, heard) == ["You ", "said: "]
    assert not is_final(dialect, heard)
    assert heard.failure is None


@EVERY
async def test_a_reset_stream_breaks_the_connection(dialect: DialectName) -> None:
    heard = await faulty(dialect, "reset", stream=True)
    assert words(dialect, heard) == ["You ", "said: "]
    assert isinstance(heard.failure, CutOff)


@EVERY
async def test_a_stream_of_a_single_delta_is_cut_before_its_stop(dialect: DialectName) -> None:
    heard = await call(dialect, said(dialect, "ping"), model="sandbox:fault=cut", stream=True)
    assert words(dialect, heard) == ["pong"]
    assert not is_final(dialect, heard)


@EVERY
async def test_an_error_can_come_inside_a_stream(dialect: DialectName) -> None:
    heard = await faulty(dialect, "error_in_stream", stream=True)
    assert heard.status == 200
    assert words(dialect, heard) == ["You ", "said: "]
    errors = [error for chunk in heard.chunks if (error := DIALECTS[dialect].glimpse(chunk).error)]
    assert len(errors) == 1
    assert "the sandbox was asked to fail" in DIALECTS[dialect].parse_error(errors[0], 200).message
    assert not is_final(dialect, heard)


@EVERY
async def test_an_error_can_come_inside_a_whole_200(dialect: DialectName) -> None:
    heard = await faulty(dialect, "error_in_stream", stream=False)
    assert heard.status == 200
    assert DIALECTS[dialect].glimpse_reply(heard.body).error


@pytest.mark.parametrize(
    ("fault", "share", "failure"),
    [("stall", 0, Stop), ("stall_middle", 0.5, Stop), ("cut", 0.5, CutOff), ("reset", 0.5, CutOff)],
)
async def test_a_whole_answer_breaks_off(fault: str, share: float, failure: type[Exception]) -> None:
    length = len((await call("gemini", said("gemini", FOUR))).body)
    heard = await faulty("gemini", fault, stream=False)
    assert len(heard.body) == int(length * share)
    assert isinstance(heard.failure, failure)


@EVERY
async def test_garbage_is_no_json(dialect: DialectName) -> None:
    whole = await faulty(dialect, "garbage", stream=False)
    assert DIALECTS[dialect].glimpse_reply(whole.body).junk
    streamed = await faulty(dialect, "garbage", stream=True)
    assert [DIALECTS[dialect].glimpse(chunk).junk for chunk in streamed.chunks] == [True]


@EVERY
@BOTH
async def test_html_and_nothing_come_with_a_200(dialect: DialectName, stream: bool) -> None:
    page = await faulty(dialect, "html", stream=stream)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.body.startswith(b"<!DOCTYPE html>")
    nothing = await faulty(dialect, "empty", stream=stream)
    assert (nothing.status, nothing.chunks, nothing.failure) == (200, [], None)


# --- reading the knobs -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "model",
    [
        "sandbox:Latency_MS=200,chunks=3",
        "sandbox:latency-ms=200,CHUNKS=3",
        "sandbox:chunks=3,latency=200",
        "sandbox-whatever:latency=200,chunks=3",
    ],
)
async def test_directives_are_read_tolerantly(model: str) -> None:
    heard = await call("openai_chat", said("openai_chat", "a b c d"), model=model, stream=True)
    assert heard.pauses == [(0, 0.2)]
    assert len(words("openai_chat", heard)) == 3


async def test_the_field_wins_over_the_name() -> None:
    body = said("openai_chat", "x", sandbox={"latency_ms": 0, "fault": None})
    heard = await call("openai_chat", body, model="sandbox:latency=200,fault=cut")
    assert (heard.status, heard.pauses, heard.failure) == (200, [], None)


async def test_bare_words_are_variants_and_faults() -> None:
    assert (await call("openai_chat", said("openai_chat", "x"), model="sandbox:slow")).pauses == [(0, 1.0)]
    assert (await call("openai_chat", said("openai_chat", "x"), model="sandbox:404")).status == 404


async def test_names_that_are_not_the_sandboxs_have_no_directives() -> None:
    assert texts(await reply("openai_chat", said("openai_chat", "ping"), model="gpt-4o:fault=cut")) == ["pong"]


@pytest.mark.parametrize(
    ("model", "field", "complaint"),
    [
        ("sandbox:latest", None, "sandbox.fault 'latest' is not known"),
        ("sandbox:speed=3", None, "sandbox.speed is not known"),
        ("sandbox:status=200", None, "it must be from 400 to 599"),
        ("sandbox:chunks=many", None, "Expected `int`, got `str` - at `$.chunks`"),
        ("sandbox", {"chunks": 10001}, "Expected `int` <= 10000 - at `$.chunks`"),
        ("sandbox", {"usage": {"input": -1}}, "Expected `int` >= 0"),
        ("sandbox", {"usage": {"tokens": 1}}, "Invalid enum value 'tokens'"),
        ("sandbox", ["stall"], "Expected `object | null`, got `array`"),
    ],
)
async def test_what_is_not_understood_is_refused(model: str, field: Any, complaint: str) -> None:
    heard = await call("openai_chat", said("openai_chat", "x", sandbox=field), model=model)
    assert heard.status == 400
    assert complaint in heard.json["error"]["message"]
    assert heard.json["error"]["param"] == "sandbox"


def test_the_operators_page_names_every_model_directive_and_fault() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text("utf8")
    told = set(re.findall(r"`([a-z0-9_-]+)`", page))
    assert set(FAULTS) <= told
    assert set(MODELS) <= told
    assert set(Knobs.__struct_fields__) <= told


# --- many at once ------------------------------------------------------------------------------------------
async def test_hundreds_of_stalled_streams_end_at_once_when_they_are_cancelled() -> None:
    send = SANDBOX.local
    assert send is not None
    waiting = asyncio.Event()
    begun = 0

    async def listen(number: int) -> None:
        nonlocal begun
        body = json.dumps(said("anthropic", f"{number}")).encode()
        answer = send(target("anthropic", Mode.GENERATE, "sandbox:stall_middle", stream=True), body, {})
        async for chunk in answer.chunks():
            if b"content_block_delta" in chunk:
                begun += 1
                if begun == 300:
                    waiting.set()

    tasks = [asyncio.create_task(listen(number)) for number in range(300)]
    await waiting.wait()
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ended] == [asyncio.CancelledError] * 300
