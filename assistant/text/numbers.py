"""Numbers as values: "8.5 million", "8,500,000" and "eight and a half million" are compared by what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.text.words import fold

_UNITS = {
    w: i
    for i, w in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()
    )
}
_TENS = {w: 10 * i for i, w in enumerate("""twenty thirty forty fifty sixty seventy eighty ninety""".split(), 2)}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, "dozen": 12.0,
}  # fmt: skip
_ORDINALS = {
    w: i
    for i, w in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth""".split(),
        1,
    )
}
_DIGITS = re.compile(
    r"(?<![\w.])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:st|nd|rd|th)?"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|dozen|bn|mn|tn|m|k|b)\b)?",
)
_WORDED = re.compile(
    r"\b(?:(?:{units}|{tens}|{scales})(?:[\s-]+(?:and[\s-]+)?(?=(?:{units}|{tens}|{scales})\b))?)+\b".format(
        units="|".join(_UNITS), tens="|".join(_TENS), scales="hundred|thousand|million|billion|trillion|dozen"
    )
)
_ORDINAL = re.compile(r"\b(?:{})\b".format("|".join(_ORDINALS)))


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: its value and where it stands in the folded text."""

    value: float
    start: int
    end: int


def numbers(text: str) -> list[Number]:
    """The numbers of a text in order: digits, scales, number words, and ordinals up to the twelfth.

    A lone "one" is left out (it is mostly a pronoun), and so is "second" (mostly a moment).
    """
    folded = fold(text)
    found = [Number(_digits(m), m.start(), m.end()) for m in _DIGITS.finditer(folded)]
    taken = [(n.start, n.end) for n in found]
    for match in _WORDED.finditer(folded):
        if match.group() != "one" and not any(s < match.end() and match.start() < e for s, e in taken):
            found.append(Number(_worded(match.group()), match.start(), match.end()))
    found += [
        Number(float(_ORDINALS[m.group()]), m.start(), m.end())
        for m in _ORDINAL.finditer(folded)
        if m.group() != "second"
    ]
    return sorted(found, key=lambda n: n.start)


def number_values(text: str) -> frozenset[float]:
    """The distinct values of a text's numbers."""
    return frozenset(n.value for n in numbers(text))


def _digits(match: re.Match[str]) -> float:
    value = float(match["number"].replace(",", ""))
    return round(value * _SCALES.get(match["scale"] or "", 1.0), 6)


def _worded(phrase: str) -> float:
    total = current = 0.0
    for word in re.split(r"[\s-]+", phrase):
        if word in _UNITS:
            current += _UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total += (current or 1) * _SCALES[word]
            current = 0.0
    return total + current
