"""One call on one connection: request out, headers in, deadlines, and what becomes of the connection afterwards."""

import asyncio
from collections.abc import AsyncIterator
from math import inf
from typing import Final

from faregate.kernel.egress.alarm import SLACK_S
from faregate.kernel.egress.connection import Connection
from faregate.kernel.egress.faults import first_byte_over, idle_over, total_over
from faregate.kernel.egress.head import Framed
from faregate.kernel.egress.messages import Head, Request
from faregate.kernel.egress.upload import Upload
from faregate.kernel.errors import CutOff

JOINED_BYTES: Final = 16384
"""Bodies up to this size are copied behind the head, so that both leave in one write."""


class Exchange:
    """State: `head` is None until it came; the connection is None once given up. `total_due` is in loop time."""

    __slots__ = ("_connection", "_first_byte_s", "_idle_s", "_loop", "_total_due", "_upload", "head")

    def __init__(self, connection: Connection, total_due: float, loop: asyncio.AbstractEventLoop) -> None:
        self.head: Head | None = None
        self._connection: Connection | None = connection
        self._total_due = total_due
        self._loop = loop
        self._upload: Upload | None = None
        self._first_byte_s = 0.0
        self._idle_s = inf

    async def begin(self, request: Request, framed: Framed) -> Head:
        """Sends the request and returns the final head. Raises NoAnswer, Garbage or our deadlines."""
        connection = self._connection
        assert connection is not None
        connection.begin(request.method == "HEAD")
        alarm = connection.alarm
        alarm.ring = self._late
        self._first_byte_s = request.deadlines.first_byte_s
        self._idle_s = request.deadlines.idle_s or inf
        self._write(connection, request.body, framed)
        self.head = await connection.head()
        alarm.set(self._total_due)
        return self.head

    @property
    def is_whole(self) -> bool:
        """Whether all of the answer is here, or nothing of it will come any more."""
        return self._connection is None or self._connection.is_whole

    def take(self) -> bytes:
        """What is here of the body; empty when nothing is, for whatever reason."""
        return self._connection.take() if self._connection is not None else b""

    async def more(self) -> bytes:
        """The next piece of body, empty at its end. Raises CutOff, Garbage or IdleTimeout."""
        connection = self._connection
        if connection is None:
            raise CutOff("the answer was closed before it was read")
        alarm, total_due = connection.alarm, self._total_due
        idle_due = self._loop.time() + self._idle_s
        alarm.set(idle_due if idle_due < total_due else total_due)
        piece = await connection.more()
        alarm.set(total_due)
        return piece

    def drop(self) -> None:
        """Closes the connection now, whatever is under way. Nothing is waited for."""
        connection = self._given_up()
        if connection is not None:
            connection.drop()

    def settle(self) -> None:
        """Gives the connection back to the pool if all was read and written, else drops it. May be repeated."""
        connection, upload = self._given_up(), self._upload
        if connection is None:
            return
        if connection.is_clean and (upload is None or upload.finished):
            connection.release()
        else:
            connection.drop()

    def _given_up(self) -> Connection | None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.alarm.rest()
            if self._upload is not None:
                self._upload.cancel()
        return connection

    def _write(self, connection: Connection, body: bytes | AsyncIterator[bytes], framed: Framed) -> None:
        transport = connection.transport
        if not isinstance(body, bytes):
            transport.write(framed.head)
            self._limit_head(sending=False)
            self._upload = Upload(
                connection, framed, body, self._loop, on_stall=self._limit_head, on_fault=connection.fail
            )
            return
        if len(body) <= JOINED_BYTES:
            transport.write(framed.head + body)
        else:
            transport.writelines((framed.head, body))
        self._limit_head(sending=True)

    def _limit_head(self, sending: bool) -> None:
        """The head must come in time from now on; not while our own source is what is waited for."""
        if self.head is not None or self._connection is None:
            return
        due = self._total_due
        if sending and self._first_byte_s:
            due = min(due, self._loop.time() + self._first_byte_s)
        self._connection.alarm.set(due)

    def _late(self) -> None:
        if self._connection is None:
            return
        if self._total_due <= self._loop.time() + SLACK_S:
            fault = total_over(answered=self.head is not None)
        elif self.head is None:
            fault = first_byte_over()
        else:
            fault = idle_over()
        self._connection.fail(fault)
