"""Condition 1: events pass at once and unchanged; a slow reader slows the upstream down."""

import asyncio
import gzip

import pytest

from faregate.kernel.egress import Egress, EgressSettings, Request
from tests.kernel.egress.egress_upstream import Authority, Line, always, once, upstream

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def test_an_event_is_handed_on_within_a_few_turns_of_the_loop(egress: Egress) -> None:
    loop = asyncio.get_running_loop()
    turns = 0
    said: list[int] = []

    def turn() -> None:
        nonlocal turns, following
        turns += 1
        following = loop.call_soon(turn)

    following = loop.call_soon(turn)

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(CHUNKED)
        for number in range(10):
            await asyncio.sleep(0.01)
            said.append(turns)
            await line.say(chunk(b"data: %d\n\n" % number))
        await line.say(chunk(b""))

    async with upstream(behave) as server, await egress.send(Request("POST", server.url(), body=b"{}")) as answer:
        got = [(turns, event) async for event in answer.chunks()]
    following.cancel()
    assert [event for _, event in got] == [b"data: %d\n\n" % number for number in range(10)]
    waits = [heard - told for (heard, _), told in zip(got, said, strict=True)]
    assert max(waits) <= 3


async def test_every_event_is_handed_on_before_the_next_is_sent(egress: Egress) -> None:
    taken = asyncio.Semaphore(0)

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(CHUNKED)
        for number in range(50):
            await line.say(chunk(b"%d" % number))
            await taken.acquire()
        await line.say(b"0\r\n\r\n")

    got: list[bytes] = []
    async with upstream(behave) as server, await egress.send(Request("POST", server.url())) as answer:
        async for event in answer.chunks():
            got.append(event)
            taken.release()
    assert got == [b"%d" % number for number in range(50)]


async def test_content_encoding_is_left_alone(egress: Egress) -> None:
    packed = gzip.compress(b"hello" * 100)
    answer_bytes = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)
    async with upstream(always(answer_bytes)) as server, await egress.send(Request("GET", server.url())) as answer:
        assert answer.head.get("content-encoding") == "gzip"
        assert await answer.read(10_000) == packed


async def test_a_sleeping_reader_stops_the_upstream_and_loses_nothing(egress: Egress) -> None:
    size, piece = 32_000_000, b"x" * 64_000
    sent = 0
    stopped = asyncio.Event()

    async def behave(line: Line) -> None:
        nonlocal sent
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        line.writer.transport.set_write_buffer_limits(0)
        while sent < size:
            line.writer.write(piece)
            sent += len(piece)
            draining = asyncio.ensure_future(line.writer.drain())
            if not (await asyncio.wait([draining], timeout=0.3))[0]:
                stopped.set()
            await draining

    async with upstream(behave) as server, await egress.send(Request("GET", server.url())) as answer:
        await stopped.wait()
        assert sent < 12_000_000
        received = 0
        async for data in answer.chunks():
            assert len(data) < 1_000_000
            received += len(data)
    assert received == size


async def test_the_whole_body_is_read_up_to_a_limit(egress: Egress) -> None:
    async with upstream(always(CHUNKED + chunk(b"ab") + chunk(b"cd") + chunk(b""))) as server:
        async with await egress.send(Request("GET", server.url())) as answer:
            assert await answer.read(4) == b"abcd"
        assert server.lines == 1


@pytest.mark.parametrize("framing", ["length", "none"])
async def test_a_sleeping_reader_gets_all_of_a_body_whose_tls_upstream_has_already_left(
    authority: Authority, framing: str
) -> None:
    body = bytes(range(256)) * 20_000
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}))
    head = b"Content-Length: %d\r\n" % len(body) if framing == "length" else b""
    behave = once(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)
    server_context = authority.server_context("localhost")
    got = bytearray()
    async with (
        upstream(behave, server_context) as server,
        await egress.send(Request("GET", server.url(host="localhost"))) as answer,
    ):
        await asyncio.sleep(0.1)
        async for data in answer.chunks():
            got += data
            if len(got) < 1_000_000:
                await asyncio.sleep(0.02)
    assert got == body
    await egress.close()
