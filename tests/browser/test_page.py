"""The chat page in a real browser: ask, read the answer, open its source."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.bootstrap import Home
from assistant.resources import resource
from assistant.settings import load_settings

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed; `make system-deps` installs it."),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("home")
    home = Home(load_settings(home=folder))
    home.ingest([str(resource("corpus") / "climate")])
    home.apply()
    home.index.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from assistant.entrypoints.cli import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(command, env={**os.environ, "ASSISTANT_HOME": str(folder)}) as process:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                httpx.get(f"{url}/healthz")
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
        process.terminate()


@pytest.fixture
def page(address: str) -> Iterator[playwright.Page]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 800})
        outside: list[str] = []
        page.on(
            "request", lambda r: outside.append(r.url) if r.url.startswith("http") and address not in r.url else None
        )
        page.goto(address)
        page.wait_for_selector("textarea", timeout=60_000)
        yield page
        assert outside == [], "no request leaves the machine"
        browser.close()


def test_a_question_is_answered_and_its_source_opens(page: playwright.Page, address: str) -> None:
    page.fill("textarea", "What temperature was recorded at Coningsby?")
    page.keyboard.press("Enter")
    link = page.locator("a[href^='/articles/']").first
    link.wait_for(timeout=60_000)
    assert "40.3" in page.inner_text("body")
    page.goto(address + str(link.get_attribute("href")))
    assert "Coningsby" in page.inner_text("body")
    assert "the outlet is invented" in page.inner_text("body")


def test_an_empty_question_and_an_unanswerable_one_get_a_sentence(page: playwright.Page) -> None:
    page.fill("textarea", "?!")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The question is empty", timeout=60_000)
    page.fill("textarea", "What is the recipe for sourdough bread?")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=nearest passages", timeout=60_000)
