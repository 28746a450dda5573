"""Answering a file of records, and the conversation on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.bootstrap import Home
from assistant.entrypoints.cli import app
from assistant.settings import load_settings

STORY = """---
id: lake
title: Lake counted
outlet: The Harbour Courier
published_at: 2025-03-04
---

The lake at Norrvik holds 4,712 pike, wardens said after a count that took three weeks.

The count at Norrvik was led by the county of Ostby, which paid 90,000 euros for it.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    (tmp_path / "lake.md").write_text(STORY, encoding="utf-8")
    home = Home(load_settings(home=tmp_path / "home"))
    home.ingest([str(tmp_path / "lake.md")])
    home.apply()
    home.index.close()
    return tmp_path


def _answers(path: Path) -> dict[str, dict[str, object]]:
    return {form["id"]: form for form in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def test_records_are_answered_once_each_and_a_bad_one_gets_an_error(folder: Path) -> None:
    records, answers = folder / "records.jsonl", folder / "answers.jsonl"
    good = {"id": "a", "question": "How many pike does the lake at Norrvik hold?"}
    with_documents = {"question_id": 7, "question": "Who opened the bridge?", "documents": [
        {"text": "The mayor, Ada Lund, opened the bridge over the river on Friday."}]}  # fmt: skip
    bad = {"id": "c", "question": "Who?", "since": "soon"}
    records.write_text("\n".join(map(json.dumps, (good, with_documents, bad))) + "\n{broken\n", encoding="utf-8")
    command = ["ask", "--input", str(records), "--output", str(answers)]
    first = CliRunner().invoke(app, command)
    assert isinstance(first.exception, SystemExit), first.exception
    assert first.exit_code == 1
    found = _answers(answers)
    assert set(found) == {"a", "7", "c", "4"}
    assert "4,712" in str(found["a"]["text"])
    assert "Ada Lund" in str(found["7"]["text"])
    assert found["c"]["error"] == {"code": "bad_input", "message": found["c"]["error"]["message"]}  # type: ignore[index]
    # Mended and run again: only what failed is asked; a half-written line of an interrupted run is no answer.
    records.write_text(
        "\n".join(map(json.dumps, (good, with_documents, {**bad, "since": "2025-01-01"}))), encoding="utf-8"
    )
    with answers.open("a", encoding="utf-8") as file:
        file.write('{"id": "half')
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0
    assert "1 answered, 2 were there already, 0 failed" in done.stderr
    lines = answers.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["id"] == "c"


def test_a_conversation_understands_follow_ups(folder: Path) -> None:
    questions = "How many pike does the lake at Norrvik hold?\nWho led the count there?\n\n"
    done = CliRunner().invoke(app, ["chat"], input=questions)
    assert done.exit_code == 0
    assert "4,712" in done.stdout
    assert "county of Ostby" in done.stdout
