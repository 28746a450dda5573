"""Cutting a text into passages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.text.sentences import paragraphs, sentences
from assistant.types import Span

# A passage closes at the end of a paragraph once it has this part of its size and the next paragraph does not fit.
_FULL_ENOUGH = 0.6
# A last passage of fewer words joins the one before it: so little text alone is found by chance.
_TINY = 40
# Scripts that write no spaces between words; two of their characters count as a word.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of a monstrous one."""

    span: Span
    words: int
    paragraph: int


def chunk(text: str, language: str = "en", words: int = 170) -> tuple[Span, ...]:
    """Passages of about ``words`` words, as offsets into the text, in order and without overlap.

    Every sentence lies whole in exactly one passage and every passage starts and ends with one; only a sentence of
    more than twice the size is broken, at white space. A passage ends with its paragraph where that leaves it at
    least 60 % full; a tail of fewer than 40 words joins the passage before it.
    """
    chunks: list[list[_Piece]] = []
    current: list[_Piece] = []
    size = 0
    pieces = list(_pieces(text, language, words))
    paragraph_words: dict[int, int] = {}
    for piece in pieces:
        paragraph_words[piece.paragraph] = paragraph_words.get(piece.paragraph, 0) + piece.words
    for piece in pieces:
        new_paragraph = bool(current) and current[-1].paragraph != piece.paragraph
        closes = new_paragraph and size >= _FULL_ENOUGH * words and size + paragraph_words[piece.paragraph] > words
        if current and (closes or size + piece.words > words):
            chunks.append(current)
            current, size = [], 0
        current.append(piece)
        size += piece.words
    if current and chunks and size < _TINY:
        chunks[-1] += current
    elif current:
        chunks.append(current)
    return tuple(Span(pieces[0].span.start, pieces[-1].span.end) for pieces in chunks)


def _pieces(text: str, language: str, words: int) -> Iterator[_Piece]:
    starts = [paragraph.start for paragraph in paragraphs(text)]
    paragraph = 0
    for sentence in sentences(text, language):
        while paragraph + 1 < len(starts) and starts[paragraph + 1] <= sentence.start:
            paragraph += 1
        for span in _broken(text, sentence, words):
            yield _Piece(span, _count(text[span.start : span.end]), paragraph)


def _broken(text: str, sentence: Span, words: int) -> list[Span]:
    """The sentence itself, or where it is monstrous (a table without full stops, say) parts of ``words`` words."""
    if _count(text[sentence.start : sentence.end]) <= 2 * words:
        return [sentence]
    tokens = list(re.finditer(r"\S+", text[sentence.start : sentence.end]))
    groups = [tokens[i : i + words] for i in range(0, len(tokens), words)]
    return [Span(sentence.start + group[0].start(), sentence.start + group[-1].end()) for group in groups]


def _count(text: str) -> int:
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2
