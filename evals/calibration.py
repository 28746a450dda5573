"""How well `evals.support`, or a judge, agrees with people: ``python -m evals calibrate``."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.stats import spearmanr

from evals.datasets import Half, Judgement, judgements
from evals.scorers import auroc
from evals.statistics import Estimate, resample
from evals.support import support

TARGETS = {"qags-cnndm": 0.84, "attributionbench": 0.73, "mtrag": 0.70}
"""The figures of DESIGN for content-word precision."""


Scorer = Callable[[Sequence[Judgement]], Sequence[float | None]]
"""How far the sources of each judgement support its claim, higher is better; None where that could not be scored."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """AUROC against labels (0.5 is chance), or Spearman's correlation with ratings (0 is chance), and the aim.
    ``unscored`` judgements are left out."""

    name: str
    measure: str
    estimate: Estimate
    target: float
    unscored: int = 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well a scorer agrees with people: on which half, with how many drawn of each set (None: all)."""

    half: Half
    limit: int | None
    agreements: tuple[Agreement, ...]

    def __str__(self) -> str:
        """One line: the figures of each set with their intervals."""
        told = (
            f"{a.name} {a.measure} {a.estimate.value:.2f} ({a.estimate.low:.2f} to {a.estimate.high:.2f}, "
            f"n {a.estimate.n}, {a.unscored} unscored)"
            for a in self.agreements
        )
        return f"half {self.half}: {', '.join(told)}"


def by_words(judgements: Sequence[Judgement]) -> list[float]:
    """The scorer that needs no model."""
    return [support(j.claim, j.source).score for j in judgements]


def calibrate(half: Half = "report", scorer: Scorer = by_words, limit: int | None = None) -> Calibration:
    """Agreement on each set of judgements, or on ``limit`` drawn of each. Those without a source, and those of people's
    own reference answers on MTRAG, are left out, as in DESIGN's figures. Raises `BadInput` where the data is not there.
    """
    drawn = {name: _drawn(judgements(name, half), limit) for name in TARGETS}
    return Calibration(half, limit, tuple(_agreement(name, found, scorer) for name, found in drawn.items()))


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rank correlation, -1..1, ties by mean rank; 0 where one side is constant."""
    return float(spearmanr(a, b).statistic) if len(set(a)) > 1 and len(set(b)) > 1 else 0.0


def _drawn(found: Sequence[Judgement], limit: int | None) -> list[Judgement]:
    kept = [j for j in found if j.source.strip() and "reference" not in j.tags]
    return kept if limit is None or limit >= len(kept) else random.Random(0).sample(kept, limit)


def _agreement(name: str, found: Sequence[Judgement], scorer: Scorer) -> Agreement:
    scored = [(score, j) for score, j in zip(scorer(found), found, strict=True) if score is not None]
    clusters = [j.cluster for _, j in scored]
    unscored = len(found) - len(scored)
    if any(j.label is None for j in found):
        rated = [(score, j.ratings["faithfulness"]) for score, j in scored]
        estimate = resample(lambda items: spearman([s for s, _ in items], [r for _, r in items]), rated, clusters)
        return Agreement(name, "Spearman", estimate, TARGETS[name], unscored)
    labelled = [(score, bool(j.label)) for score, j in scored]
    estimate = resample(lambda items: auroc([s for s, _ in items], [label for _, label in items]), labelled, clusters)
    return Agreement(name, "AUROC", estimate, TARGETS[name], unscored)
