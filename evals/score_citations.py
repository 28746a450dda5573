"""Scores of the citations of one answer."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types import Answer, Claim, Evidence
from evals.datasets import Gold
from evals.match import Span, gold_spans, on_any, same, sentence_spans
from evals.records import Case
from evals.results import Result
from evals.statistics import Score
from evals.support import Support, sentences, support

BETTER = 0.1
"""By how much another passage must support a sentence better before its citation is called wrong: a tenth of its words
and phrases, more than one small word in a sentence of 20."""


def citation_scores(case: Case, gold: Gold, result: Result) -> dict[str, Score]:
    """Of an answered case; a score that does not apply is absent. An answer without any citation has coverage 0, gold
    hits 0 and support 0, and no validity or fidelity."""
    answer = result.answer
    if answer is None or result.outcome != "answered":
        return {}
    scores = _form(answer, result)
    cited = [e for e in answer.evidence if any(e.label in claim.labels for claim in answer.claims)]
    if case.answerable and case.gold_article_ids:
        articles = {e.source.article_id for e in cited}
        wanted = set(case.gold_article_ids)
        scores |= _against("gold_article", len(articles & wanted), len(articles), len(articles & wanted), len(wanted))
    spans = gold_spans(case, gold)
    if case.answerable and spans:
        own = [Span(e.source.article_id, e.start, e.end, e.text) for e in cited]
        parts = [part for span in own for part in sentence_spans(span)]
        on_gold = sum(on_any(part, spans) for part in parts)
        found = len({gold.quote for gold in spans if any(same(span, gold) for span in own)})
        scores |= _against("gold_quote", on_gold, len(parts), found, len({gold.quote for gold in spans}))
    return scores | _support(answer, result)


def _form(answer: Answer, result: Result) -> dict[str, Score]:
    """Validity of labels, coverage of sentences, fidelity of places."""
    known = {e.label for e in answer.evidence}
    labels = [label for claim in answer.claims for label in claim.labels]
    scores: dict[str, Score] = {}
    if labels:
        scores["citation_validity"] = Score(sum(label in known for label in labels) / len(labels), len(labels))
    covered = sum(any(label in known for label in claim.labels) for claim in answer.claims)
    total = len(answer.claims) + len(uncited(answer))
    scores["citation_coverage"] = Score(covered / total, total) if total else Score(0.0)
    claims = [answer.text[claim.start : claim.end] == claim.text for claim in answer.claims]
    places = [o.found and o.text == e.text for o, e in zip(result.opened, answer.evidence, strict=False)]
    places += [False] * (len(answer.evidence) - len(places))
    if claims or places:
        scores["span_fidelity"] = Score(sum([*claims, *places]) / len([*claims, *places]), len([*claims, *places]))
    return scores


def uncited(answer: Answer) -> list[str]:
    """The sentences of an answer's text that belong to no claim."""
    left = answer.text
    for claim in answer.claims:
        left = left.replace(claim.text, "\n", 1)
    return list(sentences(left))


def _against(name: str, right: int, given: int, found: int, wanted: int) -> dict[str, Score]:
    precision, recall = (right / given if given else 0.0), found / wanted
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    values = {"hit": float(found > 0), "precision": precision, "recall": recall, "f1": f1}
    return {f"{name}_{kind}": Score(value) for kind, value in values.items()}


def cited_text(claim: Claim, evidence: Sequence[Evidence]) -> str:
    """The texts that a claim cites, as they stand in its citations."""
    return "\n".join(e.text for e in evidence if e.label in claim.labels)


def judged(claim: Claim, evidence: Sequence[Evidence]) -> Support:
    """How what a claim cites supports it. A headline and an outlet may lend a name, nothing else."""
    plain = support(claim.text, cited_text(claim, evidence))
    sources = [e.source for e in evidence if e.label in claim.labels]
    heads = " ".join(f"{source.title} {source.outlet} {source.byline}" for source in sources)
    named = support(claim.text, f"{cited_text(claim, evidence)}\n{heads}").names
    return Support(plain.sentence, plain.words, plain.phrases, plain.numbers, plain.dates, named, plain.negation)


def _support(answer: Answer, result: Result) -> dict[str, Score]:
    """Each share is over the sentences that have something of the kind; uncited sentences count as not supported."""
    found = [judged(claim, answer.evidence) for claim in answer.claims]
    bare = [support(sentence, "") for sentence in uncited(answer)]
    missed = [better_elsewhere(c, s, answer, result) for c, s in zip(answer.claims, found, strict=True)]
    kinds: dict[str, Sequence[float | None]] = {
        "support": [s.score for s in (*found, *bare)],
        "numbers_supported": [s.numbers for s in (*found, *bare)],
        "dates_supported": [s.dates for s in (*found, *bare)],
        "names_supported": [s.names for s in (*found, *bare)],
        "negation_kept": [None if s.negation is None else float(s.negation) for s in (*found, *bare)],
        "mis_citation": [float(value) for value in missed],
    }
    scores: dict[str, Score] = {}
    for name, values in kinds.items():
        kept = [value for value in values if value is not None]
        if kept:
            scores[name] = Score(sum(kept) / len(kept), len(kept))
    return scores


def better_elsewhere(claim: Claim, own: Support, answer: Answer, result: Result) -> bool:
    """Whether another sentence, of the answer's evidence or of the ten passages found first, supports a claim better
    than all that it cites."""
    if own.score > 1 - BETTER:
        return False
    others = [e.text for e in answer.evidence if e.label not in claim.labels]
    others += [sentence for passage in result.passages[:10] for sentence in sentences(passage.text)]
    return any(support(claim.text, other).score > own.score + BETTER for other in others)
