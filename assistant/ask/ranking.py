"""Ordering sentences by how well they answer: first by the words that they share with the question, then by a ranker
that reads the best of them together with the question; without one, by vectors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.ask.asked import asked_for, holds
from assistant.ask.candidates import Candidate
from assistant.ports import Embedder, Ranker
from assistant.text.words import content_stems
from assistant.types import Hit

EMBEDDED = 48
"""Sentences whose vectors are made for one question where no ranker is set, the best by words."""
RANKED = 32
"""Sentences that a ranker reads for one question, in one batch: of 48 no more answers are among the best ones, of 16
fewer (evals/LOG.md, 2026-11-24)."""
RANKER_SHARE = 0.5
"""What a ranker's word counts beside shared words (``python -m evals.training.measure`` compares shares)."""
VECTOR_SHARE = 0.4
"""What vectors count beside shared words, where no ranker is set."""
FUSED_SHARE = 0.3
"""What a passage's place after fusion counts beside its best sentence's score, falling from the first to the last: .2
and .5 do as well, 0 and fusion alone less well (evals/LOG.md, 2026-11-24)."""
NEIGHBOUR = 160
"""Characters kept of the sentence before: enough to resolve "he" or "the company". The sentence after is left out to
save time; what it would add was not measured."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence and what speaks for it: ``words`` that it shares with the question, about 0..1, and either
    ``relevance``, a ranker's probability that it answers, or ``similarity`` of vectors."""

    candidate: Candidate
    words: float
    relevance: float | None = None
    similarity: float | None = None

    @property
    def score(self) -> float:
        """What all that is known makes of it, about 0..1."""
        return self.mixed(RANKER_SHARE)

    def mixed(self, share: float) -> float:
        """The score with this share of the ranker's word in it."""
        if self.relevance is not None:
            return (1 - share) * self.words + share * self.relevance
        return (1 - VECTOR_SHARE) * self.words + VECTOR_SHARE * (self.similarity or 0.0)


def sentence_in_context(text: str, title: str, before: str) -> str:
    """What a ranker reads of a sentence: itself first, so that it is never cut off, then the title, then the sentence
    before it.

    No date: few of the free texts to train on have one, and whether there is one told their sets apart.
    """
    return f"{text} | {title} | {before[:NEIGHBOUR]}"


def rank(question: str, pool: Sequence[Candidate], embedder: Embedder, ranker: Ranker | None) -> list[Ranked]:
    """The best sentences, best first: at most `RANKED` where a ranker reads them, else at most `EMBEDDED`."""
    found = by_words(question, pool)
    if ranker:
        return _read(question, _best(found, RANKED), ranker)
    return _compared(question, _best(found, EMBEDDED), embedder)


def _compared(question: str, found: Sequence[Ranked], embedder: Embedder) -> list[Ranked]:
    vectors = embedder.embed_passages([one.candidate.text for one in found])
    similar = vectors @ embedder.embed_questions([question])[0]
    return _best([replace(one, similarity=s) for one, s in zip(found, similar.tolist(), strict=True)], len(found))


def _read(question: str, found: Sequence[Ranked], ranker: Ranker) -> list[Ranked]:
    shown = [sentence_in_context(c.text, c.source.title, c.before) for c in (one.candidate for one in found)]
    said = 1 / (1 + np.exp(-ranker.scores(question, shown)))
    return _best([replace(one, relevance=p) for one, p in zip(found, said.tolist(), strict=True)], RANKED)


def _best(found: Sequence[Ranked], count: int) -> list[Ranked]:
    """Best first; of equal ones the one that retrieval found first."""
    return sorted(found, key=lambda one: -one.score)[:count]


def by_words(question: str, pool: Sequence[Candidate]) -> list[Ranked]:
    """The sentences in their order, scored 0..1 without a model: weighted overlap of words with the sentence and with
    its surroundings, the kind of thing asked for, the rank of its passage.

    Words count by how rare they are among the candidates' passages, so that what all passages share decides nothing.
    """
    passages = {context: set(content_stems(context)) for context in {one.context for one in pool}}
    asked, weights = asked_for(question), _weights(question, passages.values())
    total = sum(weights.values()) or 1.0
    found = []
    for candidate in pool:
        own = set(content_stems(candidate.text))
        around = own | passages[candidate.context]
        overlap = sum(w for s, w in weights.items() if s in own) / total
        context = sum(w for s, w in weights.items() if s in around) / total
        kind = holds(candidate.text, asked, question)
        words = (0.25 * overlap + 0.15 * context + 0.10 * kind + 0.10 / (1 + candidate.rank)) / 0.60
        found.append(Ranked(candidate, words))
    return found


def by_best_sentence(hits: Sequence[Hit], ranked: Sequence[Ranked]) -> list[Hit]:
    """The passages whose sentences were ranked, by their best one and by where fusion had them; then the others as they
    were."""
    best: dict[int, float] = {}
    for one in ranked:
        best[one.candidate.rank] = max(one.score, best.get(one.candidate.rank, 0.0))
    scores = {rank: score + FUSED_SHARE * (1 - rank / len(hits)) for rank, score in best.items()}
    lead = [Hit(hits[rank].chunk, scores[rank], "ranked") for rank in sorted(scores, key=lambda rank: -scores[rank])]
    return [*lead, *(hit for rank, hit in enumerate(hits) if rank not in best)]


def _weights(question: str, passages: Collection[set[str]]) -> dict[str, float]:
    """Inverse document frequency of the question's stems over the stems of passages."""
    counts = Counter(stem for stems in passages for stem in stems)
    return {s: math.log(1 + (len(passages) + 1) / (counts[s] + 0.5)) for s in dict.fromkeys(content_stems(question))}
