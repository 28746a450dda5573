"""What a ranker reads of a sentence."""

from __future__ import annotations

NEIGHBOUR = 160
"""Characters kept of the sentence before: enough to resolve "he" or "the company". The sentence after is left out to
save time; what it would add was not measured."""


def sentence_in_context(text: str, title: str, before: str) -> str:
    """The sentence first, so that it is never cut off, then the title, then the sentence before it.

    No date: few of the free texts to train on have one, and whether there is one told their sets apart.
    """
    return f"{text} | {title} | {before[:NEIGHBOUR]}"
