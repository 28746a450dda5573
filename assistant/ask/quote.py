"""The quoting answerer: the best one to three sentences, word for word. It needs no language model."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.ports import Brief, Limits
from assistant.text.words import content_stems, words
from assistant.types import Draft

NEAR_BEST = 0.8
"""A further sentence is quoted where its score is at least this share of the best one's and it adds words. On the
unsealed sample cases a gold sentence is then in the answer for .57 at 42 words; .54 and 39 at .85, .43 and 25 with one
quote only, .59 and 46 at .7 (evals/LOG.md, 2026-11-24)."""


class QuotingAnswerer:
    """Implements the port `Answerer`."""

    name = "quote"
    model = ""
    prompt_ids: tuple[str, ...] = ()

    def write(self, brief: Brief, limits: Limits) -> Iterator[Draft]:
        """Quote the best sentence, then others that come near it, within the brief's words; a first one that is longer
        is quoted whole."""
        said: set[str] = set()
        room = brief.words
        for number, evidence in enumerate(brief.evidence[: brief.sentences]):
            limits.check()
            length = len(words(evidence.text))
            fresh = set(content_stems(evidence.text)) - said
            if number and (length > room or evidence.score < NEAR_BEST * brief.evidence[0].score or len(fresh) < 3):
                continue
            room -= length
            said |= fresh
            yield Draft(evidence.text, (evidence.label,))
