"""Proxies on raw sockets: HTTP (plain and CONNECT) and SOCKS5. They note what they are asked for."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.kernel.egress.egress_upstream import Behaviour, Line, Upstream, upstream

CONNECTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"


async def splice(line: Line, port: int) -> None:
    """Carries bytes both ways between the line and a local port until either side ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        finally:
            sink.close()

    await asyncio.gather(carry(line.reader, writer), carry(reader, line.writer), return_exceptions=True)


def tunnelling(port: int) -> Behaviour:
    """A CONNECT proxy that leads every tunnel to `port`, whatever it was asked for."""

    async def behave(line: Line) -> None:
        await line.head()
        await line.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await splice(line, port)

    return behave


class Socks:
    """What a SOCKS5 proxy was asked for."""

    def __init__(self) -> None:
        self.here = Upstream()
        self.asked: list[tuple[str, int]] = []
        self.credentials: list[tuple[str, str]] = []

    def url(self, scheme: str, credentials: str = "") -> str:
        return f"{scheme}://{credentials}127.0.0.1:{self.here.port}"


@asynccontextmanager
async def socks_proxy(port: int, reply: bytes = CONNECTED) -> AsyncIterator[Socks]:
    """A SOCKS5 proxy that leads every connection to `port` after saying `reply`."""
    socks = Socks()

    async def behave(line: Line) -> None:
        read = line.reader.readexactly
        methods = await read((await read(2))[1])
        if 2 in methods:
            await line.say(b"\x05\x02")
            socks.credentials.append(await _credentials(read))
            await line.say(b"\x01\x00")
        else:
            await line.say(b"\x05\x00")
        socks.asked.append(await _destination(read))
        await line.say(reply)
        if reply == CONNECTED:
            await splice(line, port)

    async with upstream(behave) as here:
        socks.here = here
        yield socks


async def _credentials(read: Callable[[int], Awaitable[bytes]]) -> tuple[str, str]:
    await read(1)
    name = await read((await read(1))[0])
    password = await read((await read(1))[0])
    return name.decode(), password.decode()


async def _destination(read: Callable[[int], Awaitable[bytes]]) -> tuple[str, int]:
    kind = (await read(4))[3]
    size = 4 if kind == 1 else (await read(1))[0]
    host = await read(size)
    name = ".".join(map(str, host)) if kind == 1 else host.decode()
    return name, struct.unpack(">H", await read(2))[0]
