"""Comparing two runs over the cases they share: paired, with Holm's correction over the headline metrics."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.errors import BadInput
from evals.metrics import HEADLINES, METRICS
from evals.runs import Run, read_run
from evals.scoring import RANKED, CaseScores, Item, Scores, ranked_item, score
from evals.statistics import Difference, holm, mcnemar, paired_weighted, redraw, two_sided

Verdict = Literal["worse", "better", "same"]
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """How one metric changed. ``p`` is adjusted (Holm): a headline metric's over those, any other's over all metrics.

    ``mcnemar`` is the exact test where every shared case is 0 or 1 in both runs, else None; unadjusted, and it takes
    cases as independent.
    """

    metric: str
    difference: Difference
    p: float
    mcnemar: float | None = None

    @property
    def gain(self) -> float:
        """The change in the direction that is better."""
        return self.difference.value if METRICS[self.metric].better == "higher" else -self.difference.value

    @property
    def verdict(self) -> Verdict:
        """``same`` where it is within the noise: adjusted p at least .05."""
        if self.p >= LEVEL or self.gain == 0:
            return "same"
        return "better" if self.gain > 0 else "worse"

    @property
    def least_gain(self) -> float:
        """The worse end of the interval, in the direction that is better."""
        return self.difference.low if METRICS[self.metric].better == "higher" else -self.difference.high


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that went from right to wrong or back, or ended otherwise."""

    id: str
    before: str
    after: str
    worse: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """``changes`` are worst first. ``shared``: cases that both runs have scored; ``only_before``, ``only_after``: cases
    that one of them has not, which count nowhere."""

    shared: int
    only_before: int
    only_after: int
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]

    def __getitem__(self, metric: str) -> Change:
        return next(change for change in self.changes if change.metric == metric)


def compare(before: Scores | Run | Path | str, after: Scores | Run | Path | str) -> Comparison:
    """Compare two runs, or their scores, case by case. Errors and unscored cases are left out of both, and counted.

    Raises `BadInput` where they share no scored case.
    """
    first, second = _scores(before), _scores(after)
    return compare_cases(first.cases, second.cases)


def compare_cases(before: Sequence[CaseScores], after: Sequence[CaseScores]) -> Comparison:
    """See `compare`."""
    first, second = _scored(before), _scored(after)
    shared = [name for name in second if name in first]
    if not shared:
        raise BadInput("The two runs share no scored case, so there is nothing to compare; use the same data set.")
    pairs = [(first[name], second[name]) for name in shared]
    differences = {name: d for name in METRICS if (d := _difference(name, pairs)) is not None}
    p_values = {name: d.p for name, d in differences.items()}
    adjusted = holm(p_values) | holm({name: p for name, p in p_values.items() if name in HEADLINES})
    changes = [Change(name, d, adjusted[name], _mcnemar(name, pairs)) for name, d in differences.items()]
    changes.sort(key=lambda change: (change.verdict != "worse", change.verdict == "same", _size(change), change.metric))
    moved = [m for b, a in pairs if (m := _moved(b, a))]
    return Comparison(
        len(shared),
        len(first) - len(shared),
        len(second) - len(shared),
        tuple(changes),
        tuple(sorted(moved, key=lambda m: (not m.worse, m.id))),
    )


def _scores(run: Scores | Run | Path | str) -> Scores:
    if isinstance(run, Scores):
        return run
    return score(run if isinstance(run, Run) else read_run(run))


def _scored(cases: Sequence[CaseScores]) -> dict[str, CaseScores]:
    return {case.id: case for case in cases if case.outcome in ("answered", "abstained")}


Pairs = Sequence[tuple[CaseScores, CaseScores]]


def _difference(name: str, pairs: Pairs) -> Difference | None:
    clusters = [before.cluster for before, _ in pairs]
    if name in RANKED:
        return _ranked_difference(name, pairs, clusters)
    if METRICS[name].group == "judged" and any(b.judge != a.judge for b, a in pairs if b.judge and a.judge):
        return None  # two judges are two yardsticks
    first, second = [b.scores.get(name) for b, _ in pairs], [a.scores.get(name) for _, a in pairs]
    if not any(first) or not any(second):  # none of one run counts: there is no value to compare with
        return None
    return paired_weighted(first, second, clusters)


def _ranked_difference(name: str, pairs: Pairs, clusters: Sequence[Hashable]) -> Difference | None:
    items = [(ranked_item(name, before), ranked_item(name, after)) for before, after in pairs]

    def value(side: int, drawn: Sequence[tuple[Item | None, Item | None]]) -> float:
        return RANKED[name]([item for pair in drawn if (item := pair[side]) is not None])

    if not any(b for b, _ in items) or not any(a for _, a in items):
        return None
    differences = redraw(lambda drawn: value(1, drawn) - value(0, drawn), items, clusters)
    low, high = np.percentile(differences, [2.5, 97.5])
    count = sum(b is not None or a is not None for b, a in items)
    first, second = value(0, items), value(1, items)
    p = two_sided(second - first, differences, len(set(clusters)))
    return Difference(first, second, float(low), float(high), p, count)


def _mcnemar(name: str, pairs: Pairs) -> float | None:
    values = [(b.scores[name].value, a.scores[name].value) for b, a in pairs if name in b.scores and name in a.scores]
    if not values or any(value not in (0.0, 1.0) for pair in values for value in pair):
        return None
    return mcnemar([bool(b) for b, _ in values], [bool(a) for _, a in values])


def _size(change: Change) -> float:
    """The gain in standard errors, so that words and shares can be put in one order; the largest loss first."""
    width = change.difference.high - change.difference.low
    return change.gain / width if width else change.gain * 1e6


def _moved(before: CaseScores, after: CaseScores) -> Moved | None:
    first, second = standing(before), standing(after)
    return Moved(before.id, first, second, bool(before.right) > bool(after.right)) if first != second else None


def standing(case: CaseScores) -> str:
    """How a case stands: its outcome, and whether that was right."""
    if case.outcome in ("error", "unscored") or case.right is None:
        return case.outcome
    return f"{case.outcome}, {'right' if case.right else 'wrong'}"
