"""Fine rights: the administrators' baseline and its overrides."""

import pytest

from faregate.identity.models import User
from faregate.identity.permissions import manages, may, overrides, rights


def user(role: int, permissions: dict[str, dict[str, bool]] | None = None) -> User:
    return User(id=1, username="u", role=role, permissions=permissions)


@pytest.mark.parametrize(
    ("role", "held"),
    [
        (1, ()),
        (10, ("read", "operate", "write")),
        (100, ("read", "operate", "write", "sensitive_write", "secret_view")),
    ],
)
def test_roles_hold_their_baseline(role: int, held: tuple[str, ...]) -> None:
    shown = rights(user(role))["channel"]
    assert tuple(action for action, allowed in shown.items() if allowed) == held
    assert all(may(user(role), f"channel.{action}") is allowed for action, allowed in shown.items())


def test_only_differences_from_the_baseline_are_kept() -> None:
    asked = {"channel": {"read": False, "write": True, "sensitive_write": True, "fly": True}, "moon": {"read": True}}
    assert overrides(asked) == {"channel": {"read": False, "sensitive_write": True}}
    assert overrides({"channel": {"read": True}}) is None
    assert overrides({}) is None


def test_overrides_count_for_administrators_alone() -> None:
    kept = {"channel": {"read": False, "sensitive_write": True}}
    assert not may(user(10, kept), "channel.read")
    assert may(user(10, kept), "channel.sensitive_write")
    assert may(user(10, kept), "channel.write")
    assert not may(user(1, kept), "channel.sensitive_write")
    assert may(user(100, kept), "channel.read")


def test_an_unknown_right_is_nobodys_but_roots() -> None:
    assert not may(user(10), "moon.read")
    assert may(user(100), "moon.read")


@pytest.mark.parametrize(
    ("actor", "target", "allowed"), [(10, 1, True), (10, 10, False), (100, 100, True), (1, 1, False)]
)
def test_administrators_manage_lower_roles_and_root_everybody(actor: int, target: int, allowed: bool) -> None:
    assert manages(user(actor), user(target)) is allowed
