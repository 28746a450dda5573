"""Choosing the sentences that bear on a question, out of the passages found, with no model but the embedder."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from assistant.ask.asked import Asked, asked_for, holds
from assistant.ask.ranking import sentence_in_context
from assistant.ports import Embedder, Ranker
from assistant.text.names import name_words
from assistant.text.numbers import number_values
from assistant.text.sentences import sentences
from assistant.text.words import content_stems, words
from assistant.types import Evidence, Hit, Source

MAX_SENTENCES = 120
"""Sentences scored for one question: ten passages of 170 words hold about 80."""
RANKED = 32
"""Sentences that a ranker reads for one question, in one batch: a gold one is among the best 32 for .99 of the unsealed
sample questions, among the best 16 for .95 (``python -m evals.training.measure``; evals/LOG.md, 2026-11-24)."""
RANKER_SHARE = 0.5
"""What a ranker's word counts beside the other signals: as much, until one that ships has been measured."""
SAME = 90
"""Two sentences with a token-set similarity of 90 or more say the same (wire copies with small edits); one is kept."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage: its place in the article, the passage's rank from 0, the words around it, and the
    sentence before it in the passage."""

    source: Source
    text: str
    start: int
    end: int
    rank: int
    context: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of the best evidence, for the confidence: all in 0..1.

    ``similarity`` of the most similar sentence, ``names`` and ``numbers`` of the question found in the passages of the
    best three, ``kind`` 1 where the best sentence holds the kind of thing asked for, ``coverage`` of the question's
    words by the best passage.
    """

    similarity: float
    coverage: float
    names: float
    numbers: float
    kind: float


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the passages in their order, each once, those too short to say anything left out."""
    found: dict[tuple[str, int], Candidate] = {}
    for rank, hit in enumerate(hits):
        chunk, before = hit.chunk, ""
        for span in sentences(chunk.text, chunk.source.language or "en"):
            text = chunk.text[span.start : span.end]
            key = (chunk.source.article_id, chunk.start + span.start)
            if key not in found and len(words(text)) >= 4:
                context = f"{chunk.source.title} {chunk.text}"
                found[key] = Candidate(chunk.source, text, key[1], chunk.start + span.end, rank, context, before)
            before = text
    return list(found.values())[:MAX_SENTENCES]


def select(
    question: str, hits: Sequence[Hit], embedder: Embedder, ranker: Ranker | None, limit: int
) -> tuple[tuple[Evidence, ...], Signals]:
    """The best sentences, best first, labelled "1", "2", …, near-copies left out; and the signals of the best."""
    pool = candidates(hits)
    if not pool:
        return (), Signals(0.0, 0.0, 0.0, 0.0, 0.0)
    similarity = embedder.embed_passages([c.text for c in pool]) @ embedder.embed_questions([question])[0]
    scores = score(question, pool, similarity)
    if ranker:
        scores = ranked(question, pool, scores, ranker)
    chosen: list[tuple[Candidate, float]] = []
    for index in sorted(range(len(pool)), key=lambda i: (-scores[i], i)):
        if not any(fuzz.token_set_ratio(pool[index].text, kept.text) >= SAME for kept, _ in chosen):
            chosen.append((pool[index], scores[index]))
        if len(chosen) == limit:
            break
    evidence = tuple(
        Evidence(str(n), c.source, c.text, c.start, c.end, round(s, 4)) for n, (c, s) in enumerate(chosen, 1)
    )
    return evidence, _signals(question, pool, [c for c, _ in chosen], float(np.max(similarity)))


def score(
    question: str, pool: Sequence[Candidate], similarity: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> list[float]:
    """How well each sentence answers, about 0..1: similarity of vectors, weighted overlap of words with the sentence
    and with its surroundings, the kind of thing asked for, the rank of its passage.

    Words count by how rare they are among the candidates' passages, so that what all passages share decides nothing.
    """
    asked: Asked = asked_for(question)
    weights = _weights(question, pool)
    total = sum(weights.values()) or 1.0
    result = []
    for candidate, cosine in zip(pool, similarity, strict=True):
        own = set(content_stems(candidate.text))
        around = own | set(content_stems(candidate.context))
        overlap = sum(w for s, w in weights.items() if s in own) / total
        context = sum(w for s, w in weights.items() if s in around) / total
        kind = holds(candidate.text, asked, question)
        result.append(
            0.40 * float(cosine) + 0.25 * overlap + 0.15 * context + 0.10 * kind + 0.10 / (1 + candidate.rank)
        )
    return result


def ranked(question: str, pool: Sequence[Candidate], scores: Sequence[float], ranker: Ranker) -> list[float]:
    """The scores after a ranker has read the best of the candidates: a mean with what it says of them, as a probability
    (0 for those that it did not read)."""
    best = sorted(range(len(pool)), key=lambda i: (-scores[i], i))[:RANKED]
    texts = [sentence_in_context(pool[i].text, pool[i].source.title, pool[i].before) for i in best]
    said = dict(zip(best, 1 / (1 + np.exp(-ranker.scores(question, texts))), strict=True))
    return [(1 - RANKER_SHARE) * score + RANKER_SHARE * float(said.get(i, 0.0)) for i, score in enumerate(scores)]


def _weights(question: str, pool: Sequence[Candidate]) -> dict[str, float]:
    """Inverse document frequency of the question's stems over the distinct passages of the pool."""
    passages = {c.context: set(content_stems(c.context)) for c in pool}
    counts = Counter(stem for stems in passages.values() for stem in stems)
    return {s: math.log(1 + (len(passages) + 1) / (counts[s] + 0.5)) for s in dict.fromkeys(content_stems(question))}


def _signals(question: str, pool: Sequence[Candidate], chosen: Sequence[Candidate], similarity: float) -> Signals:
    stems = set(content_stems(question))
    best = [set(content_stems(c.context)) for c in chosen[:3]]
    covered = max((len(stems & found) / len(stems) for found in best), default=0.0) if stems else 0.0
    text = " ".join(c.context for c in chosen[:3])
    wanted_names, wanted_numbers = set(name_words(question)), number_values(question)
    known_names, known_numbers = set(words(text)), number_values(text)
    named = len(wanted_names & known_names) / len(wanted_names) if wanted_names else 1.0
    counted = len(wanted_numbers & known_numbers) / len(wanted_numbers) if wanted_numbers else 1.0
    kind = float(holds(chosen[0].text, asked_for(question), question))
    return Signals(max(0.0, min(1.0, similarity)), covered, named, counted, kind)


def confidence(signals: Signals) -> float:
    """The probability in 0..1 that the evidence answers the question.

    A logistic regression over 210 unsealed sample cases (155 answerable), area under the ROC curve .73 in ten-fold
    cross-validation; the question's coverage by words added nothing to it (evals/LOG.md, 2026-11-24).
    """
    z = -3.95 + 3.93 * signals.similarity + 1.05 * signals.names + 0.46 * signals.numbers + 1.64 * signals.kind
    return round(1 / (1 + math.exp(-z)), 4)
