"""Scores of what was retrieved for one case. Articles are ranked by their first passage."""

from __future__ import annotations

from collections.abc import Sequence

from evals.datasets import Gold
from evals.match import Span, gold_spans, on_any
from evals.records import Case
from evals.results import Result
from evals.scorers import contained, ndcg, recall_at, reciprocal_rank
from evals.statistics import Score

KS = (1, 3, 5, 10)
WORDS = (200, 900, 1700)
BEST = (1, 2, 3)


def retrieval_scores(case: Case, gold: Gold, result: Result) -> dict[str, Score]:
    """Of an answerable case for which something was retrieved; a score that does not apply is absent."""
    scores: dict[str, Score] = {}
    if not case.answerable:
        return scores
    if case.gold_article_ids:
        wanted = set(case.gold_article_ids)
        found = list(dict.fromkeys(passage.article_id for passage in result.passages))
        relevant = [name in wanted for name in found]
        scores["mrr"] = Score(reciprocal_rank(relevant))
        for k in KS:
            scores[f"hit@{k}"] = Score(float(any(relevant[:k])))
            scores[f"recall@{k}"] = Score(recall_at(relevant, len(wanted), k))
            scores[f"ndcg@{k}"] = Score(ndcg(relevant, len(wanted), k))
        for stage, ranking in result.rankings.items():
            for k in KS:
                scores[f"{stage}_hit@{k}"] = Score(float(bool(wanted & set(ranking[:k]))))
    return scores | _quote_scores(case, gold, result) | _answer_scores(case, result)


def _quote_scores(case: Case, gold: Gold, result: Result) -> dict[str, Score]:
    spans = gold_spans(case, gold)
    if not spans or result.answer is None:
        return {}
    passages = [Span(p.article_id, p.start, p.end, p.text) for p in result.passages]
    hits = [on_any(passage, spans) for passage in passages[: max(KS)]]
    scores = {f"quote_hit@{k}": Score(float(any(hits[:k]))) for k in KS}
    chosen = result.chosen or (*result.answer.evidence, *result.answer.nearest)
    shown = [Span(e.source.article_id, e.start, e.end, e.text) for e in chosen]
    return scores | {"evidence_recall": Score(float(any(on_any(span, spans) for span in shown)))}


def _answer_scores(case: Case, result: Result) -> dict[str, Score]:
    if not case.answers:
        return {}
    words = first_words([passage.text for passage in result.passages], max(WORDS))
    scores = {f"answer_in_{n}": Score(contained(" ".join(words[:n]), case.answers)) for n in WORDS}
    holds = [bool(contained(passage.text, case.answers)) for passage in result.passages[: max(KS)]]
    scores |= {f"answer_hit@{k}": Score(float(any(holds[:k]))) for k in KS}
    for k in BEST:
        scores[f"best_{k}"] = Score(float(any(contained(e.text, case.answers) for e in result.chosen[:k])))
    return scores


def first_words(texts: Sequence[str], count: int) -> list[str]:
    """The first so many words of texts that follow each other."""
    return [word for text in texts for word in text.split()][:count]
