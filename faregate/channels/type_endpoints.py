"""Which models a channel of some type usually serves: what the console offers when a channel is made."""

from faregate.channels.upstream_models import known_models
from faregate.identity import Access, Reply, Router

router = Router("/api", "channels")
# New API's channel types and the owner of the models they list; types that every model can be behind list none.
_OWNERS = {
    **dict.fromkeys((1, 3, 6, 7, 8, 9, 10, 12, 13, 22), "openai"),
    14: "claude",
    19: "",
    24: "google gemini",
    31: "lingyiwanwu",
    47: "xinference",
    58: "",
    1001: "sandbox",
}


@router.get("/models", access=Access.USER)
async def models_by_type() -> Reply[dict[str, list[str]]]:
    """Names of models by channel type."""
    owned: dict[str, list[str]] = {}
    for model in known_models():
        owned.setdefault(model.owned_by, []).append(model.id)
    return Reply(data={str(type): owned.get(owner, []) for type, owner in _OWNERS.items()})
