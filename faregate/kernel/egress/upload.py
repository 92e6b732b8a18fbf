"""A body that is sent piece by piece while the answer may already be coming."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from faregate.kernel.egress.connection import Connection
from faregate.kernel.egress.head import CHUNKED, Framed
from faregate.kernel.errors import BadRequest

PIECE_BYTES: Final = 65536


class _Gone(Exception):
    """The connection takes no more."""


class Upload:
    """One task that writes the body. `finished` once all of it is handed to the socket.

    `on_stall(True)` is called when the upstream is expected to take bytes, `on_stall(False)` while the body's source is
    waited for; `on_fault` when the source raises or contradicts its declared length.
    """

    __slots__ = ("_connection", "_fail", "_is_chunked", "_left", "_stall", "_task", "finished")

    def __init__(
        self,
        connection: Connection,
        framed: Framed,
        body: AsyncIterator[bytes],
        loop: asyncio.AbstractEventLoop,
        on_stall: Callable[[bool], None],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self.finished = False
        self._connection = connection
        self._stall = on_stall
        self._fail = on_fault
        self._is_chunked = framed.length == CHUNKED
        self._left = framed.length
        self._task = loop.create_task(self._run(body))

    def cancel(self) -> None:
        """Stops reading the source; the connection is of no more use unless the upload was finished."""
        self._task.cancel()

    async def _run(self, body: AsyncIterator[bytes]) -> None:
        try:
            await self._write(body)
        except _Gone:
            self._stall(True)  # the reading side will tell what happened, in time
        except asyncio.CancelledError:
            raise
        except BaseException as fault:  # the caller's own source failed: its error is the caller's to see
            self._fail(fault)
        else:
            self.finished = True
            self._stall(True)

    async def _write(self, body: AsyncIterator[bytes]) -> None:
        self._stall(False)
        async for piece in body:
            self._count(len(piece))
            self._stall(True)
            for start in range(0, len(piece), PIECE_BYTES):
                await self._put(piece[start : start + PIECE_BYTES])
            self._stall(False)
        if not self._is_chunked and self._left > 0:
            raise BadRequest("the body is shorter than its content-length", param="body", code="egress.body_length")
        self._stall(True)
        if self._is_chunked:
            await self._put(b"")  # the last chunk is the empty one

    async def _put(self, data: bytes) -> None:
        connection = self._connection
        try:
            await connection.drain()
            if self._is_chunked:
                connection.transport.writelines((b"%x\r\n" % len(data), data, b"\r\n"))
            else:
                connection.transport.write(data)
            await connection.drain()
        except ConnectionError as fault:
            raise _Gone from fault

    def _count(self, size: int) -> None:
        if self._is_chunked:
            return
        self._left -= size
        if self._left < 0:
            raise BadRequest("the body is longer than its content-length", param="body", code="egress.body_length")
