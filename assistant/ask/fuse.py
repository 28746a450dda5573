"""Fusion of rankings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.types import HitStage, Scored

Ranking = tuple[HitStage, tuple[Scored, ...]]
"""What one searcher found, best first, and which searcher it was."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """How rankings become one; see `assistant.settings.Retrieval` for the reasons of the numbers.

    ``dense_share`` is the weight of vectors in the convex combination, words have the rest; ``rrf_k`` is reciprocal
    rank fusion's constant; ``recency`` by how much a passage published on the day of the question gains.
    """

    method: Literal["convex", "rrf"] = "convex"
    dense_share: float = 0.4
    rrf_k: int = 60
    recency: float = 0.5


def fuse(rankings: Sequence[Ranking], fusion: Fusion) -> list[Scored]:
    """One ranking out of several, best first. Ties are broken by id, so that equal input gives equal output."""
    if fusion.method == "rrf":
        return reciprocal_rank_fusion([ranking for _, ranking in rankings], fusion.rrf_k)
    weights: dict[HitStage, float] = {"dense": fusion.dense_share, "lexical": 1 - fusion.dense_share}
    return convex_combination(rankings, weights)


def convex_combination(rankings: Sequence[Ranking], weights: Mapping[HitStage, float]) -> list[Scored]:
    """The weighted sum of each ranking's scores, brought to 0..1 by its lowest and its highest; 0 where a ranking does
    not have a chunk.

    Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", ACM TOIS 42 (2023): it beats
    reciprocal rank fusion, in and out of domain, and needs few questions to be tuned on.
    """
    scores: dict[str, float] = defaultdict(float)
    for stage, ranking in rankings:
        if ranking:
            low, high = ranking[-1].score, ranking[0].score
            for scored in ranking:
                scores[scored.chunk_id] += weights[stage] * ((scored.score - low) / (high - low) if high > low else 1.0)
    return _ordered(scores)


def reciprocal_rank_fusion(rankings: Sequence[Sequence[Scored]], k: int = 60) -> list[Scored]:
    """The score of a chunk is the sum of ``1 / (k + rank)``, ranks from 1.

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
    SIGIR 2009, with their k = 60.
    """
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, scored in enumerate(ranking, 1):
            scores[scored.chunk_id] += 1 / (k + rank)
    return _ordered(scores)


def _ordered(scores: Mapping[str, float]) -> list[Scored]:
    return [Scored(i, s) for i, s in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]
