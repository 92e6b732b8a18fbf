"""One connection of our own: HTTP/1.1 answers out of a transport's bytes, and whether another call may follow."""

import asyncio
from typing import Final, Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from faregate.kernel.egress.alarm import Alarm
from faregate.kernel.egress.faults import cut_off, described, headers_too_large, no_answer, not_http
from faregate.kernel.egress.messages import Head, header_text

BUFFER_BYTES: Final = 262144
"""Reading stops at this much unread body and goes on when it is taken."""
OVERHEAD_BYTES: Final = 65536
"""The most that a head may take, and whatever brings no body after it: chunk extensions, trailers."""
HEADER_COUNT: Final = 256


class Home(Protocol):
    """Where a connection belongs."""

    def take_back(self, connection: "DirectConnection") -> None:
        """The call is over, and the connection may serve another one."""
        ...

    def give_up(self) -> None:
        """The call is over, and so is the connection."""
        ...

    def forget(self, connection: "DirectConnection") -> None:
        """It has closed, in a call or idle. May be repeated."""
        ...


class DirectConnection(asyncio.Protocol):
    """A `Connection`, used by one call after another.

    State: idle, asked, answering (`_head` is there), whole (`is_whole`). Whatever the upstream says while idle closes
    the connection; whatever it says beyond the end of an answer makes it `_unclean`, and no call follows.
    """

    __slots__ = (
        "_asked", "_bodiless", "_drained", "_fault", "_head", "_headers", "_home", "_is_paused", "_loop", "_overhead",
        "_parser", "_pieces", "_size", "_unclean", "_waiter", "alarm", "idle_since", "is_closed", "is_whole",
        "transport",
    )  # fmt: skip

    def __init__(self, home: Home, loop: asyncio.AbstractEventLoop) -> None:
        self.alarm = Alarm(loop)
        self.idle_since = 0.0
        """Loop time since when no call has had it; 0 while one has."""
        self.is_closed = False
        self.is_whole = False
        self.transport: asyncio.Transport
        self._loop = loop
        self._home = home
        self._parser: HttpResponseParser | None = None
        self._asked = False
        self._bodiless = False
        self._unclean = False
        self._head: Head | None = None
        self._headers: list[tuple[str, str]] = []
        self._pieces: list[bytes] = []
        self._size = 0
        self._overhead = 0
        self._is_paused = False
        self._fault: BaseException | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None

    # --- for the call ---------------------------------------------------------------------------------------
    @property
    def is_clean(self) -> bool:
        """Whether it is whole, everything written has left, and another call may follow."""
        return (
            self.is_whole
            and not self._unclean
            and not self.is_closed
            and self.transport.get_write_buffer_size() == 0
            and not self._is_paused
        )

    def begin(self, bodiless: bool) -> None:
        """An answer is expected from now on, without a body if so said. Raises NoAnswer when it is closed."""
        if self.is_closed:
            raise no_answer("closed before anything was sent")
        if self._parser is None:
            self._parser = HttpResponseParser(self)
            # Both are harmless, and known of servers that are otherwise in order.
            self._parser.set_dangerous_leniencies(
                lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
            )
        self._asked = True
        self._bodiless = bodiless
        self.is_whole = False
        self._head = None
        self._headers = []
        self._overhead = 0

    async def head(self) -> Head:
        """The final head. Raises NoAnswer, Garbage or what `fail` was given."""
        while self._head is None:
            if self._fault is not None:
                raise self._fault
            await self._news()
        return self._head

    def take(self) -> bytes:
        """What is here of the body; empty when nothing is, for whatever reason."""
        pieces = self._pieces
        if not pieces:
            return b""
        self._pieces, self._size = [], 0
        if self._is_paused:
            self._is_paused = False
            if not self.is_closed:
                self.transport.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def more(self) -> bytes:
        """The next piece of body, empty at its end. Raises CutOff, Garbage or what `fail` was given."""
        while not self._pieces:
            if self.is_whole:
                return b""
            if self._fault is not None:
                raise self._fault
            await self._news()
        return self.take()

    async def drain(self) -> None:
        """Returns when more may be written. Raises ConnectionError when nothing may."""
        if self._drained is not None:
            await self._drained
        if self.is_closed:
            raise ConnectionResetError("the connection is closed")

    def fail(self, fault: BaseException) -> None:
        """Whoever waits gets `fault` raised, and what is unread is lost; of no effect on an answer that is whole."""
        if not self.is_whole:
            self._pieces, self._fault = [], fault
            self._wake()

    def release(self) -> None:
        """Gives a clean connection back."""
        self._asked = False
        self._pieces, self._size = [], 0
        if self._bodiless:
            self._parser = None  # it may still expect the body that an answer to HEAD announces
        self._home.take_back(self)

    def drop(self) -> None:
        """Closes the connection now, whatever is under way. Nothing is waited for."""
        self.abort()
        self.alarm.stop()
        self._fault = None  # raised by now, if ever: its traceback leads back to here
        self._home.give_up()

    def abort(self) -> None:
        """Closes an idle connection, or one whose call is to fail. A mere close would first flush what is unsent."""
        self._ended(ConnectionAbortedError("closed by the gateway"))
        self.transport.abort()

    # --- from the transport ---------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The first thing that happens."""
        self.transport = cast(asyncio.Transport, transport)  # a stream's, by whom it is made

    def data_received(self, data: bytes) -> None:
        """Something came: for the call, or unasked."""
        if not self._asked or self._parser is None:
            self.abort()
            return
        if self._fault is not None:
            return
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as fault:
            self._refuse(not_http(described(fault)))
        if self._overhead > OVERHEAD_BYTES:
            self._refuse(headers_too_large())
        elif self._size >= BUFFER_BYTES and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """The upstream says no more; the transport closes by itself."""
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The last thing that happens."""
        self._ended(exc or ConnectionAbortedError("closed without a farewell"))
        self.alarm.stop()
        self._parser = None

    def pause_writing(self) -> None:
        """The upstream is slower than the call."""
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """It has caught up."""
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    # --- from the parser ------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        """The first byte of a head."""
        if self.is_whole:
            self._unclean = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is passed over."""
        if self._head is None:
            self._headers.append((name.decode(), header_text(value.rstrip(b" \t"))))  # a name is ASCII by grammar

    def on_headers_complete(self) -> None:
        """A head, interim or final."""
        assert self._parser is not None
        status, headers = self._parser.get_status_code(), self._headers
        if len(headers) > HEADER_COUNT or (self._overhead > OVERHEAD_BYTES and _size(headers) > OVERHEAD_BYTES):
            self._refuse(headers_too_large())
        elif 102 <= status < 200 or status == 100:
            self._headers = []
        elif status < 200:
            self._refuse(not_http(f"status {status}"))
        elif self._head is None:
            self._began(Head(status, headers), self._parser.should_keep_alive())

    def on_body(self, data: bytes) -> None:
        """A piece of body."""
        if self.is_whole:
            self._unclean = True
            return
        self._pieces.append(data)
        self._size += len(data)
        self._overhead = 0

    def on_chunk_header(self) -> None:
        """The size of a chunk."""
        if self.is_whole:
            self._unclean = True

    def on_message_complete(self) -> None:
        """The end of an answer, or of an interim head."""
        if self._head is not None and not self.is_whole and self._parser is not None:
            self.is_whole = True
            self._unclean = not self._parser.should_keep_alive()

    # --- within ---------------------------------------------------------------------------------------------
    def _began(self, head: Head, keeps_alive: bool) -> None:
        coding = head.get("transfer-encoding")
        if coding and coding.lower() != "chunked":
            self._refuse(not_http(f"transfer-encoding {coding!r}"))
            return
        self._head = head
        self._overhead = 0
        if self._bodiless:
            self.is_whole = True
            self._unclean = not keeps_alive

    def _refuse(self, fault: BaseException) -> None:
        """What came is not an answer, or none that is accepted; after the end of one it only costs the connection."""
        self._unclean = True
        if self._fault is None and not self.is_whole:
            self._fault = fault

    def _ended(self, exc: Exception | None) -> None:
        """The connection ends, and with it whatever was under way. May be repeated: the first time counts."""
        if self.is_closed:
            return
        self.is_closed = True
        self._home.forget(self)
        self.resume_writing()
        if not self._asked or self.is_whole or self._fault is not None:
            return
        detail = described(exc) if exc is not None else ""
        if self._head is None:
            self._fault = no_answer(detail)
        elif exc is None and not (self._head.get("content-length") or self._head.get("transfer-encoding")):
            self.is_whole = True
        else:
            self._fault = cut_off(detail)
        self._wake()

    def _news(self) -> asyncio.Future[None]:
        self._waiter = waiter = self._loop.create_future()
        return waiter

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def _size(headers: list[tuple[str, str]]) -> int:
    return sum([len(name) + len(value) for name, value in headers])
