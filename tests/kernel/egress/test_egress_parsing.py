"""What a direct connection makes of an upstream's bytes: heads, framings, and what follows the end of an answer."""

import asyncio

import pytest
import uvloop

from faregate.kernel.egress import Deadlines, Egress, EgressSettings, Request
from faregate.kernel.errors import CutOff, Garbage, NoAnswer, UpstreamFailure
from tests.kernel.egress.egress_upstream import OK, Authority, Behaviour, Line, always, once, upstream

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def read(egress: Egress, url: str, method: str = "POST") -> bytes:
    request = Request(method, url, deadlines=Deadlines(first_byte_s=5, idle_s=5))
    async with await egress.send(request) as answer:
        return await answer.read(1_000_000)


async def fault_of(egress: Egress, url: str) -> tuple[type[UpstreamFailure], str]:
    with pytest.raises(UpstreamFailure) as caught:
        await read(egress, url)
    return type(caught.value), caught.value.code


async def lines_used(egress: Egress, behave: Behaviour, method: str = "POST", calls: int = 3) -> tuple[set[bytes], int]:
    """The different bodies of some calls in a row, and how many connections they took."""
    async with upstream(behave) as server:
        return {await read(egress, server.url(), method) for _ in range(calls)}, server.lines


def byte_by_byte(answer: bytes) -> Behaviour:
    async def behave(line: Line) -> None:
        while True:
            await line.request()
            for index in range(len(answer)):
                await line.say(answer[index : index + 1])
                await asyncio.sleep(0)

    return behave


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        CHUNKED + b"1;a=b;c\r\no\r\n1\r\nk\r\n0;last\r\nTrailer: x\r\nAnother: y\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
        b"HTTP/1.1 104 Upload Resumption\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 200\r\nCONTENT-LENGTH:2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        CHUNKED + b"2  \r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 2\r\n\r\nok",
    ],
    ids=["length", "chunks", "interim", "interims", "terse", "kept_1.0", "bare_lf", "padded", "upgrade_offered"],
)
@pytest.mark.parametrize("cut", [False, True], ids=["at_once", "byte_by_byte"])
async def test_an_answer_is_read_however_it_is_cut_and_its_connection_kept(
    egress: Egress, answer: bytes, cut: bool
) -> None:
    assert await lines_used(egress, byte_by_byte(answer) if cut else always(answer)) == ({b"ok"}, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK.replace(b"OK\r\n", b"OK\r\nConnection: Close\r\n"),
        OK.replace(b"OK\r\n", b"OK\r\nConnection: x, close\r\n"),
        OK + b"H",
        OK + OK,
        OK + b"noise",
        CHUNKED + b"2\r\nok\r\n0\r\n\r\n0\r\n\r\n",
        OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n") + OK,
    ],
    ids=["1.0", "close", "close_too", "one_byte", "another", "noise", "second_end", "after_close"],
)
async def test_an_answer_after_which_a_connection_is_of_no_use_costs_it(egress: Egress, answer: bytes) -> None:
    assert await lines_used(egress, always(answer)) == ({b"ok"}, 3)


@pytest.mark.parametrize("said", [b"H", b"\r\nHTTP/1.1", OK, b"\x15\x03\x03"])
async def test_more_than_an_answer_in_a_later_packet_costs_the_connection(egress: Egress, said: bytes) -> None:
    taken, spoken = asyncio.Event(), asyncio.Event()

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await taken.wait()
        await line.say(said)
        spoken.set()
        await line.until_closed()

    async with upstream(behave) as server:
        async with await egress.send(Request("POST", server.url())) as answer:
            async for piece in answer.chunks():
                assert piece == b"ok"
                taken.set()
                await spoken.wait()
                await asyncio.sleep(0.01)
        await server.left.wait()


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"200 OK\r\nContent-Length: 5"),
        ("HEAD", b"200 OK\r\nTransfer-Encoding: chunked"),
        ("HEAD", b"200 OK\r\nContent-Length: 0"),
        ("POST", b"204 No Content\r\nA: b"),
        ("POST", b"304 Not Modified\r\nContent-Length: 5"),
        ("POST", b"200 OK\r\nContent-Length: 0"),
    ],
)
async def test_an_answer_that_has_no_body_by_its_nature_keeps_its_connection(
    egress: Egress, method: str, head: bytes
) -> None:
    assert await lines_used(egress, always(b"HTTP/1.1 " + head + b"\r\n\r\n"), method) == ({b""}, 1)


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("body", [b"h", b"hello", b"5\r\nhello\r\n0\r\n\r\n"])
async def test_a_body_where_none_may_be_is_not_read_and_costs_the_connection(
    egress: Egress, framing: bytes, body: bytes
) -> None:
    behave = always(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + body)
    assert await lines_used(egress, behave, "HEAD") == ({b""}, 3)


async def test_a_get_after_a_head_on_one_connection_has_its_body(egress: Egress) -> None:
    async def behave(line: Line) -> None:
        while True:
            head, _ = await line.request()
            await line.say(OK[: -2 if head.startswith(b"HEAD") else None])

    async with upstream(behave) as server:
        got = [await read(egress, server.url(), method) for method in ("HEAD", "GET", "HEAD", "POST")]
        assert (got, server.lines) == ([b"", b"ok", b"", b"ok"], 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + OK,
        CHUNKED + b"-2\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"FFFFFFFFFFFFFFFFF\r\nok",
        CHUNKED + b"2\r\nokay\r\n0\r\n\r\n",
    ],
)
async def test_an_answer_that_could_be_read_in_two_ways_is_garbage(egress: Egress, answer: bytes) -> None:
    async def behave(line: Line) -> None:
        await line.request()
        await line.say(answer)
        await line.until_closed()

    async with upstream(behave) as server:
        assert await fault_of(egress, server.url()) == (Garbage, "upstream.garbage")
        await server.left.wait()


async def test_a_chain_of_transfer_codings_that_ends_the_body_with_the_connection_is_never_whole(
    egress: Egress,
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    async with upstream(once(answer)) as server:
        assert await fault_of(egress, server.url()) == (CutOff, "upstream.cut_off")


def endless(start: bytes, piece: bytes) -> Behaviour:
    async def behave(line: Line) -> None:
        await line.request()
        await line.say(start)
        try:
            while True:
                await line.say(piece * 20)
                await asyncio.sleep(0)  # whoever reads has its turn before the sockets are full
        except ConnectionError:
            line.upstream.left.set()

    return behave


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"A: " + b"x" * 500 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nA: ", b"x" * 500),
        (b"HTTP/1.1 200 ", b"x" * 500),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
        (CHUNKED + b"2\r\nok\r\n0\r\n", b"A: b\r\n"),
        (CHUNKED + b"2\r\nok\r\n0\r\nA: ", b"x" * 500),
        (CHUNKED + b"2\r\nok\r\n2;", b"x" * 500),
    ],
    ids=["headers", "value", "reason", "interims", "trailers", "trailer", "extension"],
)
async def test_what_never_ends_and_brings_no_body_is_cut_short(egress: Egress, start: bytes, piece: bytes) -> None:
    async with upstream(endless(start, piece)) as server:
        assert await fault_of(egress, server.url()) == (Garbage, "upstream.headers_too_large")
        await server.left.wait()


@pytest.mark.parametrize(("count", "passes"), [(255, True), (256, False)])
async def test_the_number_of_headers_is_limited(egress: Egress, count: int, passes: bool) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"A: b\r\n" * count + b"\r\nok"
    async with upstream(always(answer)) as server:
        if passes:
            assert await read(egress, server.url()) == b"ok"
        else:
            assert await fault_of(egress, server.url()) == (Garbage, "upstream.headers_too_large")


async def test_headers_that_are_too_large_together_are_refused(egress: Egress) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + (b"A: " + b"x" * 1000 + b"\r\n") * 70 + b"\r\nok"
    async with upstream(always(answer)) as server:
        assert await fault_of(egress, server.url()) == (Garbage, "upstream.headers_too_large")


async def test_a_large_body_right_behind_its_head_is_no_large_head(egress: Egress) -> None:
    body = b"x" * 900_000
    answer = b"HTTP/1.1 200 OK\r\nA: %s\r\nContent-Length: %d\r\n\r\n%s" % (b"x" * 50_000, len(body), body)
    async with upstream(always(answer)) as server:
        assert await read(egress, server.url()) == body


async def test_a_header_value_comes_without_the_blanks_around_it(egress: Egress) -> None:
    answer = b"HTTP/1.1 200 OK\r\nA: \t b c \t \r\nB:\r\nC:  \r\nContent-Length: 0 \r\n\r\n"
    async with upstream(always(answer)) as server, await egress.send(Request("GET", server.url())) as got:
        assert got.head.headers == [("A", "b c"), ("B", ""), ("C", ""), ("Content-Length", "0")]


async def test_trailers_are_no_headers(egress: Egress) -> None:
    answer = CHUNKED + b"0\r\nX-Late: 1\r\n\r\n"
    async with upstream(always(answer)) as server:
        async with await egress.send(Request("GET", server.url())) as got:
            assert await got.read(0) == b""
            assert got.head.headers == [("Transfer-Encoding", "chunked")]
        assert (await read(egress, server.url()), server.lines) == (b"", 1)


@pytest.mark.parametrize("end", [b"\r\n9\r\nhalf", b"\r\nzz\r\n"], ids=["cut", "garbage"])
async def test_what_came_before_a_fault_is_read_before_the_fault(egress: Egress, end: bytes) -> None:
    got: list[bytes] = []
    async with upstream(once(CHUNKED + b"2\r\nok" + end)) as server:
        answer = await egress.send(Request("POST", server.url()))
        await asyncio.sleep(0.05)

        async def take() -> None:
            async for piece in answer.chunks():
                got.append(piece)

        with pytest.raises((CutOff, Garbage)):
            await take()
    assert b"".join(got).startswith(b"ok")


async def test_an_upstream_that_says_no_more_is_not_waited_for(egress: Egress) -> None:
    async def half_closed(line: Line) -> None:
        await line.request()
        line.writer.write_eof()
        await line.until_closed()

    async with upstream(half_closed) as server:
        with pytest.raises(NoAnswer):
            await read(egress, server.url())
        await server.left.wait()


@pytest.mark.parametrize("framing", [b"", b"Content-Length: 9\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_a_tls_upstream_that_goes_without_farewell_has_cut_its_answer_off(
    authority: Authority, framing: bytes
) -> None:
    if not framing and not isinstance(asyncio.get_running_loop(), uvloop.Loop):
        pytest.skip("the standard library's loop does not tell a farewell from none")
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}))
    taken = asyncio.Event()

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n4\r\nha")
        await taken.wait()
        line.writer.transport.abort()

    async with upstream(behave, authority.server_context("localhost")) as server:
        answer = await egress.send(Request("POST", server.url(host="localhost")))

        async def take() -> None:
            async for _ in answer.chunks():
                taken.set()

        with pytest.raises(CutOff):
            await take()
    await egress.close()
