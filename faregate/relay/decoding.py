"""Undoing an upstream's content encoding, whole or as it streams. We never ask for one, but some hosts send it."""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import brotli
import zstandard

from faregate.kernel.errors import Garbage

_brotli: Any = brotli  # its stubs are partial
_BrotliError: type[Exception] = _brotli.error
_ENCODINGS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 32).decompress,
    "x-gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 32).decompress,
    "deflate": lambda: zlib.decompressobj(zlib.MAX_WBITS | 32).decompress,
    "br": lambda: _brotli.Decompressor().process,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
}


async def decoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The chunks without their content encoding. Raises Garbage for an unknown one or bad data."""
    make = _ENCODINGS.get(encoding.strip().lower())
    if make is None:
        raise Garbage(f"the upstream answered in the content encoding {encoding!r}, which nobody asked for")
    decompress = make()
    try:
        async for chunk in chunks:
            piece = decompress(chunk)
            if piece:
                yield piece
    except (zlib.error, _BrotliError, zstandard.ZstdError) as error:
        raise Garbage("the upstream's compressed answer cannot be read") from error
