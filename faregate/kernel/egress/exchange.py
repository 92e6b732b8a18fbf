"""One call on one connection: request out, headers in, deadlines, and what becomes of the connection afterwards."""

import asyncio
from math import inf
from typing import Final

from aiohttp import ClientOSError, StreamReader
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.helpers import TimerNoop
from aiohttp.http import RawResponseMessage

from faregate.kernel.egress.faults import first_byte_over, idle_over, total_over
from faregate.kernel.egress.head import Framed
from faregate.kernel.egress.messages import Head, Request, header_text
from faregate.kernel.egress.upload import Upload
from faregate.kernel.errors import Garbage, NoAnswer

BUFFER_BYTES: Final = 131072
"""Reading stops at twice this much unread body and goes on below it."""
HEADER_BYTES: Final = 65536
HEADER_COUNT: Final = 256
JOINED_BYTES: Final = 16384
"""Bodies up to this size are copied behind the head, so that both leave in one write."""
NO_TIMER: Final = TimerNoop()


class Exchange:
    """State: before the head `payload` is None; afterwards it is the body; `connection` is None once given up."""

    __slots__ = (
        "_connection",
        "_idle_s",
        "_self_delimiting",
        "_timer",
        "_total_timer",
        "_upload",
        "loop",
        "payload",
        "protocol",
        "source_fault",
        "waiting_since",
    )

    def __init__(self, connection: Connection, protocol: ResponseHandler, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.protocol = protocol
        self.payload: StreamReader | None = None
        self.waiting_since = inf
        """Loop time since when the reader has waited for a chunk; infinite while it does not."""
        self.source_fault: BaseException | None = None
        """What the request body's own source raised, if it did; not the upstream's doing."""
        self._connection: Connection | None = connection
        self._upload: Upload | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._total_timer: asyncio.TimerHandle | None = None
        self._idle_s = 0.0
        self._self_delimiting = True

    async def begin(self, request: Request, framed: Framed) -> Head:
        """Sends the request and returns the final head. Raises the client's errors, Garbage or our deadlines."""
        protocol = self.protocol
        protocol.set_response_params(
            timer=NO_TIMER,
            skip_payload=request.method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            read_bufsize=BUFFER_BYTES,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
            max_headers=HEADER_COUNT,
        )
        self._write(request, framed)
        message, payload = await protocol.read()
        while message.code < 200:
            if message.code == 101:
                raise Garbage("the upstream switched protocols unasked")
            message, payload = await protocol.read()
        self._began(message, payload, request.deadlines.idle_s)
        return Head(message.code, [(header_text(name), header_text(value)) for name, value in message.raw_headers])

    def limit_total(self, seconds: float) -> None:
        """Fails the call unless it is complete within `seconds`."""
        self._total_timer = self.loop.call_later(seconds, lambda: self.fail(total_over(self.payload is not None)))

    def fail(self, fault: BaseException) -> None:
        """Whoever waits for the head or the body gets `fault` raised."""
        self.protocol.set_exception(fault)
        if self.payload is not None and not self.payload.is_eof():
            self.payload.set_exception(fault)

    def drop(self) -> None:
        """Closes the connection now, whatever is under way. Nothing is waited for."""
        connection, self._connection = self._connection, None
        self._silence()
        if connection is not None:
            # close() alone would first flush what is unsent and wait for the peer's TLS farewell.
            self.protocol.abort()
            connection.close()

    def settle(self) -> None:
        """Gives the connection back to the pool if all was read and written, else drops it. May be repeated."""
        connection = self._connection
        if connection is None:
            return
        if not self._is_complete():
            self.drop()
            return
        self._connection = None
        self._silence()
        connection.release()

    def refuse_false_end(self) -> None:
        """A body that ends with its connection has not ended well if that was reset. Raises the reset."""
        if not self._self_delimiting and isinstance(fault := self.protocol.exception(), ClientOSError):
            raise fault

    def _write(self, request: Request, framed: Framed) -> None:
        transport, body, seconds = self.protocol.transport, request.body, request.deadlines.first_byte_s
        if transport is None:
            raise NoAnswer("the upstream closed the connection without an answer")
        if not isinstance(body, bytes):
            transport.write(framed.head)
            self._upload = Upload(
                self.protocol,
                framed,
                body,
                on_stall=lambda sending: self._limit_head(seconds if sending else 0),
                on_fault=self._source_failed,
            )
            return
        if len(body) <= JOINED_BYTES:
            transport.write(framed.head + body)
        else:
            transport.writelines((framed.head, body))
        self._limit_head(seconds)

    def _began(self, message: RawResponseMessage, payload: StreamReader, idle_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.payload = payload
        self._self_delimiting = message.chunked or "content-length" in message.headers
        if idle_s and not payload.is_eof():
            self._idle_s = idle_s
            self._timer = self.loop.call_later(idle_s, self._look_for_silence)

    def _limit_head(self, seconds: float) -> None:
        """Fails the call unless its head comes within `seconds` from now; 0 takes the limit away."""
        if self.payload is not None or self._connection is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._head_is_late) if seconds else None

    def _source_failed(self, fault: BaseException) -> None:
        self.source_fault = fault
        self.fail(fault)

    def _head_is_late(self) -> None:
        self.fail(first_byte_over())

    def _look_for_silence(self) -> None:
        """Looks once per deadline, not once per chunk: only a reader that has waited that long is told."""
        now = self.loop.time()
        due = min(self.waiting_since, now) + self._idle_s
        if due <= now:
            self.fail(idle_over())
        else:
            self._timer = self.loop.call_at(due, self._look_for_silence)

    def _silence(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._total_timer is not None:
            self._total_timer.cancel()
            self._total_timer = None
        if self._upload is not None:
            self._upload.cancel()

    def _is_complete(self) -> bool:
        payload, transport = self.payload, self.protocol.transport
        if payload is None or not payload.is_eof() or payload.exception() is not None or transport is None:
            return False
        if self._upload is not None and not self._upload.finished:
            return False
        return transport.get_write_buffer_size() == 0
