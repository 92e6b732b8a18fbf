"""Connecting to an upstream directly: name to addresses, addresses to a socket, TLS over it."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import ip_address
from typing import Final, NamedTuple, TypeVar

from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]  # theirs: a bare tuple

from faregate.kernel.egress.faults import connect_fault, described, no_address

ATTEMPT_DELAY_S: Final = 0.25
"""Before the next address is tried beside one that does not answer; RFC 8305, section 5."""
REMEMBERED_S: Final = 10

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From host and port to addresses, best first. Raises OSError."""

AnyProtocol = TypeVar("AnyProtocol", bound=asyncio.Protocol)


async def resolve_by_system(host: str, port: int) -> list[str]:
    """What the system's resolver says, off the loop."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Place(NamedTuple):
    """Where to connect to. `host` is a name or an address; `server_name`, empty without TLS, is what must answer."""

    host: str
    port: int
    server_name: str


class Names:
    """Addresses of names, each asked for once by whoever asks at the same time, and remembered for a moment."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._loop = asyncio.get_running_loop()
        self._asked: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """Addresses of a name, best first, or the host itself when it is one. Raises Unreachable."""
        if _is_address(host):
            return [host]
        asked = self._asked.get((host, port))
        if asked is None:
            asked = self._asked[(host, port)] = asyncio.ensure_future(self._resolve(host, port))
            asked.add_done_callback(partial(self._answered, (host, port)))
        try:
            addresses = await asyncio.shield(asked)  # others may wait for it too
        except (OSError, UnicodeError) as fault:
            raise no_address(described(fault)) from fault
        except asyncio.CancelledError:
            if asked.cancelled():
                raise no_address("closed by the gateway") from None
            raise
        if not addresses:
            raise no_address()
        return addresses

    def close(self) -> None:
        """Look-ups under way end, and whoever waits for one is told."""
        for asked in list(self._asked.values()):
            asked.cancel()

    def _answered(self, key: tuple[str, int], asked: asyncio.Future[list[str]]) -> None:
        if asked.cancelled() or asked.exception() is not None:
            self._asked.pop(key)
        else:
            self._loop.call_later(REMEMBERED_S, self._asked.pop, key)


class Dialler:
    """Makes connections. Without state but for the names it remembers."""

    def __init__(self, context: ssl.SSLContext, resolve: Resolve) -> None:
        self._context = context
        self._names = Names(resolve)
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Look-ups under way end."""
        self._names.close()

    async def dial(self, place: Place, make: Callable[[], AnyProtocol]) -> AnyProtocol:
        """A protocol connected to the place, TLS included. Raises Unreachable. Sets no deadline of its own."""
        addresses = await self._names.addresses(place.host, place.port)
        found: socket.socket | None = None
        try:
            found = await start_connection(
                [_entry(address, place.port) for address in addresses],
                happy_eyeballs_delay=ATTEMPT_DELAY_S,
                interleave=1,
                loop=self._loop,
            )
            _, protocol = await self._loop.create_connection(
                make,
                sock=found,
                ssl=self._context if place.server_name else None,
                server_hostname=place.server_name or None,
            )
            found = None
        except (OSError, ValueError) as fault:
            raise connect_fault(fault) from fault
        finally:
            if found is not None:
                found.close()
        return protocol


def _entry(address: str, port: int) -> tuple[int, int, int, str, tuple[str | int, ...]]:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
