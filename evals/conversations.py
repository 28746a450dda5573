"""How cases hang together: which depend on each other, and whether a follow-up question needs what was said before."""

from __future__ import annotations

import re

from evals.datasets import Gold
from evals.records import Case
from evals.scorers import normalise


def stands_alone(case: Case, gold: Gold) -> bool | None:
    """Whether a follow-up question can be understood without what was said before: where the data set's wording of it
    that stands alone is its own. None for a first question, and where no such wording is given."""
    if not case.request.history or not gold.stand_alone:
        return None
    return normalise(gold.stand_alone) == normalise(case.request.question)


def cluster_of(case: Case, gold: Gold) -> str:
    """What dependent cases share: the loader's cluster, else the first gold article, else the conversation, else the
    id without a turn's number."""
    if gold.cluster:
        return gold.cluster
    if case.gold_article_ids:
        return case.gold_article_ids[0]
    first = next((turn.content for turn in case.request.history if turn.role == "user"), "")
    return first or re.sub(r"[#:/]+\d+$", "", case.id)
