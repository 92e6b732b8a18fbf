"""Users: the list, one user's balance, spend and account, several at once."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import Gateway

PASSWORD = "password-1"


@pytest.fixture(scope="module", autouse=True)
def people(gateway: Gateway) -> None:
    """Ann, who called twice with a key of her own, Bob, and an administrator."""
    for name, role in (("ann", 1), ("bob", 1), ("boss", 10)):
        gateway.manage("POST", "/api/user/", {"username": name, "password": PASSWORD, "role": role})
    gateway.balance(5_000_000, ident(gateway, "ann"))
    token = gateway.call("POST", "/api/user/login", {"username": "ann", "password": PASSWORD}).json["data"]
    hers = {"Authorization": f"Bearer {token['access_token']}"}
    body = {"name": "ann-laptop", "unlimited_quota": True, "expired_time": -1}
    assert gateway.call("POST", "/api/token/", body, hers).json["success"]
    rows = gateway.call("GET", "/api/token/", None, hers).json["data"]["items"]
    key = gateway.call("POST", f"/api/token/{rows[0]['id']}/key", None, hers).json["data"]["key"]
    for model in ("sandbox", "sandbox-tools"):
        asked = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
        answer = gateway.call("POST", "/v1/chat/completions", asked, {"Authorization": f"Bearer {key}"})
        assert answer.status == 200, answer.body


def ident(gateway: Gateway, name: str) -> int:
    page: Any = gateway.manage("GET", f"/api/user/search?keyword={name}")
    return next(row["id"] for row in page["items"] if row["username"] == name)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_list_and_the_drawers_are_accessible(browser: Browser, gateway: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, gateway, size) as visitor:
        page = visitor.sign_in().open("/users").page
        expect(page.get_by_role("link", name="ann", exact=True)).to_be_visible()
        visitor.look("users")
        ann = ident(gateway, "ann")
        for query, button in ((f"open={ann}", "Add"), (f"open={ann}&tab=account", "Save"), ("edit=new", "Create user")):
            visitor.open(f"/users?{query}")
            expect(page.get_by_role("dialog").get_by_role("button", name=re.compile(button)).first).to_be_visible()
            visitor.look(f"users-{button.lower().replace(' ', '-')}")


def test_the_list_is_filtered_and_sorted(visitor: Visitor) -> None:
    page = visitor.open("/users").page
    expect(row(page, "ann")).to_contain_text("Enabled")
    page.get_by_label("Role").select_option("Administrator")
    expect(page.get_by_role("link", name="boss", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="ann", exact=True)).to_have_count(0)
    page.get_by_label("Role").select_option("Any role")
    page.get_by_label("Find a user by name, e-mail or id").fill("an")
    expect(page).to_have_url(re.compile("find=an"))
    expect(page.get_by_role("link", name="bob", exact=True)).to_have_count(0)
    page.get_by_label("Find a user by name, e-mail or id").fill("nobody-at-all")
    expect(page.get_by_text("No user fits these filters")).to_be_visible()
    visitor.open("/users?sort=username&order=asc")
    expect(page.get_by_role("row").nth(1)).to_contain_text("ann")


def test_a_balance_is_topped_up_in_three_actions_and_two_fields(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.open("/overview").page
    visitor.act(page.get_by_role("link", name="Users"))
    visitor.act(page.get_by_role("link", name="bob", exact=True))
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_label("Amount, USD")).to_be_focused()
    visitor.enter(sheet.get_by_label("Amount, USD"), "12.5")
    visitor.enter(sheet.get_by_label("Reason, kept in the audit log"), "March invoice")
    expect(sheet.get_by_role("status").filter(has_text="→")).to_have_text("$0.00 → $12.50")
    visitor.submit(sheet.get_by_label("Reason, kept in the audit log"))
    expect(sheet.get_by_text("$12.50", exact=True)).to_be_visible()
    assert (visitor.actions, visitor.fields) == (3, 2)
    lines = gateway.manage("GET", "/api/log/?type=3")["items"]
    assert lines[0]["content"].endswith("before: 0, because: March invoice")


def test_a_months_spend_is_two_actions_and_one_field_away(visitor: Visitor) -> None:
    page = visitor.open("/overview").page
    visitor.act(page.get_by_role("link", name="Users"))
    visitor.enter(page.get_by_label("Find a user by name, e-mail or id"), "ann")
    visitor.act(page.get_by_role("link", name="ann", exact=True))
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text(re.compile(r"^\$0\.\d+ for 2 requests and"))).to_be_visible()
    expect(sheet.get_by_role("row").filter(has_text="sandbox-tools")).to_contain_text("$0.")
    expect(sheet.get_by_role("row").filter(has_text="ann-laptop")).to_contain_text("2")
    assert (visitor.actions, visitor.fields) == (2, 1)
    sheet.get_by_label("Month").select_option("Last month")
    expect(sheet.get_by_text("$0.00 for 0 requests and 0 tokens")).to_be_visible()
    expect(sheet.get_by_role("link", name="Requests of ann")).to_have_attribute("href", "/requests?user=ann")


def test_a_user_is_made_edited_and_deleted(visitor: Visitor) -> None:
    page = visitor.open("/users").page
    page.get_by_role("button", name="New user").click()
    sheet = page.get_by_role("dialog", name="New user")
    sheet.get_by_label("Username").fill("carl")
    sheet.get_by_label("Password", exact=True).fill("short")
    sheet.get_by_role("button", name="Create user").click()
    expect(sheet.get_by_role("alert")).to_contain_text("The password must have 8 to 128 characters.")
    sheet.get_by_label("Password", exact=True).fill(PASSWORD)
    sheet.get_by_role("button", name="Create user").click()
    expect(sheet).to_have_count(0)
    page.get_by_role("link", name="carl", exact=True).click()
    page.get_by_role("tab", name="Account").click()
    sheet = page.get_by_role("dialog", name="carl")
    sheet.get_by_label("Display name").fill("Carl C.")
    sheet.get_by_label("Remark, seen by administrators").fill("a friend")
    sheet.get_by_label("Group").select_option("vip")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_text("carl is saved")).to_be_visible()
    expect(sheet.get_by_text("Group vip")).to_be_visible()
    sheet.get_by_role("button", name="Make administrator").click()
    question = page.get_by_role("dialog", name="Make carl an administrator?")
    assert visitor.violations() == []
    question.get_by_role("button", name="Make administrator").click()
    expect(sheet.get_by_text("Administrator", exact=True)).to_be_visible()
    sheet.get_by_role("button", name="Make plain user").click()
    page.get_by_role("dialog", name="Make carl a plain user?").get_by_role("button", name="Make plain user").click()
    expect(sheet.get_by_role("button", name="Make administrator")).to_be_visible()
    sheet.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog", name="Disable carl?").get_by_role("button", name="Disable").click()
    sheet.get_by_role("button", name="Enable").click()
    expect(sheet.get_by_role("button", name="Disable")).to_be_visible()
    sheet.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete carl?").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row(page, "carl")).to_contain_text("Deleted")


def test_several_users_at_once(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.open("/users").page
    for name in ("bob", "boss"):
        row(page, name).get_by_role("checkbox").check()
    expect(page.get_by_text("2 users selected")).to_be_visible()
    assert visitor.violations() == []
    visitor.shot("users-selected")
    page.get_by_role("button", name="Change balance").click()
    sheet = page.get_by_role("dialog", name="Change the balances of 2 users")
    sheet.get_by_text("Set", exact=True).click()
    sheet.get_by_label("Amount, USD").fill("3")
    sheet.get_by_role("button", name="Set to $3.00").click()
    expect(page.get_by_text("2 users selected")).to_have_count(0)
    for name in ("bob", "boss"):
        expect(row(page, name)).to_contain_text("$3.00")
        row(page, name).get_by_role("checkbox").check()
    page.get_by_label("Move to group").select_option("vip")
    page.get_by_role("dialog", name="Move 2 users to vip?").get_by_role("button", name="Move").click()
    expect(row(page, "bob")).to_contain_text("vip")
    row(page, "bob").get_by_role("checkbox").check()
    page.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog", name="Disable 1 user?").get_by_role("button", name="Disable").click()
    expect(row(page, "bob")).to_contain_text("Disabled")
    row(page, "bob").get_by_role("checkbox").check()
    page.get_by_role("button", name="Enable").click()
    expect(row(page, "bob")).to_contain_text("Enabled")
    found = gateway.manage("GET", f"/api/user/{ident(gateway, 'boss')}")
    assert (found["quota"], found["group"]) == (1_500_000, "vip")


def test_what_an_administrator_may_not_do_is_refused_in_place(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway) as visitor:
        page = visitor.sign_in("boss", PASSWORD).page
        visitor.open("/users")
        page.get_by_role("link", name="root", exact=True).click()
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("not above the other account")
        visitor.open(f"/users?open={ident(gateway, 'ann')}&tab=account")
        expect(page.get_by_role("button", name="Disable")).to_be_visible()
        expect(page.get_by_role("button", name="Make administrator")).to_have_count(0)
        visitor.open("/users?edit=new")
        expect(page.get_by_role("dialog").get_by_label("Username")).to_be_visible()
        expect(page.get_by_role("dialog").get_by_label("Role")).to_have_count(0)


def test_a_closed_drawer_gives_the_focus_back_to_its_row(visitor: Visitor) -> None:
    visitor.opens_and_closes_by_keyboard("/users", "ann")


def test_a_failure_can_be_tried_again(visitor: Visitor) -> None:
    visitor.fails_and_is_tried_again("/users", "/api/user/search")
    expect(visitor.page.get_by_role("link", name="ann", exact=True)).to_be_visible()


def test_rows_to_come_are_shown_as_such(visitor: Visitor) -> None:
    visitor.open("/overview").waits("Users", "/api/user/search")
    expect(visitor.page.get_by_role("link", name="ann", exact=True)).to_be_visible()
