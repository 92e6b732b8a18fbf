"""Thoughts: whether they are asked for, what they say, and whether they are shown."""

import base64
import hashlib

from faregate.formats.turn import DialectName, Reasoning, Sealed, Turn

# How many sentences an effort is worth; a budget without an effort counts as medium.
_SENTENCES = {"minimal": 1, "low": 1, "medium": 2, "high": 3, "xhigh": 4, "max": 5}
_USUAL = 2
_FURTHER = " I think about it once more before I answer."


def thoughts(turn: Turn, text: str, *, forced: bool) -> str:
    """What the sandbox thinks about `text`; "" when nobody asked it to."""
    wish = turn.reasoning
    if not forced and (wish is None or not _is_wanted(wish)):
        return ""
    sentences = _SENTENCES.get(wish.effort, _USUAL) if wish else _USUAL
    return f"The user says: {text}." + _FURTHER * (sentences - 1)


def _is_wanted(wish: Reasoning) -> bool:
    if wish.mode == "disabled" or wish.effort == "none":
        return False
    return bool(wish.mode or wish.effort or wish.budget_tokens or wish.shown or wish.summary)


def are_shown(turn: Turn) -> bool:
    """Whether the client sees the words of the thoughts, by the custom of its dialect when it does not say."""
    wish = turn.reasoning
    if wish is None or wish.shown is not None:
        return wish is None or wish.shown is True
    if turn.dialect == "openai_responses":
        return wish.summary not in ("", "none")
    return turn.dialect != "gemini"


def seal_of(text: str, dialect: DialectName) -> Sealed:
    """The signature of thoughts: the same for the same text."""
    return Sealed(dialect, base64.b64encode(hashlib.sha256(text.encode("utf8", "replace")).digest()).decode())
