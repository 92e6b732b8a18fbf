"""The playground: every dialect, streamed and whole, through the gateway's own endpoints, answered by the sandbox."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import Gateway

DIALECTS = ("OpenAI Chat", "OpenAI Responses", "Claude Messages", "Gemini")
PATHS = {
    "OpenAI Chat": "/v1/chat/completions",
    "OpenAI Responses": "/v1/responses",
    "Claude Messages": "/v1/messages",
    "Gemini": "/v1beta/models/sandbox:",
}
WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
# What drops or pastes a picture: an event with a file, as the browser makes it.
_HAND_OVER = """(field, [kind, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.codePointAt(0))
  const carried = new DataTransfer()
  carried.items.add(new File([bytes], `${kind}.png`, { type: "image/png" }))
  const more = kind === "paste" ? { clipboardData: carried } : { dataTransfer: carried }
  const Kind = kind === "paste" ? ClipboardEvent : DragEvent
  field.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, ...more }))
}"""


@pytest.fixture(scope="module")
def keyed(gateway: Gateway) -> Gateway:
    """The gateway, where root has a key."""
    gateway.key()
    return gateway


@pytest.fixture
def desk(visitor: Visitor, keyed: Gateway) -> Visitor:
    """Root at the playground."""
    visitor.open("/playground")
    expect(message(visitor.page)).to_be_visible()
    return visitor


def message(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name="Assistant")


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def speak(page: Page, dialect: str) -> None:
    page.get_by_label("Dialect").select_option(label=dialect)


def say(page: Page, words: str) -> None:
    message(page).fill(words)
    message(page).press("Enter")


def extra(page: Page, fields: dict[str, Any]) -> None:
    tab(page, "Parameters")
    page.get_by_label("Extra body").fill(json.dumps(fields))


def body(page: Page) -> Any:
    """The request as it would be sent."""
    tab(page, "Request")
    return json.loads(page.get_by_label("Request body", exact=True).input_value())


def test_without_a_key_one_is_made_with_one_click(browser: Browser, gateway: Gateway) -> None:
    given = {"username": "newcomer", "password": "a-long-user-pass", "display_name": "Newcomer", "role": 1}
    gateway.manage("POST", "/api/user/", given)
    with visit(browser, gateway) as visitor:
        visitor.sign_in("newcomer", "a-long-user-pass").open("/playground")
        expect(visitor.page.get_by_text("You have no key that can be used")).to_be_visible()
        assert visitor.violations() == []
        visitor.act(visitor.page.get_by_role("button", name="Create a key named Playground"))
        expect(message(visitor.page)).to_be_visible()
        expect(visitor.page.get_by_label("API key in use")).to_contain_text("Key: Playground")
        assert visitor.actions == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer_streams(desk: Visitor, dialect: str) -> None:
    page = desk.page
    speak(page, dialect)
    page.get_by_label("Reasoning effort").select_option("low")
    with page.expect_request(re.compile(r"/v1(beta)?/(chat|responses|messages|models/)")) as called:
        say(page, "hello **there**")
    assert PATHS[dialect] in called.value.url
    answer = answers(page)
    expect(answer).to_contain_text("You said: hello there")
    expect(answer.locator("strong")).to_have_text("there")
    expect(answer.get_by_text(re.compile(r"^charged \$0\.0"))).to_be_visible(timeout=20_000)
    expect(answer.get_by_text(re.compile("^first token"))).to_be_visible()
    answer.get_by_text("Reasoning", exact=True).click()
    expect(answer).to_contain_text("The user says: hello **there**.")
    request = answer.get_by_role("link", name="Request").get_attribute("href") or ""
    answer.get_by_role("button", name="Response").click()
    expect(page.get_by_role("list", name=re.compile(r"^\d+ events$"))).to_contain_text("hello ")
    expect(page.get_by_label("Inspector")).to_contain_text(request.removeprefix("/requests?open="))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer_comes_whole(desk: Visitor, dialect: str) -> None:
    page = desk.page
    speak(page, dialect)
    page.get_by_role("switch", name="Stream the answer").click()
    say(page, "hello")
    expect(answers(page)).to_contain_text("You said: hello")
    expect(answers(page)).to_contain_text("tokens in")
    tab(page, "Response")
    expect(page.get_by_role("region", name="Body")).to_contain_text("You said: hello")
    expect(page.get_by_text(re.compile(r"^\d+ events?$"))).to_have_count(0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_tool_is_called_and_its_result_typed(desk: Visitor, dialect: str) -> None:
    page = desk.page
    speak(page, dialect)
    page.get_by_label("Reasoning effort").select_option("low")
    page.get_by_label("Tools").fill(json.dumps([WEATHER]))
    say(page, "use the tool")
    call = page.get_by_role("region", name="Calls get_weather")
    expect(call).to_contain_text('"city": "city"')
    expect(page.get_by_role("button", name="Send the result")).to_be_disabled()
    call.get_by_label("Result").fill("sunny")
    page.get_by_role("button", name="Send the result").click()
    expect(page.get_by_role("article", name="Tool results")).to_contain_text("sunny")
    expect(answers(page).last).to_contain_text(re.compile(r"The tool answered: .*sunny"))
    assert desk.violations() == []


def test_images_are_chosen_pasted_and_dropped_and_reach_every_dialect(desk: Visitor) -> None:
    page = desk.page
    picker = page.locator("input[type=file][multiple]")
    for count, dialect in enumerate(DIALECTS, 1):
        speak(page, dialect)
        picker.set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
        expect(page.get_by_role("img", name="dot.png")).to_have_count(count)
        say(page, "look")
        expect(answers(page).nth(count - 1)).to_contain_text("I saw 1 image.")
    for kind in ("paste", "drop"):
        message(page).evaluate(_HAND_OVER, [kind, base64.b64encode(DOT).decode()])
        expect(page.get_by_role("img", name=f"{kind}.png")).to_be_visible()
    page.get_by_role("button", name="Remove paste.png").click()
    expect(page.get_by_role("img", name="paste.png")).to_have_count(0)
    picker.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x"})
    expect(page.get_by_role("alert")).to_have_text("notes.txt is not a PNG, JPEG, WebP or GIF image.")
    picker.set_input_files({"name": "huge.png", "mimeType": "image/png", "buffer": bytes(5 * 1024 * 1024 + 1)})
    expect(page.get_by_role("alert")).to_have_text("huge.png is larger than 5.0 MiB.")


def test_an_answer_follows_a_schema(desk: Visitor) -> None:
    page = desk.page
    page.get_by_label("Answer format").select_option(label="JSON by a schema")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.get_by_label("JSON schema").fill(json.dumps(WEATHER["parameters"]))
    say(page, "Bern")
    expect(answers(page)).to_contain_text('{"city":"city"}')


def test_stop_keeps_what_was_said(desk: Visitor) -> None:
    page = desk.page
    extra(page, {"sandbox": {"interval_ms": 200, "chunks": 500}})
    say(page, "count")
    expect(answers(page)).to_contain_text("You said: count")
    page.get_by_role("button", name="Stop").click()
    expect(answers(page)).to_contain_text("stopped")
    expect(answers(page)).to_contain_text("You said: count")
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_an_error_is_told_in_place_with_its_request(desk: Visitor) -> None:
    page = desk.page
    extra(page, {"sandbox": {"status": 400}})
    say(page, "hello")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Refused with status 400")
    expect(alert).to_contain_text("the sandbox was asked to fail with status 400")
    assert re.fullmatch(r"/requests\?open=\w{20,}", alert.get_by_role("link").get_attribute("href") or "")
    assert desk.violations() == []
    extra(page, {"sandbox": {"fault": "error_in_stream"}})
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("The call broke off")
    expect(answers(page).get_by_text("You", exact=True)).to_be_visible()
    extra(page, {})
    alert.get_by_role("button", name="Try again").click()
    expect(answers(page)).to_contain_text("You said: hello")
    expect(alert).to_have_count(0)


def test_two_models_answer_side_by_side(desk: Visitor) -> None:
    page = desk.page
    page.get_by_role("button", name="Compare").click()
    second = page.get_by_role("region", name="Side 2")
    second.get_by_label("Dialect").select_option(label="Gemini")
    second.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="sandbox-tools").click()
    say(page, "hello")
    for number in (1, 2):
        side = page.get_by_role("region", name=f"Side {number}")
        expect(side.get_by_role("article", name="Assistant")).to_contain_text("You said: hello")
    assert desk.violations() == []
    desk.shot("playground-compare-light")
    tab(page, "Request")
    page.get_by_text("2 · sandbox-tools").click()
    expect(page.get_by_text("POST /v1beta/models/sandbox-tools:streamGenerateContent?alt=sse")).to_be_visible()
    page.get_by_role("button", name="End the comparison with sandbox-tools").click()
    expect(second).to_have_count(0)


def test_the_request_is_edited_and_attached_again(desk: Visitor) -> None:
    page = desk.page
    message(page).fill("first")
    assert body(page) == {
        "model": "sandbox",
        "messages": [{"role": "user", "content": "first"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    field = page.get_by_label("Request body", exact=True)
    field.fill(json.dumps({"model": "sandbox", "messages": [{"role": "user", "content": "by hand"}]}))
    expect(page.get_by_text("Detached: edited by hand")).to_be_visible()
    assert desk.violations() == []
    page.get_by_role("button", name="Send").click()
    expect(answers(page)).to_contain_text("You said: by hand")
    page.get_by_role("button", name="Attach again").click()
    expect(page.get_by_text("Detached: edited by hand")).to_have_count(0)
    assert [one["role"] for one in body(page)["messages"]] == ["user", "assistant"]
    tab(page, "Code")
    expect(page.get_by_role("region", name="curl")).to_contain_text('-H "Authorization: Bearer $FAREGATE_API_KEY"')
    page.get_by_text("Python", exact=True).click()
    expect(page.get_by_role("region", name="Python")).to_contain_text("httpx.stream")


def test_messages_are_edited_answered_again_and_deleted(desk: Visitor) -> None:
    page = desk.page
    say(page, "one")
    expect(answers(page)).to_contain_text("You said: one")
    asked = page.get_by_role("article", name="User")
    asked.get_by_role("button", name="Edit").click()
    asked.get_by_role("textbox", name="Edit").fill("two")
    asked.get_by_role("button", name="Send again").click()
    expect(answers(page)).to_contain_text("You said: two")
    expect(answers(page)).to_have_count(1)
    answers(page).get_by_role("button", name="Edit").click()
    answers(page).get_by_role("textbox", name="Edit").fill("put into its mouth")
    answers(page).get_by_role("button", name="Save").click()
    assert body(page)["messages"][1] == {"role": "assistant", "content": "put into its mouth"}
    answers(page).get_by_role("button", name="Answer again").click()
    expect(answers(page)).to_contain_text("You said: two")
    answers(page).get_by_label("Role of this message").select_option("system")
    assert body(page)["messages"][1] == {"role": "system", "content": "You said: two"}
    page.get_by_role("article", name="System").get_by_role("button", name="Delete").click()
    assert len(body(page)["messages"]) == 1


def test_conversations_are_kept_renamed_exported_imported_and_deleted(desk: Visitor, tmp_path: Path) -> None:
    page = desk.page
    say(page, "remember me")
    expect(answers(page).get_by_text(re.compile("^charged"))).to_be_visible(timeout=20_000)
    page.reload()
    expect(answers(page)).to_contain_text("You said: remember me")
    page.get_by_role("button", name="Conversations").click()
    kept = page.get_by_role("list", name="Conversations")
    kept.get_by_role("button", name="Rename remember me").click()
    kept.get_by_label("Name of the conversation").fill("Memory")
    kept.get_by_label("Name of the conversation").press("Enter")
    expect(kept).to_contain_text("Memory")
    assert desk.violations() == []
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export all").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    written = json.loads(file.read_text("utf8"))["conversations"]
    assert [one["title"] for one in written] == ["Memory"]
    kept.get_by_role("button", name="Delete Memory").click()
    expect(kept).to_contain_text("Delete “Memory”?")
    kept.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No conversations yet")).to_be_visible()
    picker = page.get_by_role("dialog").locator("input[type=file]")
    picker.set_input_files({"name": "other.json", "mimeType": "application/json", "buffer": b"{}"})
    expect(page.get_by_role("alert")).to_have_text("other.json is not an export of the playground.")
    picker.set_input_files(file)
    kept.get_by_role("button", name=re.compile("^Memory")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(answers(page)).to_contain_text("You said: remember me")


def test_what_cannot_be_loaded_is_told_and_tried_again(browser: Browser, keyed: Gateway) -> None:
    with visit(browser, keyed) as visitor:
        page = visitor.sign_in().page

        def refused(route: Route) -> None:
            route.fulfill(status=500, json={"success": False, "message": "no keys today"})

        page.route("**/api/token/?*", refused)
        visitor.open("/playground")
        expect(page.get_by_role("alert")).to_contain_text("no keys today")
        assert visitor.violations() == []
        page.unroute("**/api/token/?*")

        def busy(route: Route) -> None:
            route.fulfill(status=503, json={"error": {"message": "no models today"}})

        page.route("**/v1/models", busy)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("alert")).to_contain_text("no models today")
        page.unroute("**/v1/models")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("combobox", name="Model")).to_have_value("sandbox")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_tab_has_no_violation(browser: Browser, keyed: Gateway, size: tuple[int, int]) -> None:
    with visit(browser, keyed, size) as visitor:
        page = visitor.sign_in().open("/playground").page
        say(page, "# Title\n\n`code`, [link](https://example.com)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx\n```")
        expect(answers(page)).to_contain_text("tokens out")
        visitor.look("playground")
        if size == NARROW:
            page.get_by_role("button", name="Inspector").click()
            expect(page.get_by_role("dialog")).to_be_visible()
        for name in ("Parameters", "Request", "Response", "Code"):
            tab(page, name)
            expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
            visitor.look(f"playground-{name.lower()}")


def test_the_playground_speaks_chinese(browser: Browser, keyed: Gateway) -> None:
    with visit(browser, keyed, language="zh-CN") as visitor:
        page = visitor.sign_in().open("/playground").page
        page.get_by_label("消息", exact=True).last.fill("你好")
        page.get_by_role("button", name="发送").click()
        expect(page.get_by_role("article", name="助手")).to_contain_text("You said: 你好")
        visitor.shot("playground-zh-1440")
