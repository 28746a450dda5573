"""``judged.json`` in a run's folder, and a judge's calibration in the home."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.errors import BadInput
from evals.calibration import Calibration
from evals.judging.material import answer_hash
from evals.judging.port import Judge
from evals.judging.shares import Share
from evals.results import Result, read_json
from evals.statistics import Score

JUDGED = "judged.json"


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """The scores of one answer, and the hash of what was judged."""

    answer: str
    scores: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged run. ``forced``: the judge is the model that answered. ``calibration`` is None where none was made.
    ``asked`` and ``unscored`` count judgements: all that the scores rest on, and those that were not given."""

    judge: str
    prompt_ids: tuple[str, ...]
    forced: bool
    calibration: Calibration | None
    asked: int
    unscored: int
    cases: Mapping[str, JudgedCase]

    @property
    def yardstick(self) -> str:
        """The judge and its prompts: only scores of one yardstick can be compared."""
        return " ".join([self.judge, *self.prompt_ids])

    def scores_of(self, result: Result) -> dict[str, Score]:
        """What counts for a stored answer: nothing where it is another than was judged. Each answer weighs the same,
        as in ALCE and RAGChecker."""
        case = self.cases.get(result.id)
        if case is None or case.answer != answer_hash(result):
            return {}
        return {name: Score(share.value) for name, share in case.scores.items() if share.value is not None}

    def __str__(self) -> str:
        """One line for a report: who judged, how much, and how far people agree with it."""
        forced = ", which wrote them (--force)" if self.forced else ""
        counted = f"{self.asked} judgements, {self.unscored} unscored"
        people = f": {self.calibration}" if self.calibration else " unknown (python -m evals calibrate --judge NAME)"
        return f"{len(self.cases)} answers judged by {self.judge}{forced}: {counted}; agreement with people{people}"

    def units(self, metric: str) -> tuple[int, int]:
        """How many sentences, citations or nuggets a metric is over, and how many are unscored."""
        found = [case.scores[metric] for case in self.cases.values() if metric in case.scores]
        return sum(share.of for share in found), sum(share.unscored for share in found)


def write_judged(folder: Path, judged: Judged) -> None:
    """Into a run's folder, instead of what another judge left there."""
    _write(folder / JUDGED, _adapter(Judged).dump_python(judged, mode="json"))


def read_judged(folder: Path) -> Judged | None:
    """None where the run was not judged. Raises `BadInput` for a broken file."""
    path = folder / JUDGED
    if not path.exists():
        return None
    found: Judged = _read(path, Judged, "delete it, or judge again")
    return found


def write_calibration(home: Path, judge: Judge, calibration: Calibration) -> Path:
    """Keep a judge's calibration, instead of an earlier one."""
    path = _place(home, judge)
    form = _adapter(Calibration).dump_python(calibration, mode="json")
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, {"judge": judge.identity, **form})
    return path


def read_calibration(home: Path, judge: Judge) -> Calibration | None:
    """None where it was never calibrated with this prompt. Raises `BadInput` for a broken file."""
    path = _place(home, judge)
    if not path.exists():
        return None
    found: Calibration = _read(path, Calibration, "delete it, or calibrate again")
    return found


def _place(home: Path, judge: Judge) -> Path:
    name = hashlib.sha256(f"{judge.identity}\0{judge.prompt_id('entails')}".encode()).hexdigest()[:16]
    return home / "evals" / "judging" / f"calibration-{name}.json"


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _write(path: Path, form: Any) -> None:
    path.write_text(json.dumps(form, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def _read(path: Path, kind: Any, remedy: str) -> Any:
    try:
        return _adapter(kind).validate_python(read_json(path))
    except ValidationError as error:
        raise BadInput(f"{path} is not valid at {error.errors()[0]['loc']}; {remedy}.") from error
