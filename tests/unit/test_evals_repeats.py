"""What runs of the same cases differ by, and follow-up questions that stand alone or do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from evals_examples import case
from evals_stored import RIGHT, WRONG, stored
from typer.testing import CliRunner

from assistant.errors import BadInput
from assistant.types import Request, Turn
from evals.__main__ import app
from evals.conversations import stands_alone
from evals.datasets import Gold
from evals.repeats import repeats
from evals.results import Failure, Outcome, Result
from evals.scoring import CaseScores, Scores, score_case, summarise
from evals.statistics import Score

ABOUT = {"data": {"name": "mine"}, "model": "openai:writer"}


def run(
    marks: Sequence[float | None], outcomes: Sequence[Outcome] = ("answered",) * 9, about: dict[str, object] = ABOUT
) -> Scores:
    """A run with these values of ``right``; None where it does not apply."""
    cases = [
        CaseScores(
            str(i),
            outcome,
            True,
            None,
            0.5,
            str(i),
            1,
            (),
            {} if mark is None else {"right": Score(mark), "crag": Score(1)},
        )
        for i, (mark, outcome) in enumerate(zip(marks, outcomes, strict=False))
    ]
    return summarise(cases, about)


def test_mean_deviation_and_share_of_differing_cases_by_hand() -> None:
    # Means 3/4, 2/4 and 1/3 of those that count; cases 1, 2 and 3 are not the same in all three.
    found = repeats([run([1, 1, 1, 0]), run([1, 0, 1, 0]), run([1, 0, 0, None])])
    right = next(row for row in found.rows if row.metric == "right")
    assert right.values == pytest.approx((3 / 4, 2 / 4, 1 / 3))
    assert right.mean == pytest.approx(19 / 36)
    squares = [(value - 19 / 36) ** 2 for value in right.values]
    assert right.deviation == pytest.approx((sum(squares) / 2) ** 0.5)
    assert (right.differing, right.n) == (3 / 4, 4)
    assert (found.shared, found.left_out, found.made_with_other) == (4, 0, ())
    assert [row.metric for row in found.rows] == ["right", "crag"]


def test_equal_runs_do_not_differ_and_only_shared_cases_count() -> None:
    found = repeats([run([1, 0, 1]), run([1, 0]), run([1, 0, 0], ("answered", "answered", "error"))])
    right = found.rows[0]
    assert (right.mean, right.deviation, right.differing, right.n) == (1 / 2, 0, 0, 2)
    assert (found.shared, found.left_out) == (2, 1)


def test_a_metric_that_one_run_has_not_is_left_out() -> None:
    assert repeats([run([None, None]), run([1, 0])]).rows == ()


def test_what_cannot_be_repeats_is_refused_or_said() -> None:
    with pytest.raises(BadInput, match="two runs"):
        repeats([run([1])])
    with pytest.raises(BadInput, match="no scored case"):
        repeats([run([1]), run([1], ("error",))])
    other = repeats([run([1]), run([1], about={"data": {"name": "mine"}, "model": "openai:other"})])
    assert other.made_with_other == ("model",)


def test_the_command_line_prints_them(tmp_path: Path) -> None:
    first, second = (stored(tmp_path / name, results).folder for name, results in
                     (("one", (RIGHT, RIGHT)), ("two", (RIGHT, WRONG))))  # fmt: skip
    done = CliRunner().invoke(app, ["repeats", str(first), str(second)])
    assert "2 shared cases, 0 left out" in done.output
    row = next(line for line in done.output.splitlines() if "│ right " in line)
    assert [cell.strip() for cell in row.split("│")[2:-1]] == ["0.75", "0.3536", "50.0%", "2"]
    twice = CliRunner().invoke(app, ["repeats", str(first), str(first)])
    assert isinstance(twice.exception, BadInput)


def asked(question: str, follows: bool) -> Request:
    history = (Turn("user", "Who built it?"), Turn("assistant", "Hill.")) if follows else ()
    return Request(question, history=history)


@pytest.mark.parametrize(
    ("follows", "wording", "expected"),
    [
        (True, "who opened the bridge", True),
        (True, "Who opened the bridge at Arlen?", False),
        (True, "", None),
        (False, "Who opened the bridge?", None),
    ],
)
def test_a_follow_up_stands_alone_where_its_wording_is_its_own(
    follows: bool, wording: str, expected: bool | None
) -> None:
    asked_case = case(request=asked("Who opened the bridge?", follows))
    assert stands_alone(asked_case, Gold(stand_alone=wording)) is expected


def test_every_headline_is_also_told_for_follow_ups_that_stand_alone_and_for_those_that_do_not() -> None:
    def scored(name: str, result: Result, wording: str, follows: bool = True) -> CaseScores:
        one = case(id=name, request=asked("Who opened the bridge?", follows))
        return score_case(one, Gold(stand_alone=wording, cluster=name), result)

    failed = Result("e", "error", error=Failure("internal", "x"))
    cases = [
        scored("a", RIGHT, "Who opened the bridge?"),
        scored("b", WRONG, "Who opened the bridge at Arlen?"),
        scored("c", failed, "Who opened the bridge at Arlen?"),
        scored("d", RIGHT, "", follows=False),
        scored("e", RIGHT, ""),
    ]
    parts = summarise(cases, {}).by_turn
    assert list(parts) == ["turn 1", "later turns", "follow-ups that stand alone", "follow-ups that do not"]
    alone, other = parts["follow-ups that stand alone"], parts["follow-ups that do not"]
    assert (alone.metrics["right"].value, alone.metrics["right"].n) == (1, 1)
    assert (other.metrics["right"].value, other.metrics["right"].n) == (0, 1)
    assert other.outcomes["error"] == 1
    assert {"crag", "support", "hit@1", "token_f1"} <= set(alone.metrics)
    assert list(summarise(cases[3:4], {}).by_turn) == ["turn 1"]
