"""Who gets quota, decided without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.billing.allotment import Need, allot, lease_size


def test_needs_are_met_in_order_and_whole() -> None:
    decided = allot([Need((1,), 40), Need((1,), 40), Need((1,), 20)], {1: 60})
    assert decided.met == [0, 2]
    assert decided.reserved == {1: 60}
    assert decided.short == {1: 1}


def test_a_need_on_two_accounts_is_met_by_both_or_not_at_all() -> None:
    decided = allot([Need((1, 2), 50), Need((1,), 60)], {1: 60, 2: 10})
    assert decided.met == [1]
    assert decided.reserved == {1: 60}
    assert decided.short == {0: 2}


def test_a_need_of_nothing_asks_for_an_account_that_is_not_empty() -> None:
    assert allot([Need((1,), 0)], {1: 1}).reserved == {1: 0}
    assert allot([Need((1,), 0)], {1: 0}).short == {0: 1}
    assert allot([Need((1,), 0)], {1: -5}).short == {0: 1}


def test_an_unknown_account_has_no_room_and_an_unlimited_need_always_fits() -> None:
    assert allot([Need((9,), 1), Need((), 10**12)], {}).met == [1]


@given(
    st.lists(st.tuples(st.lists(st.integers(1, 3), max_size=2, unique=True), st.integers(0, 50))),
    st.dictionaries(st.integers(1, 3), st.integers(-50, 200)),
)
def test_no_account_gives_more_than_it_has(asked: list[tuple[list[int], int]], room: dict[int, int]) -> None:
    needs = [Need(tuple(accounts), amount) for accounts, amount in asked]
    decided = allot(needs, room)
    assert sorted([*decided.met, *decided.short]) == list(range(len(needs)))
    for id, reserved in decided.reserved.items():
        assert reserved == sum(needs[position].amount for position in decided.met if id in needs[position].accounts)
        assert reserved <= max(room.get(id, 0), 0)


@pytest.mark.parametrize(
    ("need", "balance", "size"),
    [
        (100, 6399, 100),  # poor: exactly the need
        (100, 6400, 400),  # just rich: a sixteenth
        (100, 1_000_000, 6400),  # rich: 64 times the need
        (1, 64, 4),
        (100, 100, 100),
        (100, -5, 100),
    ],
)
def test_the_rich_get_more_than_they_ask_for(need: int, balance: int, size: int) -> None:
    assert lease_size(need, balance) == size


def test_a_busy_account_gets_larger_steps_but_never_more_than_its_share() -> None:
    assert lease_size(100, 10**9, chunk=4096) == 409_600
    assert lease_size(100, 100_000, chunk=4096) == 6250
