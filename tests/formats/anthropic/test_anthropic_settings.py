"""Tools, thinking, limits and settings of other dialects on their way to an Anthropic upstream, and own turns."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from faregate.formats.anthropic import DIALECT
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import (
    FunctionTool,
    Message,
    OpaqueTool,
    OutputFormat,
    Reasoning,
    Sampling,
    Sealed,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    WebSearchTool,
)
from faregate.kernel.errors import Unrepresentable

PING = Message("user", (Text("ping"),))
WEATHER = FunctionTool("weather", schema=b'{"type":"object"}')
CLOCK = FunctionTool("clock", schema=b'{"type":"object"}')
CLOSED: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def render(*messages: Message, quirks: Quirks | None = None, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    turn = Turn(dialect="openai_chat", model="m", messages=messages or (PING,), **fields)
    notes = Notes()
    return json.loads(DIALECT.render(turn, quirks or Quirks(), notes)), notes.lines


# --- tools -----------------------------------------------------------------------------------------------
def test_a_function_needs_a_schema_of_an_object() -> None:
    tools = (
        FunctionTool("a"),
        FunctionTool("b", "d", b'{"properties":{}}', True),
        FunctionTool("c", schema=b"nonsense"),
    )
    assert render(tools=tools)[0]["tools"] == [
        {"name": "a", "input_schema": {"type": "object", "properties": {}}},
        {"name": "b", "description": "d", "input_schema": CLOSED, "strict": True},
        {"name": "c", "input_schema": {"type": "object", "properties": {}}},
    ]


@pytest.mark.parametrize(
    ("tool", "shown"),
    [
        (
            WebSearchTool(context_size="low", country="DE", city="Bonn"),
            {"max_uses": 1, "user_location": {"type": "approximate", "country": "DE", "city": "Bonn"}},
        ),
        (WebSearchTool(context_size="medium"), {"max_uses": 5}),
        (WebSearchTool(context_size="high"), {"max_uses": 10}),
        (WebSearchTool(max_uses=3, context_size="high"), {"max_uses": 3}),
        (WebSearchTool(dialect="gemini", raw=b'{"googleSearch":{}}'), {}),
    ],
)
def test_web_search_is_anthropics_own_tool(tool: WebSearchTool, shown: dict[str, Any]) -> None:
    assert render(tools=(tool,))[0]["tools"] == [{"type": "web_search_20250305", "name": "web_search", **shown}]


def test_a_tool_of_another_dialect_is_refused() -> None:
    with pytest.raises(Unrepresentable):
        render(tools=(OpaqueTool("openai_responses", "file_search", b"{}"),))


@pytest.mark.parametrize(
    ("choice", "parallel", "shown"),
    [
        (ToolChoice("auto"), None, {"type": "auto"}),
        (ToolChoice("required"), True, {"type": "any", "disable_parallel_tool_use": False}),
        (ToolChoice("none"), False, {"type": "none"}),
        (ToolChoice("tool", ("clock",)), False, {"type": "tool", "name": "clock", "disable_parallel_tool_use": True}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        (None, True, None),
        (None, None, None),
    ],
)
def test_tool_choices_are_shown(choice: ToolChoice | None, parallel: bool | None, shown: Any) -> None:
    body, notes = render(tools=(WEATHER, CLOCK), tool_choice=choice, parallel_tools=parallel)
    assert body.get("tool_choice") == shown
    assert notes == []


@pytest.mark.parametrize(("mode", "shown"), [("auto", "auto"), ("tool", "any")])
def test_a_choice_among_several_leaves_out_the_others(mode: Any, shown: str) -> None:
    tools = (WEATHER, CLOCK, FunctionTool("other"))
    body, _ = render(tools=tools, tool_choice=ToolChoice(mode, ("weather", "clock")))
    assert [tool["name"] for tool in body["tools"]] == ["weather", "clock"]
    assert body["tool_choice"] == {"type": shown}


def test_a_choice_without_tools_is_not_sent() -> None:
    assert render(tool_choice=ToolChoice("auto"), parallel_tools=False) == render()
    assert render(tool_choice=ToolChoice("required"))[1] == ["tool_choice (there are no tools)"]


# --- thinking, sampling, limits --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wish", "thinking"),
    [
        (Reasoning(effort="minimal"), {"type": "enabled", "budget_tokens": 1024}),
        (Reasoning(effort="low"), {"type": "enabled", "budget_tokens": 1280}),
        (Reasoning(effort="medium"), {"type": "enabled", "budget_tokens": 2048}),
        (Reasoning(effort="high"), {"type": "enabled", "budget_tokens": 4096}),
        (Reasoning(effort="none"), {"type": "disabled"}),
        (Reasoning(mode="disabled"), {"type": "disabled"}),
        (Reasoning(mode="enabled", budget_tokens=0), {"type": "disabled"}),
        (Reasoning(mode="enabled", budget_tokens=100), {"type": "enabled", "budget_tokens": 1024}),
        (Reasoning(budget_tokens=3000, effort="high"), {"type": "enabled", "budget_tokens": 3000}),
        (Reasoning(mode="enabled"), {"type": "enabled", "budget_tokens": 7200}),
        (Reasoning(mode="adaptive"), {"type": "adaptive"}),
        (Reasoning(summary="auto"), None),
    ],
)
def test_wishes_to_think_become_a_budget(wish: Reasoning, thinking: Any) -> None:
    body, notes = render(reasoning=wish, max_output_tokens=9000)
    assert (body.get("thinking"), body["max_tokens"], notes) == (thinking, 9000, [])


def test_an_unknown_effort_is_noted() -> None:
    body, notes = render(reasoning=Reasoning(effort="heroic"))
    assert "thinking" not in body
    assert notes == ["reasoning effort 'heroic'"]


def test_a_limit_below_the_budget_keeps_its_room_for_words() -> None:
    assert render(reasoning=Reasoning(effort="high"), max_output_tokens=50)[0]["max_tokens"] == 4146
    assert render(reasoning=Reasoning(effort="high"), max_output_tokens=4096)[0]["max_tokens"] == 8192
    assert render(reasoning=Reasoning(effort="high"), max_output_tokens=4097)[0]["max_tokens"] == 4097


def test_thinking_bears_no_sampling_beyond_what_the_api_allows() -> None:
    body, notes = render(reasoning=Reasoning(effort="low"), sampling=Sampling(temperature=0.5, top_p=0.9, top_k=40))
    assert not {"temperature", "top_p", "top_k"} & body.keys()
    assert notes == ["temperature (not with thinking)", "top_p (not with thinking)", "top_k (not with thinking)"]
    body, notes = render(reasoning=Reasoning(effort="low"), sampling=Sampling(temperature=1, top_p=0.95))
    assert (body["temperature"], body["top_p"], notes) == (1, 0.95, [])


def test_a_forced_tool_outweighs_thinking() -> None:
    body, notes = render(
        tools=(WEATHER,),
        tool_choice=ToolChoice("tool", ("weather",)),
        reasoning=Reasoning(effort="medium"),
        sampling=Sampling(temperature=0.5),
    )
    assert "thinking" not in body
    assert body["temperature"] == 0.5
    assert notes == ["reasoning (a tool is forced)"]


def test_a_turn_that_goes_on_without_its_thoughts_cannot_think_again() -> None:
    messages = (PING, Message("assistant", (ToolCall("1", "f"),)), Message("user", (ToolResult("1", (Text("a"),)),)))
    body, notes = render(*messages, reasoning=Reasoning(effort="low"), sampling=Sampling(top_k=5))
    assert "thinking" not in body
    assert body["top_k"] == 5
    assert notes == ["reasoning (the assistant's last turn came without its sealed thoughts)"]
    sealed = Message("assistant", (Thinking("hm", Sealed("anthropic", "SIG")), ToolCall("1", "f")))
    body, notes = render(PING, sealed, messages[2], reasoning=Reasoning(effort="low"))
    assert (body["thinking"]["budget_tokens"], notes) == (1280, [])


def test_zeros_are_sent_and_heat_is_limited() -> None:
    body, notes = render(sampling=Sampling(temperature=0, top_p=0, top_k=5), max_output_tokens=77, stop=("END",))
    assert {name: body[name] for name in ("temperature", "top_p", "top_k", "max_tokens", "stop_sequences")} == {
        "temperature": 0,
        "top_p": 0,
        "top_k": 5,
        "max_tokens": 77,
        "stop_sequences": ["END"],
    }
    assert notes == []
    assert render(sampling=Sampling(temperature=1.7))[0]["temperature"] == 1
    assert render(sampling=Sampling(temperature=1.7))[1] == ["temperature above 1"]


def test_blank_stop_sequences_are_left_out() -> None:
    body, notes = render(stop=("\n", "END", ""))
    assert (body["stop_sequences"], notes) == (["END"], ["blank stop sequences"])


# --- output, account, losses -----------------------------------------------------------------------------
def test_any_json_object_is_asked_for_in_words() -> None:
    body, notes = render(output=OutputFormat("object"), system=(Text("one"),))
    assert body["system"][0]["text"] == "one"
    assert "JSON object" in body["system"][1]["text"]
    assert (body.get("output_config"), notes) == (None, [])
    assert "system" not in render(output=OutputFormat("text"))[0]


def test_several_answers_are_refused() -> None:
    assert "n" not in render(choices=1)[0]
    with pytest.raises(Unrepresentable):
        render(choices=2)


def test_the_user_is_metadata() -> None:
    assert render(user="u1")[0]["metadata"] == {"user_id": "u1"}


def test_every_knob_it_lacks_is_noted() -> None:
    body, notes = render(
        Message("user", (Text("ping"),), name="ann"),
        sampling=Sampling(
            frequency_penalty=0.1, presence_penalty=0.0, seed=7, logprobs=True, top_logprobs=2, logit_bias=Raw(b"{}")
        ),
        metadata=Raw(b'{"k":"v"}'),
        service_tier="flex",
        store=True,
        prompt_cache_key="k",
        verbosity="low",
        modalities=("text", "audio"),
        extras={"x_unknown": Raw(b"1")},
    )
    assert body == render()[0]
    assert notes == [
        "messages.name",
        "frequency_penalty",
        "presence_penalty",
        "seed",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "metadata",
        "service_tier",
        "store",
        "prompt_cache_key",
        "verbosity",
        "modalities",
        "extras.x_unknown",
    ]


def test_what_amounts_to_nothing_is_not_noted() -> None:
    assert render(store=False, modalities=("TEXT",), sampling=Sampling(logprobs=False)) == render()


# --- own turns -------------------------------------------------------------------------------------------
def test_a_turn_of_this_dialect_is_left_to_the_upstream_to_judge() -> None:
    body = {
        "model": "m",
        "messages": [
            {"role": "assistant", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "system", "content": "c"},
        ],
        "max_tokens": 10,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "temperature": 0.5,
        "tool_choice": {"type": "any"},
        "metadata": {"user_id": "u", "k": 1},
        "service_tier": "auto",
        "output_config": {"effort": "low", "task_budget": 5},
        "speed": "fast",
    }
    turn = DIALECT.parse(msgspec.json.encode(body))
    notes = Notes()
    assert json.loads(DIALECT.render(turn, Quirks(), notes)) == body
    assert notes.lines == []


def test_an_own_turn_without_a_limit_gets_the_default() -> None:
    turn = DIALECT.parse(b'{"model":"m","messages":[{"role":"user","content":"ping"}]}')
    assert json.loads(DIALECT.render(turn, Quirks(default_max_tokens=7), Notes()))["max_tokens"] == 7
