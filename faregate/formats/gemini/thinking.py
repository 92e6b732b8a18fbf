"""Google's thinkingConfig: a budget in tokens (2.5 models) or a level (3 and later)."""

import re

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.gemini.wire import ThinkingConfig
from faregate.formats.turn import Reasoning, Turn

_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?")
_FIRST_THINKING, _FIRST_LEVELS = (2, 5), (3, 0)
# Google: Gemini API documentation, "Thinking", 2026-11
_BUDGETS = (("2.5-flash-lite", 512, 24576), ("2.5-pro", 128, 32768), ("2.5-flash", 0, 24576))
_MOST = 32768
_LEVELS = {"none": "minimal", "minimal": "minimal", "low": "low", "medium": "medium", "high": "high"}
_AUTOMATIC = -1


def read_thinking(config: ThinkingConfig) -> Reasoning:
    """The wish in a thinkingConfig."""
    budget, level = config.thinking_budget, (config.thinking_level or "").lower()
    effort = "" if level.endswith("unspecified") else level
    if budget is None:
        return Reasoning(effort=effort, shown=config.include_thoughts)
    if budget > 0:
        return Reasoning("enabled", effort, budget, config.include_thoughts)
    return Reasoning("disabled" if budget == 0 else "adaptive", effort, shown=config.include_thoughts)


def write_thinking(turn: Turn, quirks: Quirks, notes: Notes) -> dict[str, object] | None:
    """The thinkingConfig for the turn's wish; None when there is none or the model cannot think."""
    wish = turn.reasoning
    if wish is None:
        return None
    if turn.dialect == "gemini":
        return _own(wish)
    version = version_of(turn.model)
    if version and version < _FIRST_THINKING:
        notes.dropped("reasoning")
        return None
    config = _amount(wish, turn.model, quirks, levels=version >= _FIRST_LEVELS)
    shown = _is_shown(wish)
    if shown is not None and config != {"thinkingBudget": 0}:
        config["includeThoughts"] = shown
    return config or None


def version_of(model: str) -> tuple[int, ...]:
    """The version in a Gemini model's name, () when it tells none."""
    found = _VERSION.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else ()


def _own(wish: Reasoning) -> dict[str, object]:
    config: dict[str, object] = {}
    if wish.budget_tokens is not None:
        config["thinkingBudget"] = wish.budget_tokens
    elif wish.mode in ("disabled", "adaptive"):
        config["thinkingBudget"] = 0 if wish.mode == "disabled" else _AUTOMATIC
    if wish.effort:
        config["thinkingLevel"] = wish.effort
    if wish.shown is not None:
        config["includeThoughts"] = wish.shown
    return config


def _amount(wish: Reasoning, model: str, quirks: Quirks, *, levels: bool) -> dict[str, object]:
    effort = "none" if wish.mode == "disabled" else wish.effort
    if effort and levels:
        return {"thinkingLevel": _level(effort, model)}
    if effort == "none":
        return {"thinkingBudget": _bounded(0, model)}
    budget = wish.budget_tokens or dict(quirks.effort_budgets).get(effort)
    if budget:
        return {"thinkingBudget": _bounded(budget, model)}
    return {"thinkingBudget": _AUTOMATIC} if wish.mode == "adaptive" and not levels else {}


def _level(effort: str, model: str) -> str:
    """The nearest level: the Pro models know no "minimal", the first of them no "medium"."""
    level = _LEVELS.get(effort, "high")
    if "-pro" not in model:
        return level
    if level == "medium" and version_of(model) == _FIRST_LEVELS:
        return "high"
    return "low" if level == "minimal" else level


def _bounded(budget: int, model: str) -> int:
    for name, least, most in _BUDGETS:
        if name in model:
            return min(max(budget, least), most)
    return min(budget, _MOST)


def _is_shown(wish: Reasoning) -> bool | None:
    """Whether the client wants the thoughts: told by Gemini's flag, Responses' summary or Anthropic's display."""
    if wish.shown is not None:
        return wish.shown
    if wish.summary:
        return wish.summary != "none"
    if wish.mode in ("enabled", "adaptive"):
        return wish.display != "omitted"
    return None
