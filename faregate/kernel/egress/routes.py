"""From a URL to a way there: parsed once, decided once, remembered."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from aiohttp import encode_basic_auth
from yarl import URL

from faregate.kernel.egress.connecting import Dialler, Place, Resolve
from faregate.kernel.egress.dialling import Dial, HttpProxyConnector, SocksConnector
from faregate.kernel.egress.faults import described, no_address
from faregate.kernel.egress.guard import Guard
from faregate.kernel.egress.messages import Request
from faregate.kernel.egress.pool import Pool, Site
from faregate.kernel.egress.proxied import ProxiedSite
from faregate.kernel.egress.proxies import EnvironmentProxies, parse_proxy
from faregate.kernel.egress.settings import EgressSettings, tls_context
from faregate.kernel.errors import BadRequest

REMEMBERED: Final = 4096
PLAIN_URL: Final = re.compile(r"[!-~]+")


class Route(NamedTuple):
    """A way to an origin. `prefix` makes the target absolute and `extra` is a header line, both for plain proxies."""

    site: Site | ProxiedSite
    prefix: str
    extra: str


class Target(NamedTuple):
    """A URL taken apart. `route` is the way an unguarded call without a proxy of its own takes."""

    url: URL
    path: str
    host: str
    credentials: str
    route: Route


class Routes:
    """All ways out: our own pool for direct ones, two lasting connectors for proxies. Made inside a running loop."""

    def __init__(self, settings: EgressSettings, resolve: Resolve) -> None:
        self._loop = asyncio.get_running_loop()
        self._environment = EnvironmentProxies(settings.environment if settings.trust_environment else {})
        self._resolve = resolve
        context = tls_context(settings)
        self._direct = Pool(Dialler(context, resolve), settings.per_host_limit, settings.keepalive_s)
        self._http = HttpProxyConnector(settings, context, resolve)
        self._socks = SocksConnector(settings, context)
        self._targets: dict[str, Target] = {}
        self._routes: dict[tuple[str, str, str], Route] = {}

    async def close(self) -> None:
        """Closes every connection, those in use included."""
        await self._direct.close()
        await self._http.close()
        await self._socks.close()

    def target(self, text: str) -> Target:
        """The URL taken apart. Raises BadRequest when it is none."""
        found = self._targets.get(text)
        if found is None:
            if len(self._targets) >= REMEMBERED:
                self._targets.clear()
            found = self._targets[text] = self._parse(text)
        return found

    def by_proxy(self, target: Target, proxy: str) -> Route:
        """The way through a proxy of the caller's choice."""
        return self._route(target.url, proxy, "")

    async def guarded(self, target: Target, request: Request, guard: Guard) -> list[Route]:
        """Ways that a guarded call may take, best first: each to one checked address, under the name asked for.

        Through a proxy too it is the checked address that is asked for. Raises BadRequest by the guard's rules,
        Unreachable when the name does not resolve.
        """
        proxy = request.proxy or self._environment.proxy_for(target.url)
        literal = guard.check_url(target.url)
        if literal is not None or not guard.check_resolved:
            return [self._route(target.url, proxy, "")]
        addresses = await self._addresses(target.url)
        guard.check_resolved_addresses(addresses)
        routes = [self._route(target.url, proxy, address) for address in addresses]
        return routes[:1] if routes[0].prefix else routes  # a plain proxy is one connection, whatever it is asked for

    async def _addresses(self, url: URL) -> Sequence[str]:
        try:
            addresses = await self._resolve(url.raw_host or "", url.port or 0)
        except (OSError, UnicodeError) as fault:
            raise no_address(described(fault)) from fault
        if not addresses:
            raise no_address()
        return addresses

    def _parse(self, text: str) -> Target:
        try:
            url = URL(text, encoded=PLAIN_URL.fullmatch(text) is not None)
            host, port = url.host_port_subcomponent, url.port
        except ValueError as fault:
            raise BadRequest("this is not a URL", param="url", code="egress.url_invalid") from fault
        if url.scheme not in ("http", "https") or not host or not port:
            raise BadRequest("only http and https URLs can be called", param="url", code="egress.url_invalid")
        path = url.raw_path_qs
        if not PLAIN_URL.fullmatch(path):
            raise BadRequest("this is not a URL", param="url", code="egress.url_invalid")
        credentials = encode_basic_auth(url.user or "", url.password or "") if url.user or url.password else ""
        return Target(url, path, host, credentials, self._route(url, self._environment.proxy_for(url), ""))

    def _route(self, url: URL, proxy: str, address: str) -> Route:
        origin = url.origin()
        key = (str(origin), proxy, address)
        found = self._routes.get(key)
        if found is None:
            if len(self._routes) >= REMEMBERED:
                self._routes.clear()
            found = self._routes[key] = self._make(origin, proxy, address)
        return found

    def _make(self, origin: URL, proxy_text: str, address: str) -> Route:
        dialled = origin.with_host(address) if address else origin
        name = (origin.raw_host or "").rstrip(".")
        if not proxy_text:
            place = Place(dialled.raw_host or "", dialled.port or 0, name if origin.scheme == "https" else "")
            return Route(self._direct.site(place), "", "")
        proxy = parse_proxy(proxy_text)
        dial = Dial(dialled, self._loop, proxy, name if address and origin.scheme == "https" else "")
        if proxy.is_socks:
            return Route(ProxiedSite(self._socks, dial, self._loop), "", "")
        site = ProxiedSite(self._http, dial, self._loop)
        if origin.scheme == "https":
            return Route(site, "", "")
        extra = f"Proxy-Authorization: {proxy.authorization}" if proxy.authorization else ""
        return Route(site, str(dialled), extra)
