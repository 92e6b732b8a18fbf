"""Which calls belong together, and which credential they prefer."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from faregate.relay.affinity import Affinity, find, preferred
from faregate.relay.settings import AffinityRule, AffinitySettings, KeySource
from tests.relay.making import arrival

HEADER = KeySource(type="request_header", key="X-Session")


def rule(*sources: KeySource, **more: Any) -> AffinityRule:
    return AffinityRule(name="r", model_regex=[".*"], key_sources=list(sources), **more)


def found(
    *rules: AffinityRule, body: Any = None, peeked: str = "", model: str = "m", **headers: str
) -> Affinity | None:
    packed = json.dumps(body or {}).encode()
    settings = AffinitySettings.model_construct(enabled=True, rules=list(rules))
    return find(settings, arrival(**headers), packed, peeked, model, "default")


def value(affinity: Affinity | None) -> str:
    return affinity.value if affinity else ""


def test_a_header_or_a_field_of_the_body_names_the_session() -> None:
    assert value(found(rule(HEADER), x_session="abc")) == "abc"
    assert value(found(rule(KeySource(type="gjson", path="a.b.1")), body={"a": {"b": [1, "two"]}})) == "two"
    assert value(found(rule(KeySource(type="gjson", path="id")), body={"id": 7})) == "7"


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": {}}, {"id": []}, {"id": True}, {"id": 1.5}, {"id": ""}, []])
def test_what_is_no_text_names_nothing(body: Any) -> None:
    assert found(rule(KeySource(type="gjson", path="id")), body=body) is None


def test_a_body_that_is_no_json_names_nothing() -> None:
    settings = AffinitySettings.model_construct(enabled=True, rules=[rule(KeySource(type="gjson", path="id"))])
    assert find(settings, arrival(), b"{", "", "m", "default") is None


def test_the_first_rule_and_the_first_source_that_find_something_win() -> None:
    other = KeySource(type="request_header", key="x-other")
    assert value(found(rule(HEADER, other), x_session="one", x_other="two")) == "one"
    assert value(found(rule(HEADER, other), x_other="two")) == "two"
    assert value(found(rule(HEADER), rule(other), x_other="two")) == "two"


def test_rules_ask_for_model_path_agent_and_form() -> None:
    assert found(AffinityRule(name="r", key_sources=[HEADER]), x_session="abc") is None
    assert found(AffinityRule(name="r", model_regex=["^gpt-"], key_sources=[HEADER]), x_session="abc") is None
    assert found(rule(HEADER, path_regex=["/v1/responses"]), x_session="abc") is None
    assert value(found(rule(HEADER, path_regex=["/v1/chat"]), x_session="abc")) == "abc"
    assert found(rule(HEADER, user_agent_include=["Codex"]), x_session="abc", user_agent="curl") is None
    assert value(found(rule(HEADER, user_agent_include=["Codex"]), x_session="abc", user_agent="CODEX/1")) == "abc"
    assert found(rule(HEADER, value_regex="^s_"), x_session="abc") is None
    assert value(found(rule(HEADER, value_regex="^s_"), x_session="s_abc")) == "s_abc"


def test_a_pattern_that_cannot_be_read_matches_nothing() -> None:
    assert found(AffinityRule(name="r", model_regex=["("], key_sources=[HEADER]), x_session="abc") is None


def test_affinity_can_be_off() -> None:
    settings = AffinitySettings.model_construct(enabled=False, rules=[rule(HEADER)])
    assert find(settings, arrival(x_session="abc"), b"{}", "", "m", "default") is None


def test_what_is_hashed_has_the_parts_that_the_rule_adds() -> None:
    bare = found(rule(HEADER), x_session="abc")
    full = found(
        rule(HEADER, include_rule_name=True, include_model_name=True, include_using_group=True), x_session="abc"
    )
    assert bare is not None
    assert full is not None
    assert bare.key.split("\x1f") == ["", "", "", "abc"]
    assert full.key.split("\x1f") == ["r", "m", "default", "abc"]


def test_shipped_rules_know_codex_and_claude_by_what_the_peek_found() -> None:
    settings = AffinitySettings()
    codex = find(settings, arrival("/v1/responses"), b"{}", "session-1", "gpt-5", "default")
    claude = find(settings, arrival("/v1/messages"), b"{}", "user-1", "claude-x", "default")
    assert codex is not None
    assert claude is not None
    assert (codex.rule.name, codex.value) == ("codex cli trace", "session-1")
    assert (claude.rule.name, claude.value) == ("claude cli trace", "user-1")
    assert find(settings, arrival("/v1/chat/completions"), b"{}", "session-1", "gpt-5", "default") is None


def test_the_log_shows_a_hint_and_a_fingerprint_of_a_long_value() -> None:
    affinity = found(rule(HEADER), x_session="a-very-long-session-id")
    assert affinity is not None
    shown = affinity.described("default", "m", "/v1/chat/completions")
    assert shown["key_hint"] == "a-ve...n-id"
    assert shown["key_fp"] == "36a5a0f5" or len(str(shown["key_fp"])) == 8
    assert "a-very-long-session-id" not in json.dumps(shown)


def alike(credentials: Iterable[int]) -> list[tuple[int, float]]:
    return [(credential, 1) for credential in credentials]


def test_a_preference_stays_when_others_come_and_go() -> None:
    for key in map(str, range(200)):
        before = preferred(key, alike(range(1, 9)))
        assert preferred(key, alike([before, *(one for one in range(1, 9) if one % 2)])) == before
        assert preferred(key, alike(range(1, 10))) in (before, 9)


def test_preferences_are_spread_evenly_or_by_shares() -> None:
    even = Counter(preferred(str(key), alike(range(4))) for key in range(4000))
    assert all(900 < share < 1100 for share in even.values())
    shared = Counter(preferred(str(key), [(1, 0.5), (2, 1.5), (3, 0)]) for key in range(4000))
    assert (900 < shared[1] < 1100, shared[3]) == (True, 0)
