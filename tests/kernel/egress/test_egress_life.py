"""Condition 7: memory stays flat, and nothing is left behind when the door closes."""

import asyncio
import gc
import os
import tracemalloc
import warnings

from faregate.kernel.egress import Egress, EgressSettings, Request
from tests.kernel.egress.egress_upstream import OK, Line, always, open_files, upstream

LONG = bool(os.environ.get("FAREGATE_LONG"))
CALLS = 20_000 if LONG else 1_000
STREAMS = 500 if LONG else 150


async def test_memory_is_flat_over_many_calls(egress: Egress) -> None:
    async with upstream(always(OK)) as server:

        async def calls(number: int) -> int:
            for index in range(number):
                async with await egress.send(Request("POST", server.url(f"/{index % 100}"), body=b"{}")) as answer:
                    await answer.read(10)
            server.heads.clear()
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            await calls(CALLS)  # fills what is remembered by URL
            before = await calls(CALLS)
            assert await calls(CALLS) - before < 200_000
        finally:
            tracemalloc.stop()


async def test_many_slow_streams_run_side_by_side(egress: Egress) -> None:
    together = asyncio.Barrier(STREAMS)

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(3):
            await together.wait()
            await line.say(b"1\r\n%d\r\n" % number)
        await line.say(b"0\r\n\r\n")

    async def stream(url: str) -> bytes:
        async with await egress.send(Request("POST", url, body=b"{}")) as answer:
            return await answer.read(10)

    async with upstream(behave) as server:
        assert await asyncio.gather(*(stream(server.url()) for _ in range(STREAMS))) == [b"012"] * STREAMS


async def test_a_closed_door_leaves_no_socket_no_task_and_no_warning() -> None:
    files, tasks = open_files(), asyncio.all_tasks()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        egress = Egress(EgressSettings())
        async with upstream(always(OK)) as server:
            for _ in range(10):
                async with await egress.send(Request("POST", server.url(), body=b"{}")) as answer:
                    await answer.read(10)
            unread = await egress.send(Request("POST", server.url(), body=b"{}"))
            await unread.close()
            await egress.close()
        del egress
        gc.collect()
        await asyncio.sleep(0.01)
    assert [str(warning.message) for warning in caught if warning.category is ResourceWarning] == []
    assert open_files() <= files + 1
    assert asyncio.all_tasks() == tasks
