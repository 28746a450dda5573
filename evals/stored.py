"""Scores as files: ``scores.json`` is about quality, without times and places; ``system.json`` has the times."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from evals.runs import Run
from evals.scoring import Scores, score

SCORES, SYSTEM = "scores.json", "system.json"


@cache
def _adapter() -> TypeAdapter[Scores]:
    return TypeAdapter(Scores)


def write_scores(run: Run) -> Scores:
    """Score a run into its folder."""
    scores = score(run)
    text = json.dumps(_adapter().dump_python(scores, mode="json"), indent=1, ensure_ascii=False, sort_keys=True)
    (run.folder / SCORES).write_text(text + "\n", encoding="utf-8")
    (run.folder / SYSTEM).write_text(json.dumps(system(run), indent=1) + "\n", encoding="utf-8")
    return scores


def system(run: Run) -> dict[str, Any]:
    """Seconds of the whole question and milliseconds of each stage at p50 and p95, and what went to a chat model."""
    asked = [result for case in run.cases if (result := run.results.get(case.id)) and result.answer]
    stages: dict[str, list[float]] = defaultdict(list)
    for result in asked:
        for stage in result.answer.trace.stages if result.answer else ():
            stages[stage.name].append(stage.ms)
    return {
        "n": len(asked),
        "seconds": quantiles([result.seconds for result in asked]),
        "stages_ms": {name: quantiles(times) for name, times in stages.items()},
        "chat_calls": sum(result.calls for result in asked),
        "chat_words": sum(result.words for result in asked),
    }


def quantiles(values: Sequence[float]) -> Mapping[str, float]:
    """p50 and p95; zeros where there is nothing."""
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": round(float(p50), 4), "p95": round(float(p95), 4)}
