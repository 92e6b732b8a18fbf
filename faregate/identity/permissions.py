"""What roles may do: roles, and the fine rights of administrators on channels.

Overrides are kept per user as differences from the administrators' baseline; root may do everything.
"""

from collections.abc import Mapping

from faregate.identity.models import ROLE_ADMIN, ROLE_ROOT, ROLE_USER, User

Rights = dict[str, dict[str, bool]]
ROLES = (ROLE_USER, ROLE_ADMIN, ROLE_ROOT)
BASELINE: Mapping[str, Mapping[str, bool]] = {
    "channel": {"read": True, "operate": True, "write": True, "sensitive_write": False, "secret_view": False}
}
LABELS = {
    "channel": "Channel Management",
    "channel.read": "Read channels",
    "channel.operate": "Operate channels",
    "channel.write": "Edit channel routing",
    "channel.sensitive_write": "Edit sensitive channel settings",
    "channel.secret_view": "View channel secrets",
}


def rights(user: User) -> Rights:
    """Every right of `user`, by resource and action."""
    return {
        resource: {action: _holds(user, resource, action) for action in actions}
        for resource, actions in BASELINE.items()
    }


def may(user: User, permission: str) -> bool:
    """True when `user` holds `permission`, written `resource.action`."""
    resource, _, action = permission.partition(".")
    return _holds(user, resource, action)


def _holds(user: User, resource: str, action: str) -> bool:
    if user.role >= ROLE_ROOT:
        return True
    if user.role < ROLE_ADMIN:
        return False
    given = (user.permissions or {}).get(resource, {})
    return bool(given.get(action, BASELINE.get(resource, {}).get(action, False)))


def overrides(asked: Mapping[str, Mapping[str, bool]]) -> Rights | None:
    """What of `asked` differs from the baseline, to be stored; None when nothing does. Unknown names are ignored.

    An action left out of `asked` is back at the baseline.
    """
    kept: Rights = {}
    for resource, baseline in BASELINE.items():
        wanted = asked.get(resource, {})
        different = {name: wanted[name] for name, usual in baseline.items() if wanted.get(name, usual) != usual}
        if different:
            kept[resource] = different
    return kept or None


def manages(actor: User, target: User) -> bool:
    """True when `actor` may administer `target`: root anyone, others only lower roles."""
    return actor.role >= ROLE_ROOT or actor.role > target.role
