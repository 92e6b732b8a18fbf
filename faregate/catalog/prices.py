"""Prices as settings: New API's ratio options over the price book, and what a call needs beside them."""

from typing import ClassVar

from pydantic import field_validator

from faregate.pricing import PriceBook, PriceMaps, default_maps
from faregate.storage import Section, option

_DEFAULTS = default_maps()
_MOST = 1e12
_MAPS = (
    "model_ratio",
    "model_price",
    "completion_ratio",
    "cache_ratio",
    "create_cache_ratio",
    "image_ratio",
    "audio_ratio",
    "audio_completion_ratio",
    "tool_prices",
)


class PriceSettings(Section):
    """What models cost. Ratio 1 is 2 USD per million tokens."""

    title: ClassVar[str] = "Prices"
    help: ClassVar[str] = "Prices by model, as New API's ratio tables; the console shows them in USD."

    model_ratio: dict[str, float] = option("ModelRatio", dict(_DEFAULTS.model_ratio), "Input price; 1 is 2 USD/Mtok")
    model_price: dict[str, float] = option("ModelPrice", dict(_DEFAULTS.model_price), "USD per call; beats the ratio")
    completion_ratio: dict[str, float] = option(
        "CompletionRatio", dict(_DEFAULTS.completion_ratio), "Output price as a multiple of the input price"
    )
    cache_ratio: dict[str, float] = option("CacheRatio", dict(_DEFAULTS.cache_ratio), "Cache reads, likewise")
    create_cache_ratio: dict[str, float] = option(
        "CreateCacheRatio", dict(_DEFAULTS.create_cache_ratio), "Cache writes, likewise"
    )
    image_ratio: dict[str, float] = option("ImageRatio", dict(_DEFAULTS.image_ratio), "Image input, likewise")
    audio_ratio: dict[str, float] = option("AudioRatio", dict(_DEFAULTS.audio_ratio), "Audio input, likewise")
    audio_completion_ratio: dict[str, float] = option(
        "AudioCompletionRatio", dict(_DEFAULTS.audio_completion_ratio), "Audio output, as a multiple of audio input"
    )
    tool_prices: dict[str, float] = option("tool_price_setting.prices", {}, "USD per 1000 calls of a tool")
    pre_consumed_tokens: int = option("PreConsumedQuota", 500, "Smallest prompt, in tokens, that a hold assumes", ge=0)
    holds_free: bool = option(
        "quota_setting.enable_free_model_pre_consume", True, "Calls that cost nothing need a balance all the same"
    )
    are_public: bool = option("ExposeRatioEnabled", False, "Anybody may read the price tables, for other gateways")
    use_catalogue: bool = option("faregate.use_catalogue", True, "Price names without a setting by the shipped list")

    @field_validator(*_MAPS)
    @classmethod
    def _prices(cls, prices: dict[str, float]) -> dict[str, float]:
        for name, price in prices.items():
            if not 0 <= price < _MOST:
                raise ValueError(f"the price of {name!r} must be a number that is not negative")
        return prices


SECTIONS: tuple[type[Section], ...] = (PriceSettings,)


def price_maps(prices: PriceSettings) -> PriceMaps:
    """The ratio tables of these settings."""
    return PriceMaps(
        model_ratio=prices.model_ratio,
        model_price=prices.model_price,
        completion_ratio=prices.completion_ratio,
        cache_ratio=prices.cache_ratio,
        create_cache_ratio=prices.create_cache_ratio,
        image_ratio=prices.image_ratio,
        audio_ratio=prices.audio_ratio,
        audio_completion_ratio=prices.audio_completion_ratio,
    )


def price_book(prices: PriceSettings, quota_per_unit: float) -> PriceBook:
    """The book that these settings describe."""
    return PriceBook(price_maps(prices), quota_per_unit=quota_per_unit, use_catalogue=prices.use_catalogue)
