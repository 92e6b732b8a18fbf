"""Who gets quota when several holds ask for it: pure decisions, first come first served."""

from collections.abc import Mapping, Sequence

import msgspec

_RICH = 64  # an account is rich when its balance covers this many times the need
_SHARE = 16  # and then at most this part of it is lent at once


class Need(msgspec.Struct, frozen=True):
    """What one hold asks of the limited accounts it touches, wallet first."""

    accounts: tuple[int, ...]
    amount: int


class Allotment(msgspec.Struct, frozen=True):
    """Which needs (by position) are met, what they reserve on each account they touch, and what the others lack."""

    met: list[int]
    reserved: dict[int, int]
    short: dict[int, int]  # position -> the first account that does not cover it


def allot(needs: Sequence[Need], room: Mapping[int, int]) -> Allotment:
    """Meet needs in order, whole or not at all, from the quota each account has for us.

    A need of 0 reserves nothing, but asks for an account that is not empty.
    """
    met: list[int] = []
    short: dict[int, int] = {}
    reserved: dict[int, int] = {}
    for position, need in enumerate(needs):
        least = max(need.amount, 1)
        lacking = next((id for id in need.accounts if room.get(id, 0) - reserved.get(id, 0) < least), None)
        if lacking is not None:
            short[position] = lacking
            continue
        met.append(position)
        for id in need.accounts:
            reserved[id] = reserved.get(id, 0) + need.amount
    return Allotment(met, reserved, short)


def lease_size(need: int, balance: int, *, chunk: int = _RICH) -> int:
    """How much to lend a worker that needs `need` now: many times as much from the rich, exactly it from the poor."""
    if balance < _RICH * need:
        return need
    return max(need, min(chunk * need, balance // _SHARE))
