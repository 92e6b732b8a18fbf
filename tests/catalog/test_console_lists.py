"""The console's lists."""

from collections.abc import Callable

import msgspec
import pytest

from faregate.catalog.console_lists import (
    check_addresses,
    check_announcements,
    check_questions,
    check_uptime_groups,
    items,
    newest_first,
)

NEWS = {"content": "c", "publishDate": "2024-01-02T03:04:05Z"}
ADDRESS = {"url": "https://a.example.com", "route": "r", "description": "d", "color": "red"}
GROUP = {"categoryName": "one", "url": "https://u.example.com", "slug": "main_1-a"}


def text(value: object) -> str:
    return msgspec.json.encode(value).decode()


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_announcements, [NEWS | {"type": "warning", "extra": "x", "id": 3}]),
        (check_announcements, [NEWS | {"content": "x" * 500}]),
        (check_questions, [{"question": "q", "answer": "a"}]),
        (check_addresses, [ADDRESS]),
        (check_uptime_groups, [GROUP, GROUP | {"categoryName": "two"}]),
        (check_uptime_groups, []),
    ],
)
def test_good_lists_are_kept_as_they_are(check: Callable[[str], str], value: object) -> None:
    assert check(text(value)) == text(value)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_announcements, {"a": 1}),
        (check_announcements, [{"content": "c"}]),
        (check_announcements, [NEWS | {"publishDate": "2024-01-02"}]),
        (check_announcements, [NEWS | {"publishDate": "2024-01-02T03:04:05"}]),
        (check_announcements, [NEWS | {"type": "loud"}]),
        (check_announcements, [NEWS | {"content": "é" * 251}]),
        (check_announcements, [NEWS] * 101),
        (check_questions, [{"question": "q"}]),
        (check_addresses, [ADDRESS | {"url": "ftp://a"}]),
        (check_addresses, [ADDRESS | {"url": "http://[bad"}]),
        (check_addresses, [ADDRESS | {"description": "<ScRipt>"}]),
        (check_addresses, [ADDRESS | {"color": "mauve"}]),
        (check_uptime_groups, [GROUP, GROUP]),
        (check_uptime_groups, [GROUP | {"slug": "a b"}]),
    ],
)
def test_bad_lists_are_refused(check: Callable[[str], str], value: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check(text(value))


def test_an_empty_text_is_an_empty_list() -> None:
    assert items("") == []
    assert check_questions("") == ""


def test_announcements_are_ordered_by_time_across_zones() -> None:
    older, newer = NEWS, NEWS | {"publishDate": "2024-01-02T01:00:00-05:00"}
    assert newest_first([older, newer]) == [newer, older]
