"""What groups mean: who may use which, and what they cost. Pure rules over GroupSettings.

Usable groups of a user: those everybody may choose, adjusted for the user's group, and always the user's own group.
Selectable are the usable ones that exist (have a ratio); `auto` is no group but a way to try several.
"""

from collections.abc import Mapping, Sequence

from faregate.catalog.settings import GroupSettings
from faregate.storage import SettingsStore

AUTO = "auto"
_REMOVE, _ADD = "-:", "+:"
_OWN = "Your group"


def resolve_groups(settings: GroupSettings, user_group: str) -> dict[str, str]:
    """Usable groups of the users of `user_group` and their descriptions; an empty name is a visitor."""
    usable = dict(settings.usable)
    for rule, description in settings.special.get(user_group, {}).items():
        if rule.startswith(_REMOVE):
            usable.pop(rule.removeprefix(_REMOVE), None)
        else:
            usable[rule.removeprefix(_ADD)] = description
    if user_group and user_group not in usable:
        usable[user_group] = _OWN
    return usable


def selectable_groups(settings: GroupSettings, user_group: str) -> list[str]:
    """Usable groups that exist, `auto` left out."""
    return [name for name in resolve_groups(settings, user_group) if name in settings.ratios and name not in ("", AUTO)]


def auto_groups(settings: GroupSettings, user_group: str, listed: Sequence[str] = ()) -> list[str]:
    """What `auto` tries, in order: the key's own list or the site's, as far as the user may select it.

    Empty for users who may not use `auto`.
    """
    if AUTO not in resolve_groups(settings, user_group):
        return []
    selectable = set(selectable_groups(settings, user_group))
    return [name for name in (listed or settings.automatic) if name in selectable]


def group_ratio(settings: GroupSettings, user_group: str, using: str) -> float:
    """What using a group costs the users of `user_group`: 1 is the plain price, also for a group unknown."""
    special = settings.special_ratios.get(user_group, {})
    return special.get(using, settings.ratios.get(using, 1.0))


class Groups:
    """The group rules in force: what identity and the relay ask. Read from the settings' snapshot."""

    def __init__(self, settings: SettingsStore) -> None:
        self._store = settings

    @property
    def _settings(self) -> GroupSettings:
        return self._store.get(GroupSettings)

    def usable(self, user_group: str) -> Mapping[str, str]:
        """Groups that users of `user_group` may use, with their descriptions; the own one included."""
        return resolve_groups(self._settings, user_group)

    def exists(self, group: str) -> bool:
        """True when the group has a ratio."""
        return group in self._settings.ratios

    def selectable(self, user_group: str) -> Sequence[str]:
        """Groups that users of `user_group` may choose for a key."""
        return selectable_groups(self._settings, user_group)

    @property
    def auto_groups(self) -> tuple[str, ...]:
        """The order that `auto` tries."""
        return tuple(self._settings.automatic)

    @property
    def max_listed(self) -> int:
        """How many groups a key may list for `auto`."""
        return self._settings.max_auto_groups

    @property
    def default_for_keys(self) -> str:
        """The group of a key made without naming one."""
        return AUTO if self._settings.keys_use_auto else ""
