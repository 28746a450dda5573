"""How well a cited text supports a sentence, judged without a model.

The product's judge, not the product: it shares no code with ``assistant.ask.verify`` or ``assistant.text`` (a test
holds it to that), so that an error there is not excused here. ``python -m evals calibrate`` measures it against people.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?")
_SENTENCE = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"”’)]))\s+(?=[\"“‘(]?[A-ZÀ-Þ\d])|\n+")
_FUNCTION = frozenset(
    """a about after all also am an and any are as at be because been before being between both but by can could did do
    does doing done during each either for from had has have having he her here hers him his how i if in into is it its
    itself just may me might more most much must my no nor not of off on once one only or other our out over own said
    same say says she should so some such than that the their them then there these they this those through to too
    under until up us very was we were what when where which while who whom whose why will with would you your
    """.split()
)
_NEGATION = frozenset("no not never none nobody nothing neither nor without cannot denied denies deny failed".split())
_UNITS = {w: n for n, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())} | {
    w: n + 13 for n, w in enumerate("thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())
}
_TENS = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sept sep,october oct,"
        "november nov,december dec".split(","),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = (
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH})\b\.?,?(?: (?P<y>\d{{4}}))?"),
    re.compile(rf"\b(?P<m>{_MONTH})\b\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)(?:,? (?P<y>\d{{4}}))?"),
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
)
Day = tuple[int | None, int, int]


WINDOW = 3
"""A sentence may rest on a few that follow each other; one alone tells splices apart better, so both are looked at."""


@dataclass(frozen=True, slots=True)
class Support:
    """What of a text stands in its source, shares in 0..1; a kind is None where the text has none of it.

    ``sentence``: content words within one sentence of the source, the best for each sentence of the text. ``words``:
    within three sentences that follow each other. ``phrases``: runs of three words. ``negation``: whether both deny or
    neither does, None where neither does.
    """

    sentence: float
    words: float
    phrases: float
    numbers: float | None
    dates: float | None
    names: float | None
    negation: bool | None

    @property
    def score(self) -> float:
        """The mean of the three shares of words; 1 for a text that stands in the source word for word.

        Numbers, dates, names and negation are scores of their own. On the half for tuning (`calibrate --half tune`)
        the three agree with people as AUROC .72, .73, .71 on AttributionBench and .78, .69, .85 on QAGS-CNN, their mean
        as .74 and .88; other weights gained less than .005, and numbers in the score lowered it.
        """
        return (self.sentence + self.words + self.phrases) / 3


def support(text: str, source: str) -> Support:
    """How a source supports a text of one sentence or more. What the source adds does not count."""
    days, known_days = dates(text), dates(source)
    return Support(
        sentence=_words(text, source, 1),
        words=_words(text, source, WINDOW),
        phrases=_phrases(tokens(text), tokens(source)),
        numbers=_share(numbers(text), numbers(source)),
        dates=sum(any(_same_day(d, k) for k in known_days) for d in days) / len(days) if days else None,
        names=_share(names(text), set(tokens(source))),
        negation=_agree(negated(text), negated(source)),
    )


def _words(text: str, source: str, window: int) -> float:
    """The share of content words within so many sentences of the source, the best place for each sentence."""
    known = [set(stems(sentence)) for sentence in sentences(source)]
    windows = [set().union(*known[i : i + window]) for i in range(max(1, len(known) - window + 1))]
    total = found = 0
    for sentence in sentences(text):
        own = stems(sentence)
        total += len(own)
        found += max(sum(stem in there for stem in own) for there in windows)
    return found / total if total else 1.0


def _phrases(own: Sequence[str], known: Sequence[str], length: int = 3) -> float:
    """The share of runs of three words that the source has too; of a shorter text, whether it stands there."""
    length = min(length, len(own))
    if not length:
        return 1.0
    runs = list(zip(*(own[i:] for i in range(length)), strict=False))
    there = set(zip(*(known[i:] for i in range(length)), strict=False))
    return sum(run in there for run in runs) / len(runs)


@lru_cache(20_000)
def tokens(text: str) -> tuple[str, ...]:
    """Words and numbers, lower case, without accents and possessives, "1,000" as "1000"."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    found = (match.replace(",", "") for match in _TOKEN.findall(plain))
    return tuple(word.removesuffix("'s") for word in found)


@lru_cache(20_000)
def stems(text: str) -> tuple[str, ...]:
    """Content words by their first letters: six bring "negotiated" and "negotiations" together, and keep short words
    apart."""
    return tuple(word[:6] if len(word) > 6 else _singular(word) for word in tokens(text) if word not in _FUNCTION)


def _singular(word: str) -> str:
    """Harman's S-stemmer (JASIS 1991), its last rule."""
    return word[:-1] if word.endswith("s") and not word.endswith(("us", "ss")) and len(word) > 3 else word


def numbers(text: str) -> set[float]:
    """The values of the numbers in a text, in figures or words, with their scale: "3.5 million" is 3500000."""
    found: set[float] = set()
    words = tokens(text)
    index = 0
    while index < len(words):
        value, taken = _number_at(words, index)
        if value is not None:
            found.add(value)
        index += taken
    return found


def _number_at(words: Sequence[str], start: int) -> tuple[float | None, int]:
    """The number that begins at a word, and how many words it takes (at least 1)."""
    value, taken = _simple(words, start)
    if value is None:
        return None, 1
    while start + taken < len(words) and words[start + taken] in _SCALES:
        value *= _SCALES[words[start + taken]]
        taken += 1
    return value, taken


def _simple(words: Sequence[str], start: int) -> tuple[float | None, int]:
    word = words[start]
    if word[0].isdigit():
        try:
            return float(word), 1
        except ValueError:  # a time such as 12:45
            return None, 1
    if word in _TENS:
        following = _UNITS.get(words[start + 1], 0) if start + 1 < len(words) else 0
        return float(_TENS[word] + (following if following < 10 else 0)), 1 + (0 < following < 10)
    # "one" and "no" are more often pronouns than counts.
    return (float(_UNITS[word]), 1) if word in _UNITS and word != "one" else (None, 1)


def dates(text: str) -> set[Day]:
    """(year or None, month, day) of each calendar day named in a text."""
    plain = text.casefold().replace("\n", " ")
    found: set[Day] = set()
    for pattern in _DATES:
        for match in pattern.finditer(plain):
            month = _MONTHS.get(match["m"]) or int(match["m"])
            found.add((int(match["y"]) if match["y"] else None, month, int(match["d"])))
    return {day for day in found if not (day[0] is None and any(d[0] and d[1:] == day[1:] for d in found))}


def names(text: str) -> set[str]:
    """Words with a capital that does not begin a sentence, lower case: of people, places and bodies."""
    found: set[str] = set()
    for sentence in sentences(text):
        words = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", sentence)
        capital = [w for w in words[1:] if w[0].isupper()] + [w for w in words[:1] if len(w) > 1 and w.isupper()]
        found |= {token for word in capital for token in tokens(word)}
    return found - _FUNCTION - set(_MONTHS)


@lru_cache(20_000)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text: cut at newlines and at a full stop before a capital. Crude, and not the product's."""
    return tuple(piece.strip() for piece in _SENTENCE.split(text) if piece and any(c.isalnum() for c in piece))


def negated(text: str) -> bool:
    """Whether a text denies something, once or more often."""
    return any(word in _NEGATION or word.endswith("n't") for word in tokens(text))


def overlap(a: str, b: str) -> float:
    """The words two texts have in common, as a share of the shorter one's, 0..1; 0 where one has none."""
    first, second = Counter(tokens(a)), Counter(tokens(b))
    shorter = min(first.total(), second.total())
    return (first & second).total() / shorter if shorter else 0.0


def _share(wanted: Set[Any], known: Set[Any]) -> float | None:
    return len(wanted & known) / len(wanted) if wanted else None


def _same_day(day: Day, other: Day) -> bool:
    return day[1:] == other[1:] and (day[0] is None or other[0] is None or day[0] == other[0])


def _agree(first: bool, second: bool) -> bool | None:
    return first == second if first or second else None
