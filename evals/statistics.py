"""How sure a metric is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import TypeVar

import numpy as np
from scipy.stats import binomtest

RESAMPLES = 2_000
"""Efron and Tibshirani (1993) advise 1,000 or more for percentile intervals."""
SLOW_RESAMPLES = 500
"""For statistics that are no ratio of sums and cost a millisecond a time; the interval's ends move by about .005."""
FEWEST = 6
"""With five clusters that all change one way even an exact sign test gives 2 / 2**5 = .06."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Score:
    """What one case adds to a metric, which is the mean of the values by weight: ``value * weight`` above,
    ``weight`` below. F1 is such a mean too: 2TP / (2TP + FP + FN)."""

    value: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over n cases with its 95% interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How a metric differs between two runs over the cases they share (after minus before), with its 95% interval and
    the two-sided p-value of no difference. ``n``: shared cases that count in either run."""

    before: float
    after: float
    low: float
    high: float
    p: float
    n: int

    @property
    def value(self) -> float:
        return self.after - self.before


def weighted(scores: Sequence[Score | None], clusters: Sequence[Hashable], seed: int = 0) -> Estimate:
    """The mean of scores by weight with a percentile bootstrap interval over whole clusters; None does not count."""
    kept = [(score, cluster) for score, cluster in zip(scores, clusters, strict=True) if score is not None]
    if not kept:
        return Estimate(0.0, 0.0, 0.0, 0)
    sums = _sums([score for score, _ in kept], [cluster for _, cluster in kept])
    means = _means(sums, _draws(len(sums), seed))
    low, high = np.nanpercentile(means, [2.5, 97.5])
    above, below = sums.sum(axis=0)
    return Estimate(_ratio(above, below), float(low), float(high), len(kept))


def paired_weighted(
    before: Sequence[Score | None], after: Sequence[Score | None], clusters: Sequence[Hashable], seed: int = 0
) -> Difference:
    """The difference of two weighted means over the same cases; a case may count in one run only (it was answered
    there). Whole clusters are drawn, both runs' scores together, so that what they share cancels."""
    first, second = _sums(before, clusters), _sums(after, clusters)
    draws = _draws(len(first), seed)
    differences = _means(second, draws) - _means(first, draws)
    differences = differences[~np.isnan(differences)]
    values = [_ratio(*sums.sum(axis=0)) if len(sums) else 0.0 for sums in (first, second)]
    count = sum(a is not None or b is not None for a, b in zip(before, after, strict=True))
    if not len(differences):
        return Difference(values[0], values[1], 0.0, 0.0, 1.0, count)
    low, high = np.percentile(differences, [2.5, 97.5])
    counting = int(((first[:, 1] > 0) | (second[:, 1] > 0)).sum())
    p = two_sided(values[1] - values[0], differences, counting)
    return Difference(values[0], values[1], float(low), float(high), p, count)


def resample(
    function: Callable[[Sequence[T]], float], items: Sequence[T], clusters: Sequence[Hashable], seed: int = 0
) -> Estimate:
    """Any statistic of a set of cases with a percentile bootstrap interval over whole clusters."""
    if not items:
        return Estimate(0.0, 0.0, 0.0, 0)
    low, high = np.percentile(redraw(function, items, clusters, seed), [2.5, 97.5])
    return Estimate(function(items), float(low), float(high), len(items))


def redraw(
    function: Callable[[Sequence[T]], float], items: Sequence[T], clusters: Sequence[Hashable], seed: int = 0
) -> np.ndarray:
    """The statistic over each of `SLOW_RESAMPLES` draws of whole clusters."""
    grouped: dict[Hashable, list[T]] = {}
    for item, cluster in zip(items, clusters, strict=True):
        grouped.setdefault(cluster, []).append(item)
    groups = list(grouped.values())
    draws = np.random.default_rng(seed).integers(0, len(groups), (SLOW_RESAMPLES, len(groups)))
    return np.array([function([item for index in draw for item in groups[index]]) for draw in draws])


def two_sided(value: float, differences: np.ndarray, clusters: int) -> float:
    """The two-sided p-value of no difference: the difference in bootstrap standard errors, against the normal
    distribution (Efron and Tibshirani, 1993, chapter 13). Counting resamples beyond 0 would end at 1 in their number,
    which Holm's correction over 60 metrics makes .06. Below `FEWEST` clusters nothing is certain: 1."""
    if value == 0 or clusters < FEWEST:
        return 1.0
    error = float(np.std(differences))
    return erfc(abs(value) / error / sqrt(2)) if error else 0.0


def _sums(scores: Sequence[Score | None], clusters: Sequence[Hashable]) -> np.ndarray:
    """(clusters, 2): the weighted values and the weights of each cluster, in the order of first appearance."""
    order = {cluster: index for index, cluster in enumerate(dict.fromkeys(clusters))}
    sums = np.zeros((len(order), 2))
    for score, cluster in zip(scores, clusters, strict=True):
        if score is not None:
            sums[order[cluster]] += (score.value * score.weight, score.weight)
    return sums


def _draws(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, max(1, count), (RESAMPLES, count))


def _means(sums: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The mean of each draw; not a number where nothing of it counts."""
    above, below = sums[draws, 0].sum(axis=1), sums[draws, 1].sum(axis=1)
    means: np.ndarray = np.divide(above, below, out=np.full(len(draws), np.nan), where=below > 0)
    return means


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else 0.0


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> float:
    """The exact two-sided p-value of McNemar's test on paired outcomes (McNemar, 1947; binomial form); 1 where no pair
    differs."""
    gained = sum(b and not a for a, b in zip(before, after, strict=True))
    lost = sum(a and not b for a, b in zip(before, after, strict=True))
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p-values adjusted for several metrics looked at together (Holm, 1979), by name."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for index, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(p_values) - index) * p))
        adjusted[name] = highest
    return adjusted


def smallest_detectable(values: Sequence[float]) -> float:
    """The difference between two runs of this size that a paired test would find four times in five (two-sided 5%,
    power 80%: 1.96 + 0.84 standard errors), taking each run's variance and no correlation between them: an upper bound.
    """
    n = len(values)
    if n < 2:
        return 1.0
    return float((1.96 + 0.84) * sqrt(2 * float(np.var(values, ddof=1)) / n))
