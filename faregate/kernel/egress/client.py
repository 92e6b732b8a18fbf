"""The door itself: one call out, one answer back, every failure under its own name.

A direct call runs on a connection of our own, a call through a proxy on one of aiohttp's, and neither notices: the
request's bytes are our own, nothing is added to them, and nothing is ever sent twice.
"""

import asyncio
from collections.abc import Sequence
from math import inf

from faregate.kernel.egress.answer import Answer
from faregate.kernel.egress.connecting import Resolve, resolve_by_system
from faregate.kernel.egress.connection import Connection
from faregate.kernel.egress.exchange import Exchange
from faregate.kernel.egress.faults import connect_fault, total_over
from faregate.kernel.egress.head import frame
from faregate.kernel.egress.messages import Request
from faregate.kernel.egress.routes import Route, Routes, Target
from faregate.kernel.egress.settings import EgressSettings
from faregate.kernel.errors import Unavailable, Unreachable


class Egress:
    """All outgoing HTTP. Made inside a running loop and closed there.

    `guard` may be replaced at any time; it applies from the next guarded call on.
    """

    def __init__(self, settings: EgressSettings, resolve: Resolve = resolve_by_system) -> None:
        self.guard = settings.guard
        self._loop = asyncio.get_running_loop()
        self._routes = Routes(settings, resolve)
        self._closed = False

    async def send(self, request: Request) -> Answer:
        """The answer, as soon as its headers are here, whatever its status; redirects are not followed.

        Raises Unreachable when nothing was sent, NoAnswer, FirstTokenTimeout or Garbage when something was, BadRequest
        for what cannot or must not be sent, Unavailable after `close`, and whatever the body's own source raises. A
        cancelled call closes its connection.
        """
        if self._closed:
            raise Unavailable("the gateway is shutting down")
        total_s = request.deadlines.total_s
        total_due = self._loop.time() + total_s if total_s else inf
        target = self._routes.target(request.url)
        routes = (target.route,) if not (request.proxy or request.guarded) else await self._ways(target, request)
        route = routes[0]
        framed = frame(request, route.prefix + target.path, target.host, target.credentials, route.extra)
        connection = route.site.take() or await self._connected(routes, request)
        exchange = Exchange(connection, total_due, self._loop)
        try:
            return Answer(await exchange.begin(request, framed), exchange)
        except BaseException:
            exchange.drop()
            raise

    async def close(self) -> None:
        """Closes every connection; calls under way fail."""
        self._closed = True
        await self._routes.close()

    async def _ways(self, target: Target, request: Request) -> Sequence[Route]:
        if not (request.guarded and self.guard.enabled):
            return (self._routes.by_proxy(target, request.proxy) if request.proxy else target.route,)
        try:
            async with asyncio.timeout(self._connect_seconds(request) or None):
                return await self._routes.guarded(target, request, self.guard)
        except TimeoutError as fault:
            raise self._late(request, fault) from fault

    async def _connected(self, routes: Sequence[Route], request: Request) -> Connection:
        """A connection by the first way that leads somewhere. Raises the last way's fault."""
        for route in routes[:-1]:
            try:
                return await self._connect(route, request)
            except Unreachable:
                continue
        return await self._connect(routes[-1], request)

    async def _connect(self, route: Route, request: Request) -> Connection:
        try:
            return await route.site.connect(self._connect_seconds(request))
        except TimeoutError as fault:
            raise self._late(request, fault) from fault

    def _connect_seconds(self, request: Request) -> float:
        """Seconds for connecting, the whole call's limit included; 0 for none."""
        connect_s, total_s = request.deadlines.connect_s, request.deadlines.total_s
        return min(connect_s or total_s, total_s or connect_s)

    def _late(self, request: Request, fault: TimeoutError) -> Exception:
        total_s = request.deadlines.total_s
        if total_s and self._connect_seconds(request) == total_s:
            return total_over(answered=False)
        return connect_fault(fault)
