"""The pipe: upstream bytes in, client bytes out.

Nothing reaches the caller before the first live frame, so that until then another channel can be tried for free.
After it a failure ends the stream with the dialect's own error event, never with a clean end.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from faregate.formats.dialect import Dialect, Fault, Passage, Reader, Writer
from faregate.formats.events import Glimpse
from faregate.formats.frames import Frames
from faregate.formats.usage import Usage
from faregate.kernel.clock import SYSTEM
from faregate.kernel.errors import CutOff, IdleTimeout, UpstreamFailure
from faregate.relay.faults import RefusedBy, said_by
from faregate.relay.meter import Meter
from faregate.relay.responder import Responder

_LAST_WORD_S = 0.5


async def until_ended(chunks: AsyncIterator[bytes], meter: Meter) -> AsyncIterator[bytes]:
    """The chunks of a stream to its own end, whatever its connection does then (decision 0006).

    Raises what the chunks raise while something may still follow, as far as the stream itself has told.
    """
    try:
        async for chunk in chunks:
            yield chunk
            if meter.done and meter.final:
                await _read_out(chunks)
                return
    except (CutOff, IdleTimeout):
        if not meter.ended:
            raise


async def _read_out(chunks: AsyncIterator[bytes]) -> None:
    """Let the connection come to its end, so that it can serve again; one that is held open is not waited for."""
    with contextlib.suppress(TimeoutError, UpstreamFailure):
        async with asyncio.timeout(_LAST_WORD_S):
            async for _ in chunks:
                pass


class Translator(Protocol):
    """Frames of the upstream's dialect to bytes of the caller's."""

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """What the caller is sent for one frame."""
        ...

    def end(self, usage: Usage, reported: bool) -> bytes:
        """A proper end."""
        ...

    def fail(self, fault: Fault) -> bytes:
        """The error event that ends a broken stream."""
        ...


class Translation:
    """One reader, one writer, the typed interior between them."""

    __slots__ = ("_reader", "_writer")

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """What the caller is sent for one frame."""
        write = self._writer.write
        return b"".join([write(event) for event in self._reader.feed(frame)])

    def end(self, usage: Usage, reported: bool) -> bytes:
        """The rest of the events and the writer's end."""
        write = self._writer.write
        return b"".join([write(event) for event in self._reader.end()]) + self._writer.end(usage)

    def fail(self, fault: Fault) -> bytes:
        """The writer's error event."""
        return self._writer.fail(fault)


class Pipe:
    """One stream from upstream to caller. State: since when the reply is committed (its first live frame was sent)."""

    __slots__ = (
        "_dialect", "_headers", "_meter", "_out", "_responder", "_secret", "_translator", "committed_at",
    )  # fmt: skip

    def __init__(
        self,
        dialect: Dialect,
        translator: Translator | Passage,
        meter: Meter,
        responder: Responder,
        headers: Sequence[tuple[bytes, bytes]],
        secret: str,
    ) -> None:
        """`secret`: what the upstream was asked with, which no error of its stream may tell."""
        self._dialect = dialect
        self._secret = secret
        self._translator = translator
        self._meter = meter
        self._responder = responder
        self._headers = headers
        self._out = bytearray()
        self.committed_at = 0.0

    @property
    def committed(self) -> bool:
        """True when content has reached the caller."""
        return self.committed_at > 0

    async def run(self, chunks: AsyncIterator[bytes], limit_bytes: int, deadline: asyncio.Timeout | None) -> None:
        """Pass everything on until the upstream's proper end. Raises UpstreamFailure with `committed` set."""
        frames, meter = Frames(limit_bytes), self._meter
        async for chunk in until_ended(chunks, meter):
            for frame in frames.feed(chunk):
                self._take(frame)
            if meter.live and self._out:
                if not self.committed:
                    await self._commit(deadline)
                await self._flush()
        for frame in frames.last():
            self._take(frame, last=True)
        if not meter.final:
            raise CutOff("the upstream's stream ended before its stop reason", committed=self.committed)

    def _take(self, frame: bytes, *, last: bool = False) -> None:
        glimpse = self._dialect.glimpse(frame)
        self._meter.follow(frame, glimpse)
        if last and glimpse.junk:
            return  # half an event, cut off by the connection's end
        if glimpse.error:
            fault = said_by(self._dialect, glimpse.error, 200, self._secret)
            raise RefusedBy(fault, committed=self.committed)
        self._out += self._translator.feed(frame, glimpse)

    async def _commit(self, deadline: asyncio.Timeout | None) -> None:
        if deadline is not None:
            deadline.reschedule(None)
        self.committed_at = SYSTEM.ticks()
        await self._responder.begin_stream(self._headers)

    async def _flush(self) -> None:
        data = bytes(self._out)
        self._out.clear()
        await self._responder.piece(data)

    async def end(self, usage: Usage) -> None:
        """The proper end of a stream that was final."""
        self._out += self._translator.end(usage, self._meter.reported)
        if not self.committed:
            await self._commit(None)
        if self._out:
            await self._flush()
        await self._responder.finish()

    async def fail(self, fault: Fault) -> None:
        """The dialect's error event as the end of a committed stream."""
        self._out += self._translator.fail(fault)
        await self._flush()
        await self._responder.finish()
