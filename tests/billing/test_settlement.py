"""Frames' payloads."""

import pytest

from faregate.billing import Line, Settlement
from faregate.billing.settlement import bare, parse, render, unique
from faregate.kernel.errors import Defect


def test_a_settlement_survives_the_journal() -> None:
    settlement = Settlement(
        id="r1",
        at=5,
        line=Line(type=2, username="ada", model="gpt-4o", prompt_tokens=7, is_stream=True, other='{"a":1}'),
        user_id=1,
        key_id=2,
        channel_id=3,
        requests=0,
        counts=False,
        charge=10,
        wallet_id=4,
        wallet_lease=5,
        wallet_taken=6,
        wallet_direct=4,
        allowance_id=7,
        allowance_lease=8,
        allowance_taken=9,
        allowance_direct=1,
    )
    assert parse(render(settlement)) == settlement


def test_what_cannot_be_written_is_replaced_and_the_money_stays() -> None:
    settlement = Settlement(id="r1", at=5, line=Line(model="a\ud800b\0", prompt_tokens=10**30), charge=10)
    kept = parse(render(settlement))
    assert (kept.charge, kept.line.model, kept.line.prompt_tokens) == (10, "a?b", 2**62)


def test_a_bare_settlement_keeps_money_and_ids() -> None:
    settlement = Settlement(id="r1", at=5, line=Line(type=5, model="x", other="y"), charge=10, wallet_id=4)
    plain = bare(settlement)
    assert (plain.id, plain.charge, plain.wallet_id, plain.line.type, plain.line.model, plain.line.other) == (
        "r1",
        10,
        4,
        5,
        "",
        "",
    )
    assert plain.line.content == "the record of this request could not be stored"


def test_the_first_of_every_id_counts() -> None:
    first, second, third = (Settlement(id=id, at=at, line=Line()) for id, at in (("a", 1), ("b", 2), ("a", 3)))
    assert unique([first, second, third]) == [first, second]


def test_other_bytes_are_refused() -> None:
    with pytest.raises(Defect, match="not a settlement"):
        parse(b"\x01")
