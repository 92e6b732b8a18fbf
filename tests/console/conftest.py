"""A Chromium, and a gateway with a sandbox channel for each module."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from faregate.api.site import FOLDER
from tests.console.browser import Visitor, visit
from tests.serving import Gateway

_REQUIRED = "chromium" in os.environ.get("FAREGATE_TEST_REQUIRE", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. One a module: while it is there its driver's event loop runs, beside which no other may."""
    program = shutil.which("chromium")
    if program is None or not (FOLDER / "index.html").exists():
        reason = "no chromium on this machine" if program is None else "the console is not built"
        if _REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that is set up and serves the sandbox's models."""
    folder: Path = tmp_path_factory.mktemp("console")
    running = Gateway(folder).start().set_up()
    running.channel("sandbox,sandbox-tools,sandbox-reasoning")
    running.option("ModelRatio", {"sandbox": 1, "sandbox-tools": 1, "sandbox-reasoning": 1})
    yield running
    running.stop()


@pytest.fixture
def visitor(browser: Browser, gateway: Gateway) -> Iterator[Visitor]:
    """Root, signed in, in a wide light window; no page is open yet."""
    with visit(browser, gateway) as here:
        yield here.sign_in()
