"""The quoting answerer: the best one to three sentences, word for word. It needs no language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from assistant.ports import Brief, Limits
from assistant.text.words import words
from assistant.types import Draft, Evidence

NEAR_BEST = 0.7
"""Sentences are quoted whose score is at least this share of the best one's. On tuning data, a gold answer in what is
said / words, at .6, .7, .8: sample .54 / 46, .53 / 43, .50 / 39; RGB with two fifths noise .75 / 52, .76 / 52, .75 /
48; RealTimeQA 2022 .57 / 52, .57 / 50, .54 / 46 (evals/LOG.md, 2026-11-24)."""


class QuotingAnswerer:
    """Implements the port `Answerer`."""

    name = "quote"
    model = ""
    prompt_ids: tuple[str, ...] = ()

    def write(self, brief: Brief, limits: Limits) -> Iterator[Draft]:
        """Quote the sentences that `quoted` chooses, best first."""
        for evidence in quoted(brief.evidence, brief.sentences, brief.words):
            limits.check()
            yield Draft(evidence.text, (evidence.label,))


def quoted(evidence: Sequence[Evidence], sentences: int, room: int) -> tuple[Evidence, ...]:
    """Of the sentences near the best one the set, of at most so many with at most so many words together, whose squared
    scores add up to most: two short ones say more than a long one, a good one more than two fair ones. The best
    sentence alone may be longer than the room.

    Squares, as with scores as they are, or to the fourth, a gold answer is said less often (evals/LOG.md, 2026-11-24).
    """
    if not evidence:
        return ()
    near = [one for one in evidence if one.score >= NEAR_BEST * evidence[0].score]
    lengths = {one.label: len(words(one.text)) for one in near}
    sets = [
        some
        for count in range(1, min(sentences, len(near)) + 1)
        for some in combinations(near, count)
        if some == (near[0],) or sum(lengths[one.label] for one in some) <= room
    ]
    return max(sets, key=lambda some: sum(one.score**2 for one in some))
