"""Token counts in disjoint buckets: each token is in exactly one, so a charge is the sum of bucket times price."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

Semantic = Literal["openai", "anthropic", "gemini"]


def shares(whole: int, *parts: int) -> Iterator[int]:
    """The parts in order, each cut to what those before it leave of the whole; nothing is left of one below 0."""
    for part in parts:
        share = max(min(part, whole), 0)
        whole -= share
        yield share


class Usage(Struct, frozen=True, kw_only=True):
    """What one reply used, in tokens. Buckets are disjoint and never negative.

    `prompt` and `completion` keep the two counts as the upstream reported them in its own convention (Anthropic's
    prompt excludes cached tokens, OpenAI's and Gemini's include them); they are shown in records and never priced.
    """

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0  # written to a cache, lifetime not told
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    image_in: int = 0
    audio_in: int = 0
    output: int = 0
    reasoning: int = 0
    image_out: int = 0
    audio_out: int = 0
    prompt: int = 0
    completion: int = 0
    web_searches: int = 0  # server-side searches the upstream charges per call
    semantic: Semantic = "openai"
    estimated: bool = False
    relayed: bool = False  # another gateway's report of its own upstream's native counts

    @property
    def total_input(self) -> int:
        """All input tokens, cached and written ones included."""
        return (
            self.input
            + self.cache_read
            + self.cache_write
            + self.cache_write_5m
            + self.cache_write_1h
            + self.image_in
            + self.audio_in
        )

    @property
    def total_output(self) -> int:
        """All output tokens, reasoning included."""
        return self.output + self.reasoning + self.image_out + self.audio_out

    @property
    def written(self) -> int:
        """Tokens written to a cache, whatever the lifetime."""
        return self.cache_write + self.cache_write_5m + self.cache_write_1h

    @property
    def is_empty(self) -> bool:
        """True when nothing was counted: an upstream that reports zeros has reported nothing."""
        return self.total_input == 0 and self.total_output == 0


NOTHING = Usage()
