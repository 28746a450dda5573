"""A server and a second shell over one home, as real processes."""

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

STORY = """---
id: lake-story
title: Lake counted
outlet: The Harbour Courier
published_at: 2025-03-04
kind: report
---

The lake at Norrvik holds 4,712 pike, wardens said after a count that took three weeks.
"""
QUESTION = "How many pike does the lake at Norrvik hold?"
SECONDS = 5.0


def _assistant(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ASSISTANT_HOME": str(home)}
    command = [sys.executable, "-c", "from assistant.entrypoints.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    home = tmp_path_factory.mktemp("served")
    other = home / "other.md"
    other.write_text(STORY.replace("lake-story", "other").replace("lake at Norrvik", "pond at Ostby"), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "ASSISTANT_HOME": str(home)}
    command = [sys.executable, "-c", "from assistant.entrypoints.cli import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(lambda: httpx.get(f"{url}/healthz").json()["ready"], 120)
            assert _assistant(home, "ingest", str(other)).returncode == 0
            yield home, url
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(condition, seconds: float) -> float:  # type: ignore[no-untyped-def]
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        try:
            if condition():
                return time.monotonic() - started
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} seconds")


def _cited(url: str, **filters: object) -> set[str]:
    answer = httpx.post(f"{url}/v1/ask", json={"question": QUESTION, **filters}, timeout=60).json()
    return {item["source"]["article_id"] for item in answer["evidence"]}


@pytest.mark.parametrize("filters", [{}, {"since": "2025-03-01", "outlets": ["The Harbour Courier"]}])
def test_what_a_second_shell_adds_and_removes_shows_in_answers(
    server: tuple[Path, str], tmp_path: Path, filters: dict[str, object]
) -> None:
    home, url = server
    path = tmp_path / "lake.md"
    path.write_text(STORY, encoding="utf-8")
    done = _assistant(home, "ingest", str(path))
    assert done.returncode == 0, done.stderr
    _wait(lambda: "lake-story" in _cited(url, **filters), SECONDS)
    done = _assistant(home, "remove", "lake-story")
    assert done.returncode == 0, done.stderr
    _wait(lambda: "lake-story" not in _cited(url, **filters), SECONDS)


def test_the_page_is_served(server: tuple[Path, str]) -> None:
    page = httpx.get(server[1], timeout=30)
    assert page.status_code == 200
    assert "news-assistant" in page.text


def test_a_rebuild_beside_a_server_is_refused_with_a_sentence(server: tuple[Path, str]) -> None:
    done = _assistant(server[0], "index", "rebuild")
    assert done.returncode == 1
    assert "error: Another process" in done.stderr
