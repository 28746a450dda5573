"""How much runs of the same cases differ though nothing was changed: what a difference must exceed to mean anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from assistant.errors import BadInput
from evals.metrics import HEADLINES
from evals.scoring import CaseScores, Scores

_MADE_WITH = ("data", "variant", "settings_id", "prompt_ids", "model", "embedding", "ranker", "corpus_hash", "code")


@dataclass(frozen=True, slots=True)
class Repeat:
    """One metric over the shared cases: its ``values``, one a run; their ``mean`` and sample standard ``deviation``, in
    the metric's unit; ``differing``: the share, 0..1, of the ``n`` cases that count in any run whose score is not the
    same in all (counting in some runs only is a difference)."""

    metric: str
    values: tuple[float, ...]
    mean: float
    deviation: float
    differing: float
    n: int


@dataclass(frozen=True, slots=True)
class Repeats:
    """``shared``: cases that all runs have scored; ``left_out``: those that only some have. ``made_with_other``: what
    the runs were not all made with: where there is any, they are no repeats."""

    shared: int
    left_out: int
    made_with_other: tuple[str, ...]
    rows: tuple[Repeat, ...]


def repeats(runs: Sequence[Scores]) -> Repeats:
    """The headline metrics of runs over the cases they share. Raises `BadInput` for fewer than two runs, or where they
    share no scored case."""
    if len(runs) < 2:
        raise BadInput("One run has no variance; name the folders of two runs or more.")
    scored = [{c.id: c for c in run.cases if c.outcome in ("answered", "abstained")} for run in runs]
    shared = [name for name in scored[0] if all(name in run for run in scored)]
    if not shared:
        raise BadInput("The runs share no scored case; name runs of the same data set.")
    rows = (_repeat(metric, [[run[name] for name in shared] for run in scored]) for metric in HEADLINES)
    return Repeats(
        shared=len(shared),
        left_out=len(set().union(*scored)) - len(shared),
        made_with_other=_differing([run.about for run in runs]),
        rows=tuple(row for row in rows if row),
    )


def _repeat(metric: str, runs: Sequence[Sequence[CaseScores]]) -> Repeat | None:
    """None where the metric applies to no case of one of the runs."""
    values = [_mean(metric, cases) for cases in runs]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    cases = [[s.value if (s := case.scores.get(metric)) else None for case in same] for same in zip(*runs, strict=True)]
    counting = [found for found in cases if any(value is not None for value in found)]
    differing = sum(len(set(found)) > 1 for found in counting) / len(counting)
    return Repeat(metric, tuple(known), mean(known), stdev(known), differing, len(counting))


def _mean(metric: str, cases: Sequence[CaseScores]) -> float | None:
    scores = [case.scores[metric] for case in cases if metric in case.scores]
    weight = sum(score.weight for score in scores)
    return sum(score.value * score.weight for score in scores) / weight if weight else None


def _differing(abouts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(name for name in _MADE_WITH if any(about.get(name) != abouts[0].get(name) for about in abouts))
