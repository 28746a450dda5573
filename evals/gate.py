"""The gate: whether a run may be released. Floors hold by themselves; the rest is held against a committed baseline."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from assistant.errors import BadInput
from evals.comparison import compare_cases
from evals.metrics import HEADLINES, METRICS
from evals.results import read_json
from evals.scoring import CaseScores, Scores

GATE = Path(__file__).parent / "gate.toml"
SHARED = 0.95
"""The least share of the baseline's cases that a run must have scored: a run of the easy ones proves nothing."""


class Rules(BaseModel):
    """See ``gate.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    errors: float = 0.0
    floors: Mapping[str, float] = {}
    margins: Mapping[str, float] = {}
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition, whether it holds, and the figures."""

    name: str
    passed: bool
    says: str


def read_rules(data: str, path: Path = GATE) -> Rules:
    """The rules for a data set, by the first word of its name; those of ``any`` where it has none of its own.

    Raises `BadInput` for a file that is not valid or names a metric that does not exist.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = Rules(**tables.get(data.split()[0], tables.get("any", {})))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else error
        raise BadInput(f"{path} is not valid ({first}); correct it.") from error
    unknown = {*rules.floors, *rules.margins} - set(METRICS)
    if unknown:
        raise BadInput(f"{path} names the metric {min(unknown)!r}, which does not exist; see evals/metrics.py.")
    return rules


def check(scores: Scores, rules: Rules, baseline: tuple[CaseScores, ...] | None) -> list[Check]:
    """Every condition, those that fail first. Without a baseline only the floors are checked."""
    checks = [_errors(scores, rules), *_floors(scores, rules)]
    if baseline is not None:
        checks += _against(scores, rules, baseline)
    return sorted(checks, key=lambda c: c.passed)


def _errors(scores: Scores, rules: Rules) -> Check:
    total = sum(scores.outcomes.values())
    failed = scores.outcomes.get("error", 0) + scores.outcomes.get("unscored", 0)
    share = failed / total if total else 1.0
    says = f"{failed} of {total} cases ended in an error or unscored; at most {rules.errors:.0%} may"
    return Check("errors", share <= rules.errors, says)


def _floors(scores: Scores, rules: Rules) -> list[Check]:
    checks = []
    for name, floor in rules.floors.items():
        estimate = scores.metrics.get(name)
        if estimate is None:  # nothing of the kind was said; silence is held to account by other metrics
            checks.append(Check(f"floor of {name}", True, f"{name} applies to no case"))
            continue
        lower = METRICS[name].better == "lower"
        passed = estimate.value <= floor if lower else estimate.value >= floor
        limit = f"{'at most' if lower else 'at least'} {floor:g}"
        checks.append(Check(f"floor of {name}", passed, f"{name} is {estimate.value:.3f} (n = {estimate.n}), {limit}"))
    return checks


def _against(scores: Scores, rules: Rules, baseline: tuple[CaseScores, ...]) -> list[Check]:
    comparison = compare_cases(baseline, scores.cases)
    had = comparison.shared + comparison.only_before
    enough = comparison.shared >= SHARED * had
    checks = [Check("shared cases", enough, f"{comparison.shared} of the baseline's {had} cases are scored here")]
    found = {change.metric: change for change in comparison.changes}
    for name in HEADLINES:
        if change := found.get(name):
            d = change.difference
            says = f"{name} {d.before:.3f} → {d.after:.3f}, difference {d.low:+.3f} to {d.high:+.3f}, p {change.p:.3f}"
            checks.append(Check(f"no loss of {name}", change.verdict != "worse", says))
    for name, margin in rules.margins.items():
        change = found.get(name)
        if change is None:
            missing = any(name in case.scores for case in baseline)
            checks.append(Check(f"margin of {name}", not missing, f"{name} applies to no case of one of the runs"))
        else:
            says = f"{name} may have lost up to {max(0.0, -change.least_gain):.3f}; {margin:g} is allowed"
            checks.append(Check(f"margin of {name}", change.least_gain >= -margin, says))
    return checks


def write_baseline(scores: Scores, path: Path) -> None:
    """Keep what the gate needs of a run: outcome, confidence and headline scores of each case; no text."""
    kept = {case.id: _kept(case) for case in scores.cases}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(form)}" for name, form in kept.items())
    about = json.dumps(scores.about, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{"about": {about},\n"cases": {{\n{lines}\n}}}}\n', encoding="utf-8")


def read_baseline(path: Path) -> tuple[CaseScores, ...]:
    """The cases of a baseline. Raises `BadInput` where it is missing or broken."""
    try:
        return tuple(_case(name, form) for name, form in read_json(path)["cases"].items())
    except (KeyError, TypeError, ValidationError) as error:
        raise BadInput(f"{path} is no baseline; write it anew with `python -m evals gate RUN --write`.") from error


def _kept(case: CaseScores) -> dict[str, Any]:
    form = TypeAdapter(CaseScores).dump_python(case, mode="json", exclude={"id", "tags", "why"})
    headline = {name: case.scores[name] for name in HEADLINES if name in case.scores}
    form["scores"] = {
        name: score.value if score.weight == 1 else [score.value, score.weight] for name, score in headline.items()
    }
    return dict(form)


def _case(name: str, form: dict[str, Any]) -> CaseScores:
    pairs = {key: value if isinstance(value, list) else [value, 1.0] for key, value in form["scores"].items()}
    scores = {key: {"value": value, "weight": weight} for key, (value, weight) in pairs.items()}
    case: CaseScores = TypeAdapter(CaseScores).validate_python({**form, "id": name, "tags": (), "scores": scores})
    return case
