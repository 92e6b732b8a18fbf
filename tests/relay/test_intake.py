"""Reading bodies: bounded, decompressed, told apart from those that stop half-way."""

import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest

from faregate.kernel.errors import BadRequest, TooLarge
from faregate.relay.intake import ClientGone, decompressed, read_body
from tests.relay.making import arrival
from tests.relay.packing import PACKERS

LIMIT = 1000


def pieces(*bodies: bytes, ends: bool = True) -> Any:
    """A receive of these pieces; without `ends` the caller hangs up after the last."""
    messages = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    if ends and messages:
        messages[-1]["more_body"] = False
    messages.append({"type": "http.disconnect"})
    waiting = iter(messages)

    async def receive() -> Any:
        return next(waiting)

    return receive


async def read(*bodies: bytes, limit: int = LIMIT, ends: bool = True, **headers: str) -> bytes:
    return await read_body(arrival(**headers), pieces(*bodies, ends=ends), limit)


async def test_pieces_are_joined() -> None:
    assert await read(b'{"a"', b":", b"1}") == b'{"a":1}'
    assert await read(b"") == b""


async def test_a_byte_order_mark_is_dropped() -> None:
    assert await read(b"\xef\xbb\xbf{}") == b"{}"


async def test_exactly_the_limit_is_allowed() -> None:
    assert await read(b"x" * LIMIT) == b"x" * LIMIT
    assert await read(b"x" * 400, b"x" * 600) == b"x" * LIMIT
    for coding, pack in PACKERS.items():
        assert await read(pack(b"x" * LIMIT), content_encoding=coding) == b"x" * LIMIT


@pytest.mark.parametrize("bodies", [[b"x" * 1001], [b"x" * 600, b"x" * 401], [b"x"] * 1001])
async def test_more_than_the_limit_is_too_large(bodies: Iterable[bytes]) -> None:
    with pytest.raises(TooLarge):
        await read(*bodies)


async def test_an_announced_length_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        await read_body(arrival(content_length="1001"), pieces(), LIMIT)


@pytest.mark.parametrize("bodies", [[], [b'{"a"'], [b'{"a"', b":1"]])
async def test_who_hangs_up_half_way_is_gone(bodies: list[bytes]) -> None:
    with pytest.raises(ClientGone):
        await read(*bodies, ends=False)


@pytest.mark.parametrize("coding", [*PACKERS, "GZIP", " br "])
async def test_bodies_are_decompressed(coding: str) -> None:
    packed = PACKERS[coding.strip().lower()](b'{"a":1}')
    assert await read(packed, content_encoding=coding) == b'{"a":1}'


@pytest.mark.parametrize("coding", PACKERS)
def test_a_bomb_is_refused_before_it_is_unpacked(coding: str) -> None:
    bomb = PACKERS[coding](b" " * (64 << 20))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        decompressed(bomb, coding, 1 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("coding", PACKERS)
def test_half_a_packed_body_is_a_bad_request(coding: str) -> None:
    packed = PACKERS[coding](b'{"a":1}' * 20)
    for broken in (b"", packed[:-1], packed[: len(packed) // 2], b"{}", b"\x00" * 8):
        with pytest.raises(BadRequest, match="not valid"):
            decompressed(broken, coding, LIMIT)


@pytest.mark.parametrize("coding", ["lzma", "gzip, br", "aws-chunked"])
def test_an_unknown_coding_is_a_bad_request(coding: str) -> None:
    with pytest.raises(BadRequest, match="is not supported"):
        decompressed(b"{}", coding, LIMIT)


@pytest.mark.parametrize("coding", ["", "identity"])
def test_identity_is_no_coding(coding: str) -> None:
    assert decompressed(b"{}", coding, LIMIT) == b"{}"
