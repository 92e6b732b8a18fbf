"""A way to a server that can be cut and opened again, or that never answers."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """A loopback port in front of `target`; without one, whoever connects waits for ever."""

    def __init__(self, target: tuple[str, int] | None, suffix: str) -> None:
        self._target = target
        self._suffix = suffix
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._calls = 0
        self._called = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def to(cls, address: str) -> AsyncGenerator["Relay"]:
        """In front of the server of a Redis URL."""
        url = urlsplit(address)
        made = cls((url.hostname or "127.0.0.1", url.port or 6379), url.path)
        await made.open()
        yield made
        await made.cut()

    @classmethod
    @asynccontextmanager
    async def silent(cls) -> AsyncGenerator["Relay"]:
        """In front of nothing."""
        made = cls(None, "")
        await made.open()
        yield made
        await made.cut()

    @property
    def address(self) -> str:
        """Its Redis URL."""
        return f"redis://127.0.0.1:{self._port}{self._suffix}"

    async def open(self) -> None:
        """Take connections, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Take no more connections and break those there are."""
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def called(self, times: int) -> None:
        """Wait until somebody has connected as often."""
        async with self._called:
            await self._called.wait_for(lambda: self._calls >= times)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        async with self._called:
            self._calls += 1
            self._called.notify_all()
        if self._target is None:
            await reader.read()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._open.add(far_writer)
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.transport.abort()
