"""Finding passages: every searcher of the corpus, fused, read from the catalog, checked against the filter again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.ask.fuse import Fusion, Ranking, fuse
from assistant.ports import Corpus
from assistant.text.dates import DateRange
from assistant.types import Filter, Hit

DATE_BOOST = 0.25
"""A passage published within, or up to a week after, a date named in the question gains a quarter of its score: enough
to pass its neighbours, too little to bring up a passage that neither index ranks well."""
RECENCY_DAYS = 30.0
"""Days after which a report's gain for being recent has fallen to 1/e. RealTimeQA 2022 is flat from 7 to 60."""


@dataclass(frozen=True, slots=True)
class Preference:
    """Which publication days a question prefers: those near the ``dates`` that it names, else those shortly before
    ``asked_on``; None for no preference."""

    dates: Sequence[DateRange] = ()
    asked_on: date | None = None


def search(corpus: Corpus, question: str, admit: Filter, limit: int) -> list[Ranking]:
    """What each searcher finds, best first, at most ``limit`` each."""
    return [(searcher.stage, tuple(searcher.search(question, admit, limit))) for searcher in corpus.searchers]


def fused_hits(
    corpus: Corpus, rankings: Sequence[Ranking], admit: Filter, fusion: Fusion, preference: Preference
) -> list[Hit]:
    """The passages of all rankings, best first. Passages that the catalog no longer holds, and passages outside the
    filter (an index may lag behind a changed date), are left out here whatever the indexes say."""
    fused = fuse(rankings, fusion)
    chunks = corpus.chunks([scored.chunk_id for scored in fused])
    hits = [
        Hit(chunk, s.score * boost(chunk.source.published_at, preference, fusion.recency), "fused")
        for s in fused
        if (chunk := chunks.get(s.chunk_id)) and admit.admits(chunk.source)
    ]
    return sorted(hits, key=lambda hit: -hit.score)


def boost(published_at: date | None, preference: Preference, recency: float) -> float:
    """What a passage's score is multiplied by for its day, at least 1. What is published more than a day (of time
    zones) after the question was asked gains nothing."""
    if published_at is None:
        return 1.0
    day = published_at.toordinal()
    if preference.dates:
        near = any(r.since.toordinal() <= day <= r.until.toordinal() + 7 for r in preference.dates)
        return 1.0 + DATE_BOOST * near
    if preference.asked_on is None or (age := preference.asked_on.toordinal() - day) < -1:
        return 1.0
    return 1.0 + recency * math.exp(-max(age, 0) / RECENCY_DAYS)
