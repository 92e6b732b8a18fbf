"""A web search of cached pages alone, as Codex asks for it: this dialect can say it, no other can."""

import json
from typing import Any

import pytest

from faregate.formats import DIALECTS
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.openai_responses import DIALECT
from faregate.formats.turn import DialectName, FunctionTool, Turn, WebSearchTool

SHELL = {"type": "function", "name": "shell", "parameters": {"type": "object", "properties": {}}, "strict": False}
CACHED = {"type": "web_search", "external_web_access": False}
OTHERS: tuple[DialectName, ...] = ("openai_chat", "anthropic", "gemini")
LOST = ["extras.tools", "extras.tools.web_search (cached only)"]


def parse(*tools: object, **fields: object) -> Turn:
    return DIALECT.parse(json.dumps({"model": "m", "input": "ping", "tools": tools, **fields}).encode())


def rendered(name: DialectName, turn: Turn) -> tuple[Any, list[str]]:
    notes = Notes()
    return json.loads(DIALECTS[name].render(turn, Quirks(), notes)), notes.lines


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("tools", [(SHELL, CACHED), (CACHED, SHELL)])
def test_it_does_not_become_a_live_search_elsewhere(name: DialectName, tools: tuple[object, ...]) -> None:
    body, notes = rendered(name, parse(*tools, tool_choice="auto"))
    assert len(body["tools"]) == 1
    assert b"search" not in json.dumps(body).encode().lower()
    assert notes == LOST


@pytest.mark.parametrize("name", OTHERS)
def test_alone_it_leaves_no_tools(name: DialectName) -> None:
    body, notes = rendered(name, parse(CACHED, tool_choice="required"))
    assert not {"tools", "tool_choice", "toolConfig", "web_search_options"} & body.keys()
    assert set(LOST) <= set(notes)


def test_it_returns_to_this_dialect_as_it_came() -> None:
    turn = parse(CACHED, SHELL)
    assert turn.tools == (FunctionTool("shell", schema=b'{"type":"object","properties":{}}', strict=False),)
    body, notes = rendered("openai_responses", turn)
    assert body == {"model": "m", "input": [{"role": "user", "content": "ping"}], "tools": [CACHED, SHELL]}
    assert notes == []
    assert DIALECT.parse(json.dumps(body).encode()) == turn


@pytest.mark.parametrize("access", [{}, {"external_web_access": True}, {"external_web_access": None}])
def test_a_live_search_is_every_dialect_s(access: dict[str, object]) -> None:
    turn = parse({"type": "web_search", **access})
    assert isinstance(turn.tools[0], WebSearchTool)
    assert turn.extras == {}
    assert rendered("gemini", turn)[0]["tools"] == [{"googleSearch": {}}]
