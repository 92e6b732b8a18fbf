"""Reading a request body: bounded, decompressed, and told apart from one that stops half-way."""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import brotli
import zstandard

from faregate.kernel.errors import BadRequest, TooLarge
from faregate.relay.arrival import Arrival

Receive = Callable[[], Awaitable[Any]]
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ZSTD_STEP_BYTES = 256  # 4 bytes can say 128 KB: what one step may yield is 8 MB
_brotli: Any = brotli  # its stubs are partial
_BrotliError: type[Exception] = _brotli.error


class ClientGone(Exception):
    """The caller closed the connection before its request was complete."""


async def read_body(arrival: Arrival, receive: Receive, limit_bytes: int) -> bytes:
    """The whole body, decompressed. Raises TooLarge, BadRequest (bad compression) or ClientGone."""
    announced = arrival.first.get(b"content-length")
    if announced is not None and announced.isdigit() and int(announced) > limit_bytes:
        raise _too_large(limit_bytes)
    message = await receive()
    if message["type"] != "http.request":
        raise ClientGone
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _read_rest(body, receive, limit_bytes)
    if len(body) > limit_bytes:
        raise _too_large(limit_bytes)
    encoding = arrival.first.get(b"content-encoding")
    if encoding:
        body = decompressed(body, encoding.decode("latin-1").strip().lower(), limit_bytes)
    return body[3:] if body.startswith(_BYTE_ORDER_MARK) else body


async def _read_rest(first: bytes, receive: Receive, limit_bytes: int) -> bytes:
    pieces, size = [first], len(first)
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


def decompressed(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    """The body without its content encoding. Raises TooLarge beyond the limit, BadRequest for data that is not so."""
    if encoding in ("", "identity"):
        return body
    try:
        if encoding in ("gzip", "x-gzip", "deflate"):
            return _inflated(body, limit_bytes)
        if encoding == "br":
            return _bounded_brotli(body, limit_bytes)
        if encoding == "zstd":
            return _bounded_zstd(body, limit_bytes)
    except (zlib.error, _BrotliError, zstandard.ZstdError, EOFError) as error:
        raise BadRequest(f"the request body is not valid {encoding}", param="content-encoding") from error
    raise BadRequest(f"content-encoding {encoding!r} is not supported: use gzip, br or zstd", param="content-encoding")


def _inflated(body: bytes, limit_bytes: int) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    found = inflater.decompress(body, limit_bytes + 1)
    if len(found) > limit_bytes:
        raise _too_large(limit_bytes)
    if not inflater.eof:
        raise EOFError
    return found


def _bounded_brotli(body: bytes, limit_bytes: int) -> bytes:
    inflater: Any = _brotli.Decompressor()
    found: bytes = inflater.process(body, output_buffer_limit=limit_bytes + 1)
    if len(found) > limit_bytes:
        raise _too_large(limit_bytes)
    if not inflater.is_finished():
        raise EOFError
    return found


def _bounded_zstd(body: bytes, limit_bytes: int) -> bytes:
    inflater = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
    pieces: list[bytes] = []
    size = 0
    for at in range(0, len(body), _ZSTD_STEP_BYTES):
        piece = inflater.decompress(body[at : at + _ZSTD_STEP_BYTES])
        size += len(piece)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        pieces.append(piece)
        if inflater.eof:
            return b"".join(pieces)
    raise EOFError


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"the request body is larger than {limit_bytes // (1 << 20)} MB", code="read_request_body_failed")
