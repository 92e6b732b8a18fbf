"""The first run on an empty data directory: from the setup secret to a streamed answer."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import ROOT_PASSWORD, SETUP_SECRET, Gateway

LINK = f"/setup#secret={SETUP_SECRET}"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that nobody has set up."""
    running = Gateway(tmp_path / "data").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def upstream(gateway: Gateway) -> tuple[str, str]:
    """Another gateway as an OpenAI-compatible provider: its address, and a key."""
    return gateway.url, gateway.key()


def make_account(visitor: Visitor, path: str = LINK) -> None:
    visitor.open(path)
    visitor.enter(visitor.page.get_by_label("Password", exact=True), ROOT_PASSWORD)
    visitor.submit(visitor.page.get_by_label("Password", exact=True))
    expect(visitor.page.get_by_role("heading", name="Who will use this gateway")).to_be_visible()


def ask(visitor: Visitor) -> None:
    page = visitor.page
    visitor.act(page.get_by_role("button", name="Create a key and ask"))
    expect(page.get_by_role("log", name="Answer")).to_have_text("pong")


@pytest.mark.parametrize("use", ["Only me", "Customers"])
def test_from_nothing_to_an_answer_with_the_sandbox(browser: Browser, empty: Gateway, use: str) -> None:
    with visit(browser, empty) as visitor:
        page = visitor.page
        visitor.open("/")
        expect(page).to_have_url(re.compile("/setup"))
        visitor.enter(page.get_by_label("Setup secret"), SETUP_SECRET)
        visitor.enter(page.get_by_label("Name"), "root")
        visitor.enter(page.get_by_label("Password", exact=True), ROOT_PASSWORD)
        visitor.submit(page.get_by_label("Password", exact=True))
        visitor.act(page.get_by_role("button", name=use))
        visitor.act(page.get_by_role("button", name="Sandbox"))
        expect(page.get_by_text("The provider offers 5 models")).to_be_visible()
        visitor.act(page.get_by_role("button", name="Add and test the channel with 5 models"))
        expect(page.get_by_text("Sandbox answered the test in")).to_be_visible()
        ask(visitor)
        assert (visitor.actions, visitor.fields) == (5, 3)
        key = page.get_by_text(re.compile("^sk-")).inner_text()
        body = {"model": "sandbox", "messages": [{"role": "user", "content": "Say pong"}]}
        answer = empty.call("POST", "/v1/chat/completions", body, {"Authorization": f"Bearer {key}"})
        assert answer.json["choices"][0]["message"]["content"] == "pong"
        expect(page.get_by_role("region", name="curl")).to_contain_text(f"Authorization: Bearer {key}")
        page.get_by_role("button", name="To the console").click()
        expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_an_answer_is_found_in_the_log_with_its_charge(browser: Browser, empty: Gateway) -> None:
    with visit(browser, empty) as visitor:
        page = visitor.page
        make_account(visitor)
        page.get_by_role("button", name="Customers").click()
        page.get_by_role("button", name="Sandbox").click()
        page.get_by_role("button", name="Add and test the channel with 5 models").click()
        ask(visitor)
        page.get_by_role("button", name="To the console").click()
        page.get_by_role("link", name="Models & prices").click()
        page.get_by_role("link", name="sandbox", exact=True).click()
        page.get_by_label("Input, USD per 1M", exact=True).fill("2")
        page.get_by_label("Output, USD per 1M").fill("8")
        page.get_by_role("button", name="Save price").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("link", name="Playground").click()
        page.get_by_label("Message", exact=True).last.fill("hello from the first run")
        page.get_by_role("button", name="Send").click()
        answer = page.get_by_role("article", name="Assistant")
        expect(answer).to_contain_text("You said: hello from the first run")
        expect(answer).to_contain_text("charged $0.00012")
        page.get_by_role("link", name="Requests", exact=True).click()
        newest = page.locator("tbody tr").first
        expect(newest).to_contain_text("sandbox")
        newest.locator("[data-row]").click()
        bill = page.get_by_role("dialog").get_by_role("table")
        # 15 tokens at $2 and 11 at $8 for a million are $0.000118, and a dollar has 500 000 units.
        expect(bill.get_by_role("row").nth(1)).to_have_text("Input15$2.00 / 1M$0.00003")
        expect(bill.get_by_role("row").nth(2)).to_have_text("Output11$8.00 / 1M$0.000088")
        expect(page.get_by_role("dialog")).to_contain_text("59 quota units")
        line = empty.sign_in().manage("GET", "/api/log/?type=2&p=1&page_size=10")["items"][0]
        assert (line["prompt_tokens"], line["completion_tokens"], line["quota"]) == (15, 11, 59)
        assert line["is_stream"]


def test_with_a_provider_it_takes_six_actions_and_five_fields(
    browser: Browser, empty: Gateway, upstream: tuple[str, str]
) -> None:
    with visit(browser, empty) as visitor:
        page = visitor.page
        visitor.open("/setup")
        visitor.enter(page.get_by_label("Setup secret"), SETUP_SECRET)
        visitor.enter(page.get_by_label("Password", exact=True), ROOT_PASSWORD)
        visitor.submit(page.get_by_label("Password", exact=True))
        visitor.act(page.get_by_role("button", name="Only me"))
        visitor.act(page.get_by_role("button", name="OpenAI-compatible"))
        visitor.enter(page.get_by_label("Address"), upstream[0])
        visitor.enter(page.get_by_label("API key of OpenAI-compatible"), upstream[1])
        visitor.submit(page.get_by_label("API key of OpenAI-compatible"))
        expect(page.get_by_text("The provider offers 3 models")).to_be_visible()
        expect(page.get_by_label("sandbox-tools (no price)")).to_be_checked()
        visitor.act(page.get_by_role("button", name="Add and test the channel with 3 models"))
        expect(page.get_by_text("OpenAI-compatible answered the test in")).to_be_visible()
        ask(visitor)
        assert (visitor.actions, visitor.fields) == (6, 4)


def test_where_prices_are_needed_models_without_one_are_not_chosen(
    browser: Browser, empty: Gateway, upstream: tuple[str, str]
) -> None:
    with visit(browser, empty) as visitor:
        page = visitor.page
        make_account(visitor)
        page.get_by_role("button", name="My team").click()
        page.get_by_role("button", name="OpenAI-compatible").click()
        page.get_by_label("Address").fill(upstream[0])
        page.get_by_label("API key of OpenAI-compatible").fill(upstream[1])
        page.get_by_role("button", name="Verify the key").click()
        expect(page.get_by_label("sandbox-tools (no price)")).not_to_be_checked()
        expect(page.get_by_role("button", name="Add and test the channel with 0 models")).to_be_disabled()
        assert visitor.violations() == []


def test_a_wrong_key_is_told_and_can_be_corrected(browser: Browser, empty: Gateway, upstream: tuple[str, str]) -> None:
    with visit(browser, empty) as visitor:
        page = visitor.page
        make_account(visitor)
        page.get_by_role("button", name="Only me").click()
        page.get_by_role("button", name="OpenAI-compatible").click()
        page.get_by_label("Address").fill(upstream[0])
        page.get_by_label("API key of OpenAI-compatible").fill("sk-wrong")
        page.get_by_role("button", name="Verify the key").click()
        expect(page.get_by_role("alert")).to_contain_text("the provider answered 401")
        page.get_by_label("Models").fill("sandbox")
        page.get_by_role("button", name="Add and test the channel with 1 model").click()
        expect(page.get_by_text("The channel was added, but its test failed.")).to_be_visible()
        assert visitor.violations() == []
        page.get_by_label("API key of OpenAI-compatible").fill(upstream[1])
        page.get_by_role("button", name="Verify the key").click()
        expect(page.get_by_text("The provider offers 3 models")).to_be_visible()


def test_a_wrong_secret_is_told(browser: Browser, empty: Gateway) -> None:
    with visit(browser, empty) as visitor:
        visitor.open("/setup#secret=wrong")
        visitor.page.get_by_label("Password", exact=True).fill(ROOT_PASSWORD)
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.get_by_role("alert")).to_contain_text("The setup secret is wrong")
        assert visitor.violations() == []


def test_a_reload_goes_on_where_it_was(browser: Browser, empty: Gateway) -> None:
    with visit(browser, empty) as visitor:
        page = visitor.page
        make_account(visitor)
        page.reload()
        expect(page.get_by_role("heading", name="Who will use this gateway")).to_be_visible()
        page.get_by_role("button", name="Skip this step").click()
        page.reload()
        expect(page.get_by_role("heading", name="Connect a provider")).to_be_visible()
        page.get_by_role("button", name="Sandbox").click()
        page.get_by_role("button", name="Add and test").click()
        ask(visitor)
        page.reload()
        expect(page.get_by_text("Your key")).to_be_visible()
        page.get_by_label("Question to sandbox").fill("and now?")
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.get_by_role("log", name="Answer")).to_contain_text("You said: and now?")
        visitor.open("/setup")
        expect(page.get_by_role("heading", name="Ask the first question")).to_be_visible()


def test_every_step_can_be_skipped(browser: Browser, empty: Gateway) -> None:
    with visit(browser, empty) as visitor:
        page = visitor.page
        make_account(visitor)
        page.get_by_role("button", name="Skip this step").click()
        expect(page.get_by_role("heading", name="Connect a provider")).to_be_visible()
        page.get_by_role("button", name="Skip this step").click()
        expect(page.get_by_text("No model is both served and priced yet.")).to_be_visible()
        page.get_by_role("button", name="Skip to the console").click()
        expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_who_is_not_root_has_no_set_up(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway) as visitor:
        visitor.open("/setup")
        expect(visitor.page).to_have_url(re.compile("/sign-in"))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_step_has_no_violation(browser: Browser, empty: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, empty, size) as visitor:
        page = visitor.page
        visitor.open(LINK)
        expect(page.get_by_label("Setup secret")).to_have_value(SETUP_SECRET)
        visitor.look("setup-account")
        make_account(visitor)
        visitor.look("setup-use")
        page.get_by_role("button", name="My team").click()
        page.get_by_role("button", name="Azure OpenAI").click()
        visitor.look("setup-provider")
        page.get_by_role("button", name="Sandbox").click()
        expect(page.get_by_text("The provider offers 5 models")).to_be_visible()
        visitor.look("setup-channel")
        page.get_by_role("button", name="Add and test").click()
        expect(page.get_by_role("button", name="Create a key and ask")).to_be_visible()
        visitor.look("setup-ask")
        ask(visitor)
        expect(page.get_by_role("region", name="curl")).to_be_visible()
        visitor.look("setup-answer")


def test_set_up_speaks_chinese(browser: Browser, empty: Gateway) -> None:
    with visit(browser, empty, language="zh-CN") as visitor:
        visitor.open(LINK)
        visitor.page.get_by_label("密码", exact=True).fill(ROOT_PASSWORD)
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.get_by_role("heading", name="谁会使用此网关")).to_be_visible()
        visitor.shot("setup-use-zh")


def test_the_server_prints_a_link_that_holds_the_secret(browser: Browser, tmp_path: Path) -> None:
    running = Gateway(tmp_path / "data", environment={"FAREGATE_SETUP_SECRET": ""}).start()
    try:
        printed = (tmp_path / "data" / "server.log").read_text("utf8")
        link = re.search(r"Or open (http://127\.0\.0\.1:\d+)(/setup#secret=\w+)\n", printed)
        assert link is not None, printed
        with visit(browser, running) as visitor:
            make_account(visitor, link[2])
    finally:
        running.stop()
