"""Settings: found by name or option key, changed together, saved at once, taken back, and told when overtaken."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.browser import NARROW, WIDE, Visitor, hold, visit
from tests.serving import Gateway


def option(gateway: Gateway, key: str) -> str:
    return next(row["value"] for row in gateway.manage("GET", "/api/option/") if row["key"] == key)


def control(page: Page, key: str):
    return page.locator(f"[data-setting='{key}']")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_page_has_no_violation(browser: Browser, gateway: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, gateway, size) as visitor:
        visitor.sign_in().open("/settings")
        expect(visitor.page.get_by_role("heading", name="Routing")).to_be_visible()
        visitor.look("settings")


_WATCH_HEADING = """() => {
  window.vanished = 0
  const look = () => { window.vanished += document.querySelector("main h1")?.checkVisibility() ? 0 : 1 }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributeFilter: ["style"] })
}"""


def test_the_page_stays_while_its_data_comes(visitor: Visitor) -> None:
    page = visitor.open("/overview").page
    release = hold(page, "**/api/console/settings")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("main").get_by_role("status", name="Loading")).to_be_visible()
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    page.evaluate(_WATCH_HEADING)
    release()
    expect(page.get_by_role("heading", name="Routing")).to_be_visible()
    assert page.evaluate("window.vanished") == 0


def test_several_settings_are_saved_at_once_and_taken_back(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.open("/settings").page
    control(page, "RetryTimes").fill("7")
    control(page, "Footer").fill("below")
    expect(page.get_by_text("2 unsaved changes")).to_be_visible()
    assert visitor.violations() == []
    visitor.shot("settings-unsaved")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("unsaved changes")).to_have_count(0)
    assert (option(gateway, "RetryTimes"), option(gateway, "Footer")) == ("7", "below")
    page.get_by_role("button", name="History of Footer").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("below")).to_be_visible()
    assert visitor.violations() == []
    visitor.shot("settings-history")
    sheet.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog", name="Take this change back?").get_by_role("button", name="Take back").click()
    expect(page.get_by_role("dialog", name="Take this change back?")).to_have_count(0)
    assert option(gateway, "Footer") == ""


def test_a_setting_is_found_by_its_option_key_and_by_the_palette(visitor: Visitor) -> None:
    page = visitor.open("/settings").page
    page.get_by_label("Find a setting by name, option key or section").fill("AutomaticDisableKeywords")
    expect(page.locator("[data-setting]")).to_have_count(1)
    expect(page).to_have_url(re.compile("find=AutomaticDisableKeywords"))
    page.get_by_label("Find a setting by name, option key or section").fill("no such thing")
    expect(page.get_by_text("No setting matches no such thing")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("RetryTimes")
    page.get_by_role("option").first.click()
    expect(control(page, "RetryTimes")).to_be_visible()
    expect(page.locator("[data-setting]")).to_have_count(1)


def test_a_value_that_does_not_fit_is_told_before_and_after_saving(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.open("/settings").page
    control(page, "GroupRatio").fill("{")
    expect(page.get_by_text("This is not valid JSON.")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    control(page, "GroupRatio").fill(json.dumps({"default": -1}))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("GroupRatio")
    page.get_by_role("button", name="Discard").click()
    assert json.loads(option(gateway, "GroupRatio"))["default"] == 1


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.open("/settings").page
    control(page, "SystemName").fill("Mine")
    gateway.option("SystemName", "Theirs")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("SystemName was changed by root")
    assert option(gateway, "SystemName") == "Theirs"
    page.get_by_role("button", name="Discard").click()
    gateway.option("SystemName", "Faregate")


def test_a_failure_to_load_can_be_tried_again(visitor: Visitor) -> None:
    page = visitor.page
    page.route(
        "**/api/console/settings", lambda route: route.fulfill(status=503, json={"success": False, "message": "away"})
    )
    visitor.open("/settings")
    expect(page.get_by_role("alert")).to_contain_text("away")
    assert visitor.violations() == []
    page.unroute("**/api/console/settings")
    page.get_by_role("button", name="Try again").click()
    expect(control(page, "RetryTimes")).to_be_visible()


def test_nobody_but_root_sees_settings(browser: Browser, gateway: Gateway) -> None:
    gateway.manage("POST", "/api/user/", {"username": "plain", "password": "plain-password", "role": 1})
    with visit(browser, gateway) as visitor:
        visitor.sign_in("plain", "plain-password").open("/overview")
        expect(visitor.page.get_by_role("link", name="Settings")).to_have_count(0)
        visitor.open("/settings")
        expect(visitor.page).to_have_url(re.compile("/overview"))
