"""An answer: its head, and its body as it arrives."""

import asyncio
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Final, Self

from faregate.kernel.egress.exchange import Exchange
from faregate.kernel.egress.messages import Head
from faregate.kernel.errors import Garbage, GatewayError

DRAINED_BYTES: Final = 65536
DRAIN_S: Final = 0.1


class Answer:
    """Use it as an async context manager, or call `close` in any case.

    The connection serves another call only after a complete body and a complete upload; it is dropped at once when
    the task is cancelled, when anything fails, or when the body is left unread.
    """

    __slots__ = ("_exchange", "head")

    def __init__(self, head: Head, exchange: Exchange) -> None:
        self.head = head
        self._exchange = exchange

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body's raw bytes as they arrive, content coding untouched. To be iterated once.

        Raises CutOff, Garbage or IdleTimeout; a clean end means that the body is complete.
        """
        exchange = self._exchange
        try:
            while piece := exchange.take() or await exchange.more():
                yield piece
        finally:
            exchange.settle()

    async def read(self, limit_bytes: int) -> bytes:
        """The whole body. Raises Garbage when it is longer than `limit_bytes`, else like `chunks`."""
        pieces: list[bytes] = []
        size = 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > limit_bytes:
                self._exchange.drop()
                raise Garbage("the upstream's answer is too large", code="upstream.too_large")
            pieces.append(chunk)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def close(self) -> None:
        """Gives the connection back after a clean answer or a small unread refusal, else drops it. May be repeated."""
        if self._worth_draining():
            await self._drain()
        self._exchange.settle()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fault is None:
            await self.close()
        else:
            self._exchange.settle()

    def _worth_draining(self) -> bool:
        """A refusal of which little is outstanding costs less to read than a new connection."""
        length = self.head.get("content-length")
        return (
            self.head.status >= 300
            and not self._exchange.is_whole
            and length.isdecimal()
            and int(length) <= DRAINED_BYTES
        )

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_S):
                async for _ in self.chunks():
                    pass
        except (GatewayError, TimeoutError):
            self._exchange.drop()
