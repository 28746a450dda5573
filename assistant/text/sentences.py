"""Sentences of a text, as exact offsets."""

from __future__ import annotations

import re

from sentencex import get_sentence_boundaries

from assistant.types import Span

_LINE = re.compile(r"[^\n]+")
_CLOSING = re.compile(r"[\"'”’)\]»]+\s*")
_INITIAL_OR_TITLE = re.compile(
    r"(?:^|[\s(“\"])(?:[A-Z]|[A-Z]\.[A-Z]|Gov|Sen|Rep|Gen|Lt|Col|Sgt|Capt|St|Mt|No|vs)\.[\"”’']?\s*$"
)


def paragraphs(text: str) -> list[Span]:
    """The lines of a text that hold anything but white space, without the white space around them.

    Articles keep one paragraph a line or separate them by blank lines; both give the same spans.
    """
    spans = []
    for line in _LINE.finditer(text):
        stripped = line.group().strip()
        if stripped:
            start = line.start() + line.group().index(stripped)
            spans.append(Span(start, start + len(stripped)))
    return spans


def sentences(text: str, language: str = "en") -> list[Span]:
    """The sentences of a text in order; no span holds a line break or white space at its ends.

    The splitter is sentencex (Wikimedia), which does not break at line ends: paragraphs are split first. Two mends:
    closing quotation marks and brackets stay with the sentence they close, and initials and titles ("George W.",
    "Gov.") do not end one.
    """
    found: list[Span] = []
    for paragraph in paragraphs(text):
        found.extend(_in_paragraph(text, paragraph, language))
    return found


def _in_paragraph(text: str, paragraph: Span, language: str) -> list[Span]:
    body = text[paragraph.start : paragraph.end]
    ends = [boundary["end_index"] for boundary in get_sentence_boundaries(language or "en", body)]
    spans: list[Span] = []
    start = 0
    for end in [*ends[:-1], len(body)]:
        closing = _CLOSING.match(body, end)
        if closing and end < len(body) and (closing.end() == len(body) or closing.group()[-1].isspace()):
            end = closing.end()
        if end <= start or (end < len(body) and _INITIAL_OR_TITLE.search(body[start:end])):
            continue
        piece = body[start:end]
        stripped = piece.strip()
        if stripped:
            offset = paragraph.start + start + piece.index(stripped)
            spans.append(Span(offset, offset + len(stripped)))
        start = end
    return spans
