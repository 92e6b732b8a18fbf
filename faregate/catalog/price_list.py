"""The price list: what every served model costs, as New API shows it. Pure; ratio 1 is 2 USD per million tokens."""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypedDict

from pydantic import BaseModel, Field

from faregate.identity import Served
from faregate.pricing import PriceBook, Rates

EVERYBODY = "all"  # a group name that opens a model to all
_PER_TOKEN, _PER_CALL = 0, 1


def _is_none(value: object) -> bool:
    return value is None


Optional = Annotated[float | None, Field(exclude_if=_is_none)]


class Route(BaseModel):
    """Where an endpoint type is called."""

    path: str
    method: str = "POST"


ROUTES: Mapping[str, Route] = {
    "openai": Route(path="/v1/chat/completions"),
    "openai-response": Route(path="/v1/responses"),
    "anthropic": Route(path="/v1/messages"),
    "gemini": Route(path="/v1beta/models/{model}:generateContent"),
    "embeddings": Route(path="/v1/embeddings"),
}


class PriceView(BaseModel):
    """One model. `model_price`: USD per call; the ratios that are left out have their plain value."""

    model_name: str
    quota_type: int
    model_ratio: float
    model_price: float
    owner_by: str = ""
    completion_ratio: float
    cache_ratio: Optional = None
    create_cache_ratio: Optional = None
    image_ratio: Optional = None
    audio_ratio: Optional = None
    audio_completion_ratio: Optional = None
    enable_groups: list[str]
    supported_endpoint_types: list[str]


class _Extras(TypedDict, total=False):
    cache_ratio: float | None
    create_cache_ratio: float | None
    image_ratio: float | None
    audio_ratio: float | None
    audio_completion_ratio: float | None


def visible(served: Iterable[Served], usable: Iterable[str]) -> list[Served]:
    """The models that somebody with these groups may call."""
    groups = {*usable, EVERYBODY}
    return [one for one in served if not groups.isdisjoint(one.groups)]


def price_list(served: Iterable[Served], book: PriceBook) -> list[PriceView]:
    """A line for every model; one without a price shows what a model without a price would cost."""
    return [_line(one, book) for one in served]


def routes(served: Iterable[Served]) -> dict[str, Route]:
    """Where the endpoint types of these models are called."""
    kinds = {kind for one in served for kind in one.endpoint_types}
    return {kind: route for kind, route in ROUTES.items() if kind in kinds}


def _line(one: Served, book: PriceBook) -> PriceView:
    rates = book.get(one.model, accept_unset=True)
    return PriceView(
        model_name=one.model,
        quota_type=_PER_TOKEN if rates.price_per_call is None else _PER_CALL,
        model_ratio=rates.model_ratio,
        model_price=rates.price_per_call or 0.0,
        completion_ratio=rates.completion_ratio,
        enable_groups=list(one.groups),
        supported_endpoint_types=list(one.endpoint_types),
        **_optional(rates, book),
    )


def _optional(rates: Rates, book: PriceBook) -> _Extras:
    """The ratios that somebody set, or that the shipped list knows."""
    if rates.source == "catalogue":
        audio = rates.has_audio
        return {
            "cache_ratio": rates.cache_ratio,
            "create_cache_ratio": rates.create_cache_ratio,
            "audio_ratio": rates.audio_ratio if audio else None,
            "audio_completion_ratio": rates.audio_completion_ratio if audio else None,
        }
    maps = book.maps
    return {
        "cache_ratio": maps.cache_ratio.get(rates.model),
        "create_cache_ratio": maps.create_cache_ratio.get(rates.model),
        "image_ratio": maps.image_ratio.get(rates.model),
        "audio_ratio": maps.audio_ratio.get(rates.model),
        "audio_completion_ratio": maps.audio_completion_ratio.get(rates.model),
    }
