"""What a ranker adds to the weights by hand, over the questions of a set of pools that it was not trained on.

    python -m evals.training.measure POOLS.jsonl RANKER_FOLDER [--sets sample]

Prints how often a gold sentence is the best, among the best two, and among the best three: by the weights by hand, by
the ranker alone, by mixtures of both; and how often one is among the best so many that a ranker would be sent.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.ask.evidence import MAX_SENTENCES, RANKED, Candidate, score
from assistant.ask.ranking import sentence_in_context
from assistant.models.embeddings import load_embedder
from assistant.models.ranker import CrossEncoderRanker
from assistant.ports import Embedder, Ranker, Vectors
from assistant.types import Source
from evals.training.train import Form, read_pools

SHARES = (0.1, 0.2, 0.3, 0.5, 0.7)
SENT = (16, 24, RANKED, 48)


@dataclass(frozen=True, slots=True)
class Scored:
    """The sentences of one question: scores by hand, probabilities of the ranker, and which are gold."""

    by_hand: Vectors
    ranker: Vectors
    gold: Vectors

    def gold_among(self, scores: Vectors, count: int) -> bool:
        return bool(self.gold[np.argsort(-scores, kind="stable")[:count]].any())


def scored(form: Form, embedder: Embedder, ranker: Ranker) -> Scored:
    """The sentences of one question. Those of a title are taken for a passage, ranked as the pool has them."""
    sentences = form["sentences"][:MAX_SENTENCES]
    titles = list(dict.fromkeys(s["title"] for s in sentences))
    context = {t: " ".join([t, *(s["text"] for s in sentences if s["title"] == t)]) for t in titles}
    pool = [
        Candidate(Source(s["title"], title=s["title"]), s["text"], 0, 0, titles.index(s["title"]), context[s["title"]])
        for s in sentences
    ]
    similar = embedder.embed_passages([s["text"] for s in sentences]) @ embedder.embed_questions([form["question"]])[0]
    read = ranker.scores(form["question"], [sentence_in_context(s["text"], s["title"], s["before"]) for s in sentences])
    by_hand = np.array(score(form["question"], pool, similar), dtype=np.float32)
    answers = np.array([s["answers"] for s in sentences], dtype=np.float32)
    return Scored(by_hand, (1 / (1 + np.exp(-read))).astype(np.float32), answers)


def row(name: str, all_scored: Sequence[Scored], mixed: Callable[[Scored], Vectors]) -> str:
    """One line: the shares of questions with a gold sentence among the best one, two, three."""
    shares = (np.mean([s.gold_among(mixed(s), count) for s in all_scored]) for count in (1, 2, 3))
    return f"{name:34}" + "".join(f"{share:8.3f}" for share in shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path)
    parser.add_argument("ranker", help="a folder with a cross-encoder")
    parser.add_argument("--sets", default="sample", help="comma-separated")
    arguments = parser.parse_args()
    embedder, ranker = load_embedder(), CrossEncoderRanker(arguments.ranker)
    found = [scored(form, embedder, ranker) for form in read_pools(arguments.pools, arguments.sets.split(","))]
    print(f"{len(found)} questions")
    print(row("by hand", found, lambda s: s.by_hand))
    print(row("ranker", found, lambda s: s.ranker))
    for share in SHARES:
        print(row(f"{share} of the ranker", found, lambda s, w=share: (1 - w) * s.by_hand + w * s.ranker))  # type: ignore[misc]
    for count in SENT:
        print(f"gold among the best {count} by hand: {np.mean([s.gold_among(s.by_hand, count) for s in found]):.3f}")


if __name__ == "__main__":
    main()
