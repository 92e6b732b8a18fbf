"""How connections are read: uvicorn's protocol, mended where callers would wait, pay, or crowd others out.

- Who leaves, leaves all calls of the connection: also the one that runs while others wait behind it.
- A head (request line and headers) has at most 64 KB. Beyond that the answer, in its turn, is 431.
- An upgrade that nobody serves is ignored: the request is answered with its whole body (RFC 9110 §7.8).
- HTTP/1.0 knows no chunks (RFC 9112 §6.1). What ends with its connection says so once. Trailers are no headers.

The usual request pays a few comparisons for it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAX_HEAD_BYTES = 64 << 10
_READ_BEHIND = 16  # as long as no more calls wait behind others, reading goes on: only then is a leaving noticed
_LINGER_S = 1.0
_CONNECTION_WIDE = (b"connection", b"transfer-encoding")
_NOT_HTTP = "Invalid HTTP request received."
_ENDLESS = b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % (1 << 62)
_TOO_LARGE = (
    b'{"error":{"message":"the request line and headers are larger than %d KB","type":"invalid_request_error",'
    b'"param":null,"code":"request_header_fields_too_large"}}' % (MAX_HEAD_BYTES >> 10)
)


class HttpProtocol(HttpToolsProtocol):
    """One connection. State: the bytes since the last head or piece of a body; calls behind which others wait."""

    __slots__ = ("_ahead", "_unplaced")  # a dict with more names than uvicorn's is slower for all of them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unplaced = 0
        self._ahead: deque[RequestResponseCycle] = deque()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone: uvicorn tells the newest call, and here those ahead of it are told."""
        super().connection_lost(exc)
        for cycle in self._ahead:
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Read on. As uvicorn's, but upgrades may be passed over, and what never ends is refused."""
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self._unplaced += len(data)
        try:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                self._read_past(memoryview(data)[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.logger.warning(_NOT_HTTP)
            self.send_400_response(_NOT_HTTP)
            return
        if self._unplaced > MAX_HEAD_BYTES:
            self._refuse_endless()

    def on_headers_complete(self) -> None:
        """A call has begun."""
        ahead = self.cycle
        waits = bool(ahead) and not ahead.response_complete
        # Of a head behind other messages some bytes may not have been counted.
        if (waits or self._unplaced > MAX_HEAD_BYTES) and self._head_bytes() > MAX_HEAD_BYTES:
            self.app = refuse_head
        self._unplaced = 0
        super().on_headers_complete()
        if (cycle := self.cycle) is ahead:
            return  # it comes again, without its upgrade
        self.headers = []  # trailers come here
        if waits:
            self._wait_behind(ahead)
        if not cycle.keep_alive:
            cycle.__class__ = LastCycle

    def on_body(self, body: bytes) -> None:
        """A piece of the body: what came is in its place. As uvicorn's, but a body never belongs to an upgrade."""
        self._unplaced = 0
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def _wait_behind(self, ahead: RequestResponseCycle) -> None:
        while self._ahead and self._ahead[0].response_complete:
            self._ahead.popleft()
        self._ahead.append(ahead)
        if len(self._ahead) <= _READ_BEHIND:
            self.flow.resume_reading()

    def _head_bytes(self) -> int:
        line = len(self.parser.get_method()) + len(self.url) + len("  HTTP/1.1\r\n")
        return line + sum(len(name) + len(value) + 4 for name, value in self.headers) + 2

    def _refuse_endless(self) -> None:
        cycle = self.cycle
        if cycle and cycle.more_body and not cycle.response_complete:
            self.send_400_response(_NOT_HTTP)  # no head, but trailers or a chunk's extensions
            return
        # All that still comes is the body of a request that is refused in its turn.
        self.app = refuse_head
        self.parser = self._new_parser()
        self.parser.feed_data(_ENDLESS)

    def _should_upgrade(self) -> bool:
        # True also keeps uvicorn from beginning a call with this head.
        return self._ignores_upgrade() or super()._should_upgrade()

    def _ignores_upgrade(self) -> bool:
        wanted = [value.lower() for name, value in self.scope["headers"] if name == b"upgrade"]
        return bool(wanted) and b"websocket" not in wanted and self.scope["method"] != "CONNECT"

    def _read_past(self, rest: memoryview) -> None:
        """Read the head again without its upgrade, then `rest`, which the parser took for another protocol."""
        while self._ignores_upgrade():
            head = self._head_without_upgrade()
            self.parser = self._new_parser()
            self.parser.feed_data(head)
            try:
                self.parser.feed_data(rest)
                return
            except httptools.HttpParserUpgrade as upgrade:
                rest = rest[upgrade.args[0] :]
        if self._should_upgrade():
            self.handle_websocket_upgrade()
        else:
            self._unsupported_upgrade_warning()

    def _head_without_upgrade(self) -> bytes:
        scope = self.scope
        lines = [b"%b %b HTTP/%b" % (scope["method"].encode(), self.url, scope["http_version"].encode())]
        lines += [name + b": " + value for name, value in scope["headers"] if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def _new_parser(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
        return parser


class LastCycle(RequestResponseCycle):
    """The answer after which the connection closes; raw bytes for HTTP/1.0, whose end is the connection's."""

    async def send(self, message: Any) -> None:
        """As uvicorn's, which names the connection's end itself."""
        is_raw = self.scope["http_version"] != "1.1"
        if message["type"] == "http.response.start":
            ours = (b"connection", b"transfer-encoding")
            message = {
                **message,
                "headers": [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours],
            }
            if is_raw:
                self.chunked_encoding = False
        elif is_raw:
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)


async def refuse_head(_: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """The answer to a head that is too large. An ASGI application."""
    length = b"%d" % len(_TOO_LARGE)
    headers = [(b"content-type", b"application/json"), (b"content-length", length), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 431, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE, "more_body": True})
    # Closed at once, a caller who still sends would see a reset instead of this answer (RFC 9112 §9.6).
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while (await receive())["type"] != "http.disconnect":
                pass
    await send({"type": "http.response.body"})
