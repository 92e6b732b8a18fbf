"""The ratio options as administrators write them: JSON maps from model names to numbers, and their shipped defaults."""

from collections.abc import Mapping
from math import isfinite

from msgspec import DecodeError, Struct, field, json

from faregate.kernel.errors import BadRequest
from faregate.pricing.errors import OutOfRange
from faregate.pricing.tables import load

RatioMap = dict[str, float]


class PriceMaps(Struct, frozen=True, kw_only=True):
    """One map per option; `model_price` is USD per call, everything else a multiplier (ratio 1 = 2 USD per million)."""

    model_ratio: Mapping[str, float] = field(default_factory=RatioMap)
    model_price: Mapping[str, float] = field(default_factory=RatioMap)
    completion_ratio: Mapping[str, float] = field(default_factory=RatioMap)
    cache_ratio: Mapping[str, float] = field(default_factory=RatioMap)
    create_cache_ratio: Mapping[str, float] = field(default_factory=RatioMap)
    image_ratio: Mapping[str, float] = field(default_factory=RatioMap)
    audio_ratio: Mapping[str, float] = field(default_factory=RatioMap)
    audio_completion_ratio: Mapping[str, float] = field(default_factory=RatioMap)

    def names(self) -> set[str]:
        """Every model that some map names."""
        return set[str]().union(*(getattr(self, name) for name in OPTIONS.values()))


# Option key on the wire -> field of PriceMaps, which is also the stem of the shipped default table.
OPTIONS = {
    "ModelRatio": "model_ratio",
    "ModelPrice": "model_price",
    "CompletionRatio": "completion_ratio",
    "CacheRatio": "cache_ratio",
    "CreateCacheRatio": "create_cache_ratio",
    "ImageRatio": "image_ratio",
    "AudioRatio": "audio_ratio",
    "AudioCompletionRatio": "audio_completion_ratio",
}

_DEFAULTS = PriceMaps(**{name: load(f"default_{name}", RatioMap) for name in OPTIONS.values()})


def default_maps() -> PriceMaps:
    """The tables a fresh installation starts with."""
    return _DEFAULTS


def parse_map(option: str, text: str | bytes) -> RatioMap:
    """The map an option's JSON text holds. BadRequest unless it is an object of finite numbers, none negative."""
    try:
        ratios = json.decode(text, type=RatioMap)
    except DecodeError as error:
        raise BadRequest(f"{option} must be a JSON object of numbers: {error}", param=option) from None
    for name, ratio in ratios.items():
        if not isfinite(ratio) or ratio < 0:
            raise OutOfRange(f"{option}: the value of {name!r} must be a number of 0 or more", param=option)
    return ratios


def maps_from_options(options: Mapping[str, str]) -> PriceMaps:
    """The maps that option texts describe; an option that was never saved has its shipped default."""
    maps = {name: getattr(_DEFAULTS, name) for name in OPTIONS.values()}
    for option, name in OPTIONS.items():
        if option in options:
            maps[name] = parse_map(option, options[option])
    return PriceMaps(**maps)
