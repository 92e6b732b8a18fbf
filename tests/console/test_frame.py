"""The frame of the console: signing in, moving about by keyboard and palette, languages, both schemes."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import Gateway


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_public_pages_have_no_violation(browser: Browser, gateway: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, gateway, size) as visitor:
        for path in ("/", "/sign-in"):
            visitor.open(path)
            expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
            visitor.look(f"public{path.replace('/', '-')}")


def test_a_wrong_password_is_told_in_place(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway) as visitor:
        visitor.open("/sign-in")
        visitor.page.get_by_label("Name or e-mail").fill("root")
        visitor.page.get_by_label("Password", exact=True).fill("not the password")
        visitor.page.get_by_role("button", name="Sign in").click()
        expect(visitor.page.get_by_role("alert")).to_contain_text("wrong")
        assert visitor.violations() == []


def test_signing_in_leads_to_the_page_that_was_asked_for(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway) as visitor:
        visitor.open("/keys")
        expect(visitor.page).to_have_url(re.compile("/sign-in"))
        visitor.page.get_by_label("Name or e-mail").fill("root")
        visitor.page.get_by_label("Password", exact=True).fill("a-long-root-pass")
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.get_by_role("heading", name="API keys", level=1)).to_be_visible()
        visitor.page.reload()
        expect(visitor.page.get_by_role("heading", name="API keys", level=1)).to_be_visible()


def test_the_palette_finds_pages_and_objects(visitor: Visitor) -> None:
    page = visitor.open("/overview").page
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    field = palette.get_by_role("combobox")
    expect(field).to_be_focused()
    assert visitor.violations() == []
    field.fill("channel-1001")
    expect(palette.get_by_role("option").first).to_contain_text("channel-1001")
    field.fill("Users")
    field.press("Enter")
    expect(page.get_by_role("heading", name="Users", level=1)).to_be_visible()


@pytest.mark.parametrize(
    "path",
    ["overview", "playground", "keys", "requests", "channels", "models", "users", "settings", "profile"],
)
def test_the_first_control_of_a_page_is_at_most_three_stops_away(visitor: Visitor, path: str) -> None:
    page = visitor.open(f"/{path}").page
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_g_and_a_letter_go_to_a_page(visitor: Visitor) -> None:
    visitor.open("/overview")
    visitor.page.locator("body").press("g")
    visitor.page.locator("body").press("c")
    expect(visitor.page.get_by_role("heading", name="Channels", level=1)).to_be_visible()


def test_the_console_speaks_chinese(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway, language="zh-CN") as visitor:
        visitor.open("/sign-in")
        expect(visitor.page.get_by_role("button", name="登录")).to_be_visible()
        expect(visitor.page.locator("html")).to_have_attribute("lang", "zh")
        visitor.page.get_by_role("button", name="English").click()
        expect(visitor.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_signing_out_ends_the_session(visitor: Visitor) -> None:
    page = visitor.open("/overview").page
    page.get_by_role("button", name="Root User").click()
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to", level=1)).to_be_visible()
    visitor.open("/overview")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_session_that_was_ended_elsewhere_leads_to_signing_in_and_back(visitor: Visitor) -> None:
    page = visitor.open("/keys").page
    page.route("**/api/console/requests*", lambda route: route.fulfill(status=401, json={"success": False}))
    page.get_by_role("link", name="Requests").click()
    expect(page).to_have_url(re.compile("/sign-in.*then=.*requests"))
    expect(page.get_by_role("heading", name="Sign in to", level=1)).to_be_visible()


@pytest.mark.parametrize("status", [429, 503])
def test_a_session_that_cannot_be_renewed_just_now_is_not_lost(visitor: Visitor, status: int) -> None:
    page = visitor.page
    page.route("**/api/user/auth/refresh", lambda route: route.fulfill(status=status, json={"success": False}))
    visitor.open("/keys")
    expect(page.get_by_role("alert")).to_be_visible()
    assert visitor.violations() == []
    page.unroute("**/api/user/auth/refresh")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="API keys", level=1)).to_be_visible()
    assert all("RenewalFailed" in fault for fault in visitor.faults), visitor.faults
    visitor.faults.clear()


@pytest.mark.parametrize("path", ["users", "channels", "channels/new", "channels/1"])
def test_pages_for_administrators_lead_others_to_their_own(browser: Browser, gateway: Gateway, path: str) -> None:
    name = f"plain-{path.replace('/', '-')}"
    gateway.manage("POST", "/api/user/", {"username": name, "password": "plain-password", "role": 1})
    with visit(browser, gateway) as visitor:
        visitor.sign_in(name, "plain-password").open(f"/{path}")
        expect(visitor.page).to_have_url(re.compile("/overview"))
