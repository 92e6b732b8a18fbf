"""Thinking, sampling and limits of a request, and what they forbid one another.

A turn of this dialect says what it says; the upstream judges. Wishes of other dialects are reconciled here
(Anthropic docs, extended thinking, 2026-11): thinking bears no temperature, no top_k, no forced tool, and a top_p of
0.95 or more; its budget is at least 1024 and below max_tokens; a turn that goes on after tool results must begin with
the thoughts it had. Models that know adaptive thinking only have rules of their own (see adaptive.py).
"""

from typing import Any

from faregate.formats.anthropic.adaptive import is_adaptive, render_adaptive
from faregate.formats.anthropic.tools import is_forced
from faregate.formats.anthropic.wire import NAME
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import Reasoning, Turn

LEAST_BUDGET = 1024
LEAST_TOP_P_WITH_THINKING = 0.95
HIGHEST_TEMPERATURE = 1.0
_KNOBS = ("temperature", "top_p", "top_k")
_UNKNOWN_KNOBS = (
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "logprobs",
    "top_logprobs",
    "logit_bias",
)


def render_limits(turn: Turn, messages: list[dict[str, Any]], quirks: Quirks, notes: Notes) -> dict[str, Any]:
    """The fields max_tokens, thinking, temperature, top_p, top_k, and output_config where an effort is to be asked for.

    `messages`: the conversation as it will be sent.
    """
    sampling = {name: value for name in _KNOBS if (value := getattr(turn.sampling, name)) is not None}
    if turn.dialect == NAME:
        limit = turn.max_output_tokens if turn.max_output_tokens is not None else quirks.default_max_tokens
        thinking = _own_thinking(turn.reasoning)
        return {"max_tokens": limit, **({"thinking": thinking} if thinking else {}), **sampling}
    _note_unknown(turn, notes)
    limit = turn.max_output_tokens or quirks.default_max_tokens
    if is_adaptive(turn.model):
        for name in sampling:
            notes.dropped(f"{name} (not with this model)")
        return {"max_tokens": limit, **render_adaptive(turn, quirks, notes)}
    thinking = _thinking(turn, limit, quirks, notes)
    if thinking.get("type") == "enabled" and _is_mid_thought(messages):
        notes.dropped("reasoning (the assistant's last turn came without its sealed thoughts)")
        thinking = {}
    budget = thinking.get("budget_tokens", 0)
    if budget >= limit:
        limit += budget  # the client's limit is for words it can read: they keep their room
    active = thinking.get("type") in ("enabled", "adaptive")
    sampling = _beside_thinking(sampling, notes) if active else _cooled(sampling, notes)
    return {"max_tokens": limit, **({"thinking": thinking} if thinking else {}), **sampling}


def _note_unknown(turn: Turn, notes: Notes) -> None:
    for name in _UNKNOWN_KNOBS:
        value: Any = getattr(turn.sampling, name)
        if value is not None and value is not False:
            notes.dropped(name)


def _own_thinking(reasoning: Reasoning | None) -> dict[str, Any]:
    if reasoning is None or reasoning.mode is None:
        return {}
    shown: dict[str, Any] = {"type": reasoning.mode}
    if reasoning.budget_tokens is not None:
        shown["budget_tokens"] = reasoning.budget_tokens
    if reasoning.display:
        shown["display"] = reasoning.display
    return shown


def _thinking(turn: Turn, limit: int, quirks: Quirks, notes: Notes) -> dict[str, Any]:
    """The thinking that another dialect's wish amounts to; empty when it says nothing."""
    wish = turn.reasoning
    if wish is None:
        return {}
    if wish.mode == "disabled" or wish.budget_tokens == 0 or wish.effort == "none":
        return {"type": "disabled"}
    if is_forced(turn):
        notes.dropped("reasoning (a tool is forced)")
        return {}
    if wish.mode == "adaptive" and wish.budget_tokens is None:
        return {"type": "adaptive"}
    budget = _budget(wish, limit, quirks, notes)
    return {"type": "enabled", "budget_tokens": max(budget, LEAST_BUDGET)} if budget else {}


def _budget(wish: Reasoning, limit: int, quirks: Quirks, notes: Notes) -> int:
    """Tokens to think with, 0 when the wish names none."""
    if wish.budget_tokens is not None:
        return wish.budget_tokens
    by_effort = dict(quirks.effort_budgets).get(wish.effort, 0)
    if wish.effort and not by_effort:
        notes.dropped(f"reasoning effort {wish.effort!r}")
    if by_effort or wish.mode != "enabled":
        return by_effort
    return max(int(limit * quirks.thinking_budget_share), LEAST_BUDGET)


def _is_mid_thought(messages: list[dict[str, Any]]) -> bool:
    """True when the last message brings tool results to a turn that does not begin with thoughts."""
    if len(messages) < 2 or not _begins_with(messages[-1], "tool_result"):
        return False
    return not (_begins_with(messages[-2], "thinking") or _begins_with(messages[-2], "redacted_thinking"))


def _begins_with(message: dict[str, Any], kind: str) -> bool:
    content: Any = message["content"]
    return not isinstance(content, str) and content[0]["type"] == kind


def _beside_thinking(sampling: dict[str, Any], notes: Notes) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in sampling.items():
        if (name == "temperature" and value == 1) or (name == "top_p" and value >= LEAST_TOP_P_WITH_THINKING):
            kept[name] = value
        else:
            notes.dropped(f"{name} (not with thinking)")
    return kept


def _cooled(sampling: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """OpenAI's and Gemini's scale goes to 2, this one to 1."""
    if sampling.get("temperature", 0) > HIGHEST_TEMPERATURE:
        notes.dropped(f"temperature above {HIGHEST_TEMPERATURE:g}")
        sampling["temperature"] = HIGHEST_TEMPERATURE
    return sampling
