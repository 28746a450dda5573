"""Choosing the sentences that an answer is made of, and how sure it may be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rapidfuzz import fuzz

from assistant.ask.asked import asked_for, holds
from assistant.ask.ranking import Ranked
from assistant.text.numbers import number_values
from assistant.text.words import content_stems
from assistant.types import Evidence

SAME = 90
"""Two sentences with a token-set similarity of 90 or more say the same (wire copies with small edits); one is kept."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of the best evidence, for the confidence: all in 0..1.

    ``similarity`` of the most similar passage, ``kind`` 1 where the best sentence holds the kind of thing asked for,
    ``best`` the best sentence's score, ``numbers`` of the question (years among them) that stand in the passages of the
    best three, 1 where it has none; and ``coverage`` of the question's words by the best passages, which tells an
    answer that is missing from a topic that is.
    """

    similarity: float = 0.0
    kind: float = 0.0
    best: float = 0.0
    numbers: float = 0.0
    coverage: float = 0.0


def choose(ranked: Sequence[Ranked], limit: int) -> list[Ranked]:
    """The best sentences, best first, near-copies of better ones left out."""
    chosen: list[Ranked] = []
    for one in ranked:
        if not any(fuzz.token_set_ratio(one.candidate.text, kept.candidate.text) >= SAME for kept in chosen):
            chosen.append(one)
        if len(chosen) == limit:
            break
    return chosen


def evidence_of(chosen: Sequence[Ranked]) -> tuple[Evidence, ...]:
    """The chosen sentences as evidence, labelled "1", "2", … in their order."""
    return tuple(
        Evidence(str(number), one.source, one.text, one.start, one.end, round(ranked.score, 4))
        for number, ranked in enumerate(chosen, 1)
        for one in (ranked.candidate,)
    )


def signals(question: str, chosen: Sequence[Ranked], similarity: float) -> Signals:
    """The signals of what was chosen; ``similarity`` is that of the passage most similar to the question."""
    if not chosen:
        return Signals()
    stems = set(content_stems(question))
    passages = [set(content_stems(one.candidate.context)) for one in chosen[:3]]
    covered = max(len(stems & found) / len(stems) for found in passages) if stems else 0.0
    wanted = number_values(question)
    there = number_values(" ".join(one.candidate.context for one in chosen[:3]))
    numbers = len(wanted & there) / len(wanted) if wanted else 1.0
    kind = float(holds(chosen[0].candidate.text, asked_for(question), question))
    return Signals(max(0.0, min(1.0, similarity)), kind, chosen[0].score, numbers, covered)


def confidence(signals: Signals) -> float:
    """The probability in 0..1 that what is quoted answers the question.

    A logistic regression over tuning data (219 sample cases, 300 of RGB, 240 of RealTimeQA 2022), as
    ``evals.training.confidence`` prints it. Area under the ROC curve of right answers in ten-fold cross-validation .70,
    .68, .61; with names and words of the question that the passages hold no better (evals/LOG.md, 2026-11-24).
    """
    z = -4.91 + 2.62 * signals.similarity + 1.24 * signals.kind + 1.65 * signals.best + 0.56 * signals.numbers
    return round(1 / (1 + math.exp(-z)), 4)


def as_numbers(signals: Signals) -> dict[str, float]:
    """The signals by name, for the trace."""
    return {name: round(value, 4) for name, value in asdict(signals).items()}
