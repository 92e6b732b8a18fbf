"""The requests page: what is listed, how it is narrowed and paged, one request in full, the file."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import Gateway

CALLS = 108
MOST_NODES, ROW_PX, FEWEST_ROWS = 2500, 36, 18
REQUESTS = "**/api/console/requests?**"


def call(gateway: Gateway, key: str, said: str, **more: object) -> str:
    """One chat call; its request id."""
    body = {"model": "sandbox", "messages": [{"role": "user", "content": said}], **more}
    answer = gateway.call("POST", "/v1/chat/completions", body, {"Authorization": f"Bearer {key}"})
    return answer.headers["x-oneapi-request-id"]


@pytest.fixture(scope="module")
def busy(gateway: Gateway) -> Gateway:
    """A gateway with a full log: answers, the newest streamed, and two requests that failed."""
    gateway.balance(50_000_000)
    key = gateway.key()
    for number in range(CALLS):
        call(gateway, key, f"call {number}")
    gateway.failed = call(gateway, key, "fail", sandbox={"status": 429})  # type: ignore[attr-defined]
    call(gateway, key, "fail", sandbox={"status": 500})
    call(gateway, key, "ping", stream=True, model="sandbox-reasoning")
    return gateway


@pytest.fixture
def reader(browser: Browser, busy: Gateway) -> Iterator[Visitor]:
    """Root on the requests page."""
    with visit(browser, busy) as here:
        yield here.sign_in().open("/requests")


def rows(page: Page) -> int:
    return page.locator("tbody tr").count()


def test_a_page_of_a_hundred_rows_is_light_and_dense(reader: Visitor) -> None:
    page = reader.page
    page.get_by_label("Rows on a page").select_option("100")
    expect(page.locator("tbody tr")).to_have_count(100)
    nodes = page.evaluate("document.querySelectorAll('*').length")
    heights = page.evaluate(
        "[...document.querySelectorAll('tbody tr')].map((row) => row.getBoundingClientRect().height)"
    )
    seen = page.evaluate(
        "[...document.querySelectorAll('tbody tr')]"
        ".filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"
    )
    print(f"{nodes} nodes, rows of {max(heights)} px, {seen} rows seen")
    assert nodes <= MOST_NODES
    assert max(heights) <= ROW_PX
    assert seen >= FEWEST_ROWS
    reader.shot("requests-100")


@pytest.mark.parametrize("size", [WIDE, (1280, 800), NARROW], ids=["wide", "laptop", "narrow"])
def test_the_page_and_its_drawer_have_no_violation(browser: Browser, busy: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, busy, size) as reader:
        reader.sign_in().open("/requests")
        expect(reader.page.get_by_role("status", name="Totals")).to_contain_text("answered")
        reader.look("requests")
        wide = "(one) => one.scrollWidth > one.closest('[role=region]').clientWidth"
        assert reader.page.locator("table").evaluate_all(f"(tables) => tables.filter({wide}).length") == 0
        reader.page.locator("[data-row]").nth(2).click()
        expect(reader.page.get_by_role("dialog").get_by_role("heading", name="Identifiers")).to_be_visible()
        reader.look("request")


def test_why_a_request_failed_takes_two_actions(reader: Visitor, busy: Gateway) -> None:
    page = reader.page
    reader.act(page.locator("label").get_by_text("Failed", exact=True))
    expect(page.locator("tbody tr")).to_have_count(2)
    reader.act(page.locator("[data-row]").nth(1))
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("the sandbox was asked to fail with status 429")
    expect(sheet).to_contain_text("Nothing was used and nothing charged.")
    assert (reader.actions, reader.fields) == (2, 0)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("[data-row]").nth(1)).to_be_focused()


def test_a_request_id_in_the_palette_opens_it(reader: Visitor, busy: Gateway) -> None:
    page = reader.page
    page.keyboard.press("Control+k")
    failed: str = busy.failed  # type: ignore[attr-defined]
    page.get_by_role("combobox", name="Page, key").fill(failed)
    expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text(failed)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"open={failed}"))
    expect(page.get_by_role("dialog")).to_contain_text(failed)


def test_the_charge_is_explained(reader: Visitor) -> None:
    page = reader.page
    page.locator("[data-row]").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("row", name=re.compile(r"^Input \d+ \$2.00"))).to_be_visible()
    expect(sheet.get_by_role("row", name=re.compile("^Charged"))).to_be_visible()
    expect(sheet).to_contain_text("channel-1001")
    sheet.get_by_role("button", name="Copy").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied in page.url


def test_pages_lead_back_and_forth(reader: Visitor) -> None:
    page = reader.page
    first = page.locator("tbody tr td").first.inner_text()
    opener = page.locator("[data-row]").first.get_attribute("href")
    page.get_by_role("button", name="Older").click()
    expect(page).to_have_url(re.compile("before="))
    expect(page.locator("[data-row]").first).not_to_have_attribute("href", opener or "")
    page.get_by_role("button", name="Older").click()
    expect(page.locator("tbody tr")).to_have_count(11)
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    page.get_by_role("button", name="Newer").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("button", name="Newest").click()
    expect(page.locator("tbody tr td").first).to_have_text(first)
    expect(page.get_by_role("button", name="Newer")).to_be_disabled()


def test_filters_stand_in_the_address_and_can_be_taken_away(reader: Visitor) -> None:
    page = reader.page
    page.get_by_role("button", name="More filters").click()
    panel = page.get_by_role("dialog")
    panel.get_by_label("Model").fill("%reasoning")
    assert reader.violations() == []
    reader.shot("requests-filters")
    panel.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("model=%25reasoning"))
    expect(page.get_by_role("status", name="Totals")).to_contain_text("1 answered · 0 failed")
    assert reader.violations() == []
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Remove the filter Model: %reasoning").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("textbox", name="Model, key, error text or request id").fill("status 500")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Time", exact=True).select_option("7d")
    expect(page).to_have_url(re.compile("range=7d"))


def test_the_file_holds_the_filter(reader: Visitor, tmp_path: Path) -> None:
    page = reader.page
    reader.open("/requests?kind=failed")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export CSV").click()
    waiting.value.save_as(tmp_path / "requests.csv")
    with (tmp_path / "requests.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [row["status_code"] for row in found] == ["500", "429", ""]
    assert found[-1]["outcome"] == "2 rows"


def test_j_and_k_move_and_a_slash_filters(reader: Visitor) -> None:
    page = reader.page
    page.locator("body").press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("body").press("/")
    expect(page.get_by_role("textbox", name="Model, key, error text or request id")).to_be_focused()


def test_nothing_found_says_what_to_do(reader: Visitor) -> None:
    reader.open("/requests?model=nobody-knows")
    expect(reader.page.get_by_text("No request fits these filters")).to_be_visible()
    assert reader.violations() == []
    reader.page.get_by_role("button", name="Show everything").click()
    expect(reader.page.locator("tbody tr")).to_have_count(50)


def test_a_failure_is_told_and_tried_again(reader: Visitor) -> None:
    reader.fails_and_is_tried_again("/requests?range=30d", "/api/console/requests?")
    expect(reader.page.locator("tbody tr")).to_have_count(50)


def test_rows_to_come_are_drawn(reader: Visitor) -> None:
    page = reader.page
    held: list[Route] = []
    page.route(REQUESTS, lambda route: held.append(route))
    with page.expect_request(REQUESTS):
        reader.arrive("/requests?range=1h")
    expect(page.get_by_role("heading", name="Requests", level=1)).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_be_visible()
    assert reader.violations() == []
    held[0].continue_()
    page.unroute(REQUESTS)
    expect(page.locator("tbody tr")).to_have_count(50)


def test_an_unknown_request_is_told(reader: Visitor) -> None:
    reader.open("/requests?open=nothing")
    expect(reader.page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "There is no request 'nothing' in the log."
    )


def test_users_see_their_requests_without_channels(browser: Browser, busy: Gateway) -> None:
    busy.manage("POST", "/api/user/", {"username": "ann", "password": "a-long-pass", "role": 1})
    with visit(browser, busy) as ann:
        ann.sign_in("ann", "a-long-pass").open("/requests")
        expect(ann.page.get_by_text("No requests in the last 24 hours")).to_be_visible()
        expect(ann.page.get_by_role("link", name="Make an API key")).to_be_visible()
        assert ann.violations() == []
        ann.page.get_by_role("button", name="More filters").click()
        expect(ann.page.get_by_label("Channel")).to_have_count(0)


def test_the_page_speaks_chinese(browser: Browser, busy: Gateway) -> None:
    with visit(browser, busy, language="zh-CN") as reader:
        reader.sign_in().open("/requests")
        expect(reader.page.get_by_role("heading", name="请求记录", level=1)).to_be_visible()
        reader.shot("requests-zh")
        assert reader.overflow() == 0
