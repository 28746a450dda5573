"""Every citation of every answer over the sample cases, and what the command line prints for bad input."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.ask.filters import filter_of
from assistant.bootstrap import Home
from assistant.entrypoints.cli import app
from assistant.errors import AssistantError
from assistant.resources import resource
from assistant.settings import load_settings
from evals.records import Case, read_cases

CASES = [Path(__file__).parents[2] / "evals" / "cases" / "sample.jsonl"]


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_every_citation_can_be_opened_at_its_place_and_passes_the_filter(tmp_path: Path) -> None:
    home = Home(load_settings(home=tmp_path))
    home.ingest([str(resource("corpus"))])
    home.apply()
    cited = 0
    for path in CASES:
        for case in read_cases(path):
            assert isinstance(case, Case), case
            answer = home.assistant.ask(case.request)
            admit = filter_of(case.request)
            assert all(answer.text[claim.start : claim.end] == claim.text for claim in answer.claims), case.id
            assert " ".join(claim.text for claim in answer.claims) == answer.text, case.id
            for item in (*answer.evidence, *answer.nearest):
                article = home.catalog.article(item.source.article_id, item.source.version)
                assert article.text[item.start : item.end] == item.text, case.id
                assert admit.admits(item.source), case.id
            cited += len(answer.evidence)
    print(f"{cited} citations over {len(CASES)} files of cases")
    assert cited > 300


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ask", ""], 2, "empty"),
        (["ask", "x" * 100_000], 2, "100,000 characters"),
        (["ask", "Who?", "--since", "soon"], 2, "YYYY-MM-DD"),
        (["ask", "Who?", "--since", "2025-02-01", "--until", "2025-01-01"], 2, "before its end"),
        (["ask", "Who?", "--kind", "gossip"], 2, "kinds"),
        (["ask", "Who?", "--documents", "none.json"], 2, "none.json"),
        (["ask", "--input", "none.jsonl"], 2, "--output"),
        (["show", "none"], 1, "no article"),
        (["config", "set", "chat.modle", "x"], 2, "chat.modle"),
        (["config", "set", "nothing", "x"], 2, "no setting"),
    ],
)
def test_bad_input_is_one_sentence_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str
) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, AssistantError)
    assert error.exit_code == code
    assert says in str(error)
    assert str(error).endswith(".")
    assert "\n" not in str(error)


def test_one_bad_file_is_named_with_its_reason_and_the_rest_goes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 not really")
    (folder / "noise.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "good.md").write_text(
        "---\ntitle: Lake\n---\n\nThe lake holds 300 fish, wardens said.\n", encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["ingest", str(folder)])
    assert done.exit_code == 1
    assert "1 added" in done.stdout
    assert "2 rejected" in done.stdout
    assert "broken.pdf" in done.stdout
    assert "noise.txt" in done.stdout
    again = CliRunner().invoke(app, ["status", "--json"])
    assert '"articles": 1' in again.stdout
