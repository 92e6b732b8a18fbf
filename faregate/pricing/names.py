"""How a model's name is spelled in the price tables: families with open-ended names share one wildcard entry."""

from collections.abc import Iterator

COMPACT_SUFFIX = "-openai-compact"
COMPACT_WILDCARD = "*" + COMPACT_SUFFIX

# The first prefix that matches decides, even when the name is then left as it is.
_THINKING_FAMILIES = ("gemini-2.5-flash-lite", "gemini-2.5-flash", "gemini-2.5-pro")
_GIZMO_FAMILIES = ("gpt-4-gizmo", "gpt-4o-gizmo")


def normalised(model: str) -> str:
    """The name under which prices, ratios, completion and audio ratios are looked up (not cache and image ratios)."""
    for family in _THINKING_FAMILIES:
        if model.startswith(family):
            return f"{family}-thinking-*" if "-thinking-" in model else model
    for family in _GIZMO_FAMILIES:
        if model.startswith(family):
            return f"{family}-*"
    return model


def price_keys(model: str) -> Iterator[str]:
    """The keys tried in a price or ratio table, best first."""
    yield normalised(model)
    if model.endswith(COMPACT_SUFFIX):
        yield COMPACT_WILDCARD
