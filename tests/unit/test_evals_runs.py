"""Running: resumable, parallel, and failures are failures."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from evals_runs import FlakyChat, hashing, write_data

import evals
from assistant.bootstrap import Home
from assistant.errors import BadInput
from evals.datasets import load
from evals.homes import KEPT
from evals.results import read_results
from evals.runs import ANSWERS, read_run, select
from evals.stored import SCORES, write_scores
from evals.variants import VARIANTS, load_variant, settings_of


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"), copies=1)


@pytest.fixture(autouse=True, scope="module")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Homes that a run makes are kept for the whole module, as a user's are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSISTANT_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def ask(cases: Path, folder: Path, **options: object) -> evals.Run:
    arguments = {"options": {"articles": str(cases.parent / "news")}, "prepare": hashing, **options}
    return evals.run(f"jsonl:{cases}", folder, **arguments)  # type: ignore[arg-type]


def test_a_run_asks_every_case_once_and_names_what_it_was_made_with(cases: Path, tmp_path: Path) -> None:
    done = ask(cases, tmp_path / "run")
    assert done.outcomes == {"answered": 48, "abstained": 16, "error": 0, "unscored": 0}
    assert len((tmp_path / "run" / ANSWERS).read_text().splitlines()) == 64
    named = done.manifest
    assert named["embedding"] == "hashing-64"
    assert named["data"]["hash"] == load(f"jsonl:{cases}", articles=str(cases.parent / "news")).data_hash
    assert all(named[key] for key in ("settings_id", "answerer", "corpus_hash", "code", "packages", "asked_at"))
    result = done.results["arlen-lund-who"]
    assert result.passages[0].article_id == "arlen-lund"
    assert result.opened[0].text == result.answer.evidence[0].text  # type: ignore[union-attr]
    assert set(result.rankings) == {"dense", "lexical"}


@pytest.mark.timeout(120)
def test_a_run_that_is_killed_and_started_again_scores_the_same_to_the_byte(cases: Path, tmp_path: Path) -> None:
    whole = ask(cases, tmp_path / "whole", workers=3)
    write_scores(whole)
    folder = tmp_path / "killed"
    answers = folder / ANSWERS
    kill_after = random.randrange(1, 25)  # of 64: a slow machine may see the kill come many answers late
    program = [sys.executable, str(Path(__file__).parent / "evals_runs.py")]
    command = [*program, str(cases), str(folder), str(cases.parent / "news")]
    root = Path(__file__).parents[2]
    child = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    while child.poll() is None and (not answers.exists() or answers.read_bytes().count(b"\n") < kill_after):
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert kill_after <= len(read_results(answers)) < 64
    with answers.open("ab") as file:
        file.write(b'{"id": "half-writ')
    write_scores(ask(cases, folder))
    assert len(answers.read_text().splitlines()) == 64
    assert (folder / SCORES).read_bytes() == (tmp_path / "whole" / SCORES).read_bytes()


def test_a_model_out_of_reach_is_an_error_and_no_wrong_answer_and_is_mended(cases: Path, tmp_path: Path) -> None:
    chat = FlakyChat()

    def prepare(home: Home) -> None:
        hashing(home)
        vars(home)["chat"] = chat

    broken = ask(cases, tmp_path / "run", prepare=prepare)
    failed = broken.outcomes["error"]
    assert failed > 5
    scores = evals.score(broken)
    assert scores["right"].value == 1
    assert scores["right"].n + sum(c.answerable and c.outcome == "error" for c in scores.cases) == 48
    assert all("away" in case.why[0] for case in scores.cases if case.outcome == "error")
    again = ask(cases, tmp_path / "run", prepare=prepare)
    assert again.outcomes["error"] == failed
    chat.mended = True
    mended = ask(cases, tmp_path / "run", prepare=prepare, retry_failed=True)
    assert mended.outcomes["error"] == 0
    assert evals.score(mended)["right"].n == 48
    assert mended.results["arlen-lund-who"].calls == 1
    assert mended.results["arlen-lund-who"].words > 100


def test_a_folder_with_another_run_is_refused_unless_fresh(cases: Path, tmp_path: Path) -> None:
    ask(cases, tmp_path / "run", limit=2)
    with pytest.raises(BadInput, match="another folder"):
        ask(cases, tmp_path / "run", limit=3)
    assert len(ask(cases, tmp_path / "run", limit=3, fresh=True).cases) == 3


def test_a_defect_of_the_product_is_an_error_with_its_name(cases: Path, tmp_path: Path) -> None:
    class Broken(FlakyChat):
        def stream(self, messages: object, limits: object):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError("by nought")

    def prepare(home: Home) -> None:
        hashing(home)
        vars(home)["chat"] = Broken()

    done = ask(cases, tmp_path / "run", limit=1, prepare=prepare)
    error = done.results["arlen-lund-who"].error
    assert error is not None
    assert (error.code, error.message) == ("internal", "ZeroDivisionError: by nought")


def test_a_sample_is_drawn_by_its_seed_in_the_order_of_the_data(cases: Path) -> None:
    every = load(f"jsonl:{cases}").cases
    drawn = [case.id for case in select(every, None, 10, 1)]
    assert drawn == [case.id for case in select(every, None, 10, 1)]
    assert drawn != [case.id for case in select(every, None, 10, 2)]
    assert drawn == [case.id for case in every if case.id in drawn]
    assert len(select(every, 4, 10, 1)) == 4
    assert len(select(every, None, 1000, 1)) == len(every)


def test_variants_change_what_is_asked(cases: Path, tmp_path: Path) -> None:
    lexical = ask(cases, tmp_path / "lexical", variant="lexical", limit=3)
    assert set(lexical.results["arlen-lund-who"].rankings) == {"lexical"}
    oracle = ask(cases, tmp_path / "oracle", variant="oracle")
    assert len(oracle.cases) == 48  # those with a gold article
    assert {p.article_id for p in oracle.results["arlen-lund-who"].passages} == {"arlen-lund"}
    assert evals.score(oracle)["span_fidelity"].value == 1
    with pytest.raises(BadInput, match="chat model"):
        ask(cases, tmp_path / "closed", variant="closed_book")


def test_closed_book_answers_from_memory_and_cites_nothing(cases: Path, tmp_path: Path) -> None:
    class Memory(FlakyChat):
        def stream(self, messages: object, limits: object):  # type: ignore[no-untyped-def]
            yield "It was Lund, I believe."

    def prepare(home: Home) -> None:
        hashing(home)
        vars(home)["chat"] = Memory()

    scores = evals.score(ask(cases, tmp_path / "run", variant="closed_book", limit=4, prepare=prepare))
    assert scores["right"].value == pytest.approx(1 / 3, abs=1e-6)
    assert scores["citation_coverage"].value == 0


def test_every_variant_is_valid_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    import tomllib

    for name in tomllib.loads(VARIANTS.read_text()):
        variant = load_variant(name)
        if "package:" not in str(variant.settings):
            settings_of(variant)
    with pytest.raises(BadInput, match="no variant 'fast'"):
        load_variant("fast")
    wrong = tmp_path / "v.toml"
    wrong.write_text('[x]\nsearchers = ["psychic"]\n[y]\nsettings.retreival.passages = 3\n')
    with pytest.raises(BadInput, match="searchers"):
        load_variant("x", wrong)
    with pytest.raises(BadInput, match="retreival"):
        settings_of(load_variant("y", wrong))


def test_a_stored_run_is_read_back_as_it_was(cases: Path, tmp_path: Path) -> None:
    done = ask(cases, tmp_path / "run", limit=5)
    again = read_run(tmp_path / "run")
    assert (again.cases, again.gold, again.results) == (done.cases, done.gold, done.results)
    assert again.gold["arlen-lund-who"].quotes[0].article_id == "arlen-lund"
    with pytest.raises(BadInput, match="folder of a run"):
        read_run(tmp_path)


def test_homes_not_used_for_longest_are_deleted(cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    made = tmp_path / "home" / "evals" / "homes"
    for age in range(KEPT + 2):
        (made / f"old{age}").mkdir(parents=True)
        (made / f"old{age}" / "ready").touch()
        os.utime(made / f"old{age}" / "ready", (1_000_000 - age, 1_000_000 - age))
    ask(cases, tmp_path / "run", limit=1)
    left = {path.parent.name for path in made.glob("*/ready")}
    assert {f"old{age}" for age in range(KEPT - 1)} < left
    assert len(left) == KEPT, "the one just used, and those used before it"
