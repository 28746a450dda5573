"""Scorers and statistics against examples worked out by hand."""

import json
from math import log2
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.records import Case, Malformed, read_cases
from evals.scorers import (
    auroc,
    calibration_error,
    contained,
    crag,
    exact_match,
    ndcg,
    normalise,
    recall_at,
    reciprocal_rank,
    risk_coverage,
    token_f1,
)
from evals.statistics import Score, holm, mcnemar, paired_weighted, smallest_detectable, weighted


@pytest.mark.parametrize(
    ("answer", "gold", "equal"),
    [
        ("The Kremlin.", "kremlin", True),
        ("1,935.3 grams", "1935.3 grams", True),
        ("seven", "7", True),
        ("17 January 2025", "January 17, 2025", True),
        ("Karikó’s", "Karikos", True),
        ("35 percent", "36 percent", False),
        ("", "x", False),
    ],
)
def test_answers_are_compared_by_what_they_say(answer: str, gold: str, equal: bool) -> None:
    assert exact_match(answer, [gold]) == equal


def test_contained_respects_word_boundaries() -> None:
    assert contained("It carried 3,000 passengers.", ["3000"]) == 1
    assert contained("It carried 13000 passengers.", ["3000"]) == 0
    assert contained("The hotdog won", ["dog"]) == 0
    assert contained("Anything", [""]) == 0
    assert contained("", ["x"]) == 0


def test_token_f1_by_hand() -> None:
    assert token_f1("Ada Lund opened it", ["Mayor Ada Lund"]) == pytest.approx(2 * (2 / 4) * (2 / 3) / (2 / 4 + 2 / 3))
    assert token_f1("", ["x"]) == 0
    assert token_f1("x", []) == 0


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert exact_match(text, [text]) == 1
    assert token_f1(text, [text]) in (0.0, 1.0)
    assert normalise(text) == normalise(text.upper()) or not text.isascii()


def test_rankings_by_hand() -> None:
    ranking = [False, True, False, True]
    assert reciprocal_rank(ranking) == 1 / 2
    assert recall_at(ranking, 3, 3) == 1 / 3
    assert ndcg(ranking, 2, 4) == pytest.approx((1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3)))
    assert (reciprocal_rank([]), ndcg([], 0, 5), recall_at([], 0, 5)) == (0, 0, 0)


def test_crag_scores() -> None:
    assert [crag(True, False), crag(False, True), crag(False, False)] == [1, 0, -1]


def test_auroc_by_hand() -> None:
    assert auroc([0.9, 0.4, 0.6, 0.1], [True, True, False, False]) == 3 / 4
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5], [True]) == 0.5


def test_calibration_and_risk_by_hand() -> None:
    assert calibration_error([0.9, 0.9, 0.1, 1.0], [True, False, False, True]) == pytest.approx((0.8 + 0.1) / 4)
    curve, area = risk_coverage([0.9, 0.8, 0.7], [True, False, True])
    assert curve == [(1 / 3, 0.0), (2 / 3, 1 / 2), (1.0, 1 / 3)]
    assert area == pytest.approx((1 / 2 + 1 / 3) / 3)


def test_clusters_widen_the_interval() -> None:
    scores = [Score(1.0)] * 20 + [Score(0.0)] * 20
    free = weighted(scores, range(40))
    tied = weighted(scores, [i // 20 for i in range(40)])
    assert free.value == tied.value == 0.5
    assert tied.high - tied.low > free.high - free.low
    assert weighted([], []).n == 0


def test_a_paired_difference_excludes_zero_only_where_it_is_real() -> None:
    before = [Score(0.0), Score(1.0)] * 50
    assert paired_weighted(before, [Score(1.0)] * 100, range(100)).low > 0
    same = paired_weighted(before, before[::-1], range(100))
    assert same.low < 0 < same.high


def test_mcnemar_and_holm_by_hand() -> None:
    assert mcnemar([False] * 5, [True] * 5) == pytest.approx(2 / 32)
    assert mcnemar([True], [True]) == 1
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_more_cases_detect_less() -> None:
    assert smallest_detectable([0.0, 1.0] * 200) < smallest_detectable([0.0, 1.0] * 20)


def test_a_malformed_line_names_file_line_and_field_and_the_rest_runs(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    good = {"id": "a", "question": "Who?", "answers": ["Ada"], "tags": ["who", "sealed"]}
    path.write_text("\n".join([json.dumps(good), "{", json.dumps({**good, "answers": "Ada"}), json.dumps(good)]))
    first, broken, wrong, last = read_cases(path)
    assert isinstance(first, Case)
    assert first.sealed
    assert isinstance(broken, Malformed)
    assert "cases.jsonl:2" in broken.message
    assert isinstance(wrong, Malformed)
    assert wrong.where == "cases.jsonl:3"
    assert "'answers'" in wrong.message
    assert isinstance(last, Case)
