"""Headers of every answer: the request's id and the build's version."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from faregate.kernel.ids import request_id


class CommonHeaders:
    """ASGI middleware: gives the request an id (`state.request_id`) and puts it on the answer."""

    def __init__(self, app: ASGIApp, version: str) -> None:
        self._app = app
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = request_id()
        scope.setdefault("state", {})["request_id"] = identity

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Oneapi-Request-Id"] = identity
                headers["X-New-Api-Version"] = self._version
            await send(message)

        await self._app(scope, receive, named)
