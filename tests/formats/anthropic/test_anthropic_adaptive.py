"""Thinking and sampling of other dialects on their way to models that think adaptively only."""

import json
from typing import Any

import pytest

from faregate.formats.anthropic import DIALECT
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import (
    FunctionTool,
    Message,
    OutputFormat,
    Reasoning,
    Sampling,
    Text,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)

PING = Message("user", (Text("ping"),))
SHOWN = {"type": "adaptive", "display": "summarized"}
BUDGET_NOTE = "reasoning budget (this model takes an effort)"
ALWAYS_NOTE = "no reasoning (this model always thinks: effort 'low')"


def render(model: str, *messages: Message, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    turn = Turn(dialect="openai_chat", model=model, messages=messages or (PING,), **fields)
    notes = Notes()
    return json.loads(DIALECT.render(turn, Quirks(), notes)), notes.lines


@pytest.mark.parametrize(
    "model",
    [
        "claude-opus-4-7",
        "claude-opus-4-8-20260528",
        "anthropic/claude-opus-4.7",
        "us.anthropic.claude-opus-4-7-v1:0",
        "claude-opus-4-10",
        "claude-opus-5",
        "claude-opus-5-20260701",
        "claude-sonnet-5-5",
        "claude-fable-5",
        "claude-mythos-preview",
    ],
)
def test_later_models_get_an_effort_and_no_sampling(model: str) -> None:
    body, notes = render(
        model,
        reasoning=Reasoning(effort="high"),
        sampling=Sampling(temperature=0.5, top_p=0.9, top_k=40),
        max_output_tokens=50,
    )
    assert body == {
        "model": model,
        "messages": [{"role": "user", "content": "ping"}],
        "max_tokens": 50,
        "thinking": SHOWN,
        "output_config": {"effort": "high"},
    }
    assert notes == ["temperature (not with this model)", "top_p (not with this model)", "top_k (not with this model)"]


@pytest.mark.parametrize(
    "model",
    [
        "claude-opus-4-6",
        "claude-opus-4-20250514",
        "claude-sonnet-4-6",
        "claude-haiku-4-5-20251001",
        "claude-3-7-sonnet-20250219",
        "kimi-k2",
    ],
)
def test_earlier_and_other_models_get_a_budget(model: str) -> None:
    body, notes = render(model, reasoning=Reasoning(effort="high"), sampling=Sampling(temperature=1))
    assert (body["thinking"], body["temperature"]) == ({"type": "enabled", "budget_tokens": 4096}, 1)
    assert ("output_config" in body, notes) == (False, [])


@pytest.mark.parametrize(
    ("wish", "thinking", "effort", "notes"),
    [
        (Reasoning(effort="low"), SHOWN, "low", []),
        (Reasoning(effort="xhigh"), SHOWN, "xhigh", []),
        (Reasoning(effort="max", shown=False), {"type": "adaptive"}, "max", []),
        (Reasoning(effort="minimal"), SHOWN, "low", ["reasoning effort 'minimal' ('low' is the least)"]),
        (Reasoning(effort="heroic"), None, None, ["reasoning effort 'heroic'"]),
        (Reasoning(mode="enabled"), SHOWN, None, []),
        (Reasoning(mode="adaptive", effort="medium"), SHOWN, "medium", []),
        (Reasoning(mode="enabled", budget_tokens=100), SHOWN, "low", [BUDGET_NOTE]),
        (Reasoning(mode="enabled", budget_tokens=3000), SHOWN, "medium", [BUDGET_NOTE]),
        (Reasoning(budget_tokens=50_000), SHOWN, "max", [BUDGET_NOTE]),
        (Reasoning(budget_tokens=50_000, effort="low"), SHOWN, "low", [BUDGET_NOTE]),
        (Reasoning(effort="none"), {"type": "disabled"}, None, []),
        (Reasoning(mode="disabled"), {"type": "disabled"}, None, []),
        (Reasoning(mode="enabled", budget_tokens=0), {"type": "disabled"}, None, []),
        (Reasoning(summary="auto"), None, None, []),
        (None, None, None, []),
    ],
)
def test_wishes_to_think_become_an_effort(wish: Reasoning | None, thinking: Any, effort: Any, notes: list[str]) -> None:
    body, told = render("claude-opus-4-8", reasoning=wish)
    assert (body.get("thinking"), body.get("output_config", {}).get("effort"), told) == (thinking, effort, notes)


@pytest.mark.parametrize("model", ["claude-opus-5-5", "claude-haiku-5-5", "claude-fable-5", "claude-mythos-preview"])
def test_a_model_that_always_thinks_is_asked_for_the_least(model: str) -> None:
    body, notes = render(model, reasoning=Reasoning(effort="none"))
    assert (body.get("thinking"), body["output_config"], notes) == (None, {"effort": "low"}, [ALWAYS_NOTE])


def test_a_forced_tool_outweighs_thinking() -> None:
    tool = FunctionTool("f", schema=b'{"type":"object"}')
    body, notes = render(
        "claude-opus-4-7", tools=(tool,), tool_choice=ToolChoice("required"), reasoning=Reasoning(effort="high")
    )
    assert not {"thinking", "output_config"} & body.keys()
    assert notes == ["reasoning (a tool is forced)"]


def test_a_turn_that_goes_on_without_its_thoughts_may_think() -> None:
    messages = (PING, Message("assistant", (ToolCall("1", "f"),)), Message("user", (ToolResult("1", (Text("a"),)),)))
    body, notes = render("claude-opus-4-7", *messages, reasoning=Reasoning(effort="low"))
    assert (body["thinking"], notes) == (SHOWN, [])


def test_an_effort_stands_beside_a_schema() -> None:
    schema = b'{"type":"object","properties":{},"additionalProperties":false}'
    body, _ = render("claude-opus-4-7", reasoning=Reasoning(effort="low"), output=OutputFormat("schema", schema=schema))
    assert body["output_config"] == {
        "effort": "low",
        "format": {"type": "json_schema", "schema": json.loads(schema)},
    }


def test_a_turn_of_this_dialect_is_left_to_the_upstream_to_judge() -> None:
    body = {
        "model": "claude-opus-4-7",
        "messages": [{"role": "user", "content": "ping"}],
        "max_tokens": 3000,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "temperature": 0.5,
    }
    notes = Notes()
    assert json.loads(DIALECT.render(DIALECT.parse(json.dumps(body).encode()), Quirks(), notes)) == body
    assert notes.lines == []
