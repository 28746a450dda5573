"""What the report's page shows of each case."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from assistant.types import Answer, Evidence
from evals.comparison import standing
from evals.records import Case
from evals.results import Opened, Passage
from evals.runs import Run
from evals.scoring import CaseScores, Scores

PASSAGES = 10
ORDER = (
    "error",
    "unscored",
    "answered, wrong",
    "abstained, wrong",
    "answered",
    "answered, right",
    "abstained, right",
)
"""How bad an end is: nothing at all, then a wrong answer, then a silence that was not called for."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """``diff``: the texts given by the other run and by this one, with the words that differ marked."""

    case: Case
    scores: CaseScores
    standing: str
    colour: str
    tags: str
    answer: Answer | None
    citations: Sequence[tuple[Evidence, Opened]]
    passages: Sequence[tuple[Passage, bool]]
    values: Sequence[tuple[str, str]]
    diff: tuple[Markup, Markup] | None


def case_views(run: Run, scores: Scores, other: Run | None) -> list[CaseView]:
    """The cases, failures first, each group in the order of the data."""
    cases = {case.id: case for case in run.cases}
    views = [_view(cases[scored.id], scored, run, other) for scored in scores.cases]
    return sorted(views, key=lambda view: ORDER.index(view.standing))


def _view(case: Case, scored: CaseScores, run: Run, other: Run | None) -> CaseView:
    result = run.results.get(case.id)
    answer = result.answer if result else None
    previous = other.results.get(case.id) if other else None
    stands = standing(scored)
    return CaseView(
        case=case,
        scores=scored,
        standing=stands,
        colour="good" if stands.endswith("right") else "bad" if stands != "answered" else "",
        tags=" ".join(case.tags),
        answer=answer,
        citations=list(zip(answer.evidence, result.opened, strict=False)) if answer and result else [],
        passages=[(p, p.article_id in case.gold_article_ids) for p in result.passages[:PASSAGES]] if result else [],
        values=[(name, f"{score.value:.3g}") for name, score in scored.scores.items()],
        diff=marked(_said(previous.answer), _said(answer)) if previous else None,
    )


def _said(answer: Answer | None) -> str:
    if answer is None:
        return "(no answer)"
    return answer.text or (f"(silent: {answer.reason.code})" if answer.reason else "(silent)")


def marked(before: str, after: str) -> tuple[Markup, Markup]:
    """Both texts, escaped, with the words that only one of them has marked."""
    first, second = before.split(), after.split()
    left, right = [], []
    for kind, a, b, c, d in difflib.SequenceMatcher(a=first, b=second, autojunk=False).get_opcodes():
        gone, come = escape(" ".join(first[a:b])), escape(" ".join(second[c:d]))
        left.append(gone if kind == "equal" else Markup("<del>{}</del>").format(gone))
        right.append(come if kind == "equal" else Markup("<ins>{}</ins>").format(come))
    return Markup(" ").join(left), Markup(" ").join(right)
