"""Scoring: every metric of a run from its stored answers alone, with intervals, by tag and by turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from evals.conversations import cluster_of, stands_alone
from evals.datasets import Gold
from evals.judging.files import Judged, read_judged
from evals.metrics import HEADLINES, METRICS
from evals.records import Case
from evals.results import OUTCOMES, Outcome, Result
from evals.runs import Run, read_run
from evals.score_answer import answer_scores, is_right, silence_scores
from evals.score_citations import citation_scores
from evals.score_retrieval import retrieval_scores
from evals.scorers import auroc, calibration_error, risk_coverage
from evals.statistics import Estimate, Score, resample, smallest_detectable, weighted
from evals.why import reasons

BINS = 10
DIGITS = 4
"""Digits kept of a case's score, so that scores read back from a baseline equal those computed."""


@dataclass(frozen=True, slots=True)
class CaseScores:
    """The scores of one case. ``right`` is None where no gold answer is known; ``confidence`` is the trace's;
    ``stands_alone`` see `stands_alone`; ``judge`` gave the scores of the group ``judged``, "" where there are none."""

    id: str
    outcome: Outcome
    answerable: bool
    right: bool | None
    confidence: float
    cluster: str
    turn: int
    tags: tuple[str, ...]
    scores: Mapping[str, Score]
    why: tuple[str, ...] = ()
    stands_alone: bool | None = None
    judge: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Some metrics over some of the cases: those with a tag, at a turn, or of follow-ups that stand alone or do not."""

    outcomes: Mapping[Outcome, int]
    metrics: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Scores:
    """All scores of a run. ``detectable``: the smallest difference to another run of this size that would be found.

    ``risk_coverage``: (share answered, share of them wrong). ``calibration``: (mean confidence, share right, cases) of
    each tenth of the confidence that has any.
    """

    about: Mapping[str, Any]
    outcomes: Mapping[Outcome, int]
    metrics: Mapping[str, Estimate]
    detectable: Mapping[str, float]
    abstention: Mapping[str, int]
    by_tag: Mapping[str, Part]
    by_turn: Mapping[str, Part]
    risk_coverage: tuple[tuple[float, float], ...]
    calibration: tuple[tuple[float, float, int], ...]
    cases: tuple[CaseScores, ...]

    def __getitem__(self, metric: str) -> Estimate:
        return self.metrics[metric]


def score(run: Run | Path | str) -> Scores:
    """Score a run, or what is there of it. The same answers give the same scores, whatever order they came in. Scores
    that a judge gave to these answers are among them."""
    whole = run if isinstance(run, Run) else read_run(run)
    judged = read_judged(whole.folder)
    cases = [score_case(case, whole.gold.get(case.id, Gold()), whole.results.get(case.id)) for case in whole.cases]
    return summarise([with_judged(case, whole.results.get(case.id), judged) for case in cases], about(whole))


def about(run: Run) -> dict[str, Any]:
    """What a run was made with, without times and places: those of two equal runs are equal."""
    left_out = ("git", "packages", "python", "machine", "started")
    return {field: value for field, value in run.manifest.items() if field not in left_out}


def score_case(case: Case, gold: Gold, result: Result | None) -> CaseScores:
    """The scores of one case. An error has none: it is neither right nor wrong. A scorer that fails leaves the case
    unscored, with its reason."""
    scored = CaseScores(
        id=case.id,
        outcome=result.outcome if result else "unscored",
        answerable=case.answerable,
        right=None,
        confidence=result.answer.trace.confidence if result and result.answer else 0.0,
        cluster=cluster_of(case, gold),
        turn=1 + sum(turn.role == "user" for turn in case.request.history),
        tags=case.tags,
        scores={},
        stands_alone=stands_alone(case, gold),
    )
    if result is None:
        return replace(scored, why=("not asked yet",))
    if result.outcome == "error":
        failure = result.error
        return replace(scored, why=(f"{failure.code}: {failure.message}" if failure else "no reason stored",))
    if case.answerable and not (case.answers or gold.parts or case.gold_article_ids or case.gold_quotes):
        return replace(scored, outcome="unscored", why=("no gold answer, article or quote is known",))
    try:
        scores = {
            **answer_scores(case, gold, result),
            **silence_scores(case, result),
            **citation_scores(case, gold, result),
            **retrieval_scores(case, gold, result),
        }
    except Exception as error:  # a defect of a scorer must not pass for a score
        return replace(scored, outcome="unscored", why=(f"a scorer failed: {type(error).__name__}: {error}",))
    right = is_right(case, gold, result)
    scores = {name: Score(round(s.value, DIGITS), s.weight) for name, s in scores.items()}
    return replace(scored, right=right, scores=scores, why=reasons(case, result, right, scores))


def with_judged(case: CaseScores, result: Result | None, judged: Judged | None) -> CaseScores:
    """The scores of a case with those that a judge gave to this very answer."""
    found = judged.scores_of(result) if judged and result and case.outcome == "answered" else {}
    if not judged or not found:
        return case
    scores = {name: Score(round(s.value, DIGITS), s.weight) for name, s in found.items()}
    return replace(case, scores={**case.scores, **scores}, judge=judged.yardstick)


def summarise(cases: Sequence[CaseScores], about: Mapping[str, Any]) -> Scores:
    """The metrics over cases that are scored, each over those that it applies to."""
    tags = Counter(tag for case in cases for tag in case.tags)
    answered = [case for case in cases if case.outcome == "answered" and case.right is not None]
    pairs = [(case.confidence, bool(case.right)) for case in answered]
    curve, _ = risk_coverage([c for c, _ in pairs], [r for _, r in pairs])
    table = Counter(
        f"{'answerable' if case.answerable else 'unanswerable'}_{case.outcome}"
        for case in cases
        if case.outcome in ("answered", "abstained")
    )
    return Scores(
        about=about,
        outcomes=_outcomes(cases),
        metrics=_metrics(cases, tuple(METRICS)) | _ranked(cases),
        detectable=_detectable(cases),
        abstention={f"{row}_{column}": table[f"{row}_{column}"] for row in ("answerable", "unanswerable")
                    for column in ("answered", "abstained")},
        by_tag={tag: _part([c for c in cases if tag in c.tags]) for tag, _ in sorted(tags.items())},
        by_turn={name: _part(found) for name, found in _turns(cases).items() if found},
        risk_coverage=tuple((round(c, 6), round(r, 6)) for c, r in curve),
        calibration=_bins(pairs),
        cases=tuple(cases),
    )  # fmt: skip


def _turns(cases: Sequence[CaseScores]) -> dict[str, list[CaseScores]]:
    return {
        "turn 1": [case for case in cases if case.turn == 1],
        "later turns": [case for case in cases if case.turn > 1],
        "follow-ups that stand alone": [case for case in cases if case.stands_alone is True],
        "follow-ups that do not": [case for case in cases if case.stands_alone is False],
    }


def _outcomes(cases: Sequence[CaseScores]) -> dict[Outcome, int]:
    counts = Counter(case.outcome for case in cases)
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def _part(cases: Sequence[CaseScores]) -> Part:
    return Part(_outcomes(cases), _metrics(cases, HEADLINES))


def _metrics(cases: Sequence[CaseScores], names: Sequence[str]) -> dict[str, Estimate]:
    clusters = [case.cluster for case in cases]
    found = {name: weighted([case.scores.get(name) for case in cases], clusters) for name in names}
    return {name: rounded(estimate) for name, estimate in found.items() if estimate.n}


Item = tuple[float, bool]
RANKED: Mapping[str, Callable[[Sequence[Item]], float]] = {
    "confidence_auroc": lambda items: auroc([c for c, _ in items], [ok for _, ok in items]),
    "confidence_auroc_right": lambda items: auroc([c for c, _ in items], [ok for _, ok in items]),
    "calibration_error": lambda items: calibration_error([c for c, _ in items], [ok for _, ok in items], BINS),
    "risk_coverage_area": lambda items: risk_coverage([c for c, _ in items], [ok for _, ok in items])[1],
}
"""Metrics of a set of cases that are no mean of theirs."""


def ranked_item(name: str, case: CaseScores) -> Item | None:
    """What a case brings to a metric of `RANKED`: its confidence, and whether the question can be answered or whether
    the answer is right; None where it has no part in it."""
    if case.outcome not in ("answered", "abstained"):
        return None
    if name == "confidence_auroc":
        return case.confidence, case.answerable
    return (case.confidence, case.right) if case.outcome == "answered" and case.right is not None else None


def _ranked(cases: Sequence[CaseScores]) -> dict[str, Estimate]:
    found: dict[str, Estimate] = {}
    for name, function in RANKED.items():
        items = [(item, case.cluster) for case in cases if (item := ranked_item(name, case)) is not None]
        labels = {item[1] for item, _ in items}
        if items and (len(labels) == 2 or "auroc" not in name):  # an AUROC needs both
            clusters: list[Hashable] = [cluster for _, cluster in items]
            found[name] = rounded(resample(function, [item for item, _ in items], clusters))
    return found


def _detectable(cases: Sequence[CaseScores]) -> dict[str, float]:
    values = {name: [c.scores[name].value for c in cases if name in c.scores] for name in METRICS}
    return {name: round(smallest_detectable(found), 6) for name, found in values.items() if found}


def _bins(pairs: Sequence[Item]) -> tuple[tuple[float, float, int], ...]:
    grouped: dict[int, list[Item]] = {}
    for confidence, right in pairs:
        grouped.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    means = {index: np.mean(items, axis=0) for index, items in grouped.items()}
    return tuple(
        (round(float(means[index][0]), 6), round(float(means[index][1]), 6), len(grouped[index]))
        for index in sorted(grouped)
    )


def rounded(estimate: Estimate) -> Estimate:
    """To six digits: what differs below that is the order of additions."""
    return Estimate(round(estimate.value, 6), round(estimate.low, 6), round(estimate.high, 6), estimate.n)
