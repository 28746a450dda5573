"""Fusion of rankings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from assistant.types import Scored


def reciprocal_rank_fusion(rankings: Sequence[Sequence[Scored]], k: int = 60) -> list[Scored]:
    """One ranking out of several: the score of a chunk is the sum of ``1 / (k + rank)``, ranks from 1.

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
    SIGIR 2009, with their k = 60. Ties are broken by id, so that equal input gives equal output.
    """
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, scored in enumerate(ranking, 1):
            scores[scored.chunk_id] += 1 / (k + rank)
    return [Scored(i, s) for i, s in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]
