"""The overview: figures beside the time before, use over time, what needs attention, the latest failures."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.console.test_requests import call
from tests.serving import Gateway


@pytest.fixture(scope="module")
def busy(gateway: Gateway) -> Gateway:
    """A gateway with some traffic, a failing channel and a model without a price."""
    gateway.balance(5_000_000)
    key = gateway.key()
    gateway.channel("sandbox-unpriced", name="second")
    for number in range(6):
        call(gateway, key, f"call {number} with some more words")
    call(gateway, key, "ping", model="sandbox-tools")
    for _ in range(8):
        call(gateway, key, "fail", sandbox={"status": 500})
    return gateway


@pytest.fixture
def reader(browser: Browser, busy: Gateway) -> Iterator[Visitor]:
    """Root on the overview."""
    with visit(browser, busy) as here:
        yield here.sign_in().open("/overview")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_page_has_no_violation(browser: Browser, busy: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, busy, size) as reader:
        reader.sign_in().open("/overview")
        expect(reader.page.get_by_role("link", name="sandbox", exact=True)).to_be_visible()
        expect(reader.page.locator("canvas")).to_be_visible()
        reader.look("overview")


def test_who_asks_for_less_motion_sees_colours_change_at_once(reader: Visitor) -> None:
    durations = "[...document.querySelectorAll('*')].map((one) => getComputedStyle(one).transitionDuration)"
    assert set(reader.page.evaluate(durations)) == {"0s"}


def test_figures_tell_of_the_time(reader: Visitor) -> None:
    main = reader.page.get_by_role("main")
    expect(main.get_by_text("used so far")).to_be_visible()
    for label, value in (("Requests", "7"), ("Failed requests", "8")):
        expect(main.locator("div").filter(has_text=re.compile(f"^{label}{value}None before$")).first).to_be_visible()


def test_an_entry_leads_to_its_requests(reader: Visitor) -> None:
    reader.page.get_by_role("link", name="sandbox-tools", exact=True).click()
    expect(reader.page).to_have_url(re.compile("model=sandbox-tools"))
    expect(reader.page.locator("tbody tr")).to_have_count(1)


def test_measure_dimension_and_time_stand_in_the_address(reader: Visitor) -> None:
    page = reader.page
    page.get_by_label("Measure").select_option("errors")
    page.get_by_label("By", exact=True).select_option("channel")
    page.get_by_text("7 days", exact=True).click()
    expect(page).to_have_url(re.compile("range=7d"))
    expect(page).to_have_url(re.compile("measure=errors"))
    expect(page).to_have_url(re.compile("dimension=channel"))
    page.reload()
    expect(page.get_by_label("Measure")).to_have_value("errors")
    page.get_by_role("link", name="channel-1001", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(8)


def test_what_needs_attention_leads_to_where_it_is_mended(reader: Visitor) -> None:
    page = reader.page
    panel = page.get_by_role("region", name="Needs attention")
    expect(panel).to_contain_text("1 served model has no price and is refused: sandbox-unpriced")
    expect(panel.get_by_role("link", name="Set prices")).to_have_attribute("href", "/models")
    expect(panel).to_contain_text("Channel channel-1001: 8 of 15 calls failed in the last hour.")
    panel.get_by_role("link", name="Show the failures").click()
    expect(page.locator("tbody tr")).to_have_count(8)


def test_the_latest_failures_open(reader: Visitor) -> None:
    page = reader.page
    panel = page.get_by_role("region", name="Latest failures")
    expect(panel.get_by_role("listitem")).to_have_count(5)
    panel.get_by_role("link", name="the sandbox was asked to fail").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("the sandbox was asked to fail with status 500")


def test_a_failure_is_told_and_tried_again(reader: Visitor) -> None:
    reader.fails_and_is_tried_again("/overview?range=30d", "/api/console/usage?")
    expect(reader.page.locator("canvas")).to_be_visible()


def test_a_user_without_anything_is_shown_the_next_step(browser: Browser, busy: Gateway) -> None:
    busy.manage("POST", "/api/user/", {"username": "ann", "password": "a-long-pass", "role": 1})
    with visit(browser, busy) as ann:
        page = ann.sign_in("ann", "a-long-pass").open("/overview").page
        expect(page.get_by_role("link", name="Make a key")).to_have_attribute("href", "/keys")
        expect(page.get_by_text("Nothing in this time")).to_be_visible()
        expect(page.get_by_role("link", name="Open the playground")).to_be_visible()
        expect(page.get_by_text("No request failed in the last 7 days.")).to_be_visible()
        values = page.get_by_label("By", exact=True).locator("option").evaluate_all("(all) => all.map((o) => o.value)")
        assert values == ["none", "model", "key", "group"]
        ann.shot("overview-empty")
        assert ann.violations() == []
