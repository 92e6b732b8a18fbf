"""Condition 2: a cancelled call closes its connection within 100 ms and leaves nothing behind."""

import asyncio
import os
import socket
import time

import pytest

from faregate.kernel.egress import Deadlines, Egress, EgressSettings, Request
from tests.kernel.egress.egress_upstream import Authority, Behaviour, Line, open_files, upstream

ROUNDS = 1000 if os.environ.get("FAREGATE_LONG") else 200
AT_ONCE = 20


def assert_prompt(delays: list[float]) -> None:
    """As a rule within 100 ms; some fall into a pause of the machine's own, but none waits for a time-out."""
    assert sorted(delays)[len(delays) // 2] < 0.1
    assert max(delays) < 5


async def never_answer(line: Line) -> None:
    await line.request()
    await line.until_closed()


async def answer_and_stall(line: Line) -> None:
    await line.request()
    await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwait\r\n")
    await line.until_closed()


async def call(egress: Egress, request: Request, reached: asyncio.Event) -> None:
    async with await egress.send(request) as answer:
        async for _ in answer.chunks():
            reached.set()


async def cancel_once(egress: Egress, behave: Behaviour, mid_stream: bool) -> float:
    """Seconds from the cancellation to the upstream's seeing the connection closed."""
    async with upstream(behave) as server:
        streaming = asyncio.Event()
        task = asyncio.create_task(call(egress, Request("POST", server.url(), body=b"{}"), streaming))
        await (streaming if mid_stream else server.heard).wait()
        started = asyncio.get_running_loop().time()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.left.wait()
        return asyncio.get_running_loop().time() - started


@pytest.mark.parametrize(
    ("behave", "mid_stream"), [(never_answer, False), (answer_and_stall, True)], ids=["before_headers", "mid_stream"]
)
async def test_a_cancelled_call_closes_its_connection_and_leaks_nothing(behave: Behaviour, mid_stream: bool) -> None:
    egress = Egress(EgressSettings(per_host_limit=1))
    await cancel_once(egress, behave, mid_stream)
    files, tasks = open_files(), len(asyncio.all_tasks())
    assert_prompt([await cancel_once(egress, behave, mid_stream) for _ in range(ROUNDS)])
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == tasks
    assert open_files() <= files + 2
    await egress.close()


async def test_the_permit_comes_back_after_every_cancelled_call() -> None:
    egress = Egress(EgressSettings(per_host_limit=1))
    async with upstream(never_answer) as server:
        for _ in range(ROUNDS):
            server.heard.clear()
            task = asyncio.create_task(egress.send(Request("POST", server.url(), body=b"{}")))
            await server.heard.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert server.lines == ROUNDS
    await egress.close()


async def test_a_call_cancelled_in_the_tls_handshake_closes_its_connection(egress: Egress) -> None:
    accepted = asyncio.Event()

    async def mute(line: Line) -> None:
        accepted.set()
        await line.until_closed()

    delays: list[float] = []
    async with upstream(mute) as server:
        for _ in range(ROUNDS):
            accepted.clear()
            server.left.clear()
            url = server.url().replace("http:", "https:")
            task = asyncio.create_task(egress.send(Request("POST", url, body=b"{}")))
            await accepted.wait()
            started = asyncio.get_running_loop().time()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await server.left.wait()
            delays.append(asyncio.get_running_loop().time() - started)
    assert_prompt(delays)


async def test_a_call_cancelled_while_connecting_leaves_no_socket(egress: Egress) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        with socket.create_connection(address):  # the backlog is full from here on: nobody else gets through
            files, tasks = open_files(), len(asyncio.all_tasks())
            url = f"http://127.0.0.1:{address[1]}/"
            for _ in range(ROUNDS // AT_ONCE):
                calls = [
                    asyncio.create_task(egress.send(Request("GET", url, deadlines=Deadlines(connect_s=30))))
                    for _ in range(AT_ONCE)
                ]
                done, _ = await asyncio.wait(calls, timeout=0.02)
                assert len(done) <= 1
                for call_ in calls:
                    call_.cancel()
                await asyncio.gather(*calls, return_exceptions=True)
            await asyncio.sleep(0.01)
            assert len(asyncio.all_tasks()) == tasks
            assert open_files() <= files + 2


async def test_what_a_cancelled_call_had_not_sent_yet_is_not_sent_any_more(egress: Egress) -> None:
    reading, cancelled = asyncio.Event(), asyncio.Event()
    received = 0

    async def read_the_head_only(line: Line) -> None:
        nonlocal received
        await line.head()
        reading.set()
        await cancelled.wait()
        try:
            while data := await line.reader.read(1 << 20):
                received += len(data)
        except ConnectionError:
            pass
        line.upstream.left.set()

    async with upstream(read_the_head_only) as server:
        task = asyncio.create_task(egress.send(Request("POST", server.url(), body=b"x" * 50_000_000)))
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        cancelled.set()
        async with asyncio.timeout(1):
            await server.left.wait()
        assert received < 20_000_000


async def test_a_cancelled_call_does_not_wait_for_a_tls_farewell(authority: Authority) -> None:
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}))
    handshaken = asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> float:
        """Shakes hands, reads the request, and never answers a farewell; the time at which the socket was closed."""
        raw, _ = listener.accept()
        secure = authority.server_context("localhost").wrap_socket(raw, server_side=True, suppress_ragged_eofs=False)
        secure.recv(65536)
        loop.call_soon_threadsafe(handshaken.set)
        plain = socket.socket(fileno=secure.detach())
        plain.settimeout(5)
        try:
            while plain.recv(65536):
                pass
        except ConnectionError:
            pass
        plain.close()
        return time.monotonic()

    loop = asyncio.get_running_loop()
    serving = loop.run_in_executor(None, serve)
    url = f"https://localhost:{listener.getsockname()[1]}/"
    task = asyncio.create_task(egress.send(Request("POST", url, body=b"{}")))
    await handshaken.wait()
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await serving - started < 5
    listener.close()
    await egress.close()


async def test_an_answer_left_in_the_middle_closes_its_connection(egress: Egress) -> None:
    async with upstream(answer_and_stall) as server:
        async with await egress.send(Request("POST", server.url(), body=b"{}")) as answer:
            async for _ in answer.chunks():
                break
        async with asyncio.timeout(0.1):
            await server.left.wait()


async def test_closing_the_door_ends_calls_under_way() -> None:
    egress = Egress(EgressSettings())
    async with upstream(never_answer) as server:
        task = asyncio.create_task(egress.send(Request("POST", server.url(), body=b"{}")))
        await server.heard.wait()
        await egress.close()
        with pytest.raises(Exception, match="without an answer"):
            await task
        await server.left.wait()
