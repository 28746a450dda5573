"""The short answer within a quoted sentence, marked only where it is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from assistant.ask.asked import asked_for
from assistant.ask.attribution import speaker
from assistant.text.dates import date_ranges
from assistant.text.names import name_words, names
from assistant.text.numbers import number_values, numbers
from assistant.text.words import fold
from assistant.types import Span

_ANY_DAY = date(2100, 1, 1)
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_BEFORE = re.compile(r"(?:[$€£¥]|US\$)$")
_DOZEN = re.compile(r"\b[Aa] $")
_ORDINAL = re.compile(
    r"\d(?:st|nd|rd|th)$|(?:first|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)$"
)
_TITLE = re.compile(
    r"(?:(?:President|Prime|Minister|Chancellor|King|Queen|Prince|Princess|Pope|Senator|Governor|Mayor|Judge|Justice|"
    r"General|Colonel|Captain|Sergeant|Officer|Inspector|Professor|Doctor|Dr|Sir|Dame|Lord|Lady|Mr|Mrs|Ms)\.? )+"
    r"(?=[A-Z])"
)
_DAY_BEFORE = re.compile(r"^\s*(?:on|in|since|during|until|before|after|last|this)\s+", re.I)
_AFTER = re.compile(r"^(?:\s?%|\s(?:per\s?cent|percent|years?|months?|weeks?|days?|hours?|minutes?|people|miles|km)\b)")


def highlights(question: str, sentence: str) -> tuple[Span, ...]:
    """Where in the sentence the number, day, person or place stands that the question asks for.

    Certain means: the sentence has exactly one thing of that kind that the question has not named; else nothing is
    marked.
    """
    kind = asked_for(question)
    if kind == "number":
        found = list(_numbers(question, sentence))
    elif kind == "date":
        found = list(_days(question, sentence))
    elif kind in ("person", "place"):
        found = list(_names(question, sentence))
    else:
        found = []
    return (found[0],) if len(found) == 1 else ()


def _numbers(question: str, sentence: str) -> Iterator[Span]:
    if len(fold(sentence)) != len(sentence):  # places in folded text would be off
        return
    known, days = number_values(question), date_ranges(sentence, _ANY_DAY)
    for number in numbers(sentence):
        start, end = number.start, number.end
        dated = any(d.start < end and start < d.end for d in days)
        if number.value not in known and not dated and not _ORDINAL.search(sentence[start:end].casefold()):
            lead = _DOZEN if sentence[start:end] == "dozen" else _BEFORE
            before, after = lead.search(sentence[:start]), _AFTER.match(sentence[end:])
            yield Span(before.start() if before else start, end + (after.end() if after else 0))


def _days(question: str, sentence: str) -> Iterator[Span]:
    asked, found = fold(question), date_ranges(sentence, _ANY_DAY)
    for day in found:
        if fold(day.text.strip()) not in asked:
            lead = _DAY_BEFORE.match(day.text)
            start = day.start + (lead.end() if lead else len(day.text) - len(day.text.lstrip()))
            yield Span(start, day.start + len(day.text.rstrip()))
    for match in _WEEKDAY.finditer(sentence):
        if fold(match.group()) not in asked and not any(d.start <= match.start() < d.end for d in found):
            yield Span(match.start(), match.end())


def _names(question: str, sentence: str) -> Iterator[Span]:
    known = set(name_words(question))
    known |= set(name_words(speaker(sentence)))  # who is quoted is not who is asked about
    seen: set[str] = set()
    for name in names(sentence):
        words = set(name_words(name))
        if words and not words & known and not words <= seen:
            seen |= words
            start = sentence.find(name)
            title = _TITLE.match(name)
            yield Span(start + (title.end() if title else 0), start + len(name))
