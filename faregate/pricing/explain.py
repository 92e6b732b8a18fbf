"""A charge told to people: price times tokens line by line, and the fields of a usage record."""

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from faregate.pricing.charge import Charge, effective_ratios
from faregate.pricing.exact import exact, to_decimal
from faregate.pricing.groups import NO_SPECIAL_RATIO
from faregate.pricing.rates import MILLION
from faregate.pricing.tokens import TokenCounts
from faregate.pricing.tools import surcharge_quota

# Bucket of the usage -> the weight that prices it.
_WEIGHTS = {
    "input": "input",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "cache_write_5m": "cache_write",
    "cache_write_1h": "cache_write_1h",
    "image_in": "image_in",
    "audio_in": "audio_in",
    "output": "output",
    "reasoning": "output",
    "image_out": "image_out",
    "audio_out": "audio_out",
}


class Line(Struct, frozen=True):
    """One position of a bill. `usd`: per million tokens, per call, or per 1000 tool calls; `quota` is not rounded."""

    item: str
    count: int
    usd: Decimal
    quota: Decimal


def explain(charged: Charge, tokens: TokenCounts) -> tuple[Line, ...]:
    """The positions that add up to the charge before its rounding and minimum; ratios are in their quota."""
    factor = exact(charged.group_ratio)
    for ratio in effective_ratios(charged.other_ratios):
        factor *= exact(ratio)
    lines = _call_line(charged, factor) or _token_lines(charged, tokens, factor)
    return (*lines, *_tool_lines(charged))


def _call_line(charged: Charge, factor: Fraction) -> tuple[Line, ...]:
    rates = charged.rates
    if rates.price_per_call is None:
        return ()
    usd = exact(rates.price_per_call)
    return (Line("call", 1, to_decimal(usd), to_decimal(usd * exact(rates.quota_per_unit) * factor)),)


def _token_lines(charged: Charge, tokens: TokenCounts, factor: Fraction) -> tuple[Line, ...]:
    usd_per_quota = MILLION / exact(charged.rates.quota_per_unit)
    counts = ((bucket, getattr(tokens, bucket), getattr(charged.rates.weights, w)) for bucket, w in _WEIGHTS.items())
    return tuple(
        Line(bucket, count, to_decimal(weight * usd_per_quota), to_decimal(weight * count * factor))
        for bucket, count, weight in counts
        if count
    )


def _tool_lines(charged: Charge) -> tuple[Line, ...]:
    group, unit = exact(charged.group_ratio), charged.rates.quota_per_unit
    return tuple(
        Line(item.name, item.count, to_decimal(exact(item.price)), to_decimal(surcharge_quota((item,), group, unit)))
        for item in charged.surcharges
    )


def record_fields(
    charged: Charge, tokens: TokenCounts, *, is_anthropic: bool = False, special_ratio: float = NO_SPECIAL_RATIO
) -> dict[str, object]:
    """The price fields of a usage record, under the names the log API shows. `is_anthropic`: how the usage counts."""
    rates = charged.rates
    fields: dict[str, object] = {
        "model_ratio": rates.model_ratio,
        "group_ratio": charged.group_ratio,
        "completion_ratio": rates.completion_ratio,
        "cache_tokens": tokens.cache_read,
        "cache_ratio": rates.cache_ratio,
        "model_price": -1 if rates.price_per_call is None else rates.price_per_call,
        "user_group_ratio": special_ratio,
    }
    if is_anthropic:
        fields |= {"claude": True, "usage_semantic": "anthropic"}
    written = tokens.cache_write + tokens.cache_write_5m + tokens.cache_write_1h
    if written or is_anthropic:
        fields |= _cache_write_fields(charged, tokens, written)
    if tokens.image_in:
        fields |= {"image": True, "image_ratio": rates.image_ratio, "image_output": tokens.image_in}
    if tokens.audio_in or tokens.audio_out:
        fields |= _audio_fields(charged, tokens)
    if charged.surcharges:
        items = [{"name": item.name, "count": item.count, "price": item.price} for item in charged.surcharges]
        fields["tool_surcharges"] = items
    return fields


def _cache_write_fields(charged: Charge, tokens: TokenCounts, written: int) -> dict[str, object]:
    rates = charged.rates
    fields: dict[str, object] = {
        "cache_creation_tokens": written,
        "cache_creation_ratio": rates.create_cache_ratio,
    }
    if written:
        fields["cache_write_tokens"] = written
    if tokens.cache_write_5m:
        fields["cache_creation_tokens_5m"] = tokens.cache_write_5m
        fields["cache_creation_ratio_5m"] = rates.create_cache_ratio
    if tokens.cache_write_1h:
        fields["cache_creation_tokens_1h"] = tokens.cache_write_1h
        fields["cache_creation_ratio_1h"] = rates.create_cache_1h_ratio
    return fields


def _audio_fields(charged: Charge, tokens: TokenCounts) -> dict[str, object]:
    rates = charged.rates
    if rates.has_audio:
        return {
            "audio": True,
            "audio_input": tokens.audio_in,
            "audio_output": tokens.audio_out,
            "text_input": tokens.input,
            "text_output": tokens.output,
            "audio_ratio": rates.audio_ratio,
            "audio_completion_ratio": rates.audio_completion_ratio,
        }
    if rates.audio_input_price and tokens.audio_in:
        return {
            "audio_input_seperate_price": True,  # spelled so on the wire
            "audio_input_token_count": tokens.audio_in,
            "audio_input_price": rates.audio_input_price,
        }
    return {}
