"""The sentences of passages, with what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.text.sentences import sentences
from assistant.text.words import words
from assistant.types import Hit, Source

MAX_SENTENCES = 120
"""Sentences looked at for one question: ten passages of 170 words hold about 80."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage: its place in the article, the passage's rank from 0, the words around it, and the
    sentence before it in the passage."""

    source: Source
    text: str
    start: int
    end: int
    rank: int
    context: str
    before: str = ""


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the passages in their order, each once, those too short to say anything left out."""
    found: dict[tuple[str, int], Candidate] = {}
    for rank, hit in enumerate(hits):
        chunk, before = hit.chunk, ""
        for span in sentences(chunk.text, chunk.source.language or "en"):
            text = chunk.text[span.start : span.end]
            key = (chunk.source.article_id, chunk.start + span.start)
            if key not in found and len(words(text)) >= 4:
                context = f"{chunk.source.title} {chunk.text}"
                found[key] = Candidate(chunk.source, text, key[1], chunk.start + span.end, rank, context, before)
            before = text
    return list(found.values())[:MAX_SENTENCES]
