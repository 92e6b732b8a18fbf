"""A person at the console: a real Chromium page, what was clicked and typed counted, accessibility looked at."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from tests.serving import ROOT_NAME, ROOT_PASSWORD, Gateway

HERE = Path(__file__).resolve().parent
AXE = HERE.parents[1] / "console" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = HERE.parents[1] / ".artifacts" / "console"
WIDE, NARROW = (1440, 900), (375, 812)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
_RUN_AXE = "async () => (await axe.run({ resultTypes: ['violations'] })).violations"
# Once a tab, as signing in does: a later signing out is not undone.
_SIGNED_IN = """if (!sessionStorage.getItem("begun")) {
  sessionStorage.setItem("begun", "1")
  localStorage.setItem("faregate.signed-in", "1")
}"""
_LOOK_MS, _QUIET_LOOKS = 40, 3
# What a page may say on its console without being at fault: refusals that a test provokes.
_EXPECTED_NOISE = ("Failed to load resource",)
# How long a page has for what it is to show: a busy machine of two cores, not a person's patience.
expect.set_options(timeout=15_000)


def hold(page: Page, pattern: str | re.Pattern[str]) -> Callable[[], None]:
    """Leave requests that match unanswered until what comes out is called; those that come later pass."""
    held: list[Route] = []
    is_over = False

    def take(route: Route) -> None:
        if is_over:
            route.continue_()
        else:
            held.append(route)

    def release() -> None:
        nonlocal is_over
        is_over = True
        for route in held:
            route.continue_()

    page.route(pattern, take)
    return release


@dataclass
class Visitor:
    """One browser tab. `actions` and `fields` count what `act` and `enter` did; `asking`: calls under way."""

    page: Page
    gateway: Gateway
    actions: int = 0
    fields: int = 0
    faults: list[str] = field(default_factory=list[str])
    asking: set[Request] = field(default_factory=set[Request])

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self.asking.add(request))
        self.page.on("requestfinished", lambda request: self.asking.discard(request))
        self.page.on("requestfailed", lambda request: self.asking.discard(request))

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(_EXPECTED_NOISE):
            self.faults.append(message.text)

    def arrive(self, path: str) -> None:
        """Go to a path of the console, and wait until the application is there; its data may be to come."""
        self.asking.clear()
        self.page.goto(self.gateway.url + path)
        self.page.wait_for_selector("#root:not([aria-busy])", state="attached")

    def open(self, path: str) -> "Visitor":
        """Go to a path of the console, and wait until it has settled."""
        self.arrive(path)
        self.settle()
        return self

    def settle(self) -> None:
        """Return when nothing is asked for any more and no row is to come: three looks in a row say so."""
        looks = 0
        while looks < _QUIET_LOOKS:
            self.page.wait_for_timeout(_LOOK_MS)
            busy = self.asking or self.page.locator(".mantine-Skeleton-root").count()
            looks = 0 if busy else looks + 1

    def sign_in(self, name: str = ROOT_NAME, password: str = ROOT_PASSWORD) -> "Visitor":
        """Sign in as the form does, without opening a page."""
        body = {"username": name, "password": password}
        answer = self.page.request.post(f"{self.gateway.url}/api/user/login", data=body)
        assert answer.json()["success"], answer.text()
        self.page.context.add_init_script(_SIGNED_IN)
        return self

    def act(self, target: Locator) -> None:
        """One action: a click."""
        self.actions += 1
        target.click()

    def enter(self, target: Locator, value: str) -> None:
        """One field filled in."""
        self.fields += 1
        target.fill(value)

    def submit(self, target: Locator) -> None:
        """One action: Enter in a field."""
        self.actions += 1
        target.press("Enter")

    def violations(self) -> list[str]:
        """What axe finds on the page as it is: rule, and the elements at fault."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text("utf8"))
        found: Any = self.page.evaluate(_RUN_AXE)
        return [
            f"{one['id']} ({one['impact']}): " + "; ".join(node["html"][:160] for node in one["nodes"][:4])
            for one in found
        ]

    def shot(self, name: str) -> None:
        """A screenshot among the artefacts."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def look(self, name: str) -> None:
        """In both schemes: a screenshot, and nothing that axe objects to; no part wider than the window."""
        page = self.page
        width = page.evaluate("innerWidth")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
            self.shot(f"{name}-{scheme}-{width}")
            assert self.violations() == []
        assert self.overflow() == 0
        page.emulate_media(color_scheme=SCHEMES[0])

    def fails_and_is_tried_again(self, path: str, call: str) -> None:
        """`path` tells that `call` failed, and reads it again when asked to."""
        pattern = re.compile(re.escape(call))
        refusal = {"success": False, "message": "The database is away."}
        self.page.route(pattern, lambda route: route.fulfill(status=503, json=refusal))
        self.open(path)
        expect(self.page.get_by_role("alert")).to_contain_text("The database is away.")
        assert self.violations() == []
        self.page.unroute(pattern)
        self.page.get_by_role("button", name="Try again").click()

    def opens_and_closes_by_keyboard(self, path: str, name: str) -> None:
        """The drawer behind the link `name` of `path` opens by Enter and closes by Escape; then the link is focused."""
        page = self.open(path).page
        link = page.get_by_role("link", name=name, exact=True)
        link.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(link).to_be_focused()

    def waits(self, name: str, call: str) -> None:
        """The page behind the link `name` shows that rows are to come for as long as `call` is not answered."""
        pattern = re.compile(re.escape(call))
        release = hold(self.page, pattern)
        self.page.get_by_role("link", name=name).click()
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(self.page.get_by_role("main").get_by_role("status", name="Loading")).to_be_visible()
        assert self.violations() == []
        release()
        self.page.unroute(pattern)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide


@contextmanager
def visit(
    browser: Browser, gateway: Gateway, size: tuple[int, int] = WIDE, language: str = "en-US"
) -> Iterator[Visitor]:
    """A fresh tab without memory. Fails at the end when the page reported a fault of its own."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=SCHEMES[0],
        locale=language,
        reduced_motion="reduce",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor = Visitor(context.new_page(), gateway)
    try:
        yield visitor
        assert visitor.faults == []
    finally:
        context.close()
