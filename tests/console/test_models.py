"""Models and prices: the list, one model's price, several at once, groups."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import Gateway

PRICES = {"sandbox": 1, "sandbox-tools": 1, "claude-sonnet-4": 1.5}


@pytest.fixture(autouse=True)
def prices(gateway: Gateway) -> None:
    """The same prices, groups and channels before every test."""
    gateway.option("ModelRatio", PRICES)
    gateway.option("CompletionRatio", {"sandbox": 4})
    gateway.option("ModelPrice", {})
    gateway.option("GroupRatio", {"default": 1, "vip": 0.5})
    gateway.option("GroupGroupRatio", {})
    gateway.option("UserUsableGroups", {"default": "Everybody"})


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_list_and_the_drawers_are_accessible(browser: Browser, gateway: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, gateway, size) as visitor:
        page = visitor.sign_in().open("/models").page
        expect(page.get_by_role("link", name="sandbox", exact=True)).to_be_visible()
        visitor.look("models")
        for query, name in (("open=sandbox", "model"), ("edit=groups", "groups")):
            visitor.open(f"/models?{query}")
            expect(page.get_by_role("dialog")).to_be_visible()
            expect(page.get_by_role("button", name=re.compile("^Save"))).to_be_visible()
            visitor.look(f"models-{name}")


def test_the_list_says_what_is_served_and_what_it_costs(visitor: Visitor) -> None:
    page = visitor.open("/models").page
    sandbox = page.get_by_role("row").filter(has=page.get_by_role("link", name="sandbox", exact=True))
    for text in ("Served", "$2.00", "$8.00", "$2.00 / $8.00"):
        expect(sandbox).to_contain_text(text)
    reasoning = page.get_by_role("row").filter(has=page.get_by_role("link", name="sandbox-reasoning"))
    expect(reasoning).to_contain_text("No price")
    page.get_by_label("Prices in group").select_option("vip")
    expect(sandbox).to_contain_text("$1.00 / $4.00")
    page.get_by_label("Models shown").select_option("unpriced")
    expect(page.get_by_role("link", name="sandbox-reasoning")).to_be_visible()
    expect(page.get_by_role("link", name="sandbox", exact=True)).to_have_count(0)
    expect(page).to_have_url(re.compile("show=unpriced"))
    page.get_by_label("Models shown").select_option("all")
    page.get_by_label("Find a model").fill("claude-sonnet-4")
    expect(page.get_by_role("row").filter(has_text="Not served").first).to_be_visible()
    page.get_by_label("Find a model").fill("no-such-model")
    expect(page.get_by_text("No model's name contains “no-such-model”")).to_be_visible()


def test_a_price_is_changed_from_the_palette_in_three_actions(visitor: Visitor) -> None:
    page = visitor.open("/overview").page
    palette = page.get_by_role("dialog")
    visitor.act(page.get_by_role("button", name="Find or go to"))
    palette.get_by_role("combobox").fill("sandbox-tools")
    expect(palette.get_by_role("option").first).to_contain_text("sandbox-tools")
    visitor.submit(palette.get_by_role("combobox"))
    field = page.get_by_label("Input, USD per 1M", exact=True)
    expect(field).to_be_focused()
    visitor.enter(field, "6")
    expect(page.get_by_role("dialog").get_by_role("row").filter(has_text="Input")).to_contain_text("$2.00$6.00")
    visitor.submit(field)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="sandbox-tools")).to_contain_text("$6.00")
    assert (visitor.actions, visitor.fields) == (3, 1)


def test_before_and_after_and_the_group_are_spelled_out(visitor: Visitor) -> None:
    page = visitor.open("/models?open=sandbox&group=vip").page
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Input, USD per 1M", exact=True).fill("3")
    sheet.get_by_label("Output, USD per 1M", exact=True).fill("10")
    expect(sheet.get_by_role("row").filter(has_text="Output")).to_contain_text("$8.00$10.00$10.00 × 0.5 = $5.00")
    sheet.get_by_label("Of them cached").fill("500")
    expect(sheet.get_by_role("status")).to_contain_text("This call costs $0.004 in group vip.")
    visitor.shot("models-edited")
    sheet.get_by_role("button", name="Save price").click()
    expect(sheet).to_have_count(0)
    page.get_by_role("link", name="sandbox", exact=True).click()
    expect(sheet.get_by_label("Output, USD per 1M", exact=True)).to_have_value("$10")


def test_a_family_with_a_fixed_output_says_so(visitor: Visitor) -> None:
    page = visitor.open("/models?open=claude-sonnet-4").page
    output = page.get_by_label("Output, USD per 1M", exact=True)
    expect(output).to_be_disabled()
    expect(output).to_have_value("$15")
    page.get_by_label("Input, USD per 1M", exact=True).fill("4")
    expect(output).to_have_value("$20")
    expect(page.get_by_text("Always 5 × input in this family")).to_be_visible()


def test_a_price_per_call_and_the_way_back(visitor: Visitor) -> None:
    page = visitor.open("/models?open=sandbox").page
    sheet = page.get_by_role("dialog")
    sheet.get_by_text("Per call", exact=True).click()
    sheet.get_by_label("USD per call").fill("0.04")
    sheet.get_by_role("button", name="Save price").click()
    sandbox = page.get_by_role("row").filter(has=page.get_by_role("link", name="sandbox", exact=True))
    expect(sandbox).to_contain_text("$0.04 a call")
    page.get_by_role("link", name="sandbox", exact=True).click()
    sheet.get_by_role("button", name="Reset to the shipped price").click()
    question = page.get_by_role("dialog", name="Back to the shipped price?")
    expect(question).to_contain_text("No price is shipped for sandbox")
    assert visitor.violations() == []
    question.get_by_role("button", name="Reset to the shipped price").click()
    expect(sandbox).to_contain_text("No price")


def test_a_price_that_somebody_else_changed_is_told_and_read_again(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.open("/models?open=sandbox").page
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Input, USD per 1M", exact=True).fill("3")
    gateway.option("ModelRatio", PRICES | {"sandbox": 5})
    sheet.get_by_role("button", name="Save price").click()
    expect(sheet.get_by_role("alert")).to_contain_text("sandbox now costs $10 in, $40 out")
    sheet.get_by_role("button", name="Try again").click()
    expect(sheet.get_by_label("Input, USD per 1M", exact=True)).to_have_value("$10")


def test_one_price_for_several_models(visitor: Visitor) -> None:
    page = visitor.open("/models").page
    for model in ("sandbox-reasoning", "sandbox-tools"):
        page.get_by_role("row").filter(has_text=model).get_by_role("checkbox").check()
    expect(page.get_by_text("2 models selected")).to_be_visible()
    page.get_by_role("button", name="Set one price").click()
    sheet = page.get_by_role("dialog", name="One price for 2 models")
    sheet.get_by_label("Input, USD per 1M", exact=True).fill("0.5")
    sheet.get_by_label("Output, USD per 1M", exact=True).fill("1.5")
    visitor.shot("models-several")
    assert visitor.violations() == []
    sheet.get_by_role("button", name="Save 2 prices").click()
    expect(page.get_by_text("2 models selected")).to_have_count(0)
    for model in ("sandbox-reasoning", "sandbox-tools"):
        expect(page.get_by_role("row").filter(has_text=model)).to_contain_text("$0.50 / $1.50")


def test_groups_are_edited_together(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.open("/models").page
    page.get_by_role("button", name="Groups").click()
    sheet = page.get_by_role("dialog", name="Groups and multipliers")
    expect(sheet.get_by_label("Multiplier of default")).to_be_focused()
    sheet.get_by_label("Multiplier of default").fill("1.5")
    sheet.get_by_role("button", name="Add a group").click()
    sheet.get_by_role("group", name="new group").get_by_label("Group", exact=True).fill("pro")
    sheet.get_by_label("Multiplier of pro").fill("2")
    sheet.get_by_label("Everybody may choose pro").check()
    sheet.get_by_role("button", name="Remove the group vip").click()
    sheet.get_by_role("button", name="Add an exception").click()
    sheet.get_by_role("group", name="default in default").get_by_label("Calling in").select_option("pro")
    sheet.get_by_role("button", name="Save groups").click()
    expect(sheet).to_have_count(0)
    found = gateway.manage("GET", "/api/console/groups")
    assert [(one["name"], one["ratio"], one["is_open"]) for one in found["groups"]] == [
        ("default", 1.5, True),
        ("pro", 2, True),
    ]
    assert found["special"] == [{"user_group": "default", "group": "pro", "ratio": 1}]


def test_a_refused_group_is_told_in_place(visitor: Visitor) -> None:
    page = visitor.open("/models?edit=groups").page
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Add a group").click()
    sheet.get_by_role("group", name="new group").get_by_label("Group", exact=True).fill("auto")
    sheet.get_by_role("button", name="Save groups").click()
    expect(sheet.get_by_role("alert")).to_contain_text("A group cannot be called 'auto'.")


def test_a_user_reads_its_prices(browser: Browser, gateway: Gateway) -> None:
    gateway.call("POST", "/api/user/", {"username": "reader", "password": "password-1"}, _root(gateway))
    with visit(browser, gateway) as visitor:
        page = visitor.sign_in("reader", "password-1").page
        visitor.open("/models")
        expect(page.get_by_role("link", name="sandbox", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Groups")).to_have_count(0)
        expect(page.get_by_role("columnheader", name="Channels")).to_have_count(0)
        expect(page.get_by_role("checkbox")).to_have_count(0)
        page.get_by_role("link", name="sandbox", exact=True).click()
        sheet = page.get_by_role("dialog")
        expect(sheet.get_by_role("row").filter(has_text="Input")).to_contain_text("$2.00 × 1 = $2.00")
        expect(sheet.get_by_role("button", name="Save price")).to_have_count(0)
        assert visitor.violations() == []


def _root(gateway: Gateway) -> dict[str, str]:
    return {"Authorization": f"Bearer {gateway.token}"}


def test_a_closed_drawer_gives_the_focus_back_to_its_row(visitor: Visitor) -> None:
    visitor.opens_and_closes_by_keyboard("/models", "sandbox")


def test_a_failure_can_be_tried_again(visitor: Visitor) -> None:
    visitor.fails_and_is_tried_again("/models", "/api/console/models")
    expect(visitor.page.get_by_role("link", name="sandbox", exact=True)).to_be_visible()


def test_rows_to_come_are_shown_as_such(visitor: Visitor) -> None:
    visitor.open("/overview").waits("Models & prices", "/api/console/models")
    expect(visitor.page.get_by_role("link", name="sandbox", exact=True)).to_be_visible()


def test_the_page_speaks_chinese(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway, language="zh-CN") as visitor:
        visitor.sign_in().open("/models?open=sandbox")
        expect(visitor.page.get_by_role("button", name="保存价格")).to_be_visible()
        visitor.shot("models-zh")
