"""What kind of thing a question asks for, and whether a sentence holds that kind of thing."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from assistant.text.dates import date_ranges
from assistant.text.names import name_words
from assistant.text.numbers import numbers
from assistant.text.words import fold

Asked = Literal["person", "place", "date", "number", "quotation", "reason", "other"]

_WHICH = r"\b(?:what|which) "
_WHO = "person|president|minister|company|firm|airline|bank|team|club|party|agency|actor|singer|player|outlet"
_RULES: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    ("quotation", re.compile(r"\bwhat (?:did|do|does|has|have) .+ (?:say|said|tell|call|describe)|\bquoted?\b")),
    ("number", re.compile(r"\bhow (?:many|much|old|long|far|high|tall|big|large|fast|often)\b")),
    ("number", re.compile(_WHICH + r"(?:percent(?:age)?|share|number|age|score|price)\b")),
    ("date", re.compile(_WHICH + r"(?:year|date|day|month|time)\b|\bwhen (?:did|was|were|is|will)\b|^when\b")),
    ("place", re.compile(_WHICH + r"(?:city|country|place|state|town|region|island|venue|stadium)\b|\bwhere\b")),
    ("person", re.compile(rf"{_WHICH}(?:{_WHO})\b|\bwho(?:m|se)?\b")),
    ("reason", re.compile(r"^why\b|\bwhat (?:caused|led|reason)|\bfor what reason\b")),
)
_REASON = re.compile(
    r"\b(?:because|since|due to|after|over|citing|cited|as a result|in order to|owing to|so that|caused|led to)\b"
)
_QUOTE = re.compile(r"[“\"”«]|\b(?:said|says|told|called|described|added|stressed|praised)\b")


def asked_for(question: str) -> Asked:
    """The kind of thing a question asks for, by its question words."""
    plain = fold(question)
    return next((kind for kind, pattern in _RULES if pattern.search(plain)), "other")


def holds(sentence: str, asked: Asked, question: str) -> bool:
    """Whether a sentence has something of the asked kind that is not already in the question."""
    if asked == "number":
        known = {n.value for n in numbers(question)}
        return any(n.value not in known for n in numbers(sentence))
    if asked == "date":
        return bool(date_ranges(sentence, date(2100, 1, 1))) or bool(
            re.search(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", sentence)
        )
    if asked in ("person", "place"):
        return bool(set(name_words(sentence)) - set(name_words(question)))
    if asked == "quotation":
        return bool(_QUOTE.search(fold(sentence)))
    if asked == "reason":
        return bool(_REASON.search(fold(sentence)))
    return True
