"""What the sandbox answers: the same in every dialect, whole and streamed."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from faregate.formats import DIALECTS
from faregate.formats.events import Reply
from faregate.formats.turn import DialectName, Text, Thinking, ToolCall
from faregate.formats.usage import Usage
from faregate.relay.providers.sandbox import MODELS, SANDBOX
from faregate.relay.routes import Mode
from tests.relay.providers.sandbox_calls import ALL, call, function, reply, said, target, texts

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 3}, "unit": {"type": "string"}},
    "required": ["city", "days"],
}
EVERY = pytest.mark.parametrize("dialect", ALL)
BOTH = pytest.mark.parametrize("stream", [False, True])


def calls(answer: Reply) -> list[tuple[str, str]]:
    return [(part.name, part.arguments) for part in answer.choices[0].parts if isinstance(part, ToolCall)]


def counted(usage: Usage | None) -> tuple[int, int]:
    assert usage is not None
    return usage.total_input, usage.total_output


def test_the_provider_says_what_it_can() -> None:
    assert (SANDBOX.type, SANDBOX.name, SANDBOX.owner) == (1001, "Sandbox", "sandbox")
    assert (SANDBOX.dialects, SANDBOX.embeds) == (ALL, ("openai_chat", "gemini"))
    assert SANDBOX.completes
    assert SANDBOX.counts
    assert SANDBOX.models_path == ""
    assert SANDBOX.local is not None
    assert MODELS == ("sandbox", "sandbox-tools", "sandbox-thinking", "sandbox-slow", "sandbox-embedding")
    assert SANDBOX.address(target("gemini", Mode.GENERATE, "sandbox")) == "sandbox:"
    assert SANDBOX.sign(target("gemini", Mode.GENERATE, "sandbox")) == []


@EVERY
@BOTH
@pytest.mark.parametrize(
    ("text", "answer"),
    [("ping", "pong"), ("Say pong", "pong"), ("say pong!", "pong"), ("Hello  there", "You said: Hello  there")],
)
async def test_it_echoes_and_answers_a_ping(dialect: DialectName, stream: bool, text: str, answer: str) -> None:
    assert texts(await reply(dialect, said(dialect, text), stream=stream)) == [answer]


@EVERY
async def test_the_same_request_has_the_same_bytes(dialect: DialectName) -> None:
    body = said(dialect, "Hello")
    for stream in (False, True):
        assert (await call(dialect, body, stream=stream)).body == (await call(dialect, body, stream=stream)).body


@EVERY
@BOTH
async def test_usage_is_the_estimate_of_what_was_said(dialect: DialectName, stream: bool) -> None:
    answer = await reply(dialect, said(dialect, "one two three"), stream=stream)
    # Chat and Anthropic weigh the role too; OpenAI frames a message and the reply with 3 tokens each.
    prompts = {"openai_chat": 12, "openai_responses": 10, "anthropic": 6, "gemini": 4}
    assert counted(answer.usage) == (prompts[dialect], 8)
    assert answer.choices[0].stop == "stop"


@EVERY
async def test_a_stream_is_one_frame_a_chunk_and_one_delta_a_word(dialect: DialectName) -> None:
    heard = await call(dialect, said(dialect, "one two three"), stream=True)
    assert heard.headers == {"Content-Type": "text/event-stream"}
    assert all(chunk.endswith(b"\n\n") and chunk.count(b"\n\n") == 1 for chunk in heard.chunks)
    known = DIALECTS[dialect]
    assert [word for chunk in heard.chunks if (word := known.glimpse(chunk).text)] == [
        "You ",
        "said: ",
        "one ",
        "two ",
        "three",
    ]
    assert heard.pauses == []


async def test_a_long_text_is_echoed_only_in_part() -> None:
    (answer,) = texts(await reply("anthropic", said("anthropic", "x" * 5000)))
    assert answer == "You said: " + "x" * 1000 + "…"


async def test_a_request_without_words_is_greeted() -> None:
    body = {"model": "sandbox", "messages": [{"role": "system", "content": "Be kind."}]}
    assert texts(await reply("openai_chat", body)) == ["Hello from the sandbox."]


async def test_pictures_and_files_are_counted() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    document = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
    content = [image, image, document, {"type": "text", "text": "Look"}]
    body = {"model": "sandbox", "max_tokens": 99, "messages": [{"role": "user", "content": content}]}
    assert texts(await reply("anthropic", body)) == ["You said: Look\nI saw 2 images and 1 file."]


# --- tools -------------------------------------------------------------------------------------------------
@EVERY
@BOTH
async def test_a_tool_named_by_the_user_is_called_with_arguments_of_its_schema(
    dialect: DialectName, stream: bool
) -> None:
    body = said(dialect, "Ask get_weather now", tools=[function(dialect, "get_weather", WEATHER)])
    answer = await reply(dialect, body, stream=stream)
    assert calls(answer) == [("get_weather", '{"city":"city","days":3}')]
    assert answer.choices[0].stop == "tool_calls"


@EVERY
@BOTH
async def test_two_named_tools_are_called_in_parallel(dialect: DialectName, stream: bool) -> None:
    tools = [function(dialect, "get_weather", WEATHER), function(dialect, "get_time", {}), function(dialect, "x1", {})]
    answer = await reply(dialect, said(dialect, "get_time and get_weather", tools=tools), stream=stream)
    assert calls(answer) == [("get_weather", '{"city":"city","days":3}'), ("get_time", "{}")]
    ids = {part.id for part in answer.choices[0].parts if isinstance(part, ToolCall)}
    assert len(ids) == 2


@EVERY
@BOTH
async def test_the_user_may_dictate_calls_with_their_arguments(dialect: DialectName, stream: bool) -> None:
    tools = [function(dialect, "get_weather", WEATHER), function(dialect, "get_time", {})]
    text = 'sandbox: call get_weather {"city":"Oslo","days":{"a":[1]}}\nsandbox:call get_time\nsandbox: call x {"a":1}'
    answer = await reply(dialect, said(dialect, text, tools=tools), stream=stream)
    assert calls(answer) == [("get_weather", '{"city":"Oslo","days":{"a":[1]}}'), ("get_time", "{}")]


async def test_a_dictated_object_that_is_broken_is_made_from_the_schema() -> None:
    body = said(
        "openai_chat", 'sandbox: call get_weather {"city":', tools=[function("openai_chat", "get_weather", WEATHER)]
    )
    assert calls(await reply("openai_chat", body)) == [("get_weather", '{"city":"city","days":3}')]


async def test_one_call_at_a_time_where_parallel_calls_are_declined() -> None:
    tools = [function("openai_chat", "first", {}), function("openai_chat", "second", {})]
    body = said("openai_chat", "first and second", tools=tools, parallel_tool_calls=False)
    assert calls(await reply("openai_chat", body)) == [("first", "{}")]


@pytest.mark.parametrize(
    ("text", "choice", "model", "expected"),
    [
        ("hello", "auto", "sandbox", []),
        ("hello", "required", "sandbox", ["first"]),
        ("hello", {"type": "function", "function": {"name": "second"}}, "sandbox", ["second"]),
        ("Please use the tool", "auto", "sandbox", ["first"]),
        ("hello", "auto", "sandbox-tools", ["first"]),
        ("first", "none", "sandbox-tools", []),
        ("the first-born", "auto", "sandbox", []),
    ],
)
async def test_tools_are_called_when_forced_or_wished(text: str, choice: Any, model: str, expected: list[str]) -> None:
    tools = [function("openai_chat", "first", {}), function("openai_chat", "second", {})]
    body = said("openai_chat", text, tools=tools, tool_choice=choice)
    assert [name for name, _ in calls(await reply("openai_chat", body, model=model))] == expected


async def test_a_tool_result_is_quoted_even_where_a_tool_is_required() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "get_weather"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    body = {
        "model": "sandbox-tools",
        "messages": messages,
        "tools": [function("openai_chat", "get_weather", WEATHER)],
        "tool_choice": "required",
    }
    assert texts(await reply("openai_chat", body, model="sandbox-tools")) == ["The tool answered: sunny"]


# --- thinking ----------------------------------------------------------------------------------------------
THOUGHT = "The user says: hello. I think about it once more before I answer."
WISHES: dict[DialectName, dict[str, Any]] = {
    "openai_chat": {"reasoning_effort": "medium"},
    "openai_responses": {"reasoning": {"effort": "medium", "summary": "auto"}},
    "anthropic": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "gemini": {"generationConfig": {"thinkingConfig": {"thinkingBudget": 512, "includeThoughts": True}}},
}


@EVERY
@BOTH
async def test_thoughts_come_first_when_asked_for_and_are_counted_apart(dialect: DialectName, stream: bool) -> None:
    answer = await reply(dialect, said(dialect, "hello", **WISHES[dialect]), stream=stream)
    thinking, text = [part for part in answer.choices[0].parts if isinstance(part, Thinking | Text)]
    assert isinstance(thinking, Thinking)
    assert isinstance(text, Text)
    assert (thinking.text, text.text) == (THOUGHT, "You said: hello")
    assert thinking.sealed or text.sealed
    assert answer.usage is not None
    assert (answer.usage.output, answer.usage.reasoning) == (5, 21)


@EVERY
async def test_the_thinking_model_thinks_unasked(dialect: DialectName) -> None:
    answer = await reply(dialect, said(dialect, "hello"), model="sandbox-thinking")
    assert answer.usage is not None
    assert answer.usage.reasoning == 21


async def test_a_higher_effort_thinks_longer_and_none_not_at_all() -> None:
    reasoned: list[int] = []
    for effort in ("none", "low", "high"):
        answer = await reply("openai_chat", said("openai_chat", "hello", reasoning_effort=effort))
        assert answer.usage is not None
        reasoned.append(answer.usage.reasoning)
    assert reasoned == [0, 7, 34]


async def test_anthropic_thoughts_carry_the_same_signature_each_time() -> None:
    body = said("anthropic", "hello", **WISHES["anthropic"])
    first, second = [(await call("anthropic", body)).json["content"][0]["signature"] for _ in range(2)]
    assert first == second == "GTV0wfemaQUBvyKctVGzVJquMBns6l0orER8Cx61ZA0="


async def test_thoughts_not_wished_to_be_seen_are_counted_only() -> None:
    wish = {"generationConfig": {"thinkingConfig": {"thinkingBudget": 512}}}
    heard = await call("gemini", said("gemini", "hello", **wish))
    assert [part["text"] for part in heard.json["candidates"][0]["content"]["parts"]] == ["You said: hello"]
    assert heard.json["usageMetadata"]["thoughtsTokenCount"] == 21


# --- form and limits of the answer -------------------------------------------------------------------------
async def test_structured_output_satisfies_its_schema() -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "weather", "schema": WEATHER}}
    answer = await reply("openai_chat", said("openai_chat", "hello", response_format=shape))
    assert json.loads(texts(answer)[0]) == {"city": "city", "days": 3}
    answer = await reply("openai_chat", said("openai_chat", "hello", response_format={"type": "json_object"}))
    assert json.loads(texts(answer)[0]) == {"text": "You said: hello"}


@BOTH
async def test_a_stop_word_ends_the_answer(stream: bool) -> None:
    answer = await reply("anthropic", said("anthropic", "a b c d", stop_sequences=[" d", " c"]), stream=stream)
    assert texts(answer) == ["You said: a b"]
    assert (answer.choices[0].stop, answer.choices[0].sequence) == ("stop_sequence", " c")


@EVERY
@BOTH
async def test_the_limit_of_tokens_is_kept(dialect: DialectName, stream: bool) -> None:
    limits: dict[DialectName, dict[str, Any]] = {
        "openai_chat": {"max_completion_tokens": 7},
        "openai_responses": {"max_output_tokens": 7},
        "anthropic": {"max_tokens": 7},
        "gemini": {"generationConfig": {"maxOutputTokens": 7}},
    }
    answer = await reply(dialect, said(dialect, "one two three four five") | limits[dialect], stream=stream)
    assert texts(answer) == ["You said: one two"]
    assert answer.choices[0].stop == "length"
    assert counted(answer.usage)[1] == 7


async def test_at_least_one_word_is_said_whatever_the_limit() -> None:
    answer = await reply("anthropic", said("anthropic", "hello") | {"max_tokens": 1})
    assert (texts(answer), answer.choices[0].stop) == (["You"], "length")
    assert counted(answer.usage)[1] == 1


@BOTH
async def test_several_choices_are_told_and_counted(stream: bool) -> None:
    answer = await reply("openai_chat", said("openai_chat", "ping", n=3), stream=stream)
    assert texts(answer) == ["pong"] * 3
    assert counted(answer.usage)[1] == 3 * 2


# --- caching -----------------------------------------------------------------------------------------------
def conversation(length: int, ttl: str = "5m") -> dict[str, Any]:
    system = [{"type": "text", "text": "word " * 100, "cache_control": {"type": "ephemeral", "ttl": ttl}}]
    messages: Sequence[dict[str, Any]] = [
        {"role": "assistant" if index % 2 else "user", "content": "hi"} for index in range(length)
    ]
    return {"model": "sandbox", "max_tokens": 99, "system": system, "messages": messages}


@BOTH
async def test_marked_text_is_written_to_the_cache_first_and_read_from_it_later(stream: bool) -> None:
    first = (await reply("anthropic", conversation(1), stream=stream)).usage
    later = (await reply("anthropic", conversation(3), stream=stream)).usage
    hour = (await reply("anthropic", conversation(1, "1h"), stream=stream)).usage
    assert first is not None
    assert later is not None
    assert hour is not None
    assert (first.cache_read, first.cache_write_5m, first.cache_write_1h) == (0, 144, 0)
    assert (later.cache_read, later.written) == (144, 0)
    assert (hour.cache_write_5m, hour.cache_write_1h) == (0, 144)
    assert first.input > 0


async def test_without_a_mark_nothing_is_cached() -> None:
    usage = (await reply("anthropic", said("anthropic", "hello"))).usage
    assert usage is not None
    assert (usage.cache_read, usage.written) == (0, 0)


# --- the other calls ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("dialect", ["anthropic", "gemini"])
async def test_a_count_agrees_with_the_usage_of_the_same_request(dialect: DialectName) -> None:
    body = said(dialect, "How many tokens is this?", tools=[function(dialect, "get_weather", WEATHER)])
    usage = (await reply(dialect, body)).usage
    heard = await call(dialect, body, mode=Mode.COUNT, action="countTokens")
    assert usage is not None
    assert heard.json["input_tokens" if dialect == "anthropic" else "totalTokens"] == usage.total_input


async def test_gemini_counts_a_whole_request_too() -> None:
    body = said("gemini", "How many tokens is this?")
    plain = await call("gemini", body, mode=Mode.COUNT)
    whole = await call("gemini", {"generateContentRequest": {"model": "models/x", **body}}, mode=Mode.COUNT)
    assert plain.json == whole.json
    assert plain.json["totalTokens"] > 0


async def test_a_mode_that_is_no_call_of_a_model_is_not_found() -> None:
    heard = await call("openai_chat", {}, mode=Mode.ABSENT)
    assert heard.status == 404


@EVERY
async def test_a_request_that_is_none_is_refused_in_its_dialect(dialect: DialectName) -> None:
    heard = await call(dialect, {"model": "sandbox", "messages": 7, "input": 7, "contents": 7})
    assert heard.status == 400
    assert DIALECTS[dialect].parse_error(heard.body, 400).kind == "invalid_request"
