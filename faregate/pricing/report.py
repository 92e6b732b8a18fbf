"""From the counts an upstream reported to disjoint buckets, where prices or the host decide how to read them."""

from fractions import Fraction
from typing import Literal

from msgspec import Struct, structs

from faregate.pricing.exact import exact, round_half_away
from faregate.pricing.rates import Rates
from faregate.pricing.tokens import Tokens


class Report(Struct, frozen=True, kw_only=True):
    """Raw counts in the upstream's convention: OpenAI's and Gemini's prompt includes what Anthropic's leaves out.

    Without a semantic, a report with five-minute or one-hour writes is read as Anthropic's, any other as OpenAI's.
    """

    semantic: Literal["openai", "anthropic", "gemini"] | None = "openai"
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cached_creation: int = 0
    cache_write: int = 0
    cache_5m: int = 0
    cache_1h: int = 0
    image_in: int = 0
    audio_in: int = 0

    @property
    def created(self) -> int:
        """Tokens written to a cache, by whichever field told them."""
        return max(self.cached_creation, self.cache_write, 0)

    @property
    def excludes_cache(self) -> bool:
        """True when the prompt count has no cached tokens in it."""
        return self.semantic == "anthropic" or (self.semantic is None and (self.cache_5m > 0 or self.cache_1h > 0))


def tokens_from_report(report: Report, rates: Rates) -> Tokens:
    """The buckets of a report. Audio input gets its own only where it has a price; nothing goes below 0."""
    audio_in = report.audio_in if rates.audio_input_price > 0 or rates.has_audio else 0
    base = report.prompt - report.image_in - audio_in
    written, short, long = report.created, 0, 0
    if report.excludes_cache:
        short, long = report.cache_5m, report.cache_1h
        written = max(written - short - long, 0)
    else:
        base -= report.cached + written
    return Tokens(
        input=max(base, 0),
        cache_read=report.cached,
        cache_write=written,
        cache_write_5m=short,
        cache_write_1h=long,
        image_in=report.image_in,
        audio_in=audio_in,
        output=report.completion,
    )


def without_cache(report: Report, rates: Rates, cost_usd: float = 0.0) -> Report:
    """An Anthropic report of OpenRouter, whose prompt includes cached tokens, as Anthropic itself would report it.

    OpenRouter does not tell cache writes. Where `cost_usd` is what it charged at the list price of `rates`, the writes
    are what explains the difference; pass 0 when the price is not the list price. (OpenRouter, 2026-08.)
    """
    prompt = report.prompt - report.cached
    written = report.created
    if written == 0 and cost_usd:
        guess = _writes_behind(report, rates, exact(cost_usd))
        written = guess if 0 <= guess <= prompt else 0
    return structs.replace(report, prompt=prompt - written, cached_creation=written)


def _writes_behind(report: Report, rates: Rates, cost: Fraction) -> int:
    """How many cache writes make the cost come out; -1 if the prices cannot tell."""
    weights = rates.weights
    dearer = weights.cache_write - weights.input
    if dearer <= 0:
        return -1
    explained = (
        report.prompt * weights.input
        - report.cached * (weights.input - weights.cache_read)
        + report.completion * weights.output
    )
    writes = (cost * exact(rates.quota_per_unit) - explained) / dearer
    return round_half_away(writes) if writes >= 0 else -1
