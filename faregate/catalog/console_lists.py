"""The console's lists (announcements, questions, addresses, uptime groups) as JSON texts: checked when written.

Lengths are bytes. A text that does not fit raises ValueError with one sentence that names the item and the rule.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

Item = dict[str, Any]
_COLOURS = frozenset(
    (
        *("blue", "green", "cyan", "purple", "pink", "red", "orange", "amber", "yellow", "lime", "light-green"),
        *("teal", "light-blue", "indigo", "violet", "grey", "slate"),
    )
)
_KINDS = frozenset(("", "default", "ongoing", "success", "warning", "error"))
_SLUG = re.compile(r"^[A-Za-z0-9_-]+$")
_SCRIPT = re.compile(r"<script|<iframe|javascript:|onload=|onerror=|onclick=", re.IGNORECASE)


def items(text: str) -> list[Item]:
    """The items of a list's text. Raises ValueError when it is no JSON list of objects."""
    if not text.strip():
        return []
    try:
        return msgspec.json.decode(text, type=list[Item])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError("must be a JSON list of objects") from error


def check_announcements(text: str) -> str:
    """`text`, when every announcement is fine."""
    return _check(text, 100, _announcement)


def check_questions(text: str) -> str:
    """`text`, when every question is fine."""
    return _check(text, 100, _question)


def check_addresses(text: str) -> str:
    """`text`, when every address is fine."""
    return _check(text, 50, _address)


def check_uptime_groups(text: str) -> str:
    """`text`, when every uptime group is fine and no name occurs twice."""
    _check(text, 20, _uptime_group)
    names = [item["categoryName"] for item in items(text)]
    if len(set(names)) < len(names):
        raise ValueError("a categoryName occurs twice")
    return text


def newest_first(announcements: Sequence[Item]) -> list[Item]:
    """Announcements by date, newest first."""
    return sorted(announcements, key=lambda item: _date(item["publishDate"]), reverse=True)


def _check(text: str, most: int, rule: Callable[[Item], None]) -> str:
    found = items(text)
    if len(found) > most:
        raise ValueError(f"must not have more than {most} items")
    for number, item in enumerate(found, 1):
        try:
            rule(item)
        except ValueError as error:
            raise ValueError(f"item {number}: {error}") from error
    return text


def _text(item: Item, name: str, most: int, *, required: bool = True, plain: bool = False) -> str:
    value = item.get(name, "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise ValueError(f"{name} must be a text that is not empty")
    if len(value.encode()) > most:
        raise ValueError(f"{name} must not be longer than {most} bytes")
    if plain and _SCRIPT.search(value):
        raise ValueError(f"{name} must not contain scripts")
    return value


def _url(item: Item, name: str) -> None:
    try:
        split = urlsplit(_text(item, name, 500))
        is_fine = split.scheme in ("http", "https") and bool(split.hostname)
    except ValueError:
        is_fine = False
    if not is_fine:
        raise ValueError(f"{name} must be an http or https address of at most 500 bytes")


def _date(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or "T" not in text.upper():
        raise ValueError("no zone")
    return found


def _announcement(item: Item) -> None:
    _text(item, "content", 500)
    _text(item, "extra", 200, required=False)
    try:
        _date(_text(item, "publishDate", 64))
    except ValueError as error:
        raise ValueError("publishDate must be a date and time such as 2026-01-31T12:00:00Z") from error
    if item.get("type", "") not in _KINDS:
        raise ValueError("type must be default, ongoing, success, warning or error")


def _question(item: Item) -> None:
    _text(item, "question", 200)
    _text(item, "answer", 1000)


def _address(item: Item) -> None:
    _url(item, "url")
    _text(item, "route", 100, plain=True)
    _text(item, "description", 200, plain=True)
    if item.get("color") not in _COLOURS:
        raise ValueError("color is unknown")


def _uptime_group(item: Item) -> None:
    _text(item, "categoryName", 50, plain=True)
    _url(item, "url")
    if not _SLUG.match(_text(item, "slug", 100)):
        raise ValueError("slug may only have letters, digits, _ and -")
    _text(item, "description", 200, required=False, plain=True)
