"""The profile: names, password, sessions, access token, appearance, notifications."""

import itertools
import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import Gateway

PASSWORD, OTHER = "ada-first-pass", "ada-second-pass"
NUMBERS = itertools.count(1)


@pytest.fixture
def name(gateway: Gateway) -> str:
    """A new user's name."""
    found = f"ada{next(NUMBERS)}"
    gateway.manage("POST", "/api/user/", {"username": found, "password": PASSWORD, "display_name": "Ada", "role": 1})
    return found


@pytest.fixture
def ada(browser: Browser, gateway: Gateway, name: str) -> Iterator[Visitor]:
    """The new user, signed in."""
    with visit(browser, gateway) as visitor:
        yield visitor.sign_in(name, PASSWORD).open("/profile")


def enter(visitor: Visitor, name: str, password: str) -> None:
    visitor.open("/sign-in?then=/profile")
    visitor.page.get_by_label("Name or e-mail").fill(name)
    visitor.page.get_by_label("Password", exact=True).fill(password)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("heading", name="Profile", level=1)).to_be_visible()


def setting(visitor: Visitor, name: str, said: str) -> dict[str, object]:
    """What the server stores of a user's settings."""
    expect(visitor.page.get_by_text(said, exact=True).last).to_be_visible()
    body = {"username": name, "password": PASSWORD}
    answer = visitor.gateway.call("POST", "/api/user/login", body).json
    return json.loads(answer["data"]["user"]["setting"])


def test_names_are_changed_and_shown_at_once(ada: Visitor, name: str) -> None:
    page = ada.page
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    page.get_by_label("Display name").fill("Ada L.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Ada L.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("root")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("'root' is already")
    assert ada.violations() == []


def test_the_password_is_changed_with_the_present_one(browser: Browser, ada: Visitor, name: str) -> None:
    page = ada.page
    page.get_by_role("link", name="Security").click()
    page.get_by_label("Present password", exact=True).fill("not the password")
    page.get_by_label("New password").fill(OTHER)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_contain_text("The present password is wrong.")
    page.get_by_label("Present password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    expect(page.get_by_label("Present password", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_role("heading", name="Sign-in sessions")).to_be_visible()
    with visit(browser, ada.gateway) as again:
        enter(again, name, OTHER)


def test_sessions_are_told_by_device_and_ended(browser: Browser, ada: Visitor, name: str) -> None:
    page = ada.page
    with visit(browser, ada.gateway) as second:
        enter(second, name, PASSWORD)
        page.get_by_role("link", name="Security").click()
        expect(page.get_by_text("Chrome, Linux, this session")).to_be_visible()
        page.get_by_role("button", name="Sign out", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Chrome, Linux must sign in again.")
        dialog.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign out all others")).to_be_hidden()
        second.page.reload()
        expect(second.page).to_have_url(re.compile("/sign-in"))


def test_all_other_sessions_end_at_once(ada: Visitor, name: str) -> None:
    for _ in range(2):
        ada.gateway.call("POST", "/api/user/login", {"username": name, "password": PASSWORD})
    page = ada.open("/profile?tab=security").page
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Sign out all others").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out all others").click()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)
    expect(page.get_by_text("this session")).to_be_visible()


def test_an_access_token_is_shown_once(ada: Visitor, name: str) -> None:
    page = ada.open("/profile?tab=security").page
    page.get_by_role("button", name="Generate a token").click()
    page.get_by_role("dialog").get_by_role("button", name="Generate a token").click()
    shown = page.get_by_role("status").filter(has_text="Copy it now")
    token = shown.locator(".mono").inner_text()
    answer = ada.gateway.call("GET", "/api/user/self", headers={"Authorization": f"Bearer {token}"}).json
    assert answer["data"]["username"] == name
    page.reload()
    expect(page.get_by_role("button", name="Generate a token")).to_be_visible()
    expect(shown).to_be_hidden()


def test_theme_and_language_are_chosen(ada: Visitor, name: str) -> None:
    page = ada.open("/profile?tab=appearance").page
    page.get_by_label("Dark").check()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.get_by_label("简体中文").click()
    expect(page.get_by_role("heading", name="个人资料", level=1)).to_be_visible()
    assert setting(ada, name, "已保存")["language"] == "zh-CN"
    ada.shot("profile-appearance-zh-dark")
    assert ada.violations() == []


def test_notifications_are_stored(ada: Visitor, name: str) -> None:
    page = ada.open("/profile?tab=notifications").page
    page.get_by_label("Tell me when the balance falls below").fill("2.5")
    page.get_by_label("By", exact=True).select_option("webhook")
    page.get_by_label("Webhook address").fill("https://hooks.example/low")
    page.get_by_label("Secret", exact=True).fill("whisper")
    page.get_by_label("Record my IP address").check()
    page.get_by_role("button", name="Save").click()
    stored = setting(ada, name, "Saved")
    assert stored["quota_warning_threshold"] == 1_250_000
    assert (stored["webhook_url"], stored["webhook_secret"]) == ("https://hooks.example/low", "whisper")
    assert (stored["notify_type"], stored["record_ip_log"]) == ("webhook", True)
    page.reload()
    expect(page.get_by_label("Webhook address")).to_have_value("https://hooks.example/low")
    page.get_by_label("By", exact=True).select_option("gotify")
    page.get_by_label("Gotify server").fill("https://g.example")
    expect(page.get_by_label("Priority, 0 to 10")).to_have_value("5")
    assert ada.violations() == []


def test_loading_and_failing_are_told(ada: Visitor) -> None:
    page = ada.page
    refusal = json.dumps({"success": False, "message": "the database is away"})
    page.route("**/api/user/sessions", lambda route: route.fulfill(status=503, body=refusal, content_type="text/json"))
    ada.open("/profile?tab=security")
    expect(page.get_by_role("alert")).to_contain_text("the database is away")
    page.unroute("**/api/user/sessions")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("this session")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_part_has_a_violation(browser: Browser, gateway: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, gateway, size) as visitor:
        visitor.sign_in()
        parts = (("account", "Names"), ("security", "Sign-in sessions"), ("appearance", "Theme"))
        for tab, heading in (*parts, ("notifications", "Low balance")):
            visitor.open(f"/profile?tab={tab}")
            expect(visitor.page.get_by_role("heading", name=heading)).to_be_visible()
            current = visitor.page.get_by_role("navigation", name="Parts of the profile").locator("[aria-current]")
            expect(current).to_have_text(tab.capitalize())
            visitor.look(f"profile-{tab}")
