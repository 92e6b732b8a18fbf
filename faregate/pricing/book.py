"""The price book: which rates a model has under the present options. Immutable; a changed option makes a new book."""

from collections.abc import Mapping

from msgspec import Struct

from faregate.pricing.catalogue import catalogue
from faregate.pricing.completion import CompletionRatio, completion_ratio
from faregate.pricing.errors import Unpriced
from faregate.pricing.maps import PriceMaps, default_maps, maps_from_options
from faregate.pricing.names import normalised, price_keys
from faregate.pricing.rates import QUOTA_PER_UNIT, UNSET_MODEL_RATIO, ModelPrice, Rates, Source
from faregate.pricing.ratios import rates_by_price, rates_by_ratio, rates_per_call
from faregate.pricing.tables import load

MEMO_LIMIT = 4096  # wildcard names are endless, and callers choose them


class _AudioInputPrices(Struct, frozen=True):
    rules: tuple[tuple[str, float], ...]


_AUDIO_INPUT_PRICES = load("gemini_audio_input_price", _AudioInputPrices).rules


def audio_input_price(model: str) -> float:
    """USD per million audio input tokens of models that list it apart; 0 when audio counts as plain input."""
    return next((price for prefix, price in _AUDIO_INPUT_PRICES if model.startswith(prefix)), 0.0)


class PriceBook:
    """Looks up rates. A fixed price beats a ratio, a ratio beats the catalogue; found rates are remembered."""

    def __init__(
        self, maps: PriceMaps | None = None, *, quota_per_unit: float = QUOTA_PER_UNIT, use_catalogue: bool = False
    ) -> None:
        self.maps = maps or default_maps()
        self.quota_per_unit = quota_per_unit
        self._catalogue: Mapping[str, ModelPrice] = catalogue() if use_catalogue else {}
        self._found: dict[str, Rates] = {}

    @classmethod
    def from_options(
        cls, options: Mapping[str, str], *, quota_per_unit: float = QUOTA_PER_UNIT, use_catalogue: bool = False
    ) -> "PriceBook":
        """The book that option texts describe. BadRequest names the first option that is not a map of prices."""
        return cls(maps_from_options(options), quota_per_unit=quota_per_unit, use_catalogue=use_catalogue)

    def find(self, model: str) -> Rates | None:
        """The rates of the name a client asked for, or None when nothing prices it."""
        rates = self._found.get(model)
        if rates is None:
            rates = self._look_up(model)
            if rates is not None:
                self._remember(model, rates)
        return rates

    def get(self, model: str, *, accept_unset: bool = False) -> Rates:
        """The rates of a model; without any, the rate for unset models if accepted, else Unpriced."""
        rates = self.find(model)
        if rates is not None:
            return rates
        if not accept_unset:
            raise Unpriced(model)
        return self._by_ratio(model, UNSET_MODEL_RATIO, "unset")

    def completion_meta(self) -> dict[str, CompletionRatio]:
        """Completion ratio and lock of every model the maps name, by name."""
        return {name: completion_ratio(name, self.maps.completion_ratio) for name in sorted(self.maps.names())}

    def _remember(self, model: str, rates: Rates) -> None:
        if len(self._found) >= MEMO_LIMIT:
            self._found.clear()
        self._found[model] = rates

    def _look_up(self, model: str) -> Rates | None:
        for key in price_keys(model):
            if key in self.maps.model_price:
                return rates_per_call(model, self.maps.model_price[key], quota_per_unit=self.quota_per_unit)
        for key in price_keys(model):
            if key in self.maps.model_ratio:
                return self._by_ratio(model, self.maps.model_ratio[key], "option")
        listed = self._catalogue.get(model)
        return None if listed is None else rates_by_price(model, listed, quota_per_unit=self.quota_per_unit)

    def _by_ratio(self, model: str, model_ratio: float, source: Source) -> Rates:
        maps = self.maps
        return rates_by_ratio(
            model,
            model_ratio=model_ratio,
            completion_ratio=completion_ratio(model, maps.completion_ratio).ratio,
            cache_ratio=maps.cache_ratio.get(model, 1.0),
            create_cache_ratio=maps.create_cache_ratio.get(model, 1.25),
            image_ratio=maps.image_ratio.get(model, 1.0),
            audio=self._audio(normalised(model)),
            audio_input_price=audio_input_price(model),
            quota_per_unit=self.quota_per_unit,
            source=source,
        )

    def _audio(self, name: str) -> tuple[float, float] | None:
        heard, spoken = self.maps.audio_ratio.get(name), self.maps.audio_completion_ratio.get(name)
        if heard is None and spoken is None:
            return None
        return (1.0 if heard is None else heard, 1.0 if spoken is None else spoken)
