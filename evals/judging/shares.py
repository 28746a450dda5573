"""Scores of one answered case from a judge's yes and no: pure.

A judgement that was not given is None. What rests on one is left out of the share and counted beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals.judging.material import Material, Statement
from evals.judging.port import Pair

Ask = Callable[[Pair], bool | None]
"""Whether the judge says yes to a pair; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Share:
    """``value``: the share of ``of`` sentences, citations or nuggets, 0..1, None where none could be scored;
    ``unscored``: those left out."""

    value: float | None
    of: int
    unscored: int = 0


def shares(shown: Material, ask: Ask) -> dict[str, Share]:
    """Every judged score of an answer that applies."""
    nuggets = {"judged_nuggets": shown.nuggets, "judged_quotes": shown.quotes}
    found = {
        name: share([ask(Pair(shown.said, nugget, "nuggets")) for nugget in wanted])
        for name, wanted in nuggets.items()
        if wanted
    }
    return citation_shares(shown.statements, ask) | claim_shares(shown, ask) | found


def share(marks: Sequence[bool | None]) -> Share:
    """The share of yes among the marks that were given."""
    given = [mark for mark in marks if mark is not None]
    return Share(sum(given) / len(given) if given else None, len(given), len(marks) - len(given))


def citation_shares(statements: Sequence[Statement], ask: Ask) -> dict[str, Share]:
    """Citation recall and precision (Gao et al., "Enabling Large Language Models to Generate Text with Citations",
    EMNLP 2023, section 3 and its script eval.py).

    Recall: the share of sentences that their citations, taken together, entail; 0 without one, or with a label that
    names nothing. Precision: the share of citations that are not irrelevant, of sentences that are entailed; 0 for an
    answer without citations.
    """
    if not statements:
        return {}
    recalls = [supported(statement, ask) for statement in statements]
    marks = [
        mark for s, recall in zip(statements, recalls, strict=True) if s.valid for mark in relevant(s, recall, ask)
    ]
    precision = share(marks) if marks else Share(0.0, 0)
    return {"judged_citation_recall": share(recalls), "judged_citation_precision": precision}


def supported(statement: Statement, ask: Ask) -> bool | None:
    """Whether all that a sentence cites, as one text, entails it."""
    if not statement.cited or not statement.valid:
        return False
    return ask(Pair("\n".join(statement.cited), statement.text))


def relevant(statement: Statement, recall: bool | None, ask: Ask) -> list[bool | None]:
    """Of each citation of a sentence: False where the sentence is not entailed, or where the citation alone does not
    entail it and the others without it still do."""
    if not recall or len(statement.cited) == 1:
        return [recall] * len(statement.cited)
    marks: list[bool | None] = []
    for index, text in enumerate(statement.cited):
        alone = ask(Pair(text, statement.text))
        if alone is False:
            others = "\n".join((*statement.cited[:index], *statement.cited[index + 1 :]))
            needless = ask(Pair(others, statement.text))
            marks.append(None if needless is None else not needless)
        else:
            marks.append(alone)
    return marks


def claim_shares(shown: Material, ask: Ask) -> dict[str, Share]:
    """Each sentence of an answer against what was retrieved and against the gold answer (Ru et al., "RAGChecker",
    NeurIPS 2024: precision, faithfulness, and the four ways to combine them, of which "noise sensitivity" is grounded
    and wrong, "self-knowledge" ungrounded and right, "hallucination" ungrounded and wrong).

    The claims are the answer's sentences, not triples that a model draws from them, so a sentence counts as right only
    where the gold says all of it.
    """
    grounded = [is_grounded(statement, shown.found, ask) for statement in shown.statements]
    if not grounded:
        return {}
    scores = {"judged_grounded": share(grounded)}
    if not shown.gold:
        return scores
    right = [ask(Pair(shown.gold, statement.text)) for statement in shown.statements]
    scores["judged_right"] = share(right)
    for name, wanted in _KINDS.items():
        pairs = zip(grounded, right, strict=True)
        scores[name] = share([None if g is None or r is None else (g, r) == wanted for g, r in pairs])
    return scores


_KINDS = {
    "judged_grounded_right": (True, True),
    "judged_grounded_wrong": (True, False),
    "judged_ungrounded_right": (False, True),
    "judged_hallucinated": (False, False),
}
"""(grounded, right): of the sentences of which both are known, exactly one of the four holds."""


def is_grounded(statement: Statement, found: str, ask: Ask) -> bool | None:
    """Whether anything that the assistant had before it entails a sentence: its citations, else all that was found."""
    cited = supported(statement, ask)
    if cited is not False:
        return cited
    return ask(Pair(found, statement.text)) if found else False
