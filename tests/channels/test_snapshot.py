"""The view of a channel, also of one that an import left in disorder."""

import pytest

from faregate.channels.credentials import sealed
from faregate.channels.models import ENABLED, Channel
from faregate.channels.snapshot import ChannelView, view
from faregate.kernel.secrets import Vault

VAULT = Vault(b"m" * 32)


def seen(**settings: str | None) -> ChannelView:
    fields = {"id": 1, "type": 1, "name": "c", "status": 1, "base_url": "", "models": "m", "groups": "default",
              "priority": 0, "weight": 0, "auto_ban": 1, "other": "", "created_at": 0, "is_multi_key": False,
              "multi_key_mode": ""}  # fmt: skip
    return view(Channel(**{**fields, **settings}), [], VAULT)


@pytest.mark.parametrize("name", ["model_mapping", "param_override", "header_override"])
@pytest.mark.parametrize(
    ("text", "is_read"),
    [(None, True), ("", True), (" \n", True), ("null", True), ("{}", True), ('{"a":"b"}', True),
     ("{", False), ("[]", False), ('"a"', False), ("7", False), ("[" * 9999, False)],
)  # fmt: skip
def test_a_setting_that_is_no_object_is_named(name: str, text: str | None, is_read: bool) -> None:
    assert seen(**{name: text}).unreadable == ("" if is_read else name)


@pytest.mark.parametrize("text", ["{", "[]", "7"])
def test_a_setting_that_calls_can_do_without_is_left_out(text: str) -> None:
    odd = seen(status_code_mapping=text, setting=text, settings=text)
    assert (odd.unreadable, odd.status_mapping, odd.behaviour.proxy) == ("", {}, "")


def test_a_status_is_mapped_onto_error_statuses_that_have_a_body() -> None:
    text = '{"400":304,"401":"302","402":200,"403":700,"404":"503","200":500,"999":429,"a":500}'
    assert seen(status_code_mapping=text).status_mapping == {401: 302, 404: 503, 999: 429}


def test_a_credential_sealed_with_another_master_secret_is_left_out() -> None:
    rows = [sealed(vault, 1, place, f"sk-{place}") for place, vault in enumerate((VAULT, Vault(b"o" * 32), VAULT))]
    for row in rows:
        row.id, row.status = row.position + 1, ENABLED
    one = seen()
    channel = Channel(**{name: getattr(one, name) for name in ("id", "type", "name", "status", "base_url", "priority",
                                                               "weight", "other", "created_at", "is_multi_key")},
                      models="m", groups="default", auto_ban=1, multi_key_mode="")  # fmt: skip
    assert [(c.index, c.secret) for c in view(channel, rows, VAULT).credentials] == [(0, "sk-0"), (2, "sk-2")]
