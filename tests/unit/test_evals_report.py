"""Comparing, the gate's files, the report's page and the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from evals_examples import SENTENCES, answer, answered, case, evidence, passage, silent
from typer.testing import CliRunner

import evals
from assistant.errors import BadInput
from assistant.types import Request, Source
from evals.__main__ import app
from evals.charts import bars, interval, lines
from evals.datasets import Gold
from evals.gate import Rules, check, read_baseline, read_rules
from evals.manifest import take_up
from evals.report import Against, html, markdown
from evals.results import to_line
from evals.runs import ANSWERS, CASES, MANIFEST, _store_cases
from evals.scoring import CaseScores, score
from evals.statistics import Estimate, Score, paired_weighted, resample, weighted
from evals.views import marked

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>'
ABOUT = {
    "data": {"name": "sample", "half": "tune", "hash": "0", "cases": 3, "malformed": [EVIL]},
    "selection": {}, "variant": {"name": "default"}, "settings": {}, "settings_id": "0", "prompt_ids": [], "code": "0",
    "answerer": "quote", "model": EVIL, "embedding": "hashing", "corpus_hash": "0", "packages": {},
    "started": "2024-05-03T10:00",
    "git": {"commit": "abc", "changed": True},
}  # fmt: skip


def evil_run(folder: Path) -> evals.Run:
    cases = (
        case(id=f"c1{EVIL}", request=Request(EVIL), tags=('a"b', "who")),
        case(id="c2", answerable=False, answers=(), gold_article_ids=(), gold_quotes=()),
        case(id="c3", answers=(EVIL,)),
    )
    cited = replace(evidence(f"{SENTENCES[0]} {EVIL}", start=0), source=Source("a", title=EVIL, outlet=EVIL, url=EVIL))
    result = answered(answer([f"{EVIL} said it."], [cited]), [replace(passage("a"), title=EVIL, text=EVIL)])
    results = {cases[0].id: replace(result, id=cases[0].id), "c2": silent("c2")}
    return evals.Run(folder, ABOUT, cases, {c.id: Gold() for c in cases}, results)


def test_everything_on_the_page_is_escaped_and_nothing_is_fetched(tmp_path: Path) -> None:
    run = evil_run(tmp_path)
    scores = score(run)
    page = html(run, scores, evals.compare(scores, scores), Against(EVIL, scores.cases, run))
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert EVIL not in page
    assert page.count("&lt;script&gt;") > 8
    assert "http://" not in page
    assert "https://" not in page
    assert 'data-tags="a&#34;b who"' in page


def test_failures_come_first_and_every_outcome_is_counted(tmp_path: Path) -> None:
    run = evil_run(tmp_path)
    page = html(run, score(run))
    order = [
        page.index(f'data-standing="{standing}"') for standing in ("unscored", "answered, wrong", "abstained, right")
    ]
    assert order == sorted(order)
    for name, count in {"answered": 1, "abstained": 1, "error": 0, "unscored": 1}.items():
        assert f"<li><strong>{count}</strong>{name}</li>" in page
    assert "No earlier run was given" in page
    assert "1 answered, 1 abstained, 0 error, 1 unscored" in markdown(run, score(run), None, None)


def test_differing_words_are_marked_on_both_sides() -> None:
    assert [str(side) for side in marked("the <old> cat sat", "the new cat sat")] == [
        "the <del>&lt;old&gt;</del> cat sat",
        "the <ins>new</ins> cat sat",
    ]
    assert [str(side) for side in marked("", "new")] == ["<del></del>", "<ins>new</ins>"]


def test_charts_take_nothing_and_odd_values() -> None:
    assert "NaN" not in bars({}, "ms") + bars({"a": (0, 0)}, "ms")
    assert 'width="140.0"' in interval(Estimate(3.0, -1.0, 9.0, 2))
    assert "<circle" not in lines({"a": []}, "x", "y", [(0.0, "0"), (1.0, "1")])


def test_weighted_means_by_hand() -> None:
    scores = [Score(1, 2), None, Score(0), Score(0)]
    found = weighted(scores, ["a", "b", "c", "d"])
    assert (found.value, found.n) == (1 / 2, 3)
    assert weighted([None], ["a"]).n == 0
    assert weighted([Score(1)] * 4, list("abcd")) == Estimate(1, 1, 1, 4)


def test_a_paired_difference_is_narrower_than_either_interval() -> None:
    before = [Score(i % 2) for i in range(100)]
    after = [Score(1) if i < 6 else before[i] for i in range(100)]
    clusters = list(range(100))
    found = paired_weighted(before, after, clusters)
    assert found.value == pytest.approx(0.03)
    assert found.high - found.low < weighted(before, clusters).high - weighted(before, clusters).low
    assert paired_weighted(before, before, clusters).p == 1
    assert paired_weighted([None], [None], [0]).n == 0
    only_after = paired_weighted([Score(0), None], [Score(0), Score(1)], [0, 1])
    assert (only_after.before, only_after.after, only_after.n) == (0, 1 / 2, 2)


def test_a_p_value_by_hand() -> None:
    before, after = [Score(0)] * 100, [Score(float(i < 10)) for i in range(100)]
    # A share of .1 of 100 has a standard error of sqrt(.1 * .9 / 100) = .03; 3.33 of them leave p = .0009.
    assert paired_weighted(before, after, list(range(100))).p == pytest.approx(0.0009, abs=0.0006)
    assert paired_weighted(before[:5], [Score(1)] * 5, list(range(5))).p == 1
    assert paired_weighted(before[:6], [Score(1)] * 6, list(range(6))).p == 0


def test_whole_clusters_are_drawn() -> None:
    values = [Score(1)] * 20 + [Score(0)] * 20
    free, tied = weighted(values, list(range(40))), weighted(values, [i // 20 for i in range(40)])
    assert tied.high - tied.low > free.high - free.low
    single = resample(lambda items: sum(items) / len(items), [0.0, 1.0], ["a", "a"])
    assert (single.low, single.high) == (0.5, 0.5)


def many(right: int, total: int = 40) -> tuple[CaseScores, ...]:
    return tuple(
        CaseScores(str(i), "answered", True, i < right, 0.5, str(i), 1, (), {"right": Score(float(i < right))})
        for i in range(total)
    )


def test_compare_by_hand() -> None:
    from evals.comparison import compare_cases

    found = compare_cases(many(30), many(10))
    assert found["right"].verdict == "worse"
    assert found["right"].mcnemar == pytest.approx(2 / 2**20)
    assert [m.id for m in found.moved] == sorted(str(i) for i in range(10, 30))
    assert all(m.worse for m in found.moved)
    assert compare_cases(many(20), many(21))["right"].verdict == "same"
    part = compare_cases(many(20), many(20)[:35])
    assert (part.shared, part.only_before, part.only_after) == (35, 5, 0)
    failed = tuple(replace(c, outcome="error", scores={}) for c in many(20))
    with pytest.raises(BadInput, match="no scored case"):
        compare_cases(many(20), failed)


def test_floors_hold_by_themselves() -> None:
    from evals.scoring import summarise

    scores = summarise(many(30), ABOUT)
    assert [c.passed for c in check(scores, Rules(floors={"right": 0.7}), None)] == [True, True]
    assert [c.name for c in check(scores, Rules(floors={"right": 0.8}), None) if not c.passed] == ["floor of right"]
    assert "n = 40" in check(scores, Rules(floors={"right": 0.8}), None)[0].says


def test_rules_and_baselines_that_are_not_valid_are_named(tmp_path: Path) -> None:
    assert read_rules("sample").baseline
    assert read_rules("clapnq noise=0").floors == read_rules("any").floors
    path = tmp_path / "gate.toml"
    path.write_text("[any.floors]\nrihgt = 0.5\n")
    with pytest.raises(BadInput, match="rihgt"):
        read_rules("x", path)
    path.write_text("[any")
    with pytest.raises(BadInput, match="not valid"):
        read_rules("x", path)
    path.write_text('{"cases": {"a": 3}}')
    with pytest.raises(BadInput, match="no baseline"):
        read_baseline(path)


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scored run's folder, as `run` leaves it."""
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "run"
    folder.mkdir()
    cases = [case(id=f"c{i}") for i in range(20)]
    manifest = {**ABOUT, "data": {**ABOUT["data"], "name": "mine", "malformed": []}, "model": ""}
    take_up(folder / MANIFEST, manifest | {"variant": {"name": "default"}})
    _store_cases(folder / CASES, cases, {c.id: Gold(cluster=c.id) for c in cases})
    result = answered(answer([SENTENCES[0]], [evidence()]), [passage("a")])
    (folder / ANSWERS).write_text("".join(to_line(replace(result, id=c.id)) for c in cases), encoding="utf-8")
    return folder


def test_the_command_line_scores_gates_and_reports(stored: Path, tmp_path: Path) -> None:
    rules = tmp_path / "gate.toml"
    rules.write_text('[mine]\nbaseline = "base.json"\n[mine.floors]\nright = 0.9\n')
    gate = ["gate", str(stored), "--rules", str(rules)]
    scored = CliRunner().invoke(app, ["score", str(stored)])
    assert "20 answered, 0 abstained, 0 error, 0 unscored" in scored.output
    assert json.loads((stored / "scores.json").read_text())["metrics"]["right"]["value"] == 1
    first = CliRunner().invoke(app, gate)
    assert (first.exit_code, "no baseline" in first.output) == (0, True)
    assert CliRunner().invoke(app, [*gate, "--write"]).exit_code == 0
    assert CliRunner().invoke(app, gate).exit_code == 0
    wrong = answered(answer(["Ben Hill did it."], [evidence()]), [passage("a")])
    with (stored / ANSWERS).open("a", encoding="utf-8") as file:
        file.writelines(to_line(replace(wrong, id=f"c{i}")) for i in range(20))
    failed = CliRunner().invoke(app, gate)
    assert failed.exit_code == 1
    assert "FAIL floor of right" in failed.output
    assert "FAIL no loss of right" in failed.output
    page = CliRunner().invoke(app, ["report", str(stored), "--against", str(tmp_path / "base.json")])
    assert page.exit_code == 0
    assert "right worse" in (stored / "report.html").read_text()
    assert len(list((tmp_path / "home" / "evals" / "reports").glob("*.html"))) == 1
    compared = CliRunner().invoke(app, ["compare", str(stored), str(stored), "--all"])
    assert "20 shared cases" in compared.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["score", "nowhere"], "folder of a run"),
        (["run", "--data", "nothing", "--out", "x"], "no data set"),
        (["run", "--data", "sample", "--out", "x", "--half", "best"], "half"),
        (["run", "--data", "sample", "--out", "x", "--option", "noise"], "NAME=VALUE"),
        (["run", "--data", "sample", "--out", "x", "--variant", "best"], "no variant"),
    ],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, BadInput)
    assert says in str(error)


def test_the_marker_asserts_a_metric_on_a_users_own_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    import sys

    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    (tmp_path / "questions.csv").write_text('question,answer\n"Who opened the bridge in Arlen?",Ada Lund\n')
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text(
        "A bridge in Arlen\n\nMayor Ada Lund opened the bridge in Arlen on Monday.\n"
    )
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["evals.pytest_plugin"]\n')
    (tmp_path / "test_mine.py").write_text(
        "import pytest\n"
        "from assistant.models.hashing import HashingEmbedder\n"
        "def prepare(home): vars(home)['embedder'] = HashingEmbedder()\n"
        "@pytest.mark.evals('csv:questions.csv', options={'articles': 'news'}, prepare=prepare)\n"
        "def test_right(evaluation): assert evaluation['right'].value == 1\n"
        "@pytest.mark.evals('csv:questions.csv', options={'articles': 'news'}, prepare=prepare)\n"
        "def test_wrong(evaluation): assert evaluation['right'].value == 0\n"
        "def test_unmarked(evaluation): pass\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 1 passed, 1 error" in done.stdout
    assert "needs @pytest.mark.evals" in done.stdout
