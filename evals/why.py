"""Why a case was scored as it was, in words for the report."""

from __future__ import annotations

from collections.abc import Mapping

from evals.records import Case
from evals.results import Result
from evals.statistics import Score

_FAULTS = {
    "citation_validity": "a label names no evidence",
    "citation_coverage": "a sentence has no valid citation",
    "span_fidelity": "a citation does not stand where it says",
    "numbers_supported": "a number is not in the cited text",
    "dates_supported": "a day is not in the cited text",
    "names_supported": "a name is not in the cited text",
    "negation_kept": "it denies what the cited text does not deny, or the other way round",
}
"""Metrics that are below 1 only where something is wrong."""


def reasons(case: Case, result: Result, right: bool | None, scores: Mapping[str, Score]) -> tuple[str, ...]:
    """The first is on the answer; faults of citations and retrieval follow."""
    found = [_verdict(case, result, right)]
    found += [text for name, text in _FAULTS.items() if name in scores and scores[name].value < 1]
    if _value(scores, "mis_citation") > 0:
        found.append("another passage supports a sentence better than the cited one")
    if _value(scores, "planted_wrong") > 0:
        found.append("a planted wrong answer is in it")
    if result.outcome == "answered" and scores.get("gold_article_hit", Score(1)).value == 0:
        found.append("no gold article is cited")
    if scores.get("hit@10", Score(1)).value == 0:
        found.append("no gold article was among the first ten retrieved")
    elif not right and _value(scores, "quote_hit@10") > 0:
        found.append("a gold quote was among the first ten passages")
    return tuple(found)


def _value(scores: Mapping[str, Score], name: str) -> float:
    return scores[name].value if name in scores else 0.0


def _verdict(case: Case, result: Result, right: bool | None) -> str:
    if result.outcome == "abstained":
        return "silent, though it can be answered" if case.answerable else "silent, and it cannot be answered"
    if not case.answerable:
        return "answered, though it cannot be answered"
    if right is None:
        return "no gold answer is known; only citations and retrieval are scored"
    return "a gold answer is in it" if right else "no gold answer is in it"
