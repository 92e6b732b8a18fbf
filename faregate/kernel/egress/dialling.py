"""Connections through proxies, over aiohttp's connector: HTTP, CONNECT, SOCKS, and what its pool keeps apart."""

import asyncio
import socket
import ssl
from functools import partial
from typing import Any

from aiohttp import ClientConnectorError, ClientRequest, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio import Proxy as SocksDialler
from yarl import URL

from faregate.kernel.egress.connecting import Resolve
from faregate.kernel.egress.proxies import Proxy
from faregate.kernel.egress.settings import EgressSettings
from faregate.kernel.errors import Unreachable


class Resolver(AbstractResolver):
    """A Resolve in the shape that the connector wants."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """One result for every address."""
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in await self._resolve(host, port)
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def leave_unresolved(host: str, port: int) -> list[str]:
    """The name itself: whoever dials will know what to do with it."""
    return [host]


class Dial(ClientRequest):
    """Where to connect to, for the pool: one lasting object for each origin, proxy and pinned address."""

    def __init__(self, origin: URL, loop: asyncio.AbstractEventLoop, proxy: Proxy, server_name: str) -> None:
        self.socks = proxy if proxy.is_socks else None
        tunnel = proxy if self.socks is None else None
        headers: CIMultiDict[str] | None = None
        if tunnel is not None and tunnel.authorization:
            # The connector adds Host to these by itself; there from the start, it does not change the pool's key later.
            host = origin.host_port_subcomponent or ""
            headers = CIMultiDict({"Host": host, "Proxy-Authorization": tunnel.authorization})
        super().__init__(
            "GET",
            origin,
            loop=loop,
            proxy=tunnel.url if tunnel is not None else None,
            proxy_headers=headers,
            server_hostname=server_name or None,
        )

    @property
    def connection_key(self) -> ConnectionKey:
        """Connections are shared by equal keys; one made by a SOCKS proxy only by calls through the same one."""
        key = super().connection_key
        if self.socks is None:
            return key
        return key._replace(proxy=self.socks.url, proxy_headers_hash=hash((self.socks.username, self.socks.password)))


class Handler(ResponseHandler):
    """A connection's protocol, with two of the base class's ways mended and one in the open.

    It resumes reading after every chunk that is read, which runs the parser on nothing; here only after a pause. And
    bytes that are not HTTP, in the middle of a body, fail the connection but not the body, whose reader would wait on.
    """

    async def drain(self) -> None:
        """Returns when more may be written. Raises ConnectionError when nothing may."""
        await self._drain_helper()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Goes on reading if flow control had stopped it."""
        if self._reading_paused:
            super().resume_reading(resume_parser)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """Fails whoever waits for a head, and whoever reads a body that turned out to be no HTTP."""
        super().set_exception(exc, exc if exc_cause is None else exc_cause)
        payload = self._payload
        if payload is not None and isinstance(exc, HttpProcessingError) and not payload.is_eof():
            payload.set_exception(exc)


class HttpProxyConnector(TCPConnector):
    """Connections made by an HTTP proxy, or to it."""

    def __init__(self, settings: EgressSettings, context: ssl.SSLContext, resolve: Resolve) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # an address tuple of theirs is untyped
            limit=0,
            limit_per_host=settings.per_host_limit,
            keepalive_timeout=settings.keepalive_s,
            ssl=context,
            resolver=Resolver(resolve),
        )
        self._factory = partial(Handler, loop=self._loop)


class SocksConnector(HttpProxyConnector):
    """Connections made by the SOCKS5 proxy that the dial names. Names are left to the proxy's own dialler."""

    def __init__(self, settings: EgressSettings, context: ssl.SSLContext) -> None:
        super().__init__(settings, context, leave_unresolved)

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: list[Any],
        req: ClientRequest,
        timeout: ClientTimeout,
        client_error: type[Exception] = ClientConnectorError,
        **kwargs: Any,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        if not isinstance(req, Dial) or req.socks is None:
            raise Unreachable("upstream not reached: no SOCKS proxy", code="upstream.proxy_failed")
        host, port = addr_infos[0][4][:2]
        tunnel = await _through_socks(req.socks, str(host), int(port), timeout.sock_connect)
        try:
            # The tunnel is an ordinary connected socket; TLS and its name are the base class's business.
            return await self._wrap_existing_connection(
                *args, req=req, timeout=timeout, client_error=client_error, sock=tunnel, **kwargs
            )
        except BaseException:
            tunnel.close()
            raise


async def _through_socks(proxy: Proxy, host: str, port: int, timeout: float | None) -> socket.socket:
    """A socket connected to host and port by the proxy. Raises Unreachable."""
    dialler = SocksDialler(
        ProxyType.SOCKS5,
        proxy.url.raw_host or "",
        proxy.url.port or 0,
        username=proxy.username or None,
        password=proxy.password or None,
        rdns=proxy.resolves_names,
    )
    try:
        return await dialler.connect(host, port, timeout=timeout)
    except ProxyTimeoutError as fault:
        raise Unreachable(
            "upstream not reached: connecting took too long", code="upstream.connect_timeout", detail=str(fault)
        ) from fault
    except (ProxyConnectionError, ProxyError) as fault:
        raise Unreachable(
            "upstream not reached: the proxy did not connect", code="upstream.proxy_failed", detail=str(fault)
        ) from fault
