"""Pages and search patterns."""

import pytest

from faregate.identity import Paging, like, whole, wildcards
from faregate.kernel.errors import BadRequest


@pytest.mark.parametrize(
    ("page", "size", "shown"), [(1, 10, (1, 10, 0)), (0, 0, (1, 10, 0)), (-3, -1, (1, 10, 0)), (3, 500, (3, 100, 200))]
)
def test_pages_are_clamped(page: int, size: int, shown: tuple[int, int, int]) -> None:
    paging = Paging(page, size)
    assert (paging.page, paging.size, paging.offset) == shown


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), ("-1", -1), ("", 5), (None, 5), ("x", 5), ("1" * 30, 5), ("²", 5)]
)
def test_numbers_that_make_no_sense_become_the_default(text: str | None, number: int) -> None:
    assert whole(text, 5) == number


def test_wildcards_of_the_database_are_escaped() -> None:
    assert like("A_b%c!") == "%a!_b!%c!!%"
    assert wildcards("a%b_c!") == "a%b!_c!!"
    assert wildcards("plain_text") is None


@pytest.mark.parametrize("pattern", ["%", "a%", "%f%r%", "fi%%"])
def test_patterns_that_would_read_everything_are_refused(pattern: str) -> None:
    with pytest.raises(BadRequest):
        wildcards(pattern)
