"""Undoing an upstream's content encoding, whole or as it streams. We never ask for one, but some hosts send it.

A few bytes may stand for gigabytes, so what one step yields is bounded; who collects the pieces minds their sum.
"""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import brotli
import zstandard

from faregate.kernel.errors import Garbage

_PIECE_BYTES = 1 << 18
_ZSTD_STEP_BYTES = 256  # 4 bytes can say 128 KB: what one step may yield is 8 MB
_ZSTD_WINDOW_BYTES = 1 << 23  # the most that HTTP allows (RFC 9659)
_brotli: Any = brotli  # its stubs are partial
_BrotliError: type[Exception] = _brotli.error
_Decoder = Callable[[bytes], Iterator[bytes]]  # the pieces that one more chunk yields


async def decoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The chunks without their content encoding. Raises Garbage for an unknown one or bad data."""
    make = _ENCODINGS.get(encoding.strip().lower())
    if make is None:
        raise Garbage(f"the upstream answered in the content encoding {encoding!r}, which nobody asked for")
    pieces_of = make()
    try:
        async for chunk in chunks:
            for piece in pieces_of(chunk):
                yield piece
    except (zlib.error, _BrotliError, zstandard.ZstdError) as error:
        raise Garbage("the upstream's compressed answer cannot be read") from error


def _inflating() -> _Decoder:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def pieces_of(chunk: bytes) -> Iterator[bytes]:
        while piece := inflater.decompress(chunk, _PIECE_BYTES):
            yield piece
            chunk = inflater.unconsumed_tail

    return pieces_of


def _unbrotlying() -> _Decoder:
    decompressor = _brotli.Decompressor()

    def pieces_of(chunk: bytes) -> Iterator[bytes]:
        while piece := decompressor.process(chunk, output_buffer_limit=_PIECE_BYTES):
            yield piece
            chunk = b""

    return pieces_of


def _unzstding() -> _Decoder:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).decompressobj()

    def pieces_of(chunk: bytes) -> Iterator[bytes]:
        for at in range(0, len(chunk), _ZSTD_STEP_BYTES):
            if piece := decompressor.decompress(chunk[at : at + _ZSTD_STEP_BYTES]):
                yield piece

    return pieces_of


_ENCODINGS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _inflating,
    "x-gzip": _inflating,
    "deflate": _inflating,
    "br": _unbrotlying,
    "zstd": _unzstding,
}
