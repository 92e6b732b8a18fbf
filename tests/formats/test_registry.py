"""What every registered dialect answers to frames that say nothing, and how its errors read."""

from pathlib import Path

import pytest

from faregate.formats import DIALECTS
from faregate.formats.dialect import Fault, Opening
from faregate.formats.faults import read_fault
from faregate.formats.frames import Frames
from faregate.formats.turn import DialectName

FIXTURES = Path(__file__).parent / "fixtures"
OPENING = Opening(model="asked", prompt_tokens=11, id="req1", created=1754000000)
NAMES: tuple[DialectName, ...] = tuple(DIALECTS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "junk", [b"data: {oops\n\n", b"data: nonsense\n\n", b"event: x\ndata: {\n\n", b"data: \xff\n\n"]
)
def test_rubbish_is_junk_to_the_glimpse_and_nothing_to_the_reader(name: DialectName, junk: bytes) -> None:
    glimpse = DIALECTS[name].glimpse(junk)
    assert glimpse.junk
    assert not glimpse.final
    assert list(DIALECTS[name].reader("").feed(junk)) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quiet", [b": ping\n\n", b"\n\n", b"retry: 3\n\n"])
def test_comments_are_nothing(name: DialectName, quiet: bytes) -> None:
    glimpse = DIALECTS[name].glimpse(quiet)
    assert not any((glimpse.live, glimpse.final, glimpse.junk, glimpse.error))
    assert list(DIALECTS[name].reader("").feed(quiet)) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_error_keeps_its_words_in_every_dialect_and_in_a_stream(name: DialectName) -> None:
    dialect = DIALECTS[name]
    fault = Fault(status=429, message="slow down", kind="rate_limit", type="rate_limit_error", code="rate_limited")
    assert read_fault(dialect.render_error(fault), 429).message == "slow down"
    for state in (dialect.writer(OPENING), dialect.passage(OPENING)):
        glimpses = [dialect.glimpse(frame) for frame in Frames().feed(state.fail(fault))]
        errors = [glimpse.error for glimpse in glimpses if glimpse.error]
        assert len(errors) == 1
        assert read_fault(errors[0], 200).message == "slow down"
        assert not any(glimpse.final for glimpse in glimpses)


def test_the_registry_names_each_dialect_as_it_names_itself() -> None:
    assert {name: dialect.name for name, dialect in DIALECTS.items()} == {name: name for name in DIALECTS}
    assert all(list((FIXTURES / name).glob("*.stream.txt")) for name in NAMES)
