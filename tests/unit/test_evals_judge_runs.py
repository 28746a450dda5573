"""Judging runs: what is kept, what is refused, and where the scores go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from evals_examples import silent
from evals_stored import RIGHT, WRONG, stored
from typer.testing import CliRunner

import evals.calibration
import evals.judging.judge_run as judging
from assistant.errors import BadInput, ModelUnavailable
from evals.__main__ import app
from evals.calibration import Calibration, calibrate
from evals.comparison import compare
from evals.datasets import Judgement
from evals.judging.files import JUDGED, read_calibration, read_judged
from evals.judging.judge_run import calibrate_judge, judge_all, judge_run, open_judgements
from evals.judging.port import Pair
from evals.judging.store import open_store
from evals.judging.words import WordsJudge
from evals.report import html, markdown
from evals.results import to_line
from evals.runs import ANSWERS, read_run
from evals.scoring import score


class Counting(WordsJudge):
    """Counts what it is asked; says nothing on texts with ``mute`` in them; is away after so many batches."""

    def __init__(self, mute: str = "\0", batches: int = 1000, model: str = "words") -> None:
        self.mute, self.batches, self.model, self.asked = mute, batches, model, 0

    def entails(self, pairs: Sequence[Pair]) -> list[float | None]:
        if not self.batches:
            raise ModelUnavailable("The judge is away; ask again.")
        self.batches -= 1
        self.asked += len(pairs)
        found = zip(pairs, super().entails(pairs), strict=True)
        return [None if self.mute in pair.hypothesis else score for pair, score in found]


def test_a_judged_run_has_its_scores_beside_the_others(tmp_path: Path) -> None:
    run = stored(tmp_path / "run")
    before = score(run)
    judged = judge_run(run, WordsJudge(), tmp_path)
    assert read_judged(run.folder) == judged
    assert set(judged.cases) == {"c0", "c1"}
    scores = score(run)
    assert (scores["judged_citation_recall"].value, scores["judged_citation_recall"].n) == (1 / 2, 2)
    assert scores["judged_grounded_right"].value == scores["judged_hallucinated"].value == 1 / 2
    assert scores["judged_ungrounded_right"].value == scores["judged_grounded_wrong"].value == 0
    assert scores["right"] == before["right"]
    assert "judged_citation_recall" not in before.metrics
    assert judged.units("judged_right") == (2, 0)
    line = "2 answers judged by words-1: 9 judgements, 0 unscored; agreement with people unknown"
    assert line in str(judged)
    assert line in markdown(run, scores, None, None)
    assert line in html(run, scores)


def test_what_was_judged_is_not_asked_again_by_whatever_run(tmp_path: Path) -> None:
    first = Counting()
    judged = judge_run(stored(tmp_path / "one"), first, tmp_path)
    assert first.asked == judged.asked == 9
    again = Counting()
    assert judge_run(stored(tmp_path / "two"), again, tmp_path) == judged
    assert again.asked == 0
    elsewhere = Counting()
    judge_run(read_run(tmp_path / "two"), elsewhere, tmp_path / "home")
    assert elsewhere.asked == 9


def test_a_judge_that_is_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "BATCH", 2)
    run = stored(tmp_path / "run")
    with pytest.raises(ModelUnavailable):
        judge_run(run, Counting(batches=2), tmp_path)
    assert not (run.folder / JUDGED).exists()
    rest = Counting()
    assert judge_run(run, rest, tmp_path).asked == 9
    assert rest.asked == 5


def test_what_is_unscored_is_no_nought_and_is_asked_again(tmp_path: Path) -> None:
    run = stored(tmp_path / "run")
    muted = judge_run(run, Counting(mute="Ben Hill"), tmp_path)
    assert (muted.asked, muted.unscored) == (8, 2)  # its citation, and the gold; what was found is not asked then
    scores = score(run)
    assert (scores["judged_citation_recall"].value, scores["judged_citation_recall"].n) == (1, 1)
    assert muted.units("judged_citation_recall") == (1, 1)
    assert "judged_right" not in score(run).cases[1].scores
    again = Counting()
    judge_run(run, again, tmp_path)
    assert again.asked == 3
    assert score(run)["judged_citation_recall"].value == 1 / 2


def test_no_model_judges_itself_unless_forced(tmp_path: Path) -> None:
    run = stored(tmp_path / "run")
    itself = Counting(model="ollama:writer")
    with pytest.raises(BadInput, match="--force"):
        judge_run(run, itself, tmp_path)
    assert itself.asked == 0
    assert not judge_run(run, Counting(model="openai:other"), tmp_path).forced
    forced = judge_run(run, itself, tmp_path, force=True)
    assert forced.forced
    assert "which wrote them" in str(forced)


def test_scores_of_another_answer_do_not_count(tmp_path: Path) -> None:
    run = stored(tmp_path / "run", (RIGHT, RIGHT))
    judge_run(run, WordsJudge(), tmp_path)
    with (run.folder / ANSWERS).open("a", encoding="utf-8") as file:
        file.write(to_line(replace(WRONG, id="c1")))
    scores = score(run.folder)
    assert scores["judged_citation_recall"].n == 1
    assert [c.judge for c in scores.cases] == ["words-1", ""]


def test_two_judges_are_not_compared(tmp_path: Path) -> None:
    class Other(WordsJudge):
        identity = "words-2"

    one, two = stored(tmp_path / "one"), stored(tmp_path / "two")
    for run in (one, two):
        judge_run(run, WordsJudge(), tmp_path)
    assert compare(one, two)["judged_right"].verdict == "same"
    judge_run(two, Other(), tmp_path)
    assert "judged_right" not in {change.metric for change in compare(one, two).changes}
    assert "right" in {change.metric for change in compare(one, two).changes}


def test_a_run_without_an_answer_has_nothing_to_judge(tmp_path: Path) -> None:
    judged = judge_run(stored(tmp_path / "run", (silent(),)), Counting(batches=0), tmp_path)
    assert (judged.asked, dict(judged.cases)) == (0, {})


def test_the_store_keeps_the_first_of_a_key_for_every_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "j.sqlite"
    with open_store(path) as store, open_store(path) as other:
        store.keep("j", {"a": 0.25, "b": 1.0})
        other.keep("j", {"a": 0.5, "c": 0.0})
        assert store.known(["a", "c", "d"]) == {"a": 0.25, "c": 0.0}
    path.write_text("no database at all, but long enough to be looked at" * 20)
    with pytest.raises(BadInput, match="delete it"), open_store(path):
        pass


def test_each_pair_is_asked_once_and_told_to_the_bar(tmp_path: Path) -> None:
    told: list[str] = []
    pairs = [Pair("a b c", "a b c"), Pair("a b c", "mute"), Pair("a b c", "a b c")]
    with open_judgements(tmp_path) as store:
        judge = Counting(mute="mute")
        assert judge_all(judge, pairs, store, told.append) == {pairs[0]: 1.0, pairs[1]: None}
        judge_all(judge, pairs, store, told.append)
    assert told == ["judged", "unscored", "known", "unscored"]


def judged_by_people(name: str, half: str) -> tuple[Judgement, ...]:
    """Six judgements: the sources of the odd ones hold nothing of the claim."""
    rated = name == "mtrag"
    return tuple(
        Judgement(
            f"{name}{n}", "Rain fell. Crowds cheered.", ("Sun shone." if n % 2 else "Rain fell. Crowds cheered.",),
            label=None if rated else n % 2 == 0, ratings={"faithfulness": 4.0 - 3 * (n % 2)}, cluster=str(n),
        )
        for n in range(6)
    )  # fmt: skip


def test_a_judges_agreement_with_people_is_carried_by_its_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evals.calibration, "judgements", judged_by_people)
    made = calibrate_judge(WordsJudge(), tmp_path, "report")
    assert [(a.measure, a.estimate.value, a.estimate.n) for a in made.agreements] == [
        ("AUROC", 1, 6), ("AUROC", 1, 6), ("Spearman", pytest.approx(1), 6),
    ]  # fmt: skip
    assert made.agreements == calibrate("report").agreements
    assert read_calibration(tmp_path, WordsJudge()) == made
    judged = judge_run(stored(tmp_path / "run"), WordsJudge(), tmp_path)
    assert judged.calibration == made
    assert "attributionbench AUROC 1.00 (0.50 to 1.00, n 6, 0 unscored)" in str(judged)
    assert read_judged(tmp_path / "run") == judged


def test_a_calibration_is_limited_and_counts_what_is_unscored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evals.calibration, "judgements", judged_by_people)
    drawn = calibrate("tune", limit=4)
    assert [a.estimate.n for a in drawn.agreements] == [4, 4, 4]
    assert drawn == calibrate("tune", limit=4)
    muted = calibrate_judge(Counting(mute="Crowds"), tmp_path, "tune", 4)
    assert [(a.estimate.n, a.unscored) for a in muted.agreements] == [(0, 4)] * 3
    assert isinstance(read_calibration(tmp_path, Counting()), Calibration)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_command_line_judges_scores_and_calibrates(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evals.calibration, "judgements", judged_by_people)
    folder = stored(tmp_path / "run").folder
    first = CliRunner().invoke(app, ["judge", str(folder), "--judge", "words"])
    assert first.exit_code == 0, first.output
    assert "agreement with people unknown" in first.output
    row = next(line for line in first.output.splitlines() if "judged_citation_recall" in line)
    assert [cell.strip() for cell in row.split("│")[2:-1]] == ["0.50", "0.00 to 1.00", "2", "2", "0"]
    assert json.loads((folder / "scores.json").read_text())["metrics"]["judged_right"]["value"] == 0.5
    made = CliRunner().invoke(app, ["calibrate", "--judge", "words", "--half", "tune", "--limit", "5"])
    assert "half tune, 5 drawn of each" in made.output
    second = CliRunner().invoke(app, ["judge", str(folder), "--judge", "words"])
    assert "half tune: qags-cnndm AUROC" in second.output
    assert len(list((home / "evals" / "judging").iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["judge", "nowhere", "--judge", "words"], "folder of a run"),
        (["judge", "run", "--judge", "gpt"], "no judge"),
        (["judge", "run", "--judge", "openai:writer"], "--force"),
        (["calibrate", "--judge", "words", "--half", "best"], "half"),
    ],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    stored(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, BadInput)
    assert says in str(error)


def test_broken_files_are_named(tmp_path: Path) -> None:
    run = stored(tmp_path / "run")
    (run.folder / JUDGED).write_text('{"judge": 3}')
    with pytest.raises(BadInput, match=r"judged\.json is not valid"):
        score(run)
    place = calibrate_place(tmp_path)
    place.write_text("{")
    with pytest.raises(BadInput, match="not JSON"):
        read_calibration(tmp_path, WordsJudge())


def calibrate_place(home: Path) -> Path:
    """Where a calibration of the judge of words lies."""
    from evals.judging.files import write_calibration

    return write_calibration(home, WordsJudge(), Calibration("tune", None, ()))
