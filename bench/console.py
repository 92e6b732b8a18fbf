#!/usr/bin/env python3
"""Measure the console as it is served, in Chromium: weight, first paint on a slow line, change of page, the log table.

Beside our figures stand those of New API's console on the same kind of machine (see bench/README.md). Loopback only;
it sets up a gateway of its own and ends by itself.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.serving import ROOT_NAME, ROOT_PASSWORD, Gateway

SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}  # 1.6 Mbit/s
CPU_DIVISOR = 4
CHARGED = 120  # requests made for the log table
_PAINTS = """() => new Promise((done) => {
  let largest = 0
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) largest = entry.startTime })
    .observe({ type: "largest-contentful-paint", buffered: true })
  const first = performance.getEntriesByName("first-contentful-paint")[0]
  const wait = () => largest ? done([first ? first.startTime : 0, largest]) : setTimeout(wait, 50)
  wait()
})"""
# When the application takes the drawn view's place.
_TAKE_OVER = """new MutationObserver((_, watcher) => {
  const root = document.getElementById("root")
  if (root && !root.hasAttribute("aria-busy")) { performance.mark("usable"); watcher.disconnect() }
}).observe(document, { attributes: true, subtree: true, attributeFilter: ["aria-busy"] })"""
_USABLE = "() => performance.getEntriesByName('usable')[0].startTime"
_SETTLE_MS = 1500  # after the last request: a slow processor may have something larger to paint yet
_BYTES = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
_REQUESTS = "() => performance.getEntriesByType('resource').length + 1"


def main() -> None:
    """Measure and print."""
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--runs", type=int, default=3, help="medians of so many")
    cli.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    given = cli.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-console-") as folder, sync_playwright() as playwright:
        gateway = _gateway(Path(folder))
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        try:
            _first_visits(browser, gateway, given.runs)
            _changes_of_page(browser, gateway, given.runs)
            _log_table(browser, gateway)
        finally:
            browser.close()
            gateway.kill()


def _gateway(folder: Path) -> Gateway:
    print("setting up ...", file=sys.stderr)
    gateway = Gateway(folder).start().set_up()
    gateway.channel("sandbox")
    gateway.option("ModelRatio", {"sandbox": 1})
    gateway.balance(10**12)
    headers = {"Authorization": f"Bearer {gateway.key()}"}
    body = {"model": "sandbox", "messages": [{"role": "user", "content": "hello"}]}
    for _ in range(CHARGED):
        gateway.call("POST", "/v1/chat/completions", body, headers)
    return gateway


def _sign_in(page: Page, gateway: Gateway) -> None:
    page.goto(gateway.url + "/sign-in")
    page.get_by_label("Name or e-mail").fill(ROOT_NAME)
    page.get_by_label("Password", exact=True).fill(ROOT_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview")
    page.wait_for_load_state("networkidle")


def _visit(browser: Browser, gateway: Gateway, path: str, signed_in: bool) -> tuple[float, float, float, int, int]:
    """First paint, largest contentful paint and taking over in ms, bytes and requests of a cold visit, slow line."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    if signed_in:
        _sign_in(page, gateway)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_DIVISOR})
    page.add_init_script(_TAKE_OVER)
    page.goto(gateway.url + path)
    page.wait_for_selector("#root:not([aria-busy])", state="attached")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(_SETTLE_MS)
    first, largest = page.evaluate(_PAINTS)
    usable = page.evaluate(_USABLE)
    weight, requests = page.evaluate(_BYTES), page.evaluate(_REQUESTS)
    context.close()
    return first, largest, usable, weight, requests


def _first_visits(browser: Browser, gateway: Gateway, runs: int) -> None:
    theirs = {
        "/sign-in": "9.7 s, 1 540 kB, 18",
        "/": "10.8 s / 15.8 s, 1 620 kB, 22",
        "/overview": "11.5 s, 1 620 kB, 25",
    }
    print("Cold visit at 1.6 Mbit/s, 150 ms, CPU / 4      first paint   largest   usable      kB  requests   New API")
    for path, other in theirs.items():
        found = [_visit(browser, gateway, path, path == "/overview") for _ in range(runs)]
        first, largest, usable, weight, requests = (statistics.median(column) for column in zip(*found, strict=True))
        line = (
            f"{path:<46} {first / 1000:9.2f} s {largest / 1000:7.2f} s {usable / 1000:6.2f} s {weight / 1000:7.0f}"
            f" {requests:9.0f}   {other}"
        )
        print(line)


def _timed(link: Locator, heading: str) -> float:
    """Milliseconds from a click on `link` to the heading of the page that it leads to."""
    script = """(link, name) => new Promise((done) => {
      const began = performance.now()
      const look = () => [...document.querySelectorAll("h1")].some((one) => one.textContent === name)
        ? done(performance.now() - began) : requestAnimationFrame(look)
      link.click()
      look()
    })"""
    return link.evaluate(script, heading)


def _changes_of_page(browser: Browser, gateway: Gateway, runs: int) -> None:
    theirs = {"API keys": 270, "Channels": 580, "Users": 980, "Requests": 1000}
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    _sign_in(page, gateway)
    print("\nChange of page, ms                                 ours   New API (later visits)")
    for name, other in theirs.items():
        times: list[float] = []
        for _ in range(runs + 1):
            page.get_by_role("link", name="Overview").click()
            page.wait_for_load_state("networkidle")
            times.append(_timed(page.get_by_role("link", name=name, exact=True), name))
        print(f"{name:<46} {statistics.median(times):8.0f} {other:9}")
    context.close()


def _log_table(browser: Browser, gateway: Gateway) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    _sign_in(page, gateway)
    page.goto(gateway.url + "/requests?size=100")
    page.wait_for_load_state("networkidle")
    rows = page.locator("tbody tr")
    nodes = page.evaluate("document.querySelector('table').querySelectorAll('*').length")
    tall = rows.first.evaluate("(row) => row.getBoundingClientRect().height")
    inside = """(all) => all.filter((row) => {
      const box = row.getBoundingClientRect()
      return box.top >= 0 && box.bottom <= innerHeight
    }).length"""
    print("\nLog table                                          ours   New API")
    print(f"{'rows':<46} {rows.count():8} {100:9}")
    print(f"{'DOM nodes of the table':<46} {nodes:8} {6696:9}")
    print(f"{'row height, px':<46} {tall:8.0f} {60:9}")
    print(f"{'rows visible at 1440 x 900':<46} {rows.evaluate_all(inside):8} {9:9}")
    context.close()


if __name__ == "__main__":
    main()
