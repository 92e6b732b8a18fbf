"""The token counts a charge is made of: disjoint buckets, each token in exactly one."""

from typing import Protocol

from msgspec import Struct


class TokenCounts(Protocol):
    """What this room reads of a usage. Counts are never negative."""

    @property
    def input(self) -> int: ...
    @property
    def cache_read(self) -> int: ...
    @property
    def cache_write(self) -> int: ...
    @property
    def cache_write_5m(self) -> int: ...
    @property
    def cache_write_1h(self) -> int: ...
    @property
    def image_in(self) -> int: ...
    @property
    def audio_in(self) -> int: ...
    @property
    def output(self) -> int: ...
    @property
    def reasoning(self) -> int: ...
    @property
    def image_out(self) -> int: ...
    @property
    def audio_out(self) -> int: ...


class Tokens(Struct, frozen=True, kw_only=True):
    """A plain implementation of TokenCounts, for callers that have no usage of their own."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    image_in: int = 0
    audio_in: int = 0
    output: int = 0
    reasoning: int = 0
    image_out: int = 0
    audio_out: int = 0
