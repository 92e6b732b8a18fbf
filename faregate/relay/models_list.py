"""The models a key may use, in the three shapes that share the path: OpenAI's, Anthropic's, Gemini's."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from faregate.channels.snapshot import Routing
from faregate.pricing import PriceBook
from faregate.pricing.names import normalised
from faregate.relay.admission import Caller
from faregate.relay.arrival import Arrival
from faregate.relay.plan import BY_TYPE

Shape = Literal["openai", "anthropic", "gemini"]
_CREATED = 1626777600
_CREATED_TEXT = "2021-07-20T10:40:00Z"
_RESPONSES_ONLY = ("o3-pro", "o3-deep-research", "o4-mini-deep-research")
_GEMINI_METHODS = ["generateContent", "streamGenerateContent", "countTokens"]


def shape_of(arrival: Arrival) -> Shape:
    """Which list a caller expects, by path and headers."""
    if arrival.operation.action == "openai":
        return "openai"
    if arrival.operation.dialect == "gemini" or b"x-goog-api-key" in arrival.first:
        return "gemini"
    if b"anthropic-version" in arrival.first and b"x-api-key" in arrival.first:
        return "anthropic"
    return "openai"


def visible_models(caller: Caller, routing: Routing, book: PriceBook, *, accept_unpriced: bool) -> list[str]:
    """The names a key may use: served to its groups, within its limits, priced."""
    names = dict.fromkeys(name for group in caller.groups for name in routing.models.get(group, ()))
    limits = caller.key.model_limits
    unpriced = accept_unpriced or caller.key.accept_unpriced
    return [
        name
        for name in names
        if (limits is None or name in limits or normalised(name) in limits)
        and (unpriced or book.find(name) is not None)
    ]


def render_list(names: Sequence[str], shape: Shape, caller: Caller, routing: Routing) -> dict[str, Any]:
    """The list as JSON."""
    rows = [render_model(name, shape, caller, routing) for name in names]
    if shape == "gemini":
        return {"models": rows, "nextPageToken": None}
    if shape == "anthropic":
        ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
        return {"data": rows, "has_more": False, **ends}
    return {"success": True, "object": "list", "data": rows}


def render_model(name: str, shape: Shape, caller: Caller, routing: Routing) -> dict[str, Any]:
    """One model as JSON."""
    if shape == "gemini":
        return {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": _GEMINI_METHODS}
    if shape == "anthropic":
        return {"id": name, "created_at": _CREATED_TEXT, "display_name": name, "type": "model"}
    providers = [
        BY_TYPE[channel.type]
        for group in caller.groups
        for channel in routing.candidates(group, name)
        if channel.type in BY_TYPE
    ]
    return {
        "id": name,
        "object": "model",
        "created": _CREATED,
        "owned_by": providers[0].owner if providers else "custom",
        "supported_endpoint_types": endpoint_types(name, (provider.endpoints for provider in providers)),
    }


def endpoint_types(name: str, endpoints: Iterable[Sequence[str]]) -> list[str]:
    """New API's endpoint kinds of a model: the union over its channels, first channel first."""
    found = list(dict.fromkeys(kind for kinds in endpoints for kind in kinds))
    if any(part in name for part in _RESPONSES_ONLY):
        return ["openai-response" if kind == "openai" else kind for kind in found]
    return found
