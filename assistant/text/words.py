"""Words and their stems: the common ground of matching, ranking and checking."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"\d[\d.,]*\d|(?:[^\W\d_]\.){2,}|\w+(?:['-]\w+)*")
_QUOTES = str.maketrans("’‘ʼ`“”„«»‐‑", '\'\'\'\'"""""--')
# The country and the pronoun fold to the same letters, so the country is told apart before.
_UNITED_STATES = re.compile(r"\b(?:U\.S\.A?\.?|USA?)(?!\w)")


class _Stemmers(threading.local):
    """A stemmer for each thread: one keeps the word it works on, and two threads in it give wrong stems or fail."""

    def __init__(self) -> None:
        self.english = snowballstemmer.stemmer("english")


_stemmers = _Stemmers()

# English function words, with the question words and the verbs that ask rather than tell ("did", "happen").
STOP_WORDS = frozenset(
    """a about after again all also although am an and any are as at be because been before being between both but
    by can could did do does doing done during each either else ever few for from further had has have having he
    her here hers herself him himself his how however i if in into is it its itself just many may me might more
    most much must my myself neither nor now of off on once only onto or other our ours out over own per please
    shall she should since so some such tell than that the their theirs them themselves then there these they
    this those though through to too under until up upon us very was we were what when where whether which while
    who whom whose why will with within without would yet you your yours 's 't s t d ll m re ve don didn doesn
    isn wasn weren aren hasn haven hadn won't can't happen happened give show""".split()
)

NEGATIONS = frozenset(
    """no not never none nobody nothing nowhere neither nor without cannot can't won't don't doesn't didn't isn't
    aren't wasn't weren't hasn't haven't hadn't wouldn't shouldn't couldn't mustn't needn't""".split()
)


def fold(text: str) -> str:
    """The text as it is compared: NFKC, typographic quotes and hyphens made plain, case folded. Length may change."""
    return unicodedata.normalize("NFKC", text.translate(_QUOTES)).casefold()


def words(text: str) -> list[str]:
    """The words of a text in order, folded; numbers keep their separators.

    A possessive ``'s`` is cut off, "U.S." and "US" are "usa".
    """
    found = _WORD.findall(fold(_UNITED_STATES.sub("usa", text)))
    return [w.replace(".", "") if w[0].isalpha() else w for w in (word.removesuffix("'s") for word in found)]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Snowball English stem of a folded word, accents removed."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return str(_stemmers.english.stemWord(plain))


def content_stems(text: str) -> list[str]:
    """The stems of a text's words that carry meaning, in order, with repeats; hyphenated words also by their parts."""
    found = []
    for word in words(text):
        if word in STOP_WORDS or word.endswith("n't"):
            continue
        found.append(stem(word))
        if "-" in word:
            found.extend(stem(part) for part in word.split("-") if part and part not in STOP_WORDS)
    return found


def negations(text: str) -> int:
    """How many words of a text deny something."""
    return sum(1 for word in words(text) if word in NEGATIONS or word.endswith("n't"))
