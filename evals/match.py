"""Whether a span of an article is on a gold quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.datasets import Gold
from evals.records import Case
from evals.scorers import normalise
from evals.support import overlap, sentences, support

HALF = 0.5
"""Two spans of one article are the same place where they share half of the shorter one: a sentence that is cut a little
differently is, its neighbour is not."""
COPY = 0.8
SHORT = 5
"""A span of another article says the same where it has four fifths of the shorter one's words and all of the quote's
names and numbers: wire copies with small edits do. Below five words, only word for word."""


@dataclass(frozen=True, slots=True)
class Span:
    """``text`` at [start, end) of an article; a gold quote whose place is not known has no article. ``quote``: the
    index of the gold quote."""

    article_id: str
    start: int
    end: int
    text: str
    quote: int = 0


def gold_spans(case: Case, gold: Gold) -> list[Span]:
    """The gold quotes at every place where they stand."""
    placed = [Span(p.article_id, p.start, p.end, case.gold_quotes[p.quote], p.quote) for p in gold.quotes]
    known = {span.quote for span in placed}
    return placed + [Span("", 0, 0, text, index) for index, text in enumerate(case.gold_quotes) if index not in known]


def same(span: Span, gold: Span) -> bool:
    """Whether a span is on a gold quote: at its place, or a copy of it elsewhere."""
    if span.article_id == gold.article_id:
        shared = min(span.end, gold.end) - max(span.start, gold.start)
        if shared >= HALF * min(span.end - span.start, gold.end - gold.start) > 0:
            return True
    if min(len(span.text.split()), len(gold.text.split())) < SHORT:
        first, second = f" {normalise(span.text)} ", f" {normalise(gold.text)} "
        return bool(first.strip() and second.strip()) and (first in second or second in first)
    if overlap(span.text, gold.text) < COPY:
        return False
    said = support(gold.text, span.text)
    return said.names in (None, 1.0) and said.numbers in (None, 1.0)


def sentence_spans(span: Span) -> list[Span]:
    """The sentences of a span, each at its place: the unit of precision, so that a long citation cannot hide a quote
    among what nobody asked for."""
    found: list[Span] = []
    at = 0
    for text in sentences(span.text):
        at = span.text.index(text, at)
        found.append(Span(span.article_id, span.start + at, span.start + at + len(text), text))
        at += len(text)
    return found


def on_any(span: Span, golds: Sequence[Span]) -> bool:
    """Whether a span is on any of the gold quotes."""
    return any(same(span, gold) for gold in golds)
