"""Condition 4: one connection serves many clean calls, and nothing is ever sent twice."""

import asyncio

import pytest

from faregate.kernel.egress import Egress, EgressSettings, Request
from faregate.kernel.errors import CutOff, NoAnswer, Unreachable
from tests.kernel.egress.egress_upstream import OK, Line, always, once, upstream

REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 4\r\n\r\nslow"


async def read(egress: Egress, url: str, method: str = "POST") -> bytes:
    async with await egress.send(Request(method, url)) as answer:
        return await answer.read(1_000_000)


async def test_a_clean_answer_frees_its_connection_for_the_next_call(egress: Egress) -> None:
    async with upstream(always(OK)) as server:
        assert [await read(egress, server.url()) for _ in range(20)] == [b"ok"] * 20
        assert (server.lines, len(server.heads)) == (1, 20)


async def test_calls_at_the_same_time_never_share_a_connection(egress: Egress) -> None:
    async def echo(line: Line) -> None:
        while True:
            head, _ = await line.request()
            path = head.split(b" ")[1]
            await asyncio.sleep(0)
            await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))

    async with upstream(echo) as server:
        for _ in range(5):
            paths = [f"/{number}" for number in range(40)]
            got = await asyncio.gather(*(read(egress, server.url(path)) for path in paths))
            assert got == [path.encode() for path in paths]
        assert server.lines <= 40


async def test_a_small_unread_refusal_frees_its_connection(egress: Egress) -> None:
    async with upstream(always(REFUSAL)) as server:
        for _ in range(3):
            async with await egress.send(Request("POST", server.url())) as answer:
                assert answer.head.status == 429
        assert server.lines == 1


async def test_a_small_refusal_whose_body_comes_later_frees_its_connection(egress: Egress) -> None:
    async def in_two_packets(line: Line) -> None:
        while True:
            await line.request()
            await line.say(REFUSAL[:-4])
            await asyncio.sleep(0.01)
            await line.say(REFUSAL[-4:])

    async with upstream(in_two_packets) as server:
        for _ in range(3):
            await (await egress.send(Request("POST", server.url()))).close()
        assert server.lines == 1


@pytest.mark.parametrize("length", [4, 10_000_000], ids=["never_comes", "too_large"])
async def test_an_unread_refusal_that_is_not_worth_the_wait_costs_its_connection(egress: Egress, length: int) -> None:
    async def withhold(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\nslo" % length)
        await line.until_closed()

    async with upstream(withhold) as server:
        for _ in range(2):
            answer = await egress.send(Request("POST", server.url()))
            async with asyncio.timeout(0.5):
                await answer.close()
                await server.left.wait()
        assert server.lines == 2


async def test_closing_twice_is_harmless(egress: Egress) -> None:
    async with upstream(always(OK)) as server:
        for _ in range(2):
            answer = await egress.send(Request("POST", server.url()))
            await answer.read(10)
            await answer.close()
            await answer.close()
        assert server.lines == 1


async def test_an_aborted_answer_costs_its_connection(egress: Egress) -> None:
    async def endless(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        await line.until_closed()

    async with upstream(endless) as server:
        for _ in range(3):
            async with await egress.send(Request("POST", server.url())) as answer:
                async for _ in answer.chunks():
                    break
        assert server.lines == 3


async def test_an_answer_that_ends_in_a_failure_of_ours_costs_its_connection(egress: Egress) -> None:
    async def slow(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        await line.until_closed()

    async with upstream(slow) as server:
        with pytest.raises(KeyError):
            async with await egress.send(Request("POST", server.url())):
                raise KeyError
        await server.left.wait()


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("ending", ["close", "reset"])
async def test_a_request_that_a_stale_connection_swallowed_is_reported_and_never_resent(
    egress: Egress, method: str, ending: str
) -> None:
    async def answer_once(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await line.request()
        if ending == "reset":
            line.reset()

    async with upstream(answer_once) as server:
        await read(egress, server.url(), method)
        with pytest.raises(NoAnswer):
            await read(egress, server.url(), method)
        assert (server.lines, len(server.heads)) == (1, 2)


async def test_a_connection_closed_while_idle_is_replaced(egress: Egress) -> None:
    async with upstream(once(OK)) as server:
        for number in range(3):
            assert await read(egress, server.url()) == b"ok"
            await asyncio.sleep(0.02)
            assert (server.lines, len(server.heads)) == (number + 1, number + 1)


async def test_an_answer_nobody_asked_for_is_not_taken_for_the_next_one(egress: Egress) -> None:
    spoke = asyncio.Event()

    async def babble(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await asyncio.sleep(0.01)
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
        spoke.set()
        await line.until_closed()

    async with upstream(babble) as server:
        assert await read(egress, server.url()) == b"ok"
        await spoke.wait()
        await asyncio.sleep(0.02)
        assert await read(egress, server.url()) == b"ok"
        assert server.lines == 2


async def test_two_answers_to_one_request_cost_the_connection(egress: Egress) -> None:
    async with upstream(always(OK + OK.replace(b"ok", b"no"))) as server:
        assert [await read(egress, server.url()) for _ in range(3)] == [b"ok"] * 3
        assert server.lines == 3


async def test_an_upstream_that_says_close_is_taken_at_its_word(egress: Egress) -> None:
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    async with upstream(always(closing)) as server:
        assert [await read(egress, server.url()) for _ in range(2)] == [b"ok", b"ok"]
        assert server.lines == 2


async def test_an_idle_connection_expires() -> None:
    egress = Egress(EgressSettings(keepalive_s=0.05))

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await line.until_closed()

    async with upstream(behave) as server:
        await read(egress, server.url())
        async with asyncio.timeout(1):
            await server.left.wait()
    await egress.close()


async def test_no_more_than_the_limit_of_connections_to_one_host_are_open() -> None:
    egress = Egress(EgressSettings(per_host_limit=3))
    busy = most = 0

    async def behave(line: Line) -> None:
        nonlocal busy, most
        while True:
            await line.request()
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(0.005)
            busy -= 1
            await line.say(OK)

    async with upstream(behave) as server:
        assert await asyncio.gather(*(read(egress, server.url()) for _ in range(20))) == [b"ok"] * 20
        assert (server.lines, most) == (3, 3)
    await egress.close()


async def test_waiting_for_a_permit_counts_as_connecting() -> None:
    egress = Egress(EgressSettings(per_host_limit=1))

    async def never_answer(line: Line) -> None:
        await line.head()
        await line.until_closed()

    async with upstream(never_answer) as server:
        holder = asyncio.create_task(egress.send(Request("POST", server.url())))
        await server.heard.wait()
        request = Request("POST", server.url())
        request = request._replace(deadlines=request.deadlines._replace(connect_s=0.05))
        with pytest.raises(Unreachable):
            await egress.send(request)
        holder.cancel()
    await egress.close()


async def test_a_broken_answer_costs_its_connection(egress: Egress) -> None:
    async with upstream(once(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok")) as server:
        for number in range(2):
            with pytest.raises(CutOff):
                await read(egress, server.url())
            assert server.lines == number + 1
