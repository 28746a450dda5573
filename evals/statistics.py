"""How sure a metric is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, sqrt

import numpy as np

RESAMPLES = 2_000
"""Efron and Tibshirani (1993) advise 1,000 or more for percentile intervals."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over n cases with its 95% interval."""

    value: float
    low: float
    high: float
    n: int


def bootstrap(values: Sequence[float], clusters: Sequence[Hashable] | None = None, seed: int = 0) -> Estimate:
    """The mean with a percentile bootstrap interval. Whole clusters (the article, the conversation) are drawn, since
    cases of one article are not independent. Zero cases give an estimate of 0 with n = 0."""
    if not values:
        return Estimate(0.0, 0.0, 0.0, 0)
    sums, counts = _by_cluster(values, clusters)
    draws = np.random.default_rng(seed).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(np.mean(values)), float(low), float(high), len(values))


def paired_bootstrap(
    before: Sequence[float], after: Sequence[float], clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> Estimate:
    """The mean difference ``after - before`` over shared cases, with its interval; it is more than noise where the
    interval excludes 0."""
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return bootstrap(differences, clusters, seed)


def _by_cluster(values: Sequence[float], clusters: Sequence[Hashable] | None) -> tuple[np.ndarray, np.ndarray]:
    grouped: dict[Hashable, list[float]] = {}
    for index, value in enumerate(values):
        grouped.setdefault(index if clusters is None else clusters[index], []).append(value)
    sums = np.array([sum(group) for group in grouped.values()])
    return sums, np.array([len(group) for group in grouped.values()])


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> float:
    """The exact two-sided p-value of McNemar's test on paired outcomes (McNemar, 1947; binomial form); 1 where no pair
    differs."""
    gained = sum(b and not a for a, b in zip(before, after, strict=True))
    lost = sum(a and not b for a, b in zip(before, after, strict=True))
    n = gained + lost
    if n == 0:
        return 1.0
    tail: float = sum(comb(n, i) for i in range(min(gained, lost) + 1)) / 2**n
    return float(min(1.0, 2 * tail))


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
