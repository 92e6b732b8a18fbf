"""What a browser shows before any script has come, and what becomes of it then."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import SCHEMES, Scheme, Visitor, hold, visit
from tests.serving import ROOT_PASSWORD, Answer, Gateway


def page(gateway: Gateway, path: str, cookie: str = "", language: str = "en", coding: str = "identity") -> Answer:
    headers = {"Accept": "text/html", "Accept-Language": language, "Accept-Encoding": coding, "Cookie": cookie}
    return gateway.call("GET", path, headers=headers)


def text(answer: Answer) -> str:
    return answer.body.decode()


@pytest.mark.parametrize(
    ("path", "cookie", "language", "shown"),
    [
        ("/sign-in", "", "en-GB,en", "Sign in to"),
        ("/sign-in", "", "zh-TW,zh;q=0.9", "登录"),
        ("/sign-in", "faregate_view=zh.0.full", "en", "登录"),
        ("/keys", "", "en", "Sign in to"),
        ("/overview", "faregate_view=en.100.full", "zh", "Models &amp; prices"),
        ("/sign-in", "faregate_view=zh.1.full", "en", "概览"),
        ("/keys?open=3", "faregate_view=en.10.full", "en", "API keys</h1>"),
        ("/", "faregate_view=en.10.full", "en", "OpenAI Responses"),
    ],
)
def test_a_page_is_drawn_by_path_cookie_and_language(
    gateway: Gateway, path: str, cookie: str, language: str, shown: str
) -> None:
    answer = page(gateway, path, cookie, language)
    assert shown in text(answer)
    assert answer.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "cookie", ["faregate_view=en.100.narrow", "faregate_view=../../x", "faregate_view=fr.100.full"]
)
def test_what_cannot_be_drawn_is_not(gateway: Gateway, cookie: str) -> None:
    assert "Models &amp; prices" not in text(page(gateway, "/overview", cookie))


def test_roles_are_drawn_apart(gateway: Gateway) -> None:
    assert 'href="/users"' in text(page(gateway, "/keys", "faregate_view=en.10.full"))
    assert 'href="/users"' not in text(page(gateway, "/keys", "faregate_view=en.1.full"))


def test_the_sites_own_texts_are_drawn_and_cannot_be_more_than_text(gateway: Gateway) -> None:
    gateway.option("SystemName", "Acme <b>&</b>")
    gateway.option("HomePageContent", "Hello <script>alert(1)</script>")
    gateway.option("ServerAddress", "https://llm.acme.example")
    try:
        drawn = text(page(gateway, "/"))
        assert "Acme &lt;b&gt;&amp;&lt;/b&gt;</h1>" in drawn
        assert "Hello &lt;script&gt;alert(1)&lt;/script&gt;" in drawn
        assert "https://llm.acme.example" in drawn
        assert "FAREGATE_" not in drawn
    finally:
        gateway.option("SystemName", "Faregate")
        gateway.option("HomePageContent", "")
        gateway.option("ServerAddress", "")
    assert f"{gateway.url}</" in text(page(gateway, "/"))


def test_only_the_pages_own_script_and_styles_pass_its_policy(gateway: Gateway) -> None:
    answer = page(gateway, "/sign-in")
    policy = answer.headers["content-security-policy"]
    (script,) = re.findall(r"<script nonce=[^>]*>(.*?)</script>", text(answer), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert " style=" not in text(answer)
    nonces = set(re.findall(r'nonce="([^"]*)"', text(answer)))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in policy
    assert page(gateway, "/sign-in").headers["content-security-policy"] != policy


def test_a_page_is_sent_compressed(gateway: Gateway) -> None:
    answer = page(gateway, "/overview", "faregate_view=en.100.full", coding="gzip, br")
    assert answer.headers["content-encoding"] == "gzip"
    assert "Models &amp; prices" in gzip.decompress(answer.body).decode()
    assert len(answer.body) < 16_000


def test_nothing_is_drawn_before_set_up(tmp_path: Path) -> None:
    running = Gateway(tmp_path / "data").start()
    try:
        assert "<h1" not in text(page(running, "/"))
        running.set_up()
        assert "<h1" in text(page(running, "/"))
    finally:
        running.stop()


def test_without_scripts_the_way_in_is_there_to_see(browser: Browser, gateway: Gateway) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        shown = context.new_page()
        shown.goto(f"{gateway.url}/sign-in")
        expect(shown.get_by_role("heading", name="Sign in to Faregate")).to_be_visible()
        shown.get_by_label("Password", exact=True).fill("secret")
        shown.keyboard.press("Enter")
        assert shown.url == f"{gateway.url}/sign-in"
    finally:
        context.close()


def test_what_is_typed_before_the_scripts_have_come_is_kept(browser: Browser, gateway: Gateway) -> None:
    with visit(browser, gateway) as visitor:
        shown = visitor.page
        release = hold(shown, re.compile(r"/assets/vendor.*\.js"))
        shown.goto(f"{gateway.url}/sign-in", wait_until="commit")
        shown.get_by_label("Name or e-mail").fill("root")
        shown.get_by_label("Password", exact=True).press_sequentially(ROOT_PASSWORD[:6])
        release()
        shown.wait_for_selector("#root:not([aria-busy])", state="attached")
        shown.keyboard.type(ROOT_PASSWORD[6:])
        shown.keyboard.press("Enter")
        expect(shown.get_by_role("heading", name="Overview", level=1)).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_next_visit_is_drawn_for_who_signed_in(visitor: Visitor, scheme: Scheme) -> None:
    shown = visitor.open("/overview").page
    shown.emulate_media(color_scheme=scheme)
    release = hold(shown, re.compile(r"/assets/vendor.*\.js"))
    shown.goto(f"{visitor.gateway.url}/channels", wait_until="commit")
    expect(shown.get_by_role("heading", name="Channels", level=1)).to_be_visible()
    expect(shown.locator("#root")).to_have_attribute("aria-busy", "true")
    expect(shown.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
    visitor.shot(f"first-view-{scheme}")
    assert visitor.violations() == []
    release()
    expect(shown.get_by_role("link", name="channel-1001", exact=True)).to_be_visible()
