"""Condition 3: what went wrong is told apart by class and code."""

import asyncio
from collections.abc import Callable

import pytest

from faregate.kernel.egress import Deadlines, Egress, EgressSettings, Request
from faregate.kernel.errors import (
    BadRequest,
    CutOff,
    FirstTokenTimeout,
    Garbage,
    IdleTimeout,
    NoAnswer,
    Unavailable,
    Unreachable,
    UpstreamFailure,
)
from tests.kernel.egress.egress_upstream import OK, Authority, Line, always, once, upstream


async def fault_of(
    egress: Egress, url: str, deadlines: Deadlines | None = None, on_chunk: Callable[[], object] = lambda: None
) -> UpstreamFailure:
    request = Request("POST", url, body=b"{}", deadlines=deadlines or Deadlines())

    async def call() -> None:
        async with await egress.send(request) as answer:
            async for _ in answer.chunks():
                on_chunk()

    with pytest.raises(UpstreamFailure) as caught:
        await call()
    return caught.value


def told(fault: UpstreamFailure) -> tuple[type[UpstreamFailure], str]:
    return type(fault), fault.code


async def test_a_refused_connection_is_unreachable(egress: Egress, unused_tcp_port: int) -> None:
    fault = await fault_of(egress, f"http://127.0.0.1:{unused_tcp_port}/")
    assert told(fault) == (Unreachable, "upstream.unreachable")
    assert fault.retryable


async def test_an_unknown_name_is_unreachable_by_dns() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    egress = Egress(EgressSettings(), resolve)
    assert told(await fault_of(egress, "http://nowhere.example/")) == (Unreachable, "upstream.dns_failed")
    await egress.close()


async def test_an_untrusted_certificate_is_unreachable_by_tls(egress: Egress, authority: Authority) -> None:
    async with upstream(always(OK), authority.server_context("localhost")) as server:
        fault = await fault_of(egress, server.url(host="localhost"))
        assert told(fault) == (Unreachable, "upstream.tls_failed")
        assert server.heads == []


async def test_a_certificate_for_another_name_is_unreachable_by_tls(authority: Authority) -> None:
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}))
    async with upstream(always(OK), authority.server_context("other.example")) as server:
        fault = await fault_of(egress, server.url(host="localhost"))
        assert told(fault) == (Unreachable, "upstream.tls_failed")
    await egress.close()


async def test_plain_text_on_a_tls_port_is_unreachable_by_tls(egress: Egress) -> None:
    async def chatter(line: Line) -> None:
        await line.say(OK)
        await line.until_closed()

    async with upstream(chatter) as server:
        fault = await fault_of(egress, server.url().replace("http:", "https:"))
        assert told(fault) == (Unreachable, "upstream.tls_failed")


async def test_a_handshake_that_stalls_is_a_connect_timeout(egress: Egress) -> None:
    async with upstream(lambda line: line.until_closed()) as server:
        url = server.url().replace("http:", "https:")
        fault = await fault_of(egress, url, Deadlines(connect_s=0.1))
        assert told(fault) == (Unreachable, "upstream.connect_timeout")
        await server.left.wait()


async def test_a_close_before_the_headers_is_no_answer(egress: Egress) -> None:
    async with upstream(once(b"")) as server:
        assert told(await fault_of(egress, server.url())) == (NoAnswer, "upstream.no_answer")


async def test_a_reset_before_the_headers_is_no_answer(egress: Egress) -> None:
    async def behave(line: Line) -> None:
        await line.request()
        line.reset()

    async with upstream(behave) as server:
        assert told(await fault_of(egress, server.url())) == (NoAnswer, "upstream.no_answer")


@pytest.mark.parametrize("cut", [b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nA: b\r\n"])
async def test_headers_cut_short_are_no_answer(egress: Egress, cut: bytes) -> None:
    async with upstream(once(cut)) as server:
        assert told(await fault_of(egress, server.url())) == (NoAnswer, "upstream.no_answer")


async def test_silence_before_the_headers_is_a_first_byte_timeout(egress: Egress) -> None:
    async with upstream(lambda line: line.until_closed()) as server:
        fault = await fault_of(egress, server.url(), Deadlines(first_byte_s=0.1))
        assert told(fault) == (FirstTokenTimeout, "upstream.first_byte_timeout")
        await server.left.wait()


async def test_headers_that_dribble_do_not_postpone_the_first_byte_deadline(egress: Egress) -> None:
    async def behave(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\n")
        while True:
            await line.say(b"A: b\r\n")
            await asyncio.sleep(0.03)

    async with upstream(behave) as server:
        fault = await fault_of(egress, server.url(), Deadlines(first_byte_s=0.15, idle_s=5))
        assert told(fault) == (FirstTokenTimeout, "upstream.first_byte_timeout")


async def test_silence_in_the_body_is_an_idle_timeout(egress: Egress) -> None:
    async def behave(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await line.until_closed()

    async with upstream(behave) as server:
        started = asyncio.get_running_loop().time()
        fault = await fault_of(egress, server.url(), Deadlines(idle_s=0.1))
        assert told(fault) == (IdleTimeout, "upstream.idle_timeout")
        assert 0.09 < asyncio.get_running_loop().time() - started < 5
        await server.left.wait()


async def test_a_slow_reader_is_not_mistaken_for_a_silent_upstream(egress: Egress) -> None:
    release = asyncio.Event()

    async def in_halves(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
        await release.wait()
        await line.say(b"half")
        await line.until_closed()

    async with upstream(in_halves) as server:
        request = Request("POST", server.url(), body=b"{}", deadlines=Deadlines(idle_s=0.1))
        async with await egress.send(request) as answer:
            got = b""
            async for data in answer.chunks():
                got += data
                await asyncio.sleep(0.25)
                release.set()
            assert got == b"halfhalf"


async def test_a_total_deadline_over_before_the_headers_says_so(egress: Egress) -> None:
    async with upstream(lambda line: line.until_closed()) as server:
        fault = await fault_of(egress, server.url(), Deadlines(total_s=0.1))
        assert told(fault) == (FirstTokenTimeout, "upstream.total_timeout")
        await server.left.wait()


async def test_a_total_deadline_over_while_connecting_says_so(egress: Egress) -> None:
    async with upstream(lambda line: line.until_closed()) as server:
        fault = await fault_of(egress, server.url().replace("http:", "https:"), Deadlines(total_s=0.1))
        assert told(fault) == (FirstTokenTimeout, "upstream.total_timeout")


async def test_a_total_deadline_ends_a_lively_stream(egress: Egress) -> None:
    async def behave(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await line.say(b"1\r\nx\r\n")
            await asyncio.sleep(0.02)

    async with upstream(behave) as server:
        fault = await fault_of(egress, server.url(), Deadlines(total_s=0.2))
        assert told(fault) == (IdleTimeout, "upstream.total_timeout")


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    ],
    ids=["length_short", "nothing", "last_chunk_missing", "inside_a_chunk", "inside_the_end"],
)
async def test_a_body_cut_short_is_cut_off(egress: Egress, cut: bytes) -> None:
    async with upstream(once(cut)) as server:
        assert told(await fault_of(egress, server.url())) == (CutOff, "upstream.cut_off")


@pytest.mark.parametrize("framing", [b"", b"Content-Length: 9\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_a_reset_in_the_body_is_cut_off_whatever_the_framing(egress: Egress, framing: bytes) -> None:
    taken = asyncio.Event()

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n4\r\nha")
        await taken.wait()
        line.reset()

    async with upstream(behave) as server:
        fault = await fault_of(egress, server.url(), on_chunk=taken.set)
        assert told(fault) == (CutOff, "upstream.cut_off")


async def test_a_body_that_ends_with_its_connection_is_whole(egress: Egress) -> None:
    behave = once(b"HTTP/1.1 200 OK\r\n\r\nall of it")
    async with upstream(behave) as server, await egress.send(Request("GET", server.url())) as answer:
        assert await answer.read(100) == b"all of it"


@pytest.mark.parametrize(
    "noise",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_garbage(egress: Egress, noise: bytes) -> None:
    async def behave(line: Line) -> None:
        await line.request()
        await line.say(noise)
        await line.until_closed()

    async with upstream(behave) as server:
        fault = await fault_of(egress, server.url(), Deadlines(first_byte_s=2))
        assert told(fault) == (Garbage, "upstream.garbage")
        await server.left.wait()


@pytest.mark.parametrize("bad", [b"zz\r\nabcd\r\n", b"4\r\nabcdefgh\r\n"], ids=["size", "length"])
@pytest.mark.parametrize("apart", [False, True])
async def test_a_chunk_that_is_none_is_garbage(egress: Egress, bad: bytes, apart: bool) -> None:
    reading = asyncio.Event()

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + (b"" if apart else bad))
        if apart:
            await reading.wait()
            await line.say(bad)
        await line.until_closed()

    async with upstream(behave) as server:
        fault = await fault_of(egress, server.url(), Deadlines(idle_s=2), reading.set)
        assert told(fault) == (Garbage, "upstream.garbage")
        await server.left.wait()


async def test_headers_that_are_too_large_are_refused(egress: Egress) -> None:
    async with upstream(once(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000 + b"\r\n\r\n")) as server:
        assert told(await fault_of(egress, server.url())) == (Garbage, "upstream.headers_too_large")


async def test_headers_of_sixty_thousand_bytes_pass(egress: Egress) -> None:
    behave = once(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 60_000 + b"\r\nContent-Length: 0\r\n\r\n")
    async with upstream(behave) as server, await egress.send(Request("GET", server.url())) as answer:
        assert answer.head.get("a") == "x" * 60_000


async def test_a_body_beyond_the_limit_is_garbage(egress: Egress) -> None:
    async with upstream(always(OK)) as server, await egress.send(Request("GET", server.url())) as answer:
        with pytest.raises(Garbage) as caught:
            await answer.read(1)
    assert caught.value.code == "upstream.too_large"


async def test_an_answer_without_body_is_empty(egress: Egress) -> None:
    for method, head in (
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        ("POST", b"HTTP/1.1 204 No\r\n\r\n"),
    ):
        async with upstream(always(head)) as server:
            for _ in range(2):
                async with await egress.send(Request(method, server.url())) as answer:
                    assert await answer.read(0) == b""
            assert server.lines == 1


async def test_interim_answers_are_passed_over(egress: Egress) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    async with upstream(always(interim + OK)) as server, await egress.send(Request("GET", server.url())) as answer:
        assert (answer.head.status, await answer.read(2)) == (200, b"ok")


@pytest.mark.parametrize("url", ["ftp://host/", "http://", "/relative", "http://[::1", "file:///etc/passwd", ""])
async def test_what_is_no_http_url_is_a_bad_request(egress: Egress, url: str) -> None:
    with pytest.raises(BadRequest):
        await egress.send(Request("GET", url))


async def test_a_closed_door_is_unavailable() -> None:
    egress = Egress(EgressSettings())
    await egress.close()
    with pytest.raises(Unavailable):
        await egress.send(Request("GET", "http://127.0.0.1/"))


async def test_authorities_that_cannot_be_read_are_reported_at_once() -> None:
    with pytest.raises(Unavailable):
        Egress(EgressSettings(environment={"SSL_CERT_FILE": "/nowhere.pem"}))


async def test_tls_checks_can_be_switched_off(authority: Authority) -> None:
    egress = Egress(EgressSettings(insecure_tls=True))
    context = authority.server_context("localhost")
    async with upstream(always(OK), context) as server, await egress.send(Request("GET", server.url())) as answer:
        assert await answer.read(2) == b"ok"
    await egress.close()
