"""How dear an output token is against an input token: configured per model, or by rules for model families."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from faregate.pricing.names import normalised
from faregate.pricing.tables import load


class CompletionRatio(NamedTuple):
    """The multiplier, and whether the family rule overrules the configured table."""

    ratio: float
    locked: bool


class _Rule(Struct, frozen=True):
    """One family: every condition that is present must hold."""

    ratio: float
    locked: bool
    exact: str = ""
    prefix: str = ""
    prefix_any: tuple[str, ...] = ()
    suffix_any: tuple[str, ...] = ()
    contains: str = ""
    contains_any: tuple[str, ...] = ()
    not_contains: str = ""

    def covers(self, model: str) -> bool:
        """True when the rule speaks about this (normalised) name."""
        return (
            (not self.exact or model == self.exact)
            and model.startswith(self.prefix)
            and (not self.prefix_any or model.startswith(self.prefix_any))
            and (not self.suffix_any or model.endswith(self.suffix_any))
            and self.contains in model
            and (not self.contains_any or any(part in model for part in self.contains_any))
            and (not self.not_contains or self.not_contains not in model)
        )


class _Rules(Struct, frozen=True):
    rules: tuple[_Rule, ...]


_RULES = load("completion_ratio_rules", _Rules).rules


def completion_ratio(model: str, configured: Mapping[str, float]) -> CompletionRatio:
    """The completion ratio of a model. A locked family ignores the table, unless the name has a slash and is in it."""
    name = normalised(model)
    if "/" in name and name in configured:
        return CompletionRatio(configured[name], locked=False)
    rule = next(rule for rule in _RULES if rule.covers(name))
    if rule.locked:
        return CompletionRatio(rule.ratio, locked=True)
    return CompletionRatio(configured.get(name, rule.ratio), locked=False)
