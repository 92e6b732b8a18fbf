"""Models that think adaptively and in no other way: Claude Opus 4.7 and what came after it.

They refuse a budget and every sampling knob; how much they think is told by an effort (Anthropic docs, thinking and
effort, 2026-11). Their thoughts are hidden unless asked for. From 5.5 on, and in the families Fable and Mythos,
thinking cannot be turned off.
"""

import re
from typing import Any

from faregate.formats.anthropic.tools import is_forced
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import Reasoning, Turn

EFFORTS = ("low", "medium", "high", "xhigh", "max")
_NAME = re.compile(r"claude-([a-z]+)-(\d+|preview)(?:[-.](\d{1,2})(?!\d))?")
_FIRST, _FIRST_ALWAYS_THINKING = (4, 7), (5, 5)
_ALWAYS_THINKING = ("fable", "mythos")


def is_adaptive(model: str) -> bool:
    """True when the model's name tells that it is one of these."""
    family, version = _kind(model)
    return version >= _FIRST or family in _ALWAYS_THINKING


def render_adaptive(turn: Turn, quirks: Quirks, notes: Notes) -> dict[str, Any]:
    """The thinking and the output_config that another dialect's wish amounts to; empty when it says nothing."""
    wish = turn.reasoning
    if wish is None:
        return {}
    if wish.mode == "disabled" or wish.budget_tokens == 0 or wish.effort == "none":
        return _least(turn.model, notes)
    if is_forced(turn):
        notes.dropped("reasoning (a tool is forced)")
        return {}
    effort = _effort(wish, quirks, notes)
    if not effort and wish.mode is None:
        return {}
    thinking = {"type": "adaptive"} if wish.shown is False else {"type": "adaptive", "display": "summarized"}
    return {"thinking": thinking, **({"output_config": {"effort": effort}} if effort else {})}


def _kind(model: str) -> tuple[str, tuple[int, int]]:
    """Family and version by the model's name; no version when it tells none."""
    found = _NAME.search(model)
    if found is None:
        return "", (0, 0)
    family, major, minor = found.groups()
    return family, (int(major) if major.isdigit() else 0, int(minor or 0))


def _least(model: str, notes: Notes) -> dict[str, Any]:
    """No thinking, or as little as the model can do with."""
    family, version = _kind(model)
    if version < _FIRST_ALWAYS_THINKING and family not in _ALWAYS_THINKING:
        return {"thinking": {"type": "disabled"}}
    notes.dropped(f"no reasoning (this model always thinks: effort {EFFORTS[0]!r})")
    return {"output_config": {"effort": EFFORTS[0]}}


def _effort(wish: Reasoning, quirks: Quirks, notes: Notes) -> str:
    """The effort to ask for, "" when the wish names none that there is."""
    if wish.budget_tokens is not None:
        notes.dropped("reasoning budget (this model takes an effort)")
    if not wish.effort:
        return _nearest(wish.budget_tokens, quirks) if wish.budget_tokens is not None else ""
    if wish.effort in EFFORTS:
        return wish.effort
    if wish.effort == "minimal":
        notes.dropped(f"reasoning effort 'minimal' ({EFFORTS[0]!r} is the least)")
        return EFFORTS[0]
    notes.dropped(f"reasoning effort {wish.effort!r}")
    return ""


def _nearest(budget: int, quirks: Quirks) -> str:
    """The highest effort that stands for no more tokens than these."""
    within = [effort for effort, tokens in quirks.effort_budgets if tokens <= budget and effort in EFFORTS]
    return within[-1] if within else EFFORTS[0]
