"""Finding passages: every searcher of the corpus, fused, read from the catalog, checked against the filter again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.ask.fuse import reciprocal_rank_fusion
from assistant.ports import Corpus
from assistant.text.dates import DateRange
from assistant.types import Filter, Hit, HitStage, Scored

DATE_BOOST = 0.25
"""A passage published within, or up to a week after, a date named in the question gains a quarter of its score: enough
to pass its neighbours, too little to bring up a passage that neither index ranks well."""


def search(corpus: Corpus, question: str, admit: Filter, limit: int) -> list[tuple[HitStage, list[Scored]]]:
    """What each searcher finds, best first, at most ``limit`` each."""
    return [(searcher.stage, list(searcher.search(question, admit, limit))) for searcher in corpus.searchers]


def fused_hits(
    corpus: Corpus, rankings: Sequence[Sequence[Scored]], admit: Filter, limit: int, k: int, dates: Sequence[DateRange]
) -> list[Hit]:
    """The best passages of all rankings. Passages that the catalog no longer holds, and passages outside the filter
    (an index may lag behind a changed date), are left out here whatever the indexes say."""
    fused = reciprocal_rank_fusion(rankings, k)
    chunks = corpus.chunks([scored.chunk_id for scored in fused])
    hits = [
        Hit(chunks[s.chunk_id], s.score * _boost(chunks[s.chunk_id].source.published_at, dates), "fused")
        for s in fused
        if s.chunk_id in chunks and admit.admits(chunks[s.chunk_id].source)
    ]
    return sorted(hits, key=lambda hit: -hit.score)[:limit]


def _boost(published_at: date | None, dates: Sequence[DateRange]) -> float:
    if published_at is None or not dates:
        return 1.0
    days = [
        (published_at.toordinal() - r.since.toordinal(), published_at.toordinal() - r.until.toordinal()) for r in dates
    ]
    return 1.0 + DATE_BOOST * any(after_start >= 0 and after_end <= 7 for after_start, after_end in days)
