"""What a ranker adds to shared words, over the questions of a set of pools that it was not trained on.

    python -m evals.training.measure POOLS.jsonl RANKER_FOLDER [--sets sample]

Prints how often a gold sentence is the best, among the best two, and among the best three: by shared words, by the
ranker alone, by mixtures of both; and how often one is among the sentences that a ranker reads.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.ask.candidates import MAX_SENTENCES, Candidate
from assistant.ask.ranking import Ranked, rank
from assistant.models.embeddings import load_embedder
from assistant.models.ranker import CrossEncoderRanker
from assistant.ports import Embedder, Ranker
from assistant.types import Source
from evals.training.train import Form, read_pools

SHARES = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class Question:
    """The sentences of one question that were read, and the places of the gold ones."""

    read: tuple[Ranked, ...]
    gold: frozenset[int]

    def gold_among(self, score: Callable[[Ranked], float], count: int) -> bool:
        best = sorted(self.read, key=lambda one: -score(one))[:count]
        return any(one.candidate.start in self.gold for one in best)


def read(form: Form, embedder: Embedder, ranker: Ranker) -> Question:
    """The sentences of one question, as they are served. Those of a title are taken for a passage, ranked as the pool
    has them."""
    sentences = form["sentences"][:MAX_SENTENCES]
    titles = list(dict.fromkeys(s["title"] for s in sentences))
    context = {t: " ".join([t, *(s["text"] for s in sentences if s["title"] == t)]) for t in titles}
    pool = [
        Candidate(
            Source(s["title"], title=s["title"]), s["text"], place, place + 1, titles.index(s["title"]),
            context[s["title"]], s["before"],
        )
        for place, s in enumerate(sentences)
    ]  # fmt: skip
    gold = frozenset(place for place, s in enumerate(sentences) if s["answers"])
    return Question(tuple(rank(form["question"], pool, embedder, ranker)), gold)


def row(name: str, questions: Sequence[Question], score: Callable[[Ranked], float]) -> str:
    """One line: the shares of questions with a gold sentence among the best one, two, three."""
    shares = (np.mean([q.gold_among(score, count) for q in questions]) for count in (1, 2, 3))
    return f"{name:34}" + "".join(f"{share:8.3f}" for share in shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path)
    parser.add_argument("ranker", help="a folder with a cross-encoder")
    parser.add_argument("--sets", default="sample", help="comma-separated")
    arguments = parser.parse_args()
    embedder, ranker = load_embedder(), CrossEncoderRanker(arguments.ranker)
    questions = [read(form, embedder, ranker) for form in read_pools(arguments.pools, arguments.sets.split(","))]
    print(f"{len(questions)} questions")
    print(row("words", questions, lambda one: one.words))
    for share in SHARES:
        print(row(f"{share} of the ranker", questions, lambda one, w=share: one.mixed(w)))  # type: ignore[misc]
    print(row("ranker", questions, lambda one: one.mixed(1.0)))
    read_at_all = np.mean([bool(q.gold & {one.candidate.start for one in q.read}) for q in questions])
    print(f"a gold sentence among those read: {read_at_all:.3f}")


if __name__ == "__main__":
    main()
