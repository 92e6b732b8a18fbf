"""Who is tried, and who next: priority, then the caller's own dialect, then affinity or weight; nobody twice."""

from collections import Counter
from typing import Any

import pytest

from faregate.channels import Health
from faregate.channels.snapshot import ChannelView, Routing
from faregate.formats.turn import DialectName
from faregate.relay.affinity import Affinity, preferred
from faregate.relay.plan import Candidate, Offers, Plan, Turns, Wish, dialects_for, options
from faregate.relay.routes import Mode
from faregate.relay.settings import AffinityRule, KeySource
from tests.relay.making import HandClock, channel, routing

OPENAI, ANTHROPIC, GEMINI, SANDBOX = 1, 14, 24, 1001


def wish(dialect: DialectName = "openai_chat", mode: Mode = Mode.GENERATE) -> Wish:
    return Wish(mode, dialect, "m", "/v1/chat/completions")


def plan(*channels: ChannelView, dialect: DialectName = "openai_chat", **more: Any) -> Plan:
    asked = wish(dialect)
    offered = Offers(routing(*channels)).find("default", asked)
    return Plan(offered, asked, more.pop("health", Health(HandClock())), **more)


def drained(plan: Plan) -> list[Candidate]:
    """All candidates in the order of trying."""
    found: list[Candidate] = []
    while (candidate := plan.next()) is not None:
        found.append(candidate)
    return found


def best(plan: Plan) -> Candidate:
    """The candidate that is tried first."""
    candidate = plan.next()
    assert candidate is not None
    return candidate


def ids(plan: Plan) -> list[int]:
    return [candidate.channel.id for candidate in drained(plan)]


def test_higher_priority_goes_first_whatever_the_weight() -> None:
    order = ids(plan(channel(1, priority=1, weight=1000), channel(2, priority=5), channel(3, priority=-1)))
    assert order == [2, 1, 3]


def test_nobody_is_tried_twice_and_every_credential_once() -> None:
    tried = [candidate.credential.id for candidate in drained(plan(channel(1, credentials=3), channel(2)))]
    assert sorted(tried) == [10, 11, 12, 20]


def test_keys_of_a_polled_channel_go_in_turn_over_requests_and_failures() -> None:
    turns, polled = Turns(), channel(1, credentials=3, polls=True)
    assert [best(plan(polled, turns=turns)).credential.index for _ in range(4)] == [0, 1, 2, 0]
    assert [candidate.credential.index for candidate in drained(plan(polled, turns=turns))] == [1, 2, 0]


def test_a_plan_of_nothing_has_no_candidate() -> None:
    assert plan().next() is None
    assert plan(channel(1, status=2)).next() is None
    assert plan(channel(1, groups=("vip",))).next() is None


def test_the_callers_own_dialect_goes_first_within_a_priority() -> None:
    channels = (channel(1, OPENAI), channel(2, ANTHROPIC), channel(3, GEMINI))
    assert ids(plan(*channels, dialect="anthropic"))[0] == 2
    assert ids(plan(*channels, dialect="gemini"))[0] == 3
    assert ids(plan(channel(1, OPENAI, priority=1), channel(2, ANTHROPIC), dialect="anthropic")) == [1, 2]


def test_another_dialect_is_the_channels_best() -> None:
    assert [candidate.dialect for candidate in drained(plan(channel(1, OPENAI), dialect="anthropic"))] == [
        "openai_chat"
    ]
    assert best(plan(channel(1, ANTHROPIC), dialect="openai_responses")).dialect == "anthropic"
    assert best(plan(channel(1, OPENAI), dialect="openai_responses")).dialect == "openai_responses"


def test_an_override_forces_a_dialect_that_the_channel_has() -> None:
    def forced(_: ChannelView, __: str) -> DialectName:
        return "openai_responses"

    assert best(plan(channel(1, OPENAI), override=forced)).dialect == "openai_responses"
    assert best(plan(channel(1, ANTHROPIC), override=forced)).dialect == "anthropic"


def test_an_excluded_channel_is_left_out_with_all_its_credentials() -> None:
    two = channel(2, credentials=3)
    made = plan(channel(1), two)
    made.exclude(two)
    assert ids(made) == [1]


def test_the_upstreams_name_follows_the_mapping() -> None:
    assert best(plan(channel(1, mapping={"m": "n", "n": "o", "x": "m"}))).model == "o"
    mapped = channel(1, mapping={"a": "b", "b": "b", "c": "d", "d": "c", "e": "c", "f": "f"})
    assert [mapped.upstream_model(name) for name in "abcdefg"] == ["b", "b", "", "", "", "f", "g"]


def test_weights_share_the_calls() -> None:
    first = Counter(ids(plan(channel(1, weight=3), channel(2, weight=1)))[0] for _ in range(4000))
    assert 0.70 < first[1] / 4000 < 0.80


def test_without_a_weight_a_channel_is_tried_only_after_those_that_have_one() -> None:
    orders = [ids(plan(channel(1, weight=1), channel(2), channel(3))) for _ in range(100)]
    assert {order[0] for order in orders} == {1}
    assert {order[1] for order in orders} == {2, 3}
    first = Counter(ids(plan(channel(1), channel(2)))[0] for _ in range(4000))
    assert 0.45 < first[1] / 4000 < 0.55


def test_sessions_are_spread_by_weight_too() -> None:
    channels = (channel(1, weight=3, credentials=2), channel(2, weight=1), channel(3))
    first = Counter(ids(plan(*channels, affinity=affinity(str(key))))[0] for key in range(4000))
    assert 0.70 < first[1] / 4000 < 0.80
    assert 3 not in first


def test_a_family_name_serves_its_members_where_none_has_the_exact_name() -> None:
    family, exact = channel(1, priority=9), channel(2)
    routing = Routing({}, {("default", "gpt-4-gizmo-*"): (family,), ("default", "gpt-4-gizmo-two"): (exact,)}, {})
    assert routing.candidates("default", "gpt-4-gizmo-one") == (family,)
    assert routing.candidates("default", "gpt-4-gizmo-two") == (exact,)
    assert routing.candidates("default", "gpt-4-turbo") == ()


def test_the_credentials_of_a_channel_share_its_weight() -> None:
    first = Counter(ids(plan(channel(1, weight=10, credentials=4), channel(2, weight=10)))[0] for _ in range(4000))
    assert 0.45 < first[1] / 4000 < 0.55


def test_what_failed_too_often_is_tried_last() -> None:
    health = Health(HandClock())
    for _ in range(5):
        health.failed(20, "m")
    assert ids(plan(channel(1, priority=0), channel(2, priority=9), health=health)) == [1, 2]


def test_after_its_pause_a_broken_credential_gets_one_trial() -> None:
    clock = HandClock()
    health = Health(clock)
    for _ in range(5):
        health.failed(20, "m")
    clock.advance(10)
    assert ids(plan(channel(1), channel(2, priority=9), health=health)) == [2, 1]
    health.begin(20, "m")
    assert ids(plan(channel(1), channel(2, priority=9), health=health)) == [1, 2]
    health.succeeded(20, "m")
    assert ids(plan(channel(1), channel(2, priority=9), health=health)) == [2, 1]


def affinity(key: str) -> Affinity:
    return Affinity(AffinityRule(name="r"), KeySource(type="gjson"), key, key)


def test_a_session_keeps_its_credential_while_it_is_there() -> None:
    channels = (channel(1, credentials=2), channel(2), channel(3))
    for key in map(str, range(50)):
        chosen = preferred(key, [(10, 0.5), (11, 0.5), (20, 1), (30, 1)])
        assert all(drained(plan(*channels, affinity=affinity(key)))[0].credential.id == chosen for _ in range(3))


def test_affinity_bends_neither_priority_nor_health() -> None:
    health = Health(HandClock())
    for _ in range(5):
        health.failed(20, "m")
    for key in map(str, range(20)):
        assert ids(plan(channel(1), channel(2), affinity=affinity(key), health=health)) == [1, 2]
        assert ids(plan(channel(1, priority=1), channel(2), affinity=affinity(key))) == [1, 2]


@pytest.mark.parametrize(
    ("type", "mode", "dialect", "found"),
    [
        (OPENAI, Mode.GENERATE, "openai_chat", ("openai_chat", "openai_responses")),
        (OPENAI, Mode.COMPLETE, "openai_chat", ("openai_chat",)),
        (OPENAI, Mode.EMBED, "openai_chat", ("openai_chat",)),
        (ANTHROPIC, Mode.COMPLETE, "openai_chat", ()),
        (ANTHROPIC, Mode.EMBED, "openai_chat", ()),
        (OPENAI, Mode.MODELS, "openai_chat", ()),
        (99_999, Mode.GENERATE, "openai_chat", ()),
    ],
)
def test_a_channel_does_what_its_provider_can(
    type: int, mode: Mode, dialect: DialectName, found: tuple[DialectName, ...]
) -> None:
    assert dialects_for(channel(1, type), wish(dialect, mode)) == found


def test_offers_are_remembered_for_a_routing() -> None:
    offers = Offers(routing(channel(1)))
    assert offers.find("default", wish()) is offers.find("default", wish())
    assert [option.channel.id for option in options((channel(1), channel(2, 99_999)), wish())] == [1]
