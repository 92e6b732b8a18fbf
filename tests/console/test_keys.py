"""The page of API keys: making one and using it at once, finding, editing, switching and deleting."""

import json
import re
import shutil
import subprocess

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.console.browser import NARROW, WIDE, Visitor, visit
from tests.serving import Gateway


@pytest.fixture(autouse=True)
def no_keys(gateway: Gateway) -> None:
    """Every test begins without keys."""
    rows = gateway.manage("GET", "/api/console/keys?page_size=100")["items"]
    if rows:
        gateway.manage("POST", "/api/token/batch", {"ids": [row["id"] for row in rows]})


def make(gateway: Gateway, name: str, **more: object) -> int:
    return gateway.manage("POST", "/api/console/keys", {"name": name, **more})["id"]


def row(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("row").filter(has=visitor.page.get_by_role("link", name=name, exact=True))


def copied(visitor: Visitor) -> str:
    text: str = visitor.page.evaluate("navigator.clipboard.readText()")
    return text


def run(command: str) -> str:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_a_key_is_made_and_a_working_curl_copied(visitor: Visitor) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine")
    visitor.open("/keys")
    page = visitor.page
    visitor.act(page.get_by_role("button", name="Create key").first)
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_label("Name")).to_be_focused()
    visitor.enter(drawer.get_by_label("Name"), "laptop")
    visitor.submit(drawer.get_by_label("Name"))
    visitor.act(drawer.get_by_role("button", name="Copy code"))
    expect(drawer.get_by_text("Copied")).to_be_attached()
    answer = json.loads(run(copied(visitor)))
    assert answer["choices"][0]["message"]["content"] == "pong"
    assert (visitor.actions, visitor.fields) == (3, 1)
    drawer.get_by_role("button", name="Close").last.click()
    expect(row(visitor, "laptop")).to_contain_text("On")


def test_every_client_has_its_sample(visitor: Visitor) -> None:
    page = visitor.open("/keys?open=new").page
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name").fill("agents")
    drawer.get_by_label("Name").press("Enter")
    for client, said in (
        ("Python", "from openai import OpenAI"),
        ("JavaScript", 'import OpenAI from "openai"'),
        ("Claude Code", f'ANTHROPIC_BASE_URL="{visitor.gateway.url}"'),
        ("Codex", f'base_url="{visitor.gateway.url}/v1"'),
        ("Gemini CLI", f'GOOGLE_GEMINI_BASE_URL="{visitor.gateway.url}"'),
    ):
        drawer.get_by_role("tab", name=client).click()
        expect(drawer.get_by_role("region", name=client)).to_contain_text(said)
    drawer.get_by_label("Model").select_option("sandbox-tools")
    expect(drawer.get_by_role("region", name="Gemini CLI")).to_contain_text('gemini -m "sandbox-tools"')


def test_a_key_is_edited_with_every_field(visitor: Visitor) -> None:
    ident = make(visitor.gateway, "old")
    page = visitor.open("/keys").page
    row(visitor, "old").get_by_role("link").click()
    drawer = page.get_by_role("dialog")
    expect(page).to_have_url(re.compile(f"open={ident}"))
    drawer.get_by_label("Name").fill("new")
    drawer.get_by_label("No limit of its own").uncheck()
    drawer.get_by_label("Limit in USD").fill("2.5")
    drawer.get_by_role("button", name="30 days").click()
    drawer.get_by_label("Group").select_option("vip")
    drawer.get_by_label("Group").select_option("default")
    drawer.get_by_label("Models").click()
    page.get_by_role("option", name="sandbox-tools").click()
    drawer.get_by_label("Allowed addresses").fill("10.0.0.0/8\n::1")
    drawer.get_by_role("button", name="Save").click()
    expect(drawer).to_be_hidden()
    expect(row(visitor, "new")).to_contain_text("$0.00 / $2.50")
    expect(row(visitor, "new").get_by_role("link")).to_be_focused()
    kept = visitor.gateway.manage("GET", f"/api/console/keys/{ident}")
    assert (kept["limit"], kept["group"], kept["models"]) == (1_250_000, "default", ["sandbox-tools"])
    assert kept["allow_ips"] == ["10.0.0.0/8", "::1"]
    assert kept["expires_at"] > kept["created_at"]


def test_what_is_wrong_is_told_at_its_field(visitor: Visitor) -> None:
    page = visitor.open("/keys?open=new").page
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("No limit of its own").uncheck()
    drawer.get_by_role("button", name="Create key").click()
    expect(drawer.get_by_text("A key needs a name.")).to_be_visible()
    expect(drawer.get_by_text("The limit must be above 0.")).to_be_visible()
    drawer.get_by_label("Name").fill("k")
    drawer.get_by_label("Limit in USD").fill("1")
    drawer.get_by_label("Allowed addresses").fill("10.0.0.300")
    drawer.get_by_role("button", name="Create key").click()
    expect(drawer.get_by_text("'10.0.0.300' is no IP address and no CIDR range.")).to_be_visible()
    assert visitor.violations() == []


def test_the_whole_key_is_copied_from_its_row(visitor: Visitor) -> None:
    ident = make(visitor.gateway, "spare")
    visitor.open("/keys")
    row(visitor, "spare").get_by_role("button", name="Copy the key spare").click()
    expect(row(visitor, "spare").get_by_text("Copied")).to_be_attached()
    assert copied(visitor) == "sk-" + visitor.gateway.manage("POST", f"/api/token/{ident}/key")["key"]


def test_keys_are_found_by_name_and_status(visitor: Visitor) -> None:
    for name in ("alpha", "beta"):
        make(visitor.gateway, name)
    page = visitor.open("/keys").page
    row(visitor, "beta").get_by_role("button", name="Switch beta off").click()
    expect(row(visitor, "beta")).to_contain_text("Off")
    page.get_by_label("Name", exact=True).fill("alp")
    expect(row(visitor, "beta")).to_be_hidden()
    expect(row(visitor, "alpha")).to_be_visible()
    expect(page).to_have_url(re.compile("find=alp"))
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("combobox", name="Status").select_option("off")
    expect(row(visitor, "alpha")).to_be_hidden()
    expect(row(visitor, "beta")).to_be_visible()
    page.get_by_role("combobox", name="Status").select_option("expired")
    expect(page.get_by_text("No key fits")).to_be_visible()


def test_several_keys_are_switched_and_deleted(visitor: Visitor) -> None:
    for name in ("one", "two", "three"):
        make(visitor.gateway, name)
    page = visitor.open("/keys").page
    for name in ("one", "two"):
        row(visitor, name).get_by_role("checkbox").check()
    bar = page.get_by_role("group", name="Selected keys")
    expect(bar).to_contain_text("2 keys selected")
    bar.get_by_role("button", name="Switch off").click()
    expect(row(visitor, "one")).to_contain_text("Off")
    expect(row(visitor, "two")).to_contain_text("Off")
    expect(row(visitor, "three")).to_contain_text("On")
    bar.get_by_role("button", name="Switch on").click()
    expect(row(visitor, "one")).to_contain_text("On")
    bar.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 2 keys")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert visitor.violations() == []
    dialog.get_by_role("button", name="Delete").click()
    expect(row(visitor, "one")).to_be_hidden()
    expect(row(visitor, "three")).to_be_visible()
    expect(bar).to_be_hidden()


def test_one_key_is_deleted_from_its_drawer(visitor: Visitor) -> None:
    ident = make(visitor.gateway, "doomed")
    page = visitor.open(f"/keys?open={ident}").page
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    confirm = page.get_by_role("dialog").filter(has_text="Delete the key doomed")
    confirm.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No API keys yet")).to_be_visible()


def test_j_and_k_move_and_the_slash_finds(visitor: Visitor) -> None:
    for name in ("a", "b"):
        make(visitor.gateway, name)
    page = visitor.open("/keys").page
    expect(row(visitor, "b")).to_be_visible()
    page.keyboard.press("j")
    expect(row(visitor, "b").get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    expect(row(visitor, "a").get_by_role("link")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()


def test_what_was_used_this_month_is_shown(visitor: Visitor) -> None:
    gateway = visitor.gateway
    ident = make(gateway, "busy")
    key = gateway.manage("POST", f"/api/token/{ident}/key")["key"]
    body = {"model": "sandbox", "messages": [{"role": "user", "content": "Say pong"}]}
    assert gateway.call("POST", "/v1/chat/completions", body, {"Authorization": f"Bearer {key}"}).status == 200
    visitor.open("/keys")
    expect(row(visitor, "busy")).to_contain_text(re.compile(r"\$0\.0000\d+\$0\.0000\d+ / no limit"))


def test_loading_and_failing_are_told(visitor: Visitor) -> None:
    page = visitor.page
    held: list[Route] = []
    page.route("**/api/console/keys?*", lambda route: held.append(route))
    with page.expect_request("**/api/console/keys?*"):
        page.goto(visitor.gateway.url + "/keys")
    expect(page.get_by_role("status", name="Loading")).to_be_visible()
    refusal = json.dumps({"success": False, "message": "the database is away"})
    held[0].fulfill(status=503, content_type="application/json", body=refusal)
    page.unroute("**/api/console/keys?*")
    expect(page.get_by_role("alert")).to_contain_text("the database is away")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No API keys yet")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_page_has_no_violation(browser: Browser, gateway: Gateway, size: tuple[int, int]) -> None:
    models = ["sandbox", "sandbox-tools"]
    make(gateway, "ci-runner", limit=5_000_000, expires_at=4_000_000_000, models=models, group="default")
    make(gateway, "a rather long name of a key, for cutting off")
    off = make(gateway, "old laptop", models=["sandbox"])
    gateway.manage("POST", "/api/console/keys/status", {"ids": [off], "on": False})
    with visit(browser, gateway, size) as visitor:
        page = visitor.sign_in().open("/keys").page
        expect(page.get_by_role("link", name="ci-runner")).to_be_visible()
        visitor.look("keys")
        page.get_by_role("link", name="ci-runner").click()
        expect(page.get_by_role("dialog").get_by_label("Name")).to_have_value("ci-runner")
        visitor.look("keys-edit")
        page.get_by_role("button", name="How to use it").click()
        expect(page.get_by_role("tab", name="curl")).to_be_visible()
        visitor.look("keys-use")


def test_the_page_speaks_chinese(browser: Browser, gateway: Gateway) -> None:
    make(gateway, "laptop")
    with visit(browser, gateway, language="zh-CN") as visitor:
        visitor.sign_in().open("/overview")
        visitor.page.get_by_role("link", name="API 密钥").click()
        visitor.page.get_by_role("button", name="创建密钥").click()
        expect(visitor.page.get_by_role("dialog").get_by_label("名称")).to_be_focused()
        visitor.shot("keys-new-zh")
