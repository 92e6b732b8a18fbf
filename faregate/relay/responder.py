"""Answering a caller over ASGI: whole answers, streams, errors. State: whether anything was sent."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from msgspec import structs

from faregate import __version__
from faregate.formats import DIALECTS
from faregate.formats.dialect import Fault
from faregate.relay.arrival import Arrival

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]
_JSON = (b"content-type", b"application/json")
_STREAM = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"connection", b"keep-alive"),
    (b"x-accel-buffering", b"no"),
)
_BODILESS = frozenset((204, 304))  # what stands after such a head is read as the next answer (RFC 9112 §6.3)
_VERSION = (b"x-new-api-version", __version__.encode())
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")


class Responder:
    """Sends one answer, begun at most once."""

    __slots__ = ("_arrival", "_send", "begun", "status")

    def __init__(self, arrival: Arrival, send: Send) -> None:
        self._arrival = arrival
        self._send = send
        self.begun = False
        self.status = 0

    def _head(self, status: int, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
        self.begun = True
        self.status = status
        ident = self._arrival.request_id.encode()
        found = [(b"x-oneapi-request-id", ident), (b"x-faregate-request-id", ident), _VERSION, *headers]
        if b"origin" in self._arrival.first:
            # Relay calls carry bearer keys and no cookies, so any page may make them, without credentials.
            found.append(_ANY_ORIGIN)
        return {"type": "http.response.start", "status": status, "headers": found}

    async def whole(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        """One complete answer."""
        if status not in _BODILESS:
            headers = (*headers, (b"content-length", b"%d" % len(body)))
        await self._send(self._head(status, *headers))
        await self._send({"type": "http.response.body", "body": body})

    def json(self, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> Awaitable[None]:
        """One complete JSON answer."""
        return self.whole(status, (_JSON, *headers), body)

    async def fault(self, fault: Fault, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """An error in the caller's dialect."""
        if not 300 <= fault.status <= 599 or fault.status in _BODILESS:
            fault = structs.replace(fault, status=500)
        await self.json(fault.status, DIALECTS[self._arrival.dialect].render_error(fault), headers)

    async def begin_stream(self, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """The head of a stream of events."""
        await self._send(self._head(200, *_STREAM, *headers))

    async def piece(self, data: bytes) -> None:
        """More of the stream. Returns when the caller's connection has room again."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self) -> None:
        """The end of the stream."""
        await self._send({"type": "http.response.body", "body": b""})
