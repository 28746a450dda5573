"""Names by their capitals: enough to carry a subject over and to notice a swapped one, with no model."""

from __future__ import annotations

import re

from assistant.text.words import STOP_WORDS, fold, words

_CAPITALISED = r"(?:(?:[A-Z]\.){2,}|[^\W\d_a-zß-öø-ÿ](?:[\w’'-]*\w)?\.?)"
_JOINER = r"(?:\s+(?:of|the|de|la|al|bin|van|von|der|du|da|del|el|for)){0,2}"
_NAME = re.compile(rf"\b{_CAPITALISED}(?:{_JOINER}\s+{_CAPITALISED})*")
_NOT_NAMES = STOP_WORDS | frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april june july august
    september october november december yes no mr mrs ms dr according meanwhile officials""".split()
)


def names(text: str) -> list[str]:
    """Runs of capitalised words in order, as written: people, places, organisations; days and months are none.

    A first word that is an ordinary function word ("The", "When") is not part of a name.
    """
    found = []
    for match in _NAME.finditer(text):
        parts = match.group().split()
        while parts and fold(parts[0]).strip(".") in _NOT_NAMES:
            parts.pop(0)
        while parts and fold(parts[-1]).strip(".") in _NOT_NAMES:
            parts.pop()
        if parts:
            found.append(" ".join(parts) if parts[-1].count(".") > 1 else " ".join(parts).rstrip("."))
    return found


def name_words(text: str) -> list[str]:
    """The single capitalised words of a text's names, folded, without possessive endings, in order."""
    parts = (part for name in names(text) for part in name.split() if part[:1].isupper())
    return [word for part in parts for word in words(part) if word not in _NOT_NAMES]
