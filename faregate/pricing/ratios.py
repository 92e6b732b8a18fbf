"""Making rates: from ratios, from a price per call, from USD per million tokens."""

from decimal import Decimal
from fractions import Fraction

from faregate.pricing.exact import exact
from faregate.pricing.rates import CACHE_WRITE_1H_FACTOR, MILLION, QUOTA_PER_UNIT, ModelPrice, Rates, Source, Weights

_NOTHING = Fraction(0)
_FREE_TOKENS = Weights(**dict.fromkeys(Weights.__struct_fields__, _NOTHING))


def rates_by_ratio(
    model: str,
    *,
    model_ratio: float,
    completion_ratio: float = 1.0,
    cache_ratio: float = 1.0,
    create_cache_ratio: float = 1.25,
    image_ratio: float = 1.0,
    audio: tuple[float, float] | None = None,
    audio_input_price: float = 0.0,
    quota_per_unit: float = QUOTA_PER_UNIT,
    source: Source = "option",
) -> Rates:
    """Rates from multipliers. `audio`: input and output ratio, of models that have them; `audio_input_price` is USD per
    million for models whose audio input is priced apart. OutOfRange if a number is not finite.
    """
    create_cache_1h_ratio = create_cache_ratio * CACHE_WRITE_1H_FACTOR
    audio_ratio, audio_completion_ratio = audio or (1.0, 1.0)
    base = exact(model_ratio)
    output = base * exact(completion_ratio)
    audio_in, audio_out = base, output
    if audio:
        audio_in = base * exact(audio_ratio)
        audio_out = audio_in * exact(audio_completion_ratio)
    elif audio_input_price > 0:
        audio_in = exact(audio_input_price) * exact(quota_per_unit) / MILLION
    return Rates(
        model=model,
        model_ratio=model_ratio,
        completion_ratio=completion_ratio,
        cache_ratio=cache_ratio,
        create_cache_ratio=create_cache_ratio,
        create_cache_1h_ratio=create_cache_1h_ratio,
        image_ratio=image_ratio,
        audio_ratio=audio_ratio,
        audio_completion_ratio=audio_completion_ratio,
        has_audio=audio is not None,
        audio_input_price=0.0 if audio else audio_input_price,
        price_per_call=None,
        quota_per_unit=quota_per_unit,
        source=source,
        weights=Weights(
            input=base,
            cache_read=base * exact(cache_ratio),
            cache_write=base * exact(create_cache_ratio),
            cache_write_1h=base * exact(create_cache_1h_ratio),
            image_in=base * exact(image_ratio),
            audio_in=audio_in,
            output=output,
            image_out=output,
            audio_out=audio_out,
        ),
    )


def rates_per_call(model: str, price: float, *, quota_per_unit: float = QUOTA_PER_UNIT) -> Rates:
    """Rates of a model that costs `price` USD a call, whatever the tokens."""
    return Rates(
        model=model,
        model_ratio=0.0,
        completion_ratio=0.0,
        cache_ratio=0.0,
        create_cache_ratio=0.0,
        create_cache_1h_ratio=0.0,
        image_ratio=0.0,
        audio_ratio=0.0,
        audio_completion_ratio=0.0,
        has_audio=False,
        audio_input_price=0.0,
        price_per_call=price,
        quota_per_unit=quota_per_unit,
        source="option",
        weights=_FREE_TOKENS,
    )


def rates_by_price(model: str, price: ModelPrice, *, quota_per_unit: float = QUOTA_PER_UNIT) -> Rates:
    """Rates from USD per million tokens. The weights are exact; the ratios shown are the nearest floats.

    A bucket without a price costs what its direction costs, an hour's cache write 1.6 times the short one. The input
    price must be above 0, for every ratio is relative to it.
    """
    usd = exact(price.input)
    output = _or(price.output, usd)
    write = _or(price.cache_write, usd)
    dollars = Weights(
        input=usd,
        cache_read=_or(price.cache_read, usd),
        cache_write=write,
        cache_write_1h=_or(price.cache_write_1h, write * exact(CACHE_WRITE_1H_FACTOR)),
        image_in=_or(price.image_in, usd),
        audio_in=_or(price.audio_in, usd),
        output=output,
        image_out=_or(price.image_out, output),
        audio_out=_or(price.audio_out, output),
    )
    quota = exact(quota_per_unit) / MILLION
    return Rates(
        model=model,
        model_ratio=float(usd * quota),
        completion_ratio=float(output / usd),
        cache_ratio=float(dollars.cache_read / usd),
        create_cache_ratio=float(write / usd),
        create_cache_1h_ratio=float(dollars.cache_write_1h / usd),
        image_ratio=float(dollars.image_in / usd),
        audio_ratio=float(dollars.audio_in / usd),
        audio_completion_ratio=float(dollars.audio_out / dollars.audio_in) if dollars.audio_in else 0.0,
        has_audio=price.audio_in is not None or price.audio_out is not None,
        audio_input_price=0.0,
        price_per_call=None,
        quota_per_unit=quota_per_unit,
        source="catalogue",
        weights=Weights(**{name: getattr(dollars, name) * quota for name in Weights.__struct_fields__}),
    )


def _or(price: Decimal | None, otherwise: Fraction) -> Fraction:
    return otherwise if price is None else exact(price)
