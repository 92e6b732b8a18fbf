"""An upstream that behaves as its path says: `http://host:port/<act>` as a channel's base address picks the act.

It runs on a thread with a loop of its own, notes every call, and tells when a caller has left.
"""

import asyncio
import json
import re
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.kernel.egress.egress_upstream import Line, Upstream
from tests.relay.packing import PACKERS
from tests.relay.wire import (
    TROUBLE,
    completion,
    completion_frames,
    dialect_of,
    error_body,
    error_frame,
    frames,
    signed,
    signed_frames,
    whole,
)
from tests.serving import free_port


@dataclass
class Call:
    """One request the upstream was sent."""

    act: str
    path: str
    head: bytes
    body: bytes
    left: threading.Event = field(default_factory=threading.Event)
    left_at: float = 0.0
    heard: asyncio.Event = field(default_factory=asyncio.Event)  # the caller has the first words

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def dialect(self) -> str:
        return dialect_of(self.path.partition("?")[0])

    @property
    def streams(self) -> bool:
        return "streamGenerateContent" in self.path or (self.dialect != "gemini" and bool(self.json.get("stream")))


Act = Callable[[Line, Call], Awaitable[None]]


class Stage:
    """The running upstream. `calls` in order of arrival; `delay_s` is how long the act `ok` thinks."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.delay_s = 0.0
        self.closed_port = free_port()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()

    async def _open(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22, backlog=2048)
        slammer = await asyncio.start_server(self._slam, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._slam_port = slammer.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Hang up on everybody."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def url(self, act: str) -> str:
        """The base address of a channel whose upstream does `act`."""
        if act == "refuse":
            return f"http://127.0.0.1:{self.closed_port}"
        if act == "slam":
            return f"http://127.0.0.1:{self._slam_port}"
        return f"http://127.0.0.1:{self.port}/{act}"

    def of(self, act: str) -> list[Call]:
        """The calls of one act."""
        return [call for call in list(self.calls) if call.act == act]

    def go_on(self, act: str, dialect: str) -> None:
        """Let the newest stream of this act and dialect go on: its first words have reached the caller."""
        call = [call for call in self.of(act) if call.dialect == dialect and call.streams][-1]
        self._loop.call_soon_threadsafe(call.heard.set)

    async def _slam(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(Upstream(), reader, writer)
        try:
            while True:
                head, body = await line.request()
                _, act, path = head.split(b" ")[1].decode().split("/", 2)
                call = Call(act, "/" + path, head, body)
                self.calls.append(call)
                if act == "ok":
                    await asyncio.sleep(self.delay_s)
                    await line.say(good(call))
                    continue
                await ACTS[act](line, call)
                if act in CLOSING:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def answer(body: bytes, kind: str = "application/json", status: str = "200 OK", more: str = "") -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def good(call: Call) -> bytes:
    """What a healthy upstream says."""
    if call.streams:
        return STREAM_HEAD + b"".join(chunk(frame) for frame in frames(call.dialect)) + END
    return answer(whole(call.dialect))


def opening(call: Call) -> bytes:
    """The frames up to the first words of a stream."""
    return b"".join(frames(call.dialect)[: -_TAIL[call.dialect]])


_TAIL = {"openai_chat": 3, "openai_responses": 1, "anthropic": 3, "gemini": 1}  # frames after the words


async def _begin(line: Line, call: Call) -> None:
    """The first words of a stream; returns when the caller has them."""
    await line.say(STREAM_HEAD + chunk(opening(call)))
    await call.heard.wait()


async def _until_left(line: Line, call: Call) -> None:
    await line.until_closed()
    call.left_at = time.monotonic()
    call.left.set()


async def _stall_head(line: Line, call: Call) -> None:
    await _until_left(line, call)


async def _stall_first(line: Line, call: Call) -> None:
    await line.say(STREAM_HEAD if call.streams else b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    await _until_left(line, call)


async def _stall_middle(line: Line, call: Call) -> None:
    if call.streams:
        await line.say(STREAM_HEAD + chunk(opening(call)))
    else:
        await line.say(good(call)[:-20])
    await _until_left(line, call)


async def _error_in_200(line: Line, call: Call) -> None:
    if call.streams:
        await line.say(STREAM_HEAD + chunk(error_frame(call.dialect)) + END)
    else:
        await line.say(answer(error_body(call.dialect)))


async def _error_after(line: Line, call: Call) -> None:
    if call.streams:
        await _begin(line, call)
        await line.say(chunk(error_frame(call.dialect)) + END)
    else:
        await line.say(answer(error_body(call.dialect)))


async def _to_order(line: Line, call: Call) -> None:
    """A good stream that waits after its first words until it is let go on."""
    await _begin(line, call)
    rest = frames(call.dialect)[-_TAIL[call.dialect] :]
    await line.say(b"".join(chunk(frame) for frame in rest) + END)


async def _not_http(line: Line, _: Call) -> None:
    await line.say(b"\x00\x01\x02 what is this\r\n\r\n")


async def _half_json(line: Line, call: Call) -> None:
    if call.streams:
        await line.say(STREAM_HEAD + chunk(b"data: {nope\n\n") + END)
    else:
        await line.say(answer(whole(call.dialect)[:-10]))


async def _other_json(line: Line, call: Call) -> None:
    if call.streams:
        await line.say(STREAM_HEAD + chunk(b'data: {"weather": ["sunny"]}\n\n') + END)
    else:
        await line.say(answer(b'{"weather": ["sunny"]}'))


async def _cut(line: Line, call: Call) -> None:
    if call.streams:
        await _begin(line, call)
    else:
        await line.say(good(call)[:-20])


async def _cut_clean(line: Line, call: Call) -> None:
    if call.streams:
        await _begin(line, call)
        await line.say(END)
    else:
        await line.say(answer(whole(call.dialect)[:-20]))


async def _html(line: Line, _: Call) -> None:
    await line.say(answer(b"<html><body>Welcome</body></html>", "text/html"))


async def _html_502(line: Line, _: Call) -> None:
    await line.say(answer(b"<html><body>Bad gateway</body></html>", "text/html", "502 Bad Gateway"))


async def _empty(line: Line, call: Call) -> None:
    await line.say(STREAM_HEAD + END if call.streams else answer(b""))


async def _hang_up(line: Line, _: Call) -> None:
    line.reset()


async def _busy(line: Line, call: Call) -> None:
    await line.say(answer(error_body(call.dialect), status="429 Too Many Requests", more="Retry-After: 7\r\n"))


async def _callers_fault(line: Line, call: Call) -> None:
    await line.say(answer(error_body(call.dialect), status="400 Bad Request"))


async def _echo(line: Line, call: Call) -> None:
    """A refusal that repeats a long request."""
    echoed = error_body(call.dialect).replace(TROUBLE.encode(), b"x" * (2 << 20))
    await line.say(answer(echoed, status="422 Unprocessable Entity"))


async def _long_winded(line: Line, call: Call) -> None:
    """A refusal of many words."""
    await line.say(answer(error_body(call.dialect).replace(TROUBLE.encode(), b"x" * 500_000), status="400 Bad Request"))


async def _moved(line: Line, _: Call) -> None:
    await line.say(answer(b"", status="302 Found", more="Location: http://127.0.0.1:1/\r\n"))


async def _unmodified(line: Line, _: Call) -> None:
    """A status that has no body, to a question that was not asked."""
    await line.say(b"HTTP/1.1 304 Not Modified\r\n\r\n")


async def _unheard_of(line: Line, call: Call) -> None:
    await line.say(answer(error_body(call.dialect), status="999 Request Denied"))


async def _absurd(line: Line, call: Call) -> None:
    """Usage beyond 64 bits."""
    await line.say(_with_output(call, b"9" * 22))


async def _huge(line: Line, call: Call) -> None:
    """Usage that fits 64 bits and still is nonsense."""
    await line.say(_with_output(call, b"9" * 17))


async def _negative(line: Line, call: Call) -> None:
    await line.say(_with_output(call, b"-5"))


async def _many_searches(line: Line, call: Call) -> None:
    """Searches that the provider charges by the piece, beyond belief."""
    counted = call.dialect == "anthropic"
    await line.say(
        _with_output(call, b'5,"server_tool_use":{"web_search_requests":' + b"9" * 30 + b"}" if counted else b"5")
    )


async def _fraction(line: Line, call: Call) -> None:
    await line.say(_with_output(call, b"5.0"))


async def _in_words(line: Line, call: Call) -> None:
    await line.say(_with_output(call, b'"5"'))


async def _uncounted(line: Line, call: Call) -> None:
    await line.say(_with_output(call, b"null"))


def _with_output(call: Call, tokens: bytes) -> bytes:
    """A good answer that reports this many output tokens."""
    if call.streams:
        return (
            STREAM_HEAD + b"".join(chunk(frame.replace(b":5", b":" + tokens)) for frame in frames(call.dialect)) + END
        )
    return answer(whole(call.dialect).replace(b":5", b":" + tokens))


async def _drip(line: Line, call: Call) -> None:
    """The stream in single bytes, each in a chunk of its own."""
    await line.say(STREAM_HEAD)
    for byte in b"".join(frames(call.dialect)):
        await line.say(chunk(bytes([byte])))
    await line.say(END)


def _repeated(call: Call) -> tuple[bytes, bytes]:
    """A refusal that tells the key it was asked with: as a body, and as the first event of a stream."""
    presented = re.search(rb"(?im)^(?:authorization: bearer|x-api-key:|x-goog-api-key:) *(\S+)", call.head)
    assert presented is not None, call.head
    trouble, said = TROUBLE.encode(), b"no such key: " + presented[1]
    event = STREAM_HEAD + chunk(error_frame(call.dialect).replace(trouble, said)) + END
    return error_body(call.dialect).replace(trouble, said), event


async def _repeats_key(line: Line, call: Call) -> None:
    await line.say(answer(_repeated(call)[0], status="401 Unauthorized"))


async def _repeats_key_in_200(line: Line, call: Call) -> None:
    body, event = _repeated(call)
    await line.say(event if call.streams else answer(body))


async def _repeats_key_contrary(line: Line, call: Call) -> None:
    body, event = _repeated(call)
    await line.say(answer(body) if call.streams else event)


async def _signed(line: Line, call: Call) -> None:
    """Claude's answer, whole, that begins with signed thoughts."""
    await line.say(answer(signed()))


async def _signed_contrary(line: Line, call: Call) -> None:
    """The same as a stream, asked or not."""
    await line.say(STREAM_HEAD + b"".join(map(chunk, signed_frames())) + END)


async def _contrary(line: Line, call: Call) -> None:
    """A whole answer where a stream was asked, and a stream where a whole one was."""
    whole_answer, stream = whole(call.dialect), frames(call.dialect)
    if call.path == "/v1/completions":
        whole_answer, stream = completion(), completion_frames()
    await line.say(answer(whole_answer) if call.streams else STREAM_HEAD + b"".join(map(chunk, stream)) + END)


def _labelled(content_type: str) -> Act:
    """A good stream under another name."""

    async def act(line: Line, call: Call) -> None:
        if not call.streams:
            await line.say(good(call))
            return
        head = STREAM_HEAD.replace(b"Content-Type: text/event-stream\r\n", content_type.encode())
        await line.say(head + chunk(b"\n") + b"".join(map(chunk, frames(call.dialect))) + END)

    return act


async def _unclosed(line: Line, call: Call) -> None:
    """A stream, asked or not, without its very last blank line."""
    await line.say(STREAM_HEAD + chunk(b"".join(frames(call.dialect))[:-1]) + END)


async def _unreasoned(line: Line, call: Call) -> None:
    """A stream, asked or not, that names no stop reason but its end."""
    said = b"".join(frames(call.dialect)).replace(b'"finish_reason":"stop"', b'"finish_reason":null')
    await line.say(STREAM_HEAD + chunk(said) + END)


async def _unfinished(line: Line, call: Call) -> None:
    """A stream, asked or not, that is whole, on a connection that is closed before its last chunk."""
    await line.say(STREAM_HEAD + chunk(b"".join(frames(call.dialect))))


async def _one_choice(line: Line, call: Call) -> None:
    """A stream, asked or not, that breaks off behind the stop reason of its first choice."""
    await line.say(STREAM_HEAD + chunk(b"".join(frames(call.dialect)[:4])))


async def _held_open(line: Line, call: Call) -> None:
    """A stream, asked or not, that is whole, on a connection that is held open."""
    await line.say(STREAM_HEAD + chunk(b"".join(frames(call.dialect))))
    await line.until_closed()


def _packed(coding: str) -> Act:
    """A good answer, packed; a stream's chunks end where no frame does."""
    pack = PACKERS[coding]

    async def act(line: Line, call: Call) -> None:
        more = f"Content-Encoding: {coding}\r\n"
        if not call.streams:
            await line.say(answer(pack(whole(call.dialect)), more=more))
            return
        packed = pack(b"".join(frames(call.dialect)))
        chunks = [chunk(packed[at : at + 50]) for at in range(0, len(packed), 50)]
        await line.say(STREAM_HEAD[:-2] + more.encode() + b"\r\n" + b"".join(chunks) + END)

    return act


ACTS: dict[str, Act] = {
    "stall_head": _stall_head,
    "stall_first": _stall_first,
    "stall_middle": _stall_middle,
    "error_in_200": _error_in_200,
    "error_after": _error_after,
    "to_order": _to_order,
    "not_http": _not_http,
    "half_json": _half_json,
    "other_json": _other_json,
    "cut": _cut,
    "cut_clean": _cut_clean,
    "html": _html,
    "html_502": _html_502,
    "empty": _empty,
    "hang_up": _hang_up,
    "busy": _busy,
    "callers_fault": _callers_fault,
    "echo": _echo,
    "long_winded": _long_winded,
    "moved": _moved,
    "unmodified": _unmodified,
    "unheard_of": _unheard_of,
    "absurd": _absurd,
    "huge": _huge,
    "negative": _negative,
    "many_searches": _many_searches,
    "fraction": _fraction,
    "in_words": _in_words,
    "uncounted": _uncounted,
    "drip": _drip,
    "contrary": _contrary,
    "repeats_key": _repeats_key,
    "repeats_key_in_200": _repeats_key_in_200,
    "repeats_key_contrary": _repeats_key_contrary,
    "signed": _signed,
    "signed_contrary": _signed_contrary,
    "called_text": _labelled("Content-Type: text/plain; charset=utf-8\r\n"),
    "called_json": _labelled("Content-Type: application/json\r\n"),
    "called_nothing": _labelled(""),
    "unclosed": _unclosed,
    "unreasoned": _unreasoned,
    "unfinished": _unfinished,
    "held_open": _held_open,
    "one_choice": _one_choice,
    "packed_gzip": _packed("gzip"),
    "packed_br": _packed("br"),
}
# After these the connection is of no more use.
CLOSING = {
    "stall_head",
    "stall_first",
    "stall_middle",
    "not_http",
    "cut",
    "hang_up",
    "unfinished",
    "held_open",
    "one_choice",
}
