"""Fit the confidence: a logistic regression of whether an answer was right on the signals that its trace has.

    python -m evals run --data sample --half tune --variant never_silent --out RUN   # and other tuning halves
    python -m evals.training.confidence RUN [RUN …]

A case counts as right where it can be answered and a gold answer is in what was said, so that the confidence is the
probability that what is quoted answers. Each data set counts as much as any other. Prints the coefficients for
``assistant.ask.evidence``, and from ten-fold cross-validation how well they tell right from wrong, how far they are
off, and what each threshold does.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from evals.runs import Run, read_run
from evals.score_answer import is_right
from evals.scorers import auroc, calibration_error

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
FOLDS = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One case that was asked: its signals by name, whether it can be answered, and whether it was answered right."""

    signals: dict[str, float]
    answerable: bool
    right: bool
    weight: float = 1.0


def examples(runs: Sequence[Run]) -> list[Example]:
    """The cases of the runs of one data set that were asked, those screened out with signals of 0; their weights add up
    to 1."""
    found = []
    for run in runs:
        for case in run.cases:
            result = run.results.get(case.id)
            if result and result.answer and result.answer.trace.signals:
                right = bool(case.answerable and is_right(case, run.gold[case.id], result))
                found.append(Example(dict(result.answer.trace.signals), case.answerable, right))
    return [replace(one, weight=1 / len(found)) for one in found]


def by_set(folders: Sequence[Path]) -> dict[str, list[Example]]:
    """The examples of each data set, whatever its options: RGB with and without documents that answer is one."""
    runs: dict[str, list[Run]] = defaultdict(list)
    for folder in folders:
        run = read_run(folder)
        runs[run.manifest["data"]["name"].split()[0]].append(run)
    return {name: examples(part) for name, part in runs.items()}


def fitted(table: Floats, right: Floats, weights: Floats) -> LogisticRegression:
    return LogisticRegression(C=10.0, max_iter=1000).fit(
        table, right, sample_weight=weights * len(weights) / weights.sum()
    )


def cross_validated(table: Floats, right: Floats, weights: Floats) -> Floats:
    """The confidence of each example by a model that did not see it."""
    said = np.zeros(len(table))
    for seen, held in KFold(FOLDS, shuffle=True, random_state=0).split(table):
        said[held] = fitted(table[seen], right[seen], weights[seen]).predict_proba(table[held])[:, 1]
    return said


def report(name: str, said: Floats, found: Sequence[Example]) -> list[str]:
    """How good the confidence is over these examples."""
    right, answerable = [one.right for one in found], [one.answerable for one in found]
    lines = [
        f"{name}: n {len(found)}, answerable {sum(answerable)}, right {sum(right)}, AUROC of right "
        f"{auroc(said.tolist(), right):.3f}, of answerable {auroc(said.tolist(), answerable):.3f}, "
        f"calibration error {calibration_error(said.tolist(), right):.3f}"
    ]
    for threshold in THRESHOLDS:
        spoken = said >= threshold
        cells = [
            ("of the answerable answered", spoken[np.array(answerable)]),
            ("of the others silent", ~spoken[~np.array(answerable)]),
            ("of the answers right", np.array(right)[spoken]),
        ]
        lines.append(
            f"  from {threshold}: " + ", ".join(f"{cell.mean():.2f} {says}" for says, cell in cells if len(cell))
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--signals", default="similarity,kind,best,numbers", help="comma-separated")
    arguments = parser.parse_args()
    names = arguments.signals.split(",")
    sets = by_set(arguments.runs)
    found = [one for part in sets.values() for one in part]
    table = np.array([[one.signals[name] for name in names] for one in found])
    right = np.array([one.right for one in found], dtype=float)
    weights = np.array([one.weight for one in found])
    said = cross_validated(table, right, weights)
    start = 0
    for name, part in sets.items():
        print("\n".join(report(name, said[start : start + len(part)], part)))
        start += len(part)
    print("\n".join(report("all", said, found)))
    model = fitted(table, right, weights)
    print(
        f"{model.intercept_[0]:+.2f} " + " ".join(f"{c:+.2f}*{n}" for c, n in zip(model.coef_[0], names, strict=True))
    )


if __name__ == "__main__":
    main()
