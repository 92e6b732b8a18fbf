"""The pages tell what the program is: generated parts have not drifted, links lead somewhere, codes are explained."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from faregate.app import SECTIONS
from faregate.settings import described
from faregate.storage import Section
from scripts.write_docs import PARTS, ROOT, filled, first_sentence, options, pages, sentence_of, table

_LINK = re.compile(r"\]\((?![a-z]+:)(?P<path>[^)#\s]*)(#(?P<anchor>[^)\s]+))?\)")
_ALARM = re.compile(r'\balarm\(\s*"([a-z_.]+)"')
_CODE = re.compile(r'\bcode="([a-z_]+)"')
_PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "bench" / "README.md", *(ROOT / "docs").rglob("*.md")]
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sorted(pages()), ids=_name)
def test_a_generated_part_is_what_the_program_says_today(path: Path) -> None:
    assert path.read_text("utf8") == filled(path.read_text("utf8")), "run `make docs`"


def test_every_part_that_is_generated_stands_on_a_page() -> None:
    found = re.findall(r"<!-- generated:([a-z-]+) -->", "".join(pages().values()))
    assert sorted(found) == sorted(PARTS)


def test_a_part_that_nobody_generates_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        filled("<!-- generated:nothing -->\n<!-- /generated:nothing -->")


def test_what_is_written_by_hand_stays() -> None:
    text = "before\n<!-- generated:kinds -->\nold\n<!-- /generated:kinds -->\nafter"
    made = filled(text)
    assert made.startswith("before\n<!-- generated:kinds -->\n\n| kind |")
    assert made.endswith("|\n\n<!-- /generated:kinds -->\nafter")
    assert filled(made) == made


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a", "b"), [("x|y", "z")]) == "| a | b |\n| --- | --- |\n| x\\|y | z |\n"


@pytest.mark.parametrize(("names", "default", "meaning"), described(), ids=lambda value: str(value)[:40])
def test_every_variable_has_a_sentence(names: tuple[str, ...], default: str, meaning: str) -> None:
    assert names[0].startswith("FAREGATE_")
    assert len(meaning.split()) >= 2
    assert not meaning.endswith(".")


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_setting_has_a_sentence(section: type[Section]) -> None:
    assert section.title
    assert first_sentence(sentence_of(section)).endswith(".")
    for key, _, title in options(section):
        assert title, f"{key} has no title"
        assert not title.endswith("."), f"the title of {key} ends with a full stop"


@pytest.mark.parametrize("path", _PAGES, ids=_name)
def test_a_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    for link in _LINK.finditer(path.read_text("utf8")):
        target = (path.parent / link["path"]).resolve() if link["path"] else path
        assert target.exists(), f"{link[0]} leads nowhere"
        if link["anchor"]:
            assert link["anchor"] in set(_anchors(target)), f"{link[0]}: no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        path = ahead.pop()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        ahead += [(path.parent / link["path"]).resolve() for link in _LINK.finditer(path.read_text("utf8"))]
    assert set(_PAGES) - reached == set()


def test_every_alarm_of_the_ledger_is_explained_to_operators() -> None:
    page = (ROOT / "docs" / "operate.md").read_text("utf8")
    found = {event for text in _sources("billing") for event in _ALARM.findall(text)}
    assert found
    assert {event for event in found if f"`{event}`" not in page} == set()


def test_every_code_on_the_wire_is_explained_to_callers() -> None:
    page = (ROOT / "docs" / "errors.md").read_text("utf8")
    found = {code for text in _sources("relay") for code in _CODE.findall(text)}
    assert {"model_not_found", "access_denied"} <= found
    assert {code for code in found if f"| `{code}` |" not in page} == set()


def _sources(room: str) -> Iterator[str]:
    return (path.read_text("utf8") for path in (ROOT / "faregate" / room).glob("*.py"))


def _anchors(path: Path) -> Iterator[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.*)$", path.read_text("utf8"), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
