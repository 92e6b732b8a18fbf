"""What a group multiplies prices by, and the special ratios some users' groups have when they use another group."""

from collections.abc import Mapping
from math import isfinite

from msgspec import DecodeError, Struct, json

from faregate.kernel.errors import BadRequest
from faregate.pricing.errors import OutOfRange
from faregate.pricing.maps import parse_map
from faregate.pricing.tables import load

NO_SPECIAL_RATIO = -1.0  # what records show when no special ratio applied
SpecialRatios = dict[str, dict[str, float]]


class GroupRatio(Struct, frozen=True, gc=False):
    """The multiplier of a request; `special` is the same number when it came from the special table, else -1."""

    ratio: float
    special: float = NO_SPECIAL_RATIO


class GroupRatios(Struct, frozen=True):
    """Both group tables. A special ratio replaces the group's own; an unknown group counts 1."""

    ratios: Mapping[str, float]
    special: Mapping[str, Mapping[str, float]]

    def get(self, user_group: str, using_group: str) -> GroupRatio:
        """The ratio for a user of `user_group` whose request runs in `using_group`."""
        special = self.special.get(user_group, {}).get(using_group)
        if special is not None:
            return GroupRatio(special, special)
        return GroupRatio(self.ratios.get(using_group, 1.0))


_DEFAULTS = GroupRatios(load("default_group_ratio", dict[str, float]), load("default_group_group_ratio", SpecialRatios))


def default_group_ratios() -> GroupRatios:
    """The group tables a fresh installation starts with."""
    return _DEFAULTS


def parse_special_ratios(text: str | bytes) -> SpecialRatios:
    """The map of maps in a GroupGroupRatio text. BadRequest on any other shape or a negative number."""
    try:
        special = json.decode(text, type=SpecialRatios)
    except DecodeError as error:
        raise BadRequest(
            f"GroupGroupRatio must map groups to maps of numbers: {error}", param="GroupGroupRatio"
        ) from None
    for user_group, ratios in special.items():
        for using_group, ratio in ratios.items():
            if not isfinite(ratio) or ratio < 0:
                where = f"{user_group!r} using {using_group!r}"
                raise OutOfRange(f"GroupGroupRatio: the ratio of {where} must be 0 or more", param="GroupGroupRatio")
    return special


def group_ratios_from_options(options: Mapping[str, str]) -> GroupRatios:
    """Both tables as option texts describe them; an option that was never saved has its shipped default."""
    ratios, special = options.get("GroupRatio"), options.get("GroupGroupRatio")
    return GroupRatios(
        _DEFAULTS.ratios if ratios is None else parse_map("GroupRatio", ratios),
        _DEFAULTS.special if special is None else parse_special_ratios(special),
    )
