"""Token counts: the Responses `usage` object to disjoint buckets and back.

On the wire `input_tokens` includes cached and written tokens, `output_tokens` includes reasoning.
"""

from typing import cast

from msgspec import Raw

from faregate.formats.openai_responses.wire import MALFORMED, decode_item
from faregate.formats.usage import Usage, shares


def read_usage(reported: object, output: list[Raw] | None = None) -> Usage | None:
    """The usage an upstream reported, or None when it counted nothing. `output`: items to count searches in.

    Chat's names for the same counts are understood too; numbers may come as text or fractions; none is below 0.
    """
    if not isinstance(reported, dict):
        return None
    counts = cast("dict[str, object]", reported)
    prompt = _first(counts, "input_tokens", "prompt_tokens")
    completion = _first(counts, "output_tokens", "completion_tokens")
    into = _details(counts, "input_tokens_details", "prompt_tokens_details")
    out = _details(counts, "output_tokens_details", "completion_tokens_details")
    written = _first(into, "cache_write_tokens", "cached_creation_tokens", "cache_creation_tokens")
    cached = _first(into, "cached_tokens")
    # What the cache read and wrote is charged beyond the prompt too (New API); other details are parts of what is left.
    fresh = max(prompt - cached - written, 0)
    image_in, audio_in = shares(fresh, _first(into, "image_tokens"), _first(into, "audio_tokens"))
    reasoning, image_out, audio_out = shares(
        completion, _first(out, "reasoning_tokens"), _first(out, "image_tokens"), _first(out, "audio_tokens")
    )
    usage = Usage(
        input=fresh - image_in - audio_in,
        cache_read=cached,
        cache_write=written,
        image_in=image_in,
        audio_in=audio_in,
        output=completion - reasoning - image_out - audio_out,
        reasoning=reasoning,
        image_out=image_out,
        audio_out=audio_out,
        prompt=prompt,
        completion=completion,
        web_searches=_searches(output or []),
    )
    return None if usage.is_empty else usage


def show(usage: Usage) -> dict[str, object]:
    """The `usage` object of this dialect."""
    into: dict[str, int] = {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.written}
    out: dict[str, int] = {"reasoning_tokens": usage.reasoning}
    into |= _given(image_tokens=usage.image_in, audio_tokens=usage.audio_in)
    out |= _given(image_tokens=usage.image_out, audio_tokens=usage.audio_out)
    return {
        "input_tokens": usage.total_input,
        "input_tokens_details": into,
        "output_tokens": usage.total_output,
        "output_tokens_details": out,
        "total_tokens": usage.total_input + usage.total_output,
    }


def merge(seen: Usage | None, report: Usage) -> Usage:
    """The newest report: this dialect tells its usage once, whole, in the last event."""
    del seen
    return report


def _given(**counts: int) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _first(counts: dict[str, object], *names: str) -> int:
    """The first count above 0 under one of `names`."""
    return next((count for count in (_number(counts.get(name)) for name in names) if count), 0)


def _details(counts: dict[str, object], *names: str) -> dict[str, object]:
    for name in names:
        found = counts.get(name)
        if isinstance(found, dict):
            return cast("dict[str, object]", found)
    return {}


def _number(value: object) -> int:
    """A count as a whole number, 0 for what is none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return 0
    if not isinstance(value, int | float) or not 0 < value < 2**63:  # NaN and infinity fail the comparison too
        return 0
    return int(value)


def _searches(output: list[Raw]) -> int:
    count = 0
    for raw in output:
        if b"web_search_call" in bytes(raw):
            try:
                count += decode_item(raw).type == "web_search_call"
            except MALFORMED:
                continue
    return count
