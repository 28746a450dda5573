"""Cleaning: from the text of a page to the text of its article."""

from __future__ import annotations

import re
import unicodedata

from assistant.ingest.furniture import (
    ends_like_a_sentence,
    is_box_heading,
    is_box_text,
    is_furniture,
    opens_comments,
    opens_tail,
)

# Part of every fingerprint: raise it when a change here or in a format's reader gives other texts.
CLEANER_VERSION = "1"

# Invisible characters: zero-width spaces, soft hyphens, direction marks, and the tag characters in which text can be
# hidden from people but not from a model. The joiners U+200C and U+200D stay: Persian and emoji need them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACE = re.compile(r"[^\S\n]{2,}|[^\S\n ]")


def clean_text(text: str) -> str:
    """The article in a page's text: one paragraph a line, paragraphs separated by an empty line, Unicode NFC.

    Removes navigation, sharing, advertising, cookie and newsletter boxes, links to other stories, photo credits, and
    what follows the article: lists of other stories and readers' comments. Cleaning cleaned text changes nothing.
    """
    lines = [line.strip() for line in normalize(text).split("\n")]
    lines = [line for line in lines if line]
    while True:
        kept = _without_boxes(_without_tail(lines))
        if kept == lines:
            return "\n\n".join(lines)
        lines = kept


def normalize(text: str) -> str:
    """The text in Unicode NFC with plain line ends and single spaces, without invisible and control characters."""
    text = _CONTROL.sub("", _BREAK.sub("\n", _INVISIBLE.sub("", text)))
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text))


def _without_boxes(lines: list[str]) -> list[str]:
    """Drop furniture, and beside it what describes a newsletter box."""
    surely = [is_furniture(line) for line in lines]
    maybe = [not sure and (is_box_text(line) or is_box_heading(line)) for line, sure in zip(lines, surely, strict=True)]
    kept = []
    for i, line in enumerate(lines):
        beside = any(0 <= j < len(lines) and (surely[j] or maybe[j]) for j in (i - 1, i + 1))
        if not (surely[i] or (maybe[i] and beside)):
            kept.append(line)
    return kept


def _without_tail(lines: list[str]) -> list[str]:
    """Cut where a list of other stories or readers' comments begin, if nothing after it reads as an article."""
    last = next((i for i in range(len(lines) - 1, 0, -1) if not _is_tail_line(lines[i])), 0)
    total = sum(len(line.split()) for line in lines)
    before = 0
    for i, line in enumerate(lines):
        if i and ((i >= last and opens_tail(line)) or (2 * before > total and opens_comments(line, lines[i + 1 :]))):
            return lines[:i]
        before += len(line.split())
    return lines


def _is_tail_line(line: str) -> bool:
    """A headline in a list, or furniture. 25 words: the longest headline of RealTimeQA 2022 has 17."""
    if is_furniture(line) or is_box_text(line):
        return True
    return len(line.split()) <= 25 and not (ends_like_a_sentence(line) and line.rstrip("\"'”’)]").endswith("."))
