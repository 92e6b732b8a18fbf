"""Condition 6: headers and bodies as given, both ways; nothing of our own beside framing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from faregate.kernel.egress import Deadlines, Egress, Head, Request, header_text
from faregate.kernel.errors import BadRequest, FirstTokenTimeout, NoAnswer
from tests.kernel.egress.egress_upstream import OK, Line, always, upstream

LATIN = header_text(b"caf\xe9")


async def head_of(egress: Egress, request: Request, path: str = "/") -> bytes:
    async with upstream(always(OK)) as server:
        async with await egress.send(request._replace(url=server.url(path))) as answer:
            await answer.read(10)
        return server.heads[0].replace(b":%d" % server.port, b":PORT")


async def test_a_request_is_exactly_what_was_given_and_its_framing(egress: Egress) -> None:
    headers = [("x-Zeta", "1"), ("ALPHA", LATIN), ("x-zeta", "2"), ("Cookie", "a=b")]
    request = Request("POST", "", [*headers, ("Empty", ""), ("Text", "日本")], b"{}")
    assert await head_of(egress, request, "/v1/x?key=a%2Fb&q=%20+") == (
        b"POST /v1/x?key=a%2Fb&q=%20+ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nx-Zeta: 1\r\nALPHA: caf\xe9\r\nx-zeta: 2\r\n"
        b"Cookie: a=b\r\nEmpty: \r\nText: \xe6\x97\xa5\xe6\x9c\xac\r\nContent-Length: 2\r\n\r\n"
    )


async def test_a_get_carries_nothing_but_its_host(egress: Egress) -> None:
    assert await head_of(egress, Request("GET", "")) == b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"


async def test_a_host_and_a_length_that_are_given_stay_where_they_are(egress: Egress) -> None:
    headers = [("A", "1"), ("content-length", "2"), ("hOST", "other.example"), ("B", "2")]
    assert await head_of(egress, Request("POST", "", headers, b"{}")) == (
        b"POST / HTTP/1.1\r\nA: 1\r\ncontent-length: 2\r\nhOST: other.example\r\nB: 2\r\n\r\n"
    )


@pytest.mark.parametrize("path", ["/a%7Eb", "/a/../b", "/%2e%2e/x", "//double", "/x?a=1&&b==%3D", "/?q=a'b(c)*"])
async def test_a_path_is_not_rewritten(egress: Egress, path: str) -> None:
    assert (await head_of(egress, Request("GET", ""), path)).split(b" ")[1] == path.encode()


async def test_a_path_that_is_not_ascii_is_encoded(egress: Egress) -> None:
    assert (await head_of(egress, Request("GET", ""), "/é x")).split(b" ")[1] == b"/%C3%A9%20x"


async def test_credentials_in_the_url_become_a_header_unless_one_is_given(egress: Egress) -> None:
    async with upstream(always(OK)) as server:
        url = server.url().replace("//", "//user:pa%20ss@")
        for headers in ((), (("Authorization", "Bearer x"),)):
            await (await egress.send(Request("GET", url, headers))).close()
    values = [head.split(b"uthorization: ")[1].split(b"\r\n")[0] for head in server.heads]
    assert values == [b"Basic dXNlcjpwYSBzcw==", b"Bearer x"]


async def test_the_headers_of_an_answer_are_exactly_what_was_said(egress: Egress) -> None:
    lines = [b"x-B: 1", b"X-A: caf\xe9", b"X-b: 2", b"Set-Cookie: a", b"set-cookie: b", b"content-length: 0", b"", b""]
    said = b"\r\n".join([b"HTTP/1.1 299 Whatever", *lines])
    async with upstream(always(said)) as server, await egress.send(Request("GET", server.url())) as answer:
        head = answer.head
    assert head.status == 299
    assert head.headers == [
        ("x-B", "1"),
        ("X-A", LATIN),
        ("X-b", "2"),
        ("Set-Cookie", "a"),
        ("set-cookie", "b"),
        ("content-length", "0"),
    ]
    assert [head.get("x-b"), head.get("set-cookie"), head.get("none"), head.get("none", "?")] == ["1", "a", "", "?"]


async def test_cookies_are_not_kept(egress: Egress) -> None:
    async with upstream(always(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")) as server:
        for _ in range(2):
            await (await egress.send(Request("GET", server.url()))).close()
    assert b"ookie" not in server.heads[1]


def test_a_head_made_by_hand_is_looked_up_like_any_other() -> None:
    assert Head(200, [("Retry-After", "3"), ("retry-after", "9")]).get("retry-after") == "3"


@pytest.mark.parametrize(
    "header",
    [
        ("A", "b\r\nEvil: 1"),
        ("A", "b\nEvil: 1"),
        ("A", "b\rEvil: 1"),
        ("A", "b\0"),
        ("A\r\nEvil", "1"),
        ("A:", "1"),
        ("A b", "1"),
        ("", "1"),
        ("A", "\ud800"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "3"),
        ("Content-Length", "+2"),
        ("Content-Length", ""),
    ],
)
async def test_a_header_that_could_be_read_in_two_ways_is_refused_before_anything_is_sent(
    egress: Egress, header: tuple[str, str]
) -> None:
    async with upstream(always(OK)) as server:
        with pytest.raises(BadRequest):
            await egress.send(Request("POST", server.url(), [header], b"{}"))
        assert server.lines == 0


async def test_a_framing_header_given_twice_is_refused(egress: Egress) -> None:
    for name, value in (("Host", "a"), ("Content-Length", "2")):
        with pytest.raises(BadRequest):
            await egress.send(Request("POST", "http://127.0.0.1:1/", [(name, value), (name.lower(), value)], b"{}"))


@pytest.mark.parametrize("method", ["", "G T", "GET\r\n", "CONNECT", "GÉT"])
async def test_a_method_that_is_none_is_refused(egress: Egress, method: str) -> None:
    with pytest.raises(BadRequest):
        await egress.send(Request(method, "http://127.0.0.1:1/"))


async def pieces(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_body_in_pieces_is_sent_in_chunks(egress: Egress) -> None:
    got: list[tuple[bytes, bytes]] = []

    async def behave(line: Line) -> None:
        while True:
            got.append(await line.request())
            await line.say(OK)

    async with upstream(behave) as server:
        for _ in range(2):
            async with await egress.send(Request("POST", server.url(), body=pieces(2, 3))) as answer:
                assert await answer.read(10) == b"ok"
        assert server.lines == 1
    assert got[0][0].endswith(b"Transfer-Encoding: chunked\r\n\r\n")
    assert got[0][1] == b"3\r\nxxx\r\n3\r\nxxx\r\n0\r\n\r\n"


async def test_a_body_in_pieces_with_a_declared_length_is_sent_plain(egress: Egress) -> None:
    got: list[tuple[bytes, bytes]] = []

    async def behave(line: Line) -> None:
        got.append(await line.request())
        await line.say(OK)

    async with upstream(behave) as server:
        request = Request("POST", server.url(), [("Content-Length", "6")], pieces(2, 3))
        async with await egress.send(request) as answer:
            assert await answer.read(10) == b"ok"
    assert b"chunked" not in got[0][0]
    assert got[0][1] == b"xxxxxx"


@pytest.mark.parametrize("declared", ["5", "7"])
async def test_a_body_that_contradicts_its_length_is_refused_and_its_connection_dropped(
    egress: Egress, declared: str
) -> None:
    async with upstream(lambda line: line.until_closed()) as server:
        with pytest.raises(BadRequest):
            await egress.send(Request("POST", server.url(), [("Content-Length", declared)], pieces(2, 3)))
        await server.left.wait()


@pytest.mark.parametrize("failure", [KeyError, TimeoutError, ConnectionResetError, OSError])
async def test_a_body_whose_source_fails_passes_that_failure_on(egress: Egress, failure: type[Exception]) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"x"
        raise failure("the client left")

    async with upstream(lambda line: line.until_closed()) as server:
        with pytest.raises(failure, match="the client left"):
            await egress.send(Request("POST", server.url(), body=failing()))
        await server.left.wait()


async def test_a_50_mb_upload_from_a_file_is_never_held_whole(egress: Egress, tmp_path: Path) -> None:
    size, taken, read = 50_000_000, 0, 0
    (tmp_path / "upload").write_bytes(bytes(size))
    furthest_ahead = 0

    async def from_file() -> AsyncIterator[bytes]:
        nonlocal taken, furthest_ahead
        with (tmp_path / "upload").open("rb") as source:
            while piece := source.read(500_000):
                taken += len(piece)
                furthest_ahead = max(furthest_ahead, taken - read)
                yield piece

    async def behave(line: Line) -> None:
        nonlocal read
        await line.head()
        while read < size:
            read += len(await line.reader.read(1 << 20))
        await line.say(OK)

    async with upstream(behave) as server:
        request = Request("POST", server.url(), [("Content-Length", str(size))], from_file())
        async with await egress.send(request) as answer:
            assert await answer.read(10) == b"ok"
    assert (read, taken) == (size, size)
    assert furthest_ahead < 15_000_000


@pytest.mark.parametrize("streamed", [True, False])
async def test_an_early_413_is_read_and_costs_the_connection(egress: Egress, streamed: bool) -> None:
    async def refuse(line: Line) -> None:
        await line.head()
        await line.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        await asyncio.sleep(0.05)
        await line.until_closed()

    async with upstream(refuse) as server:
        body = pieces(1000, 100_000) if streamed else bytes(100_000_000)
        async with await egress.send(Request("POST", server.url(), body=body)) as answer:
            assert (answer.head.status, await answer.read(10)) == (413, b"big")
        await server.left.wait()


async def test_an_answer_before_the_end_of_its_request_costs_the_connection(egress: Egress) -> None:
    ended = asyncio.Event()

    async def never_ending() -> AsyncIterator[bytes]:
        try:
            yield b"x"
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def refuse(line: Line) -> None:
        await line.head()
        await line.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        await line.until_closed()

    async with upstream(refuse) as server:
        async with await egress.send(Request("POST", server.url(), body=never_ending())) as answer:
            assert await answer.read(10) == b"big"
        async with asyncio.timeout(1):
            await server.left.wait()
            await ended.wait()


async def test_an_upload_that_the_upstream_stops_taking_runs_into_the_first_byte_deadline(egress: Egress) -> None:
    async def stuck(line: Line) -> None:
        await line.head()
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(5)

    async with upstream(stuck) as server:
        for body in (pieces(1000, 100_000), bytes(50_000_000)):
            with pytest.raises(FirstTokenTimeout):
                await egress.send(Request("POST", server.url(), body=body, deadlines=Deadlines(first_byte_s=0.2)))


async def test_a_source_that_hesitates_is_not_the_upstreams_fault(egress: Egress) -> None:
    async def hesitant() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.2)
        yield b"x"
        await asyncio.sleep(0.2)
        yield b"y"

    async with upstream(always(OK)) as server:
        request = Request("POST", server.url(), body=hesitant(), deadlines=Deadlines(first_byte_s=0.1))
        async with await egress.send(request) as answer:
            assert await answer.read(10) == b"ok"


async def test_an_upstream_that_closes_in_the_middle_of_an_upload_gave_no_answer(egress: Egress) -> None:
    async def leave(line: Line) -> None:
        await line.head()
        line.reset()

    async with upstream(leave) as server:
        with pytest.raises(NoAnswer):
            await egress.send(Request("POST", server.url(), body=pieces(1000, 100_000)))
