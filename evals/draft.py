"""Drafts of cases from a user's own articles, for a person to review: questions made by rules, without a model.

The answer of each draft stands in the sentence it quotes, so the draft is right about where the answer is; its wording
follows the article's, which makes it easier to find than a reader's question. So: reword it, correct it or delete it,
then take the tag ``draft`` away.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import BadInput
from assistant.text.dates import date_ranges
from assistant.text.names import names
from assistant.text.sentences import sentences
from assistant.types import Article
from evals.loaders.library import read_articles

if TYPE_CHECKING:
    from assistant.bootstrap import Home

WORDS = range(7, 41)
"""Words of a sentence that makes a question: shorter ones lean on their neighbours, longer ones ask several things."""
GAP = "____"

_LEANS = re.compile(  # it says something only beside the sentence before it
    r"(?:he|she|it|they|we|i|you|this|that|these|those|there|but|and|or|so|then|however|also|his|her|its|their)\b", re.I
)
_AUXILIARY = r"was|were|is|are|will be|has been|have been|had been"
_PAST = (
    r"[a-z]+ed|won|lost|took|gave|made|became|began|led|held|left|met|ran|rose|fell|sold|bought|built|cut|set|put|beat"
    r"|found|told|said|wrote|spoke|saw|came|went|sent|paid|kept|brought|struck|drew|broke|chose|flew|grew|hit"
)
_SUBJECT = re.compile(rf"(?P<aside>, [^,]{{3,60}},)? (?P<verb>{_PAST}|{_AUXILIARY}) (?P<rest>\S.*)\.$")
_WHEN = re.compile(r"^(?P<subject>[^,;:]{3,80}?) (?P<verb>was|were) (?P<rest>[^,;:]+?) (?:on|in)$")
_NUMBER = re.compile(
    r"(?<![\w.,$€£-])(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?P<scale> (?:thousand|million|billion|trillion))?"
    r"(?= [^\W\d_])"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a sentence answers. ``rank`` 0 is worded as a question, 1 has a gap to fill."""

    question: str
    answer: str
    tag: str
    quote: str
    rank: int


def draft(
    source: Home | Sequence[str | Path], *, per_article: int = 3, limit: int | None = None
) -> list[dict[str, Any]]:
    """Case forms to be reviewed, from the articles of a home or of files and folders, in the order of the articles.

    At most ``per_article`` for each article and ``limit`` in all. Only English articles are read. Every form has the
    tag ``draft``. Raises `BadInput` where a path does not exist.
    """
    forms: list[dict[str, Any]] = []
    for article in _articles(source):
        forms += draft_article(article, per_article)
        if limit is not None and len(forms) >= limit:
            return forms[:limit]
    return forms


def draft_article(article: Article, limit: int = 3) -> list[dict[str, Any]]:
    """The best drafts of one article in the order of its text: one a sentence, questions before gaps, kinds mixed."""
    if article.source.language not in ("", "en"):
        return []
    chosen: list[Candidate] = []
    left = candidates(article.text)
    while left and len(chosen) < limit:
        used = [candidate.tag for candidate in chosen]
        best = min(left, key=lambda c: (c.rank, used.count(c.tag)))  # the earliest of equals
        chosen.append(best)
        left = [candidate for candidate in left if candidate.quote != best.quote]
    return [_form(article, candidate) for candidate in sorted(chosen, key=lambda c: article.text.index(c.quote))]


def candidates(text: str) -> list[Candidate]:
    """Every question that the rules make of a text's sentences. A sentence that stands twice makes none."""
    found = []
    for span in sentences(text):
        sentence = text[span.start : span.end]
        fit = (
            len(sentence.split()) in WORDS and (sentence[0].isupper() or sentence[0].isdigit()) and sentence[-1] == "."
        )
        if fit and not _LEANS.match(sentence) and text.count(sentence) == 1:
            found += [*_who(sentence), *_when(sentence), *_how_many(sentence)]
    return [candidate for candidate in found if not _told(candidate)]


def _told(candidate: Candidate) -> bool:
    """Whether the question gives its answer away."""
    return bool(re.search(rf"(?<!\w){re.escape(candidate.answer)}(?!\w)", candidate.question))


def _who(sentence: str) -> Iterator[Candidate]:
    first = next(iter(names(sentence)), "")
    match = _SUBJECT.match(sentence, len(first)) if first and sentence.startswith(first) else None
    if match and match["rest"].count('"') % 2 == 0:
        yield Candidate(f"Who or what {match['verb']} {match['rest']}?", first, "who", sentence, 0)


def _when(sentence: str) -> Iterator[Candidate]:
    for found in date_ranges(sentence, date.today()):
        if not re.search(r"\b\d{4}\b", found.text) or not re.search(r"[A-Za-z]", found.text):
            continue  # without its year a date cannot be checked on another day; a bare year is a number of many uses
        match = _WHEN.match(sentence[: found.start].rstrip())
        if match and sentence[found.end :].strip() == ".":
            subject = _lowered(match["subject"])
            yield Candidate(f"When {match['verb']} {subject} {match['rest']}?", found.text, "when", sentence, 0)
        else:
            yield _gap("date", found.text, "when", sentence, found.start, found.end)


def _how_many(sentence: str) -> Iterator[Candidate]:
    dates = [(found.start, found.end) for found in date_ranges(sentence, date.today())]
    for match in _NUMBER.finditer(sentence):
        if any(start < match.end() and match.start() < end for start, end in dates):
            continue
        if match.start() == 0:
            yield Candidate(f"How many{sentence[match.end() : -1]}?", match.group(), "how-many", sentence, 0)
        else:
            yield _gap("number", match.group(), "how-many", sentence, match.start(), match.end())


def _gap(kind: str, answer: str, tag: str, sentence: str, start: int, end: int) -> Candidate:
    return Candidate(f"Which {kind} is missing: {sentence[:start]}{GAP}{sentence[end:]}", answer, tag, sentence, 1)


def _lowered(subject: str) -> str:
    """The subject as it stands inside a sentence: "The treaty" becomes "the treaty", a name stays."""
    first = subject.split()[0]
    return subject[0].lower() + subject[1:] if first in ("The", "A", "An", "Its", "Their", "Both") else subject


def _form(article: Article, candidate: Candidate) -> dict[str, Any]:
    identity = f"{article.source.article_id}\0{candidate.tag}\0{candidate.quote}"
    return {
        "id": f"draft-{hashlib.sha256(identity.encode()).hexdigest()[:12]}",
        "question": candidate.question,
        "answers": [candidate.answer],
        "wrong_answers": [],
        "answerable": True,
        "gold_article_ids": [article.source.article_id],
        "gold_quotes": [candidate.quote],
        "tags": ["draft", candidate.tag],
    }


def _articles(source: Home | Sequence[str | Path]) -> Iterable[Article]:
    if not isinstance(source, Sequence):
        listed = sorted(found.article_id for found in source.catalog.list_articles(limit=1_000_000))
        yield from map(source.catalog.article, listed)
        return
    for origin in map(Path, source):
        if not origin.expanduser().exists():
            raise BadInput(f"There is no file or folder {str(origin)!r} to draft from; check the spelling.")
        yield from (article for _, article in read_articles(origin.expanduser()))
