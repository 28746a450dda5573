"""Scores of what is said, and of silence, of one case."""

from __future__ import annotations

from evals.datasets import Gold
from evals.records import Case
from evals.results import Result
from evals.scorers import contained, crag, exact_match, length_in_words, token_f1
from evals.statistics import Score


def is_right(case: Case, gold: Gold, result: Result) -> bool | None:
    """Whether the answer holds a gold answer, every part of one that has parts; silence is right where nothing can be
    answered. None where no gold answer is known."""
    silent = result.outcome == "abstained"
    if not case.answerable:
        return silent
    if silent:
        return False
    said = result.answer.text if result.answer else ""
    if gold.parts:
        return all(contained(said, part) for part in gold.parts)
    return bool(contained(said, case.answers)) if case.answers else None


def answer_scores(case: Case, gold: Gold, result: Result) -> dict[str, Score]:
    """Of an answered or abstained case; a score that does not apply is absent."""
    right = is_right(case, gold, result)
    silent = result.outcome == "abstained"
    scores: dict[str, Score] = {}
    if case.answerable and right is not None:
        scores["right"] = Score(float(right))
    if right is not None:
        scores["crag"] = Score(crag(right, silent))
    if silent or result.answer is None:
        return scores
    said = result.answer.text
    scores["answer_words"] = Score(length_in_words(said))
    if case.answerable and case.answers:
        scores["gold_contained"] = Score(float(bool(right)))
        scores["exact_match"] = Score(exact_match(said, case.answers))
        scores["token_f1"] = Score(token_f1(said, case.answers))
    if case.wrong_answers:
        planted = contained(said, case.wrong_answers)
        scores["planted_wrong"] = Score(planted)
        if case.answerable and case.answers:
            scores |= _conflict(bool(right), bool(planted))
    return scores


def _conflict(true: bool, planted: bool) -> dict[str, Score]:
    happened = {"true_only": true > planted, "planted_only": planted > true, "both": true and planted}
    happened["neither"] = not (true or planted)
    return {f"conflict_{name}": Score(float(value)) for name, value in happened.items()}


def silence_scores(case: Case, result: Result) -> dict[str, Score]:
    """The case's cell of the 2×2 table, as what it adds to each share of it. F1 is 2TP / (2TP + FP + FN), where to be
    found is what cannot be answered."""
    silent = result.outcome == "abstained"
    scores: dict[str, Score] = {}
    if silent:
        scores["silence_precision"] = Score(float(not case.answerable))
    if case.answerable:
        scores["answered_answerable"] = Score(float(not silent))
    else:
        scores["silence_recall"] = Score(float(silent))
    if silent and not case.answerable:
        scores["silence_f1"] = Score(1.0, 2.0)
    elif silent or not case.answerable:
        scores["silence_f1"] = Score(0.0, 1.0)
    return scores
