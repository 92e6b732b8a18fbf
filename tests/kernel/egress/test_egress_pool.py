"""Direct connections between calls: who gets one, who waits, what a cancelled or failed call leaves to the next."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from faregate.kernel.egress import Answer, Deadlines, Egress, EgressSettings, Guard, Request
from faregate.kernel.errors import FirstTokenTimeout, GatewayError, IdleTimeout, Unavailable, Unreachable
from tests.kernel.egress.egress_upstream import OK, Authority, Line, always, open_files, upstream

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def read(egress: Egress, url: str, deadlines: Deadlines | None = None, guarded: bool = False) -> bytes:
    request = Request("POST", url, body=b"{}", deadlines=deadlines or Deadlines(), guarded=guarded)
    async with await egress.send(request) as answer:
        return await answer.read(1_000_000)


def says(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


class Gate:
    """An upstream that answers one request each time it is let, and notes the order of paths."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.heard = asyncio.Semaphore(0)
        self.answer = asyncio.Semaphore(0)

    async def __call__(self, line: Line) -> None:
        while True:
            head, _ = await line.request()
            self.asked.append(head.split(b" ")[1])
            self.heard.release()
            await self.answer.acquire()
            await line.say(OK)


async def test_calls_that_wait_for_a_permit_get_it_in_turn() -> None:
    egress, gate = Egress(EgressSettings(per_host_limit=1)), Gate()
    async with upstream(gate) as server:
        calls: list[asyncio.Task[bytes]] = []
        for number in range(6):
            calls.append(asyncio.create_task(read(egress, server.url(f"/{number}"))))
            await asyncio.sleep(0)
        for _ in calls:
            await gate.heard.acquire()
            gate.answer.release()
        assert await asyncio.gather(*calls) == [b"ok"] * 6
        assert (gate.asked, server.lines) == ([b"/%d" % number for number in range(6)], 1)
    await egress.close()


async def test_a_call_cancelled_while_it_waits_for_a_permit_neither_keeps_nor_loses_one() -> None:
    egress, gate = Egress(EgressSettings(per_host_limit=1)), Gate()
    async with upstream(gate) as server:
        holder = asyncio.create_task(read(egress, server.url("/first")))
        await gate.heard.acquire()
        gone = [asyncio.create_task(read(egress, server.url("/gone"))) for _ in range(5)]
        last = asyncio.create_task(read(egress, server.url("/last")))
        await asyncio.sleep(0)
        for call in gone:
            call.cancel()
        gate.answer.release()
        assert await holder == b"ok"
        await gate.heard.acquire()
        gate.answer.release()
        assert await last == b"ok"
        assert gate.asked == [b"/first", b"/last"]
        assert all(call.cancelled() for call in gone)
    await egress.close()


async def test_a_permit_that_comes_in_the_moment_of_the_cancellation_goes_to_the_next() -> None:
    egress, gate = Egress(EgressSettings(per_host_limit=1)), Gate()
    async with upstream(gate) as server:
        for _ in range(20):
            answer = await send_and_release(egress, gate, server.url("/first"))
            gone = asyncio.create_task(read(egress, server.url("/gone")))
            last = asyncio.create_task(read(egress, server.url("/last")))
            await asyncio.sleep(0)
            await answer.read(10)  # the permit is on its way to the first that waits
            gone.cancel()
            await gate.heard.acquire()
            gate.answer.release()
            assert await last == b"ok"
            assert (await asyncio.gather(gone, return_exceptions=True))[0].__class__ is asyncio.CancelledError
        assert b"/gone" not in gate.asked
    await egress.close()


async def send_and_release(egress: Egress, gate: Gate, url: str) -> Answer:
    gate.answer.release()
    answer = await egress.send(Request("POST", url, body=b"{}"))
    await gate.heard.acquire()
    return answer


async def test_a_permit_comes_back_from_a_connection_that_could_not_be_made(unused_tcp_port: int) -> None:
    egress = Egress(EgressSettings(per_host_limit=1))
    for _ in range(3):
        with pytest.raises(Unreachable) as caught:
            await read(egress, f"http://127.0.0.1:{unused_tcp_port}/", Deadlines(connect_s=5))
        assert caught.value.code == "upstream.unreachable"
    await egress.close()


async def test_the_limit_of_one_host_is_not_that_of_another() -> None:
    egress, gate = Egress(EgressSettings(per_host_limit=1)), Gate()
    async with upstream(gate) as server, upstream(always(OK)) as other:
        holder = asyncio.create_task(read(egress, server.url()))
        await gate.heard.acquire()
        assert await read(egress, other.url()) == b"ok"
        assert await read(egress, other.url(host="localhost")) == b"ok"
        gate.answer.release()
        assert await holder == b"ok"
    await egress.close()


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("last_words", ["closes", "resets", "speaks", "half_closes"])
async def test_a_connection_that_did_anything_while_idle_is_replaced(
    authority: Authority, tls: bool, last_words: str
) -> None:
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}))

    answered, spoken = asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await answered.acquire()
        match last_words:
            case "closes":
                pass
            case "resets":
                line.reset()
            case "speaks":
                await line.say(b"\r\n")
            case _ if not tls:
                line.writer.write_eof()
            case _:
                line.writer.close()
        spoken.release()
        if last_words in ("speaks", "half_closes") and not line.writer.is_closing():
            await line.until_closed()

    async with upstream(behave, authority.server_context("localhost") if tls else None) as server:
        for number in range(3):
            assert await read(egress, server.url(host="localhost")) == b"ok"
            assert (server.lines, len(server.heads)) == (number + 1, number + 1)
            answered.release()
            await spoken.acquire()
            for _ in range(20):  # turns of the loop, in which both ends get to know
                await asyncio.sleep(0.003)
    await egress.close()


async def test_one_tls_connection_serves_many_calls(authority: Authority) -> None:
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}))
    async with upstream(always(OK), authority.server_context("localhost")) as server:
        assert [await read(egress, server.url(host="localhost")) for _ in range(5)] == [b"ok"] * 5
        assert (server.lines, server.names) == (1, ["localhost"])
    await egress.close()


async def test_a_connection_to_a_checked_address_serves_no_other_name(authority: Authority) -> None:
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}), says("127.0.0.1"))
    egress.guard = Guard(allow_private=True, allowed_ports=())
    names = ("a.example", "b.example")
    async with upstream(always(OK), authority.server_context(*names)) as server:
        for guarded in (True, False):
            for name in (*names, *names):
                assert await read(egress, server.url(host=name), guarded=guarded) == b"ok"
        assert server.names == [*names, *names]  # one for each name, and again for calls that were not checked
    await egress.close()


async def test_a_checked_address_with_a_certificate_for_another_name_is_not_reached(authority: Authority) -> None:
    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}), says("127.0.0.1"))
    egress.guard = Guard(allow_private=True, allowed_ports=())
    async with upstream(always(OK), authority.server_context("other.example")) as server:
        with pytest.raises(Unreachable) as caught:
            await read(egress, server.url(host="hook.example"), guarded=True)
        assert (caught.value.code, server.names, server.heads) == ("upstream.tls_failed", ["hook.example"], [])
    await egress.close()


async def test_an_unchecked_call_too_tries_the_next_address() -> None:
    egress = Egress(EgressSettings(), says("127.0.0.2", "::1", "127.0.0.1"))
    async with upstream(always(OK)) as server:
        assert await read(egress, server.url(host="three.example")) == b"ok"
    await egress.close()


async def test_a_name_without_an_address_is_unreachable_by_dns() -> None:
    egress = Egress(EgressSettings(), says())
    with pytest.raises(Unreachable) as caught:
        await read(egress, "http://empty.example/")
    assert caught.value.code == "upstream.dns_failed"
    await egress.close()


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example"])
async def test_a_host_that_cannot_be_a_name_is_unreachable(egress: Egress, host: str) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(Unreachable):
            await read(egress, f"{scheme}://{host}:1/")


async def test_a_name_is_asked_for_once_by_many_calls_and_again_after_a_failure() -> None:
    asked = 0
    known = asyncio.Event()

    async def resolve(host: str, port: int) -> list[str]:
        nonlocal asked
        asked += 1
        await known.wait()
        if asked == 1:
            raise OSError("try again")
        return ["127.0.0.1"]

    egress = Egress(EgressSettings(), resolve)
    async with upstream(always(OK)) as server:
        url = server.url(host="slow.example")
        calls = [asyncio.create_task(read(egress, url)) for _ in range(5)]
        await asyncio.sleep(0)
        calls[0].cancel()
        await asyncio.sleep(0)
        known.set()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] + [Unreachable] * 4
        assert await asyncio.gather(*(read(egress, url) for _ in range(5))) == [b"ok"] * 5
        assert asked == 2
    await egress.close()


async def test_closing_the_door_ends_calls_that_wait_for_a_name_a_permit_or_a_connection() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    tasks = asyncio.all_tasks()
    egress, gate = Egress(EgressSettings(per_host_limit=1), never), Gate()
    async with upstream(gate) as server, upstream(lambda line: line.until_closed()) as mute:
        holder = asyncio.create_task(read(egress, server.url()))
        await gate.heard.acquire()
        waiting = [
            asyncio.create_task(read(egress, url, Deadlines(connect_s=0.5)))
            for url in (server.url(), "http://nowhere.example/", mute.url().replace("http:", "https:"))
        ]
        await asyncio.sleep(0.02)
        await egress.close()
        outcomes = await asyncio.gather(holder, *waiting, return_exceptions=True)
        assert all(isinstance(outcome, GatewayError) for outcome in outcomes)
        with pytest.raises(Unavailable):
            await read(egress, server.url())
        assert server.lines == 1
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == tasks


async def test_a_call_cancelled_while_its_name_is_looked_up_leaves_nothing() -> None:
    known = asyncio.Event()

    async def resolve(host: str, port: int) -> list[str]:
        await known.wait()
        return ["127.0.0.1"]

    egress = Egress(EgressSettings(per_host_limit=1), resolve)
    files = open_files()
    call = asyncio.create_task(read(egress, "http://slow.example:1/"))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    known.set()
    await asyncio.sleep(0.01)
    assert open_files() == files
    await egress.close()


@pytest.mark.parametrize(
    "first", [Deadlines(first_byte_s=0.3), Deadlines(idle_s=0.3), Deadlines(total_s=0.3)], ids=["head", "idle", "total"]
)
async def test_a_calls_deadline_is_not_that_of_the_next_call_on_its_connection(
    egress: Egress, first: Deadlines
) -> None:
    delay = 0.0

    async def behave(line: Line) -> None:
        while True:
            await line.request()
            await asyncio.sleep(delay)
            await line.say(OK[:-1])
            await asyncio.sleep(delay)
            await line.say(OK[-1:])

    async with upstream(behave) as server:
        assert await read(egress, server.url(), first) == b"ok"
        delay = 0.4
        assert await read(egress, server.url()) == b"ok"
        assert server.lines == 1


@pytest.mark.parametrize(
    ("then", "code"),
    [
        (Deadlines(first_byte_s=0.05), "upstream.first_byte_timeout"),
        (Deadlines(total_s=0.05), "upstream.total_timeout"),
        (Deadlines(idle_s=0.05), "upstream.idle_timeout"),
    ],
)
async def test_a_shorter_deadline_than_the_last_calls_holds_too(egress: Egress, then: Deadlines, code: str) -> None:
    async def behave(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await line.request()
        if then.idle_s == 0.05:
            await line.say(OK[:-1])
        await line.until_closed()

    async with upstream(behave) as server:
        assert await read(egress, server.url()) == b"ok"
        with pytest.raises((FirstTokenTimeout, IdleTimeout)) as caught:
            await read(egress, server.url(), then)
        assert (caught.value.code, server.lines) == (code, 1)
        await server.left.wait()


FATES = {
    "ok": OK,
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    "garbage": b"noise\r\n\r\n",
    "nothing": b"",
    "closing": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    "extra": OK + b"x",
    "refusal": b"HTTP/1.1 429 Slow\r\nContent-Length: 4\r\n\r\nslow",
    "stall": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
}


async def test_whatever_becomes_of_calls_every_permit_comes_back_and_no_answer_goes_astray() -> None:
    limit, chance = 3, random.Random(8)
    tasks = asyncio.all_tasks()
    egress = Egress(EgressSettings(per_host_limit=limit))
    together = asyncio.Barrier(limit)

    async def behave(line: Line) -> None:
        while True:
            head, _ = await line.request()
            _, fate, number = head.split(b" ")[1].decode().split("/")
            if fate == "together":
                await together.wait()
            await line.say(FATES.get(fate, OK).replace(b"\r\n\r\n", b"\r\nNumber: %s\r\n\r\n" % number.encode(), 1))
            if fate == "stall":
                await line.until_closed()
            elif fate in ("cut", "garbage", "nothing"):
                return

    async def call(number: int) -> None:
        fate = chance.choice(list(FATES))
        request = Request("POST", server.url(f"/{fate}/{number}"), body=b"{}", deadlines=Deadlines(idle_s=0.02))
        try:
            async with await egress.send(request) as answer:
                assert answer.head.get("number") == str(number)
                if chance.random() < 0.8:
                    await answer.read(100)
        except GatewayError:
            assert fate in ("cut", "garbage", "nothing", "stall")

    async with upstream(behave) as server:
        calls = [asyncio.create_task(call(number)) for number in range(600)]
        while pending := [task for task in calls if not task.done()]:
            await asyncio.sleep(0.002)
            if chance.random() < 0.5:
                chance.choice(pending[: 2 * limit]).cancel()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(None), asyncio.CancelledError}
        last = await asyncio.gather(*(read(egress, server.url(f"/together/{number}")) for number in range(limit)))
        assert last == [b"ok"] * limit
        await egress.close()
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == tasks
