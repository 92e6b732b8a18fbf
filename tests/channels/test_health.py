"""Breakers: when a credential is tried again after failures, however many there were."""

import pytest

from faregate.channels.health import Health
from tests.relay.making import HandClock

CELL = (20, "m")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def paused(health: Health, clock: HandClock, at_least: float, at_most: float) -> bool:
    """True when the pause that begins now has a length between these."""
    clock.advance(at_least)
    early = health.may_try(*CELL)
    clock.advance(at_most - at_least)
    return not early and health.may_try(*CELL)


def fail(health: Health, times: int, **more: float) -> None:
    for _ in range(times):
        health.failed(*CELL, **more)


def test_calls_that_fail_together_make_one_short_pause(clock: HandClock) -> None:
    health = Health(clock)
    fail(health, 64)
    assert paused(health, clock, 1.5, 2.5)


def test_each_failed_trial_doubles_the_pause_up_to_its_longest(clock: HandClock) -> None:
    health = Health(clock)
    fail(health, 5)
    for pause in (2, 4, 8, 16, 32, 64, 120, 120):
        assert paused(health, clock, pause * 0.79, pause * 1.21)
        health.begin(*CELL)
        fail(health, 1)


def test_an_outage_of_ten_thousand_calls_ends_with_one_that_succeeds(clock: HandClock) -> None:
    health = Health(clock)
    for _ in range(10_000):  # with no other credential the only one is tried all the same
        health.begin(*CELL)
        fail(health, 1)
        health.ended(*CELL)
    assert paused(health, clock, 90, 150)
    health.begin(*CELL)
    health.succeeded(*CELL)
    assert (health.may_try(*CELL), health.score(*CELL)) == (True, 1)


def test_a_provider_that_names_its_time_is_left_alone_so_long(clock: HandClock) -> None:
    health = Health(clock)
    fail(health, 1, retry_after_s=30)
    clock.advance(20)
    fail(health, 1, retry_after_s=30)
    assert paused(health, clock, 29, 31)
    health.begin(*CELL)
    fail(health, 1, retry_after_s=100_000)
    assert paused(health, clock, 119, 121)
