"""Upstreams that pack what nobody asked them to pack."""

import tracemalloc
from collections.abc import AsyncIterator, Iterable

import pytest

from faregate.kernel.errors import Garbage
from faregate.relay.decoding import decoded
from tests.relay.conftest import Plane
from tests.relay.packing import PACKERS
from tests.relay.test_upstream_faults import CASES, costs, play, same
from tests.relay.wire import WORDS, text_of

BODY = b'{"words":"' + bytes(range(32, 127)) * 9000 + b'"}'


async def arriving(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize("coding", [*PACKERS, " GZip "])
async def test_an_answer_is_unpacked_wherever_it_is_cut(coding: str, size: int) -> None:
    packed = PACKERS[coding.strip().lower()](BODY)
    assert b"".join([piece async for piece in decoded(arriving(cut(packed, size)), coding)]) == BODY


@pytest.mark.parametrize("coding", PACKERS)
async def test_a_bomb_is_unpacked_no_further_than_it_is_read(coding: str) -> None:
    bomb = PACKERS[coding](b" " * (64 << 20))
    tracemalloc.start()
    read = 0
    async for piece in decoded(arriving([bomb]), coding):
        read += len(piece)
        if read > 1 << 20:
            break
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("coding", PACKERS)
async def test_what_is_not_packed_as_it_says_is_garbage(coding: str) -> None:
    with pytest.raises(Garbage, match="cannot be read"):
        [piece async for piece in decoded(arriving([b"<html>\x00\xff" * 8]), coding)]


async def test_a_coding_that_nobody_knows_is_garbage() -> None:
    with pytest.raises(Garbage, match="'lzma', which nobody asked for"):
        [piece async for piece in decoded(arriving([b"{}"]), "lzma")]


@pytest.mark.parametrize("act", ["packed_gzip", "packed_br"])
def test_a_packed_answer_reaches_the_caller_unpacked_and_is_charged_the_same(plane: Plane, act: str) -> None:
    answers = play(plane, act)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, CASES)
    assert not any("content-encoding" in answer.headers for answer in answers.values())
    assert costs(plane, answers, CASES) == same((15, 10, 5), CASES)
