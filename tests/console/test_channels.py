"""Channels in the console: the list and what is done from it, making one, editing one, its keys."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.console.upstream import Upstream
from tests.serving import Gateway

LIST = "/api/console/channels?page_size=100"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """A provider that answers."""
    running = Upstream()
    yield running
    running.stop()


@pytest.fixture(scope="module", autouse=True)
def priced(gateway: Gateway) -> None:
    """All models but one have a price."""
    names = ("sandbox", "sandbox-tools", "gpt-4o", "gpt-4o-mini")
    gateway.option("ModelRatio", dict.fromkeys(names, 1))


@pytest.fixture(autouse=True)
def only_three(gateway: Gateway, upstream: Upstream) -> dict[str, int]:
    """Three channels, whatever the test before left: the sandbox, one with a wrong key, one with three keys."""
    ids = [row["id"] for row in gateway.manage("GET", LIST)["items"]]
    if ids:
        gateway.manage("POST", "/api/channel/batch", {"ids": ids})
    good = gateway.channel("sandbox,sandbox-tools", name="Playground", tag="internal", priority=10)
    bad = gateway.channel("gpt-4o,house-model", 1, name="Broken", key="sk-wrong-key", base_url=upstream.url)
    keys = "sk-first-key-aaaa1111\nsk-second-key-bbbb2222\nsk-third-key-cccc3333"
    fields = {"type": 1, "name": "Many", "key": keys, "models": "gpt-4o", "group": "default,vip", "tag": "bulk"}
    body = {"mode": "multi_to_single", "channel": {**fields, "base_url": upstream.url}}
    (many,) = gateway.manage("POST", "/api/console/channels", body)
    return {"Playground": good, "Broken": bad, "Many": many}


def row(page: Page, name: str) -> Locator:
    """The row of a channel."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def menu(page: Page, name: str, item: str) -> None:
    """Choose something from a row's menu."""
    row(page, name).get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def stored(gateway: Gateway, ident: int) -> Any:
    return gateway.manage("GET", f"/api/channel/{ident}")


# --- the list -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_have_no_violation(browser: Browser, gateway: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, gateway, size) as visitor:
        visitor.sign_in()
        for path in ("/channels", "/channels?by=tag", "/channels/new", "/channels/new?type=1"):
            visitor.open(path)
            expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
            visitor.look(f"channels{re.sub('[^a-z0-9]+', '-', path[9:])}")


def test_a_test_from_the_row_stays_in_the_row(visitor: Visitor) -> None:
    page = visitor.open("/channels").page
    row(page, "Playground").get_by_role("button", name="Test Playground").click()
    expect(row(page, "Playground")).to_contain_text(re.compile(r"\d+ ms"))
    row(page, "Broken").get_by_role("button", name="Test Broken").click()
    expect(row(page, "Broken")).to_contain_text("Incorrect API key provided.")
    page.reload()
    expect(row(page, "Broken")).to_contain_text("Incorrect API key provided.")


def test_all_channels_are_tested_from_the_page(visitor: Visitor) -> None:
    page = visitor.open("/channels").page
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Test all channels").click()
    expect(row(page, "Broken")).to_contain_text("Incorrect API key provided.")
    expect(row(page, "Many")).to_contain_text(re.compile(r"\d+ ms"))


def test_an_auto_disabled_channel_says_why(visitor: Visitor, gateway: Gateway, only_three: dict[str, int]) -> None:
    gateway.option("AutomaticDisableChannelEnabled", "true")
    page = visitor.open("/channels").page
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Test all channels").click()
    expect(row(page, "Broken")).to_contain_text("Auto-disabled")
    expect(row(page, "Broken")).to_contain_text(re.compile("ago|now.*Incorrect API key provided", re.DOTALL))
    gateway.option("AutomaticDisableChannelEnabled", "false")
    page.get_by_label("Any status").select_option("Auto-disabled")
    expect(row(page, "Playground")).to_have_count(0)
    expect(row(page, "Broken")).to_be_visible()
    expect(page).to_have_url(re.compile("status=by_itself"))
    assert visitor.violations() == []


def test_priority_and_weight_are_edited_in_place(
    visitor: Visitor, gateway: Gateway, only_three: dict[str, int]
) -> None:
    page = visitor.open("/channels").page
    priority = page.get_by_label("Priority of Many")
    priority.fill("70")
    priority.press("Enter")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Many")
    weight = page.get_by_label("Weight of Many")
    weight.fill("-1")
    weight.blur()
    expect(page.get_by_text("A whole number, 0 or more.")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        weight.fill("4")
        weight.blur()
    found = stored(gateway, only_three["Many"])
    assert (found["priority"], found["weight"]) == (70, 4)


def test_filters_live_in_the_address(visitor: Visitor) -> None:
    page = visitor.open("/channels").page
    page.get_by_label("Any group").select_option("vip")
    expect(row(page, "Many")).to_be_visible()
    expect(row(page, "Playground")).to_have_count(0)
    page.get_by_role("button", name="Clear filters").click()
    expect(row(page, "Playground")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Name, address or id")).to_be_focused()
    page.keyboard.type("broke")
    expect(row(page, "Playground")).to_have_count(0)
    expect(page).to_have_url(re.compile("q=broke"))
    page.reload()
    expect(row(page, "Broken")).to_be_visible()
    expect(page.get_by_label("Name, address or id")).to_have_value("broke")
    visitor.open("/channels?q=nothing-like-this")
    expect(page.get_by_text("No channel fits these filters")).to_be_visible()
    visitor.open("/channels?tag=internal&type=1001")
    expect(row(page, "Playground")).to_be_visible()
    expect(row(page, "Many")).to_have_count(0)


def test_several_are_switched_tagged_and_deleted(
    visitor: Visitor, gateway: Gateway, only_three: dict[str, int]
) -> None:
    page = visitor.open("/channels").page
    for name in ("Broken", "Many"):
        row(page, name).get_by_role("checkbox").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    bar = page.get_by_role("toolbar", name="Selected channels")
    bar.get_by_role("button", name="Disable").click()
    expect(row(page, "Broken")).to_contain_text("Disabled")
    bar.get_by_role("button", name="Enable").click()
    expect(row(page, "Broken")).to_contain_text("Enabled")
    bar.get_by_role("button", name="Set tag").click()
    assert visitor.violations() == []
    page.get_by_role("textbox", name="Tag").fill("night")
    page.get_by_role("textbox", name="Tag").press("Enter")
    expect(row(page, "Many")).to_contain_text("night")
    bar.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("Broken")
    assert visitor.violations() == []
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row(page, "Many")).to_have_count(0)
    assert [one["name"] for one in gateway.manage("GET", LIST)["items"]] == ["Playground"]


def test_a_row_is_copied_switched_and_deleted_from_its_menu(visitor: Visitor) -> None:
    page = visitor.open("/channels").page
    menu(page, "Many", "Disable")
    expect(row(page, "Many")).to_contain_text("Disabled")
    menu(page, "Many", "Duplicate")
    expect(page.get_by_role("heading", name="Many copy", level=1)).to_be_visible()
    visitor.open("/channels")
    menu(page, "Many copy", "Delete")
    page.get_by_role("dialog", name="Delete “Many copy”").get_by_role("button", name="Delete").click()
    expect(row(page, "Many copy")).to_have_count(0)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete disabled channels").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row(page, "Many")).to_have_count(0)
    expect(row(page, "Playground")).to_be_visible()


def test_a_tag_is_switched_and_edited(visitor: Visitor, gateway: Gateway, only_three: dict[str, int]) -> None:
    page = visitor.open("/channels").page
    page.get_by_role("button", name="Group by tag").click()
    expect(page.get_by_role("heading", name="internal", level=2)).to_be_visible()
    expect(page.get_by_role("heading", name="Without a tag", level=2)).to_be_visible()
    page.get_by_role("button", name="Disable all channels tagged bulk").click()
    expect(row(page, "Many")).to_contain_text("Disabled")
    page.get_by_role("button", name="Enable all channels tagged bulk").click()
    expect(row(page, "Many")).to_contain_text("Enabled")
    page.get_by_role("button", name="Edit tag bulk").click()
    expect(page.get_by_role("textbox", name="Tag")).to_be_focused()
    assert visitor.violations() == []
    visitor.shot("channels-tag-form")
    page.get_by_role("textbox", name="Tag").fill("night")
    page.get_by_role("textbox", name="Priority", exact=True).fill("3")
    page.get_by_role("button", name="Change all").click()
    expect(page.get_by_role("heading", name="night", level=2)).to_be_visible()
    found = stored(gateway, only_three["Many"])
    assert (found["tag"], found["priority"], found["models"]) == ("night", 3, "gpt-4o")


def test_the_states_of_the_list(visitor: Visitor, gateway: Gateway) -> None:
    page = visitor.page
    page.route("**/api/console/channels?*", lambda route: route.abort())
    page.goto(f"{gateway.url}/channels")
    expect(page.get_by_role("status", name="Loading")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The gateway cannot be reached")
    assert visitor.violations() == []
    page.unroute("**/api/console/channels?*")
    page.get_by_role("button", name="Try again").click()
    expect(row(page, "Many")).to_be_visible()
    ids = [one["id"] for one in gateway.manage("GET", LIST)["items"]]
    gateway.manage("POST", "/api/channel/batch", {"ids": ids})
    visitor.open("/channels")
    expect(page.get_by_text("No channels yet")).to_be_visible()
    visitor.faults.clear()


# --- making one -----------------------------------------------------------------------------------------------


def test_a_channel_is_made_verified_and_tested_in_few_steps(
    visitor: Visitor, gateway: Gateway, upstream: Upstream
) -> None:
    page = visitor.open("/channels").page
    visitor.act(page.get_by_role("link", name="Create channel"))
    visitor.act(page.get_by_role("link", name="OpenAI api.openai.com"))
    visitor.enter(page.get_by_label("Address"), upstream.url)
    visitor.enter(page.get_by_role("textbox", name="Key", exact=True), "sk-good-key-0123456789")
    visitor.act(page.get_by_role("button", name="Verify"))
    expect(page.get_by_text("Verified: 3 models offered, 2 selected")).to_be_visible()
    visitor.shot("channels-new-verified")
    assert visitor.violations() == []
    visitor.act(page.get_by_role("button", name="Save and test"))
    expect(page.get_by_role("heading", name="OpenAI", level=1)).to_be_visible()
    expect(page.get_by_text(re.compile(r"gpt-4o answered in \d"))).to_be_visible()
    assert (visitor.actions, visitor.fields) == (4, 2)
    visitor.shot("channels-detail")
    assert visitor.violations() == []
    ident = int(page.url.rsplit("/", 1)[1])
    found = stored(gateway, ident)
    assert (found["models"], found["base_url"], found["group"]) == ("gpt-4o,gpt-4o-mini", upstream.url, "default")


def test_verifying_a_wrong_key_says_so_before_anything_is_saved(visitor: Visitor, upstream: Upstream) -> None:
    page = visitor.open("/channels/new?type=1").page
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Enter a key first")).to_be_visible()
    page.get_by_label("Address").fill(upstream.url)
    page.get_by_role("textbox", name="Key", exact=True).fill("sk-wrong-key")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("alert")).to_contain_text("401")


def test_what_is_missing_is_told_at_its_field(visitor: Visitor) -> None:
    page = visitor.open("/channels/new?type=3").page
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("button", name="Save and test").click()
    expect(page.get_by_text("5 fields need a look")).to_have_count(0)
    for told in (
        "This provider needs an address.",
        "Enter a key.",
        "Choose at least one model.",
        "Give the channel a name.",
    ):
        expect(page.get_by_text(told)).to_be_visible()
    expect(page.get_by_text("4 fields need a look")).to_be_visible()
    assert visitor.violations() == []


def test_offered_models_are_picked_and_unpriced_ones_marked(visitor: Visitor, upstream: Upstream) -> None:
    page = visitor.open("/channels/new?type=1").page
    page.get_by_label("Address").fill(upstream.url)
    page.get_by_role("textbox", name="Key", exact=True).fill("sk-good-key-0123456789")
    page.get_by_role("button", name="Verify").click()
    page.get_by_role("checkbox", name="house-model").check()
    expect(page.get_by_text("1 model has no price")).to_be_visible()
    expect(page.get_by_role("link", name="house-model")).to_have_attribute("href", "/models?open=house-model")
    page.get_by_role("checkbox", name="gpt-4o", exact=True).uncheck()
    expect(page.get_by_text("2 models", exact=True)).to_be_visible()
    assert visitor.violations() == []


def test_providers_are_found_by_name(visitor: Visitor) -> None:
    page = visitor.open("/channels/new").page
    expect(page.get_by_label("Find a provider")).to_be_focused()
    page.get_by_label("Find a provider").fill("sandb")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)
    page.get_by_role("link", name="Sandbox").click()
    expect(page.get_by_role("heading", name="New Sandbox channel")).to_be_visible()
    expect(page.get_by_role("textbox", name="Key", exact=True)).to_have_count(0)


def test_unsaved_work_is_not_left_by_accident(visitor: Visitor) -> None:
    page = visitor.open("/channels/new?type=1001").page
    page.get_by_label("Name", exact=True).fill("Draft")
    expect(page.get_by_text("1 unsaved change", exact=True)).to_be_visible()
    page.get_by_role("link", name="API keys").click()
    dialog = page.get_by_role("dialog", name="Leave without saving")
    expect(dialog).to_be_visible()
    assert visitor.violations() == []
    dialog.get_by_role("button", name="Stay").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Draft")
    page.get_by_role("link", name="API keys").click()
    dialog.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="API keys", level=1)).to_be_visible()


# --- editing one ----------------------------------------------------------------------------------------------


def test_only_what_changed_is_saved(visitor: Visitor, gateway: Gateway, only_three: dict[str, int]) -> None:
    page = visitor.open(f"/channels/{only_three['Broken']}").page
    page.get_by_label("Name", exact=True).fill("Mended")
    page.get_by_role("textbox", name="Key", exact=True).fill("sk-good-key-0123456789")
    page.get_by_label("Remove store from requests").check(force=True)
    page.get_by_label("Proxy").fill("ftp://nowhere")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("A proxy begins with")).to_be_visible()
    page.get_by_label("Proxy").fill("")
    page.get_by_role("group", name="Model mapping").get_by_role("button", name="Add a row").click()
    page.get_by_label("Model asked for 1").fill("fast")
    page.get_by_label("Model sent 1").fill("gpt-4o")
    expect(page.get_by_text("Mapped, but not among the models: fast")).to_be_visible()
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("5 unsaved changes")).to_be_visible()
    with page.expect_request(lambda asked: asked.method == "PUT") as sent:
        page.get_by_role("button", name="Save", exact=True).click()
    assert sent.value.post_data_json == {
        "id": only_three["Broken"],
        "name": "Mended",
        "model_mapping": '{"fast":"gpt-4o"}',
        "models": "gpt-4o,house-model,fast",
        "settings": '{"disable_store":true}',
        "key": "sk-good-key-0123456789",
    }
    expect(page.get_by_role("heading", name="Mended", level=1)).to_be_visible()
    expect(page.get_by_text("No unsaved changes")).to_be_visible()
    found = stored(gateway, only_three["Broken"])
    assert (found["name"], found["models"]) == ("Mended", "gpt-4o,house-model,fast")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_parts_of_a_channel_have_no_violation(
    browser: Browser, gateway: Gateway, only_three: dict[str, int], size: tuple[int, int]
) -> None:
    with visit(browser, gateway, size) as visitor:
        visitor.sign_in()
        for tab in ("settings", "keys", "test"):
            visitor.open(f"/channels/{only_three['Many']}?tab={tab}")
            expect(visitor.page.get_by_role("heading", name="Many", level=1)).to_be_visible()
            visitor.look(f"channel-{tab}")


def test_a_test_takes_model_and_endpoint(visitor: Visitor, only_three: dict[str, int]) -> None:
    page = visitor.open(f"/channels/{only_three['Playground']}?tab=test").page
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="sandbox-tools").click()
    page.get_by_label("Endpoint").select_option("Claude Messages")
    with page.expect_request(re.compile("/api/channel/test/")) as sent:
        page.get_by_role("button", name="Run test").click()
    assert sent.value.url.endswith("?model=sandbox-tools&endpoint_type=anthropic")
    expect(page.get_by_text(re.compile("sandbox-tools answered in"))).to_be_visible()
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_text(re.compile("sandbox-tools answered in"))).to_be_visible()


def test_a_broken_key_is_disabled_in_three_actions(
    visitor: Visitor, gateway: Gateway, only_three: dict[str, int]
) -> None:
    page = visitor.open("/channels").page
    visitor.act(row(page, "Many").get_by_role("link", name="3 of 3 keys on"))
    key = page.get_by_role("row").filter(has_text="2222")
    visitor.act(key.get_by_role("button", name=re.compile("Disable key #1")))
    expect(key).to_contain_text("Disabled")
    assert visitor.actions <= 3
    expect(page.get_by_text("2 enabled, 1 disabled, 0 auto-disabled")).to_be_visible()
    assert stored(gateway, only_three["Many"])["channel_info"]["multi_key_status_list"] == {"1": 2}
    page.get_by_label("Any status").select_option("Disabled")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Enable all").click()
    expect(page.get_by_text("No key is in this state")).to_be_visible()
    page.get_by_role("button", name="All keys").click()
    page.get_by_role("button", name=re.compile("Delete key #2")).click()
    expect(page.get_by_role("dialog")).to_contain_text("3333")
    assert visitor.violations() == []
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("tab", name="Keys (2)")).to_be_visible()


def test_a_channel_that_is_gone_says_so(visitor: Visitor) -> None:
    page = visitor.open("/channels/999999").page
    expect(page.get_by_role("alert")).to_contain_text("There is no such channel.")


# --- rights ---------------------------------------------------------------------------------------------------


def test_controls_that_an_administrator_lacks_are_off_with_the_reason(
    browser: Browser, gateway: Gateway, only_three: dict[str, int]
) -> None:
    lesser = {"username": "lesser", "password": "password-1", "role": 10}
    gateway.manage("POST", "/api/user/", {**lesser, "admin_permissions": {"channel": {"write": False}}})
    with visit(browser, gateway) as visitor:
        page = visitor.sign_in("lesser", "password-1").open("/channels").page
        expect(page.get_by_label("Priority of Many")).to_be_disabled()
        expect(page.get_by_role("button", name="Create channel")).to_be_disabled()
        expect(page.get_by_title(re.compile("channel.sensitive_write")).first).to_be_visible()
        row(page, "Many").get_by_role("button", name="Actions for Many").click()
        expect(page.get_by_role("menuitem", name="Delete")).to_be_disabled()
        expect(page.get_by_role("menuitem", name="Disable")).to_be_enabled()
        visitor.open(f"/channels/{only_three['Many']}")
        expect(page.get_by_label("Name", exact=True)).to_be_disabled()
        expect(page.get_by_text("You lack the right “channel.write”").first).to_be_visible()
        expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
        assert visitor.violations() == []
        visitor.open("/channels/new")
        expect(page.get_by_text("You lack the right “channel.sensitive_write”")).to_be_visible()


def test_the_list_speaks_chinese(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway, language="zh-CN") as visitor:
        visitor.sign_in().open("/channels")
        expect(visitor.page.get_by_role("heading", name="渠道", level=1)).to_be_visible()
        expect(visitor.page.get_by_role("columnheader", name="权重")).to_be_visible()
        visitor.shot("channels-zh")
