"""Calls through a proxy run on connections of aiohttp: its connector, pool and parser, below its session."""

import asyncio
from typing import Final

from aiohttp import ClientConnectionError, ClientError, ClientOSError, ClientTimeout, StreamReader, TCPConnector
from aiohttp.connector import Connection as Held
from aiohttp.helpers import TimerNoop
from aiohttp.http_exceptions import HttpProcessingError

from faregate.kernel.egress.alarm import Alarm
from faregate.kernel.egress.dialling import Dial, Handler
from faregate.kernel.egress.direct import HEADER_COUNT, OVERHEAD_BYTES
from faregate.kernel.egress.faults import body_fault, connect_fault, head_fault, no_answer
from faregate.kernel.egress.messages import Head, header_text
from faregate.kernel.errors import Garbage

BUFFER_BYTES: Final = 131072
"""Reading stops at twice this much unread body and goes on below it."""
NO_TIMER: Final = TimerNoop()


class ProxiedSite:
    """One origin behind one proxy."""

    __slots__ = ("_connector", "_dial", "_loop")

    def __init__(self, connector: TCPConnector, dial: Dial, loop: asyncio.AbstractEventLoop) -> None:
        self._connector = connector
        self._dial = dial
        self._loop = loop

    def take(self) -> None:
        """Nothing is to be had at once."""

    async def connect(self, seconds: float) -> "ProxiedConnection":
        """A connection, an idle one or a new one. Raises Unreachable, TimeoutError after `seconds`."""
        limit = seconds or None
        timeout = ClientTimeout(connect=limit, sock_connect=limit)
        try:
            while True:
                held = await self._connector.connect(self._dial, [], timeout)
                handler = held.protocol
                if isinstance(handler, Handler) and not handler.should_close:
                    return ProxiedConnection(held, handler, self._loop)
                # It spoke while it was idle: whatever it says next is not the answer to this call.
                held.close()
        except TimeoutError:
            raise
        except (ClientError, OSError) as fault:
            raise connect_fault(fault) from fault


class ProxiedConnection:
    """A `Connection`, made for one call. State: before the head `_payload` is None; afterwards it is the body."""

    __slots__ = ("_fault", "_handler", "_held", "_payload", "_self_delimiting", "alarm")

    def __init__(self, held: Held, handler: Handler, loop: asyncio.AbstractEventLoop) -> None:
        self.alarm = Alarm(loop)
        self._held = held
        self._handler = handler
        self._payload: StreamReader | None = None
        self._self_delimiting = True
        self._fault: BaseException | None = None

    @property
    def transport(self) -> asyncio.WriteTransport:
        """Where the request is written. Raises NoAnswer when it is gone."""
        transport = self._handler.transport
        if transport is None:
            raise no_answer("closed before anything was sent")
        return transport

    @property
    def is_whole(self) -> bool:
        """Whether all of the answer is here, read or not."""
        return self._payload is not None and self._payload.is_eof() and self._payload.exception() is None

    @property
    def is_clean(self) -> bool:
        """Whether it is whole, everything written has left, and another call may follow."""
        transport = self._handler.transport
        return self.is_whole and transport is not None and transport.get_write_buffer_size() == 0

    def begin(self, bodiless: bool) -> None:
        """An answer is expected from now on, without a body if so said. Raises NoAnswer when it is closed."""
        _ = self.transport
        self._handler.set_response_params(
            timer=NO_TIMER,
            skip_payload=bodiless,
            read_until_eof=True,
            auto_decompress=False,
            read_bufsize=BUFFER_BYTES,
            max_line_size=OVERHEAD_BYTES,
            max_field_size=OVERHEAD_BYTES,
            max_headers=HEADER_COUNT,
        )

    async def head(self) -> Head:
        """The final head. Raises NoAnswer, Garbage or what `fail` was given."""
        try:
            message, payload = await self._handler.read()
            while message.code < 200:
                if message.code == 101:
                    raise Garbage("the upstream switched protocols unasked")
                message, payload = await self._handler.read()
        except (ClientError, HttpProcessingError, OSError) as fault:
            if fault is self._fault:
                raise
            raise head_fault(fault) from fault
        self._payload = payload
        self._self_delimiting = message.chunked or "content-length" in message.headers
        return Head(message.code, [(header_text(name), header_text(value)) for name, value in message.raw_headers])

    def take(self) -> bytes:
        """Nothing: what is here is had by `more`."""
        return b""

    async def more(self) -> bytes:
        """The next piece of body, empty at its end. Raises CutOff, Garbage or what `fail` was given."""
        assert self._payload is not None
        try:
            piece = await self._payload.readany()
            if not piece and not self._self_delimiting and isinstance(end := self._handler.exception(), ClientOSError):
                raise end  # a body that ends with its connection has not ended well if that was reset
        except (ClientError, HttpProcessingError) as fault:
            if fault is self._fault:
                raise
            raise body_fault(fault) from fault
        return piece

    async def drain(self) -> None:
        """Returns when more may be written. Raises ConnectionError when nothing may."""
        transport = self._handler.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the connection is closed")
        try:
            await self._handler.drain()
        except ClientConnectionError as fault:
            raise ConnectionResetError("the connection is closed") from fault

    def fail(self, fault: BaseException) -> None:
        """Whoever waits gets `fault` raised; of no effect on an answer that is whole."""
        self._fault = fault
        self._handler.set_exception(fault)
        if self._payload is not None and not self._payload.is_eof():
            self._payload.set_exception(fault)

    def release(self) -> None:
        """Gives a clean connection back."""
        self.alarm.stop()
        self._held.release()

    def drop(self) -> None:
        """Closes the connection now, whatever is under way. Nothing is waited for."""
        self.alarm.stop()
        # close() alone would first flush what is unsent and wait for the peer's TLS farewell.
        self._handler.abort()
        self._held.close()
