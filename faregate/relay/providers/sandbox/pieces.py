"""Cutting a text into the deltas of a stream, and making it long enough for them. Nothing is kept: one piece a time."""

import re
from collections.abc import Iterator
from itertools import cycle, islice

_WORD = re.compile(r"\s*\S{1,24}\s*|\s+")
_FILLER = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count_words(text: str) -> int:
    """How many words there are to cut at; very long ones count as several."""
    return sum(1 for _ in _WORD.finditer(text))


def filled(text: str, words: int) -> str:
    """`text`, followed by numbers in words until it has at least `words` words."""
    missing = words - count_words(text)
    return text if missing <= 0 else " ".join((text, *islice(cycle(_FILLER), missing)))


def count_pieces(text: str, count: int) -> int:
    """How many pieces `pieces` yields."""
    words = count_words(text)
    if not count or words >= count:
        return min(words, count or words)
    return min(count, len(text))


def pieces(text: str, count: int) -> Iterator[str]:
    """`text` in `count` pieces, at words if there are enough of them; 0: a piece for each word."""
    words = count_words(text)
    if words < count:
        total = min(count, len(text))
        for index in range(total):
            yield text[index * len(text) // total : (index + 1) * len(text) // total]
        return
    total = count or words
    start = group = 0
    for index, word in enumerate(_WORD.finditer(text)):
        if index * total // words != group:
            yield text[start : word.start()]
            start, group = word.start(), index * total // words
    if words:
        yield text[start:]
