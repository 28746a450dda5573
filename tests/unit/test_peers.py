"""The comparison with other systems: what is computed from the files they leave, by hand. No peer is needed."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from evals_examples import answer, answered, case, evidence, silent

from assistant.errors import BadInput
from assistant.types import Answer
from evals.datasets import Dataset, Gold
from evals.peers import exchange, run, table
from evals.peers.exchange import Found, Passage, Question, Result, Stats
from evals.peers.ours import best_sentence
from evals.peers.sentences import beginning, best_sentences, most_similar
from evals.statistics import Difference

ROOT = Path(__file__).parents[2]
ASKED = [Question("c1", "Who opened the bridge?"), Question("c2", "What did it cost?")]


def passages(*articles: str, text: str = "Some words.") -> list[Passage]:
    return [Passage(article, text) for article in articles]


def row(title: str, values: Sequence[float], **changes: float) -> table.Row:
    """A system whose every quality score of the i-th case is ``values[i]``, but for the columns that are changed."""
    scores = [dict.fromkeys(table.QUALITY, value) | changes for value in values]
    return table.Row(title, "as it is.", Stats(600, 30.0, 2_500_000, "w", "thing 1.0"), 12.4, scores, 1800, 6)


def difference(low: float, high: float) -> Difference:
    return Difference(0.5, 0.5 + (low + high) / 2, low, high, 1.0, 10)


def test_an_article_counts_by_its_first_passage_among_five_different_ones() -> None:
    fifth = passages("x", "x", "y", "y", "z", "w", "w", "a")
    sixth = passages("x", "y", "z", "w", "v", "a")
    assert table.scores_of(case(), fifth, "")["hit@5"] == 1
    assert table.scores_of(case(), sixth, "")["hit@5"] == 0
    assert table.scores_of(case(), [], "")["hit@5"] == 0


@pytest.mark.parametrize(("before", "found"), [(198, 1), (199, 0)])
def test_an_answer_counts_whole_and_within_the_first_words_across_passages(before: int, found: float) -> None:
    gold = case(answers=("Ada Lund",))
    scores = table.scores_of(gold, [Passage("x", "no " * (before - 8)), Passage("y", "no " * 8 + "Ada Lund.")], "")
    assert scores["answer_in_200"] == found
    assert scores["answer_in_900"] == scores["answer_in_1700"] == 1
    assert scores["in_best"] == 0
    assert table.scores_of(gold, [], "It was Ada Lund.")["in_best"] == 1


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.2, "ahead"),
        (0.0, 0.2, "not ahead"),
        (-0.1, 0.1, "not ahead"),
        (-0.2, 0.0, "not ahead"),
        (-0.2, -0.01, "behind"),
    ],
)
def test_ahead_and_behind_are_what_the_interval_excludes(low: float, high: float, said: str) -> None:
    assert table.verdict(difference(low, high)) == said


def test_differences_are_paired_ours_minus_theirs() -> None:
    names = [str(number) for number in range(10)]
    found = table.differences(row("ours", [1] * 10), row("peer", [0] * 10, in_best=1), names)
    assert (found["hit@5"].value, found["hit@5"].low, found["hit@5"].high, found["hit@5"].n) == (1, 1, 1, 10)
    assert (found["in_best"].value, found["in_best"].low, found["in_best"].high) == (0, 0, 0)
    half = table.differences(row("ours", [1, 0] * 5), row("peer", [0, 0] * 5), names)["hit@5"]
    assert half.value == 0.5
    assert 0 < half.low < 0.5 < half.high < 1
    together = table.differences(row("ours", [1, 0] * 5), row("peer", [0, 0] * 5), ["one article"] * 10)["hit@5"]
    assert together.low == together.high == 0.5


def test_the_conclusion_names_what_is_not_ahead() -> None:
    ahead, even, behind = difference(0.1, 0.2), difference(-0.1, 0.1), difference(-0.2, -0.1)
    everywhere = table.conclusion({"P": {"hit@5": ahead, "in_best": ahead}})
    assert everywhere.startswith("Ours is ahead of each in every quality column.")
    mixed = table.conclusion({"P": {"hit@5": ahead}, "Q": {"hit@5": ahead, "answer_in_900": even, "in_best": behind}})
    assert "ahead of each in every" not in mixed
    assert "- P: ours is ahead in article hit@5.\n" in mixed
    assert mixed.endswith(
        "- Q: ours is ahead in article hit@5; not ahead in answer in 900 words; behind in answer in best sentence."
    )


def test_the_report_by_hand() -> None:
    text = table.report("small", row("ours", [1, 1, 1, 0]), [row("peer", [1, 0, 0, 0])], ["a", "b", "c", "d"])
    assert text.startswith("# small: 4 questions, 600 articles\n")
    assert "| ours | 20.0 | 2.5 | 12 | .750 | .750 | .750 | .750 | .750 |" in text
    assert "| peer | 20.0 | 2.5 | 12 | .250 | .250 | .250 | .250 | .250 |" in text
    assert "| peer | +.500 (+.000 to +1.000) |" in text
    assert "- peer (thing 1.0): as it is. At least 1,800 words and 6 articles a question." in text
    assert "n 4" in text


def test_shares_as_they_are_printed() -> None:
    assert [table.short(0.4371), table.short(1), table.short(0)] == [".437", "1.000", ".000"]
    assert [table.short(0.012, "+"), table.short(-0.012, "+")] == ["+.012", "-.012"]


def test_the_beginning_of_passages_ends_after_so_many_words() -> None:
    assert list(beginning(["one two\n\nthree", "four  five six", "seven"], 5)) == ["one two\n\nthree", "four  five"]
    assert list(beginning(["one two", "three"], 2)) == ["one two"]
    assert list(beginning(["one two"], 9)) == ["one two"]


class Letters:
    """An embedder by the number of each letter."""

    identity = "letters"
    languages = frozenset({"en"})

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        counts = np.array([[text.lower().count(c) for c in "abcdefghijklmnopqrstuvwxyz"] for text in texts], float)
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)

    embed_questions = embed_passages


def test_the_best_sentence_is_the_systems_own_else_the_most_similar(tmp_path: Path) -> None:
    text = "Nobody was hurt. Ada Lund opened the bridge.\n\nIt cost 12 million."
    assert most_similar("Who opened the bridge?", [text], Letters()) == "Ada Lund opened the bridge."
    assert most_similar("Who opened the bridge?", ["word " * 900, text], Letters()) == ("word " * 900).strip()
    assert most_similar("Who?", [], Letters()) == ""
    results = {
        "c1": Result("c1", 0.1, (Passage("a", text),), "Its own."),
        "c2": Result("c2", 0.1, (Passage("a", text),)),
    }
    found = best_sentences(tmp_path, ASKED, results, Letters())
    assert found == {"c1": "Its own.", "c2": most_similar("What did it cost?", [text], Letters())}
    assert best_sentences(tmp_path, ASKED, {}, Letters()) == found  # kept


def test_our_best_sentence_is_the_first_evidence_or_the_nearest() -> None:
    assert best_sentence(answer(["Ada Lund did."], [evidence()])) == evidence().text
    assert best_sentence(Answer("?", "abstained", nearest=(evidence(),))) == evidence().text
    said = silent().answer
    assert said is not None
    assert best_sentence(said) == ""
    assert answered(answer(["Yes."], [evidence()])).answer is not None


class Toy:
    """A system that finds every article, in the file's order."""

    def __init__(self, model: Path, folder: Path) -> None:
        self.folder = folder

    def ingest(self, articles: Path) -> None:
        self.found = tuple(Passage(article.id, article.text) for article in exchange.read_articles(articles))

    def save(self) -> None:
        (self.folder / "index").write_text("12345", encoding="utf-8")

    def find(self, question: Question) -> Found:
        return Found(self.found, question.text)


def test_a_system_leaves_results_and_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with gzip.open(tmp_path / "articles.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"id": "a", "title": "A bridge", "text": "It is open.", "authors": []}) + "\n")
    exchange.write_questions(tmp_path / "questions.jsonl", ASKED)
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    monkeypatch.setattr(exchange, "model_folder", lambda: tmp_path)
    given = [str(tmp_path / name) for name in ("articles.jsonl.gz", "questions.jsonl", "toy")]
    monkeypatch.setattr(sys, "argv", ["toy", *given])
    exchange.serve(Toy, ("numpy",))
    folder = tmp_path / "toy"
    stats, results = exchange.read_stats(folder), exchange.read_results(folder)
    assert (stats.articles, stats.index_bytes, stats.versions) == (1, 5, f"numpy {np.__version__}")
    assert results["c2"].passages == (Passage("a", "A bridge\n\nIt is open."),)
    assert results["c2"].best == "What did it cost?"
    (folder / run.MADE_WITH).write_text("this", encoding="utf-8")
    assert run.is_whole(folder, "this", ASKED)
    assert not run.is_whole(folder, "that", ASKED)
    assert not run.is_whole(folder, "this", [*ASKED, Question("c3", "When?")])
    whole = (folder / "results.jsonl").read_text(encoding="utf-8")
    (folder / "results.jsonl").write_text(whole[:-9], encoding="utf-8")
    assert not run.is_whole(folder, "this", ASKED)


def test_what_is_exchanged_needs_nothing_but_python() -> None:
    subprocess.run([sys.executable, "-S", "-c", "import evals.peers.exchange"], cwd=ROOT, check=True)


def test_a_missing_environment_and_a_misspelt_system_are_one_sentence(tmp_path: Path) -> None:
    cases = (case(),)
    data = Dataset("tiny", cases, (tmp_path / "articles.jsonl",), gold={"c1": Gold()})
    given = Namespace(folder=tmp_path, limit=None, systems=["txtai_hybrid"], fresh=False, python=tmp_path / "none")
    with pytest.raises(BadInput, match=r"^The peers have no environment yet; `make peers` makes it\.$"):
        run.run(data, given)
    given.systems = ["haystack"]
    with pytest.raises(BadInput, match=r"^There is no system haystack; choose of ours, langchain_tutorial, .*\.$"):
        run.run(data, given)
