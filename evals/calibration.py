"""How well `evals.support` agrees with people: ``python -m evals calibrate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import spearmanr

from evals.datasets import Half, Judgement, judgements
from evals.scorers import auroc
from evals.statistics import Estimate, resample
from evals.support import support

TARGETS = {"qags-cnndm": 0.84, "attributionbench": 0.73, "mtrag": 0.70}
"""The figures of DESIGN for content-word precision."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """AUROC against labels (0.5 is chance), or Spearman's correlation with ratings (0 is chance), and the aim."""

    name: str
    measure: str
    estimate: Estimate
    target: float


def calibrate(half: Half = "report") -> list[Agreement]:
    """Agreement on each set of judgements. Those without a source, and those of people's own reference answers on
    MTRAG, are left out, as in DESIGN's figures. Raises `BadInput` where the data is not there."""
    return [_agreement(name, judgements(name, half), target) for name, target in TARGETS.items()]


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rank correlation, -1..1, ties by mean rank; 0 where one side is constant."""
    return float(spearmanr(a, b).statistic) if len(set(a)) > 1 and len(set(b)) > 1 else 0.0


def _agreement(name: str, found: Sequence[Judgement], target: float) -> Agreement:
    kept = [j for j in found if j.source.strip() and "reference" not in j.tags]
    clusters = [j.cluster for j in kept]
    scores = [support(j.claim, j.source).score for j in kept]
    rated = [(score, j.ratings["faithfulness"]) for score, j in zip(scores, kept, strict=True) if j.label is None]
    if rated:
        estimate = resample(lambda items: spearman([s for s, _ in items], [r for _, r in items]), rated, clusters)
        return Agreement(name, "Spearman", estimate, target)
    labelled = [(score, bool(j.label)) for score, j in zip(scores, kept, strict=True)]
    estimate = resample(lambda items: auroc([s for s, _ in items], [label for _, label in items]), labelled, clusters)
    return Agreement(name, "AUROC", estimate, target)
