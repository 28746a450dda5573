"""OneStopQA (Berzak et al., "STARC", ACL 2020): Guardian articles at three reading levels, with the span that answers
each question and one that misleads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.errors import BadInput
from assistant.types import Document, Request
from evals.loaders.reading import Entry, Gold, Place, Reading, entries, half_of, place_of, quoted, read_lines
from evals.records import Case, Malformed

LICENCE = "CC BY-SA 4.0"
Level = Literal["adv", "int", "ele"]
_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Story:
    id: str
    title: str
    paragraphs: dict[Level, list[str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    gold: list[tuple[int, int]]
    distractor: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Question:
    question_id: str
    article: str
    paragraph: int
    question: str
    answers: dict[str, str]
    gold: str
    evidence: dict[Level, Evidence]


def read(data: Path, *, level: Level = "adv") -> Reading:
    """486 questions, each with its whole article at one level: ``adv``, ``int`` or ``ele``.

    Gold quotes are the critical spans, ``wrong_quotes`` the distractor spans, wrong answers the other choices.
    """
    folder = data / "onestopqa"
    files = (folder / "articles.jsonl", folder / "questions.jsonl")

    def found() -> Iterator[Entry | Malformed]:
        stories: dict[str, Story] = {}
        for row in read_lines(files[0], Story):
            if isinstance(row, Malformed):
                yield row
            else:
                stories[row.value.id] = row.value
        yield from entries(read_lines(files[1], Question), lambda question: _entry(question, stories, level))

    return Reading(files, found())


def _entry(question: Question, stories: Mapping[str, Story], level: Level) -> Iterator[Entry]:
    story = stories.get(question.article)
    if story is None:
        raise BadInput(f"'article': there is no article {question.article!r}.")
    paragraphs = story.paragraphs.get(level, [])
    if level not in question.evidence or not 0 <= question.paragraph < len(paragraphs):
        raise BadInput(
            f"'paragraph': the article has no paragraph {question.paragraph} with evidence at level {level}."
        )
    document = Document(_GAP.join(paragraphs), id=story.id, title=story.title)
    start = sum(len(text) + len(_GAP) for text in paragraphs[: question.paragraph])
    gold = _places(question.evidence[level].gold, document, start)
    case = Case(
        f"onestopqa-{level}-{question.question_id}",
        Request(question.question, documents=(document,)),
        answers=(question.gold,),
        wrong_answers=tuple(answer for answer in question.answers.values() if answer != question.gold),
        gold_article_ids=(story.id,),
        gold_quotes=quoted(gold, document),
        tags=(level,),
        licence=LICENCE,
    )
    wrong = _places(question.evidence[level].distractor, document, start)
    yield Entry(case, Gold(gold, wrong, cluster=story.id), half_of(story.id))


def _places(spans: Sequence[tuple[int, int]], document: Document, offset: int) -> tuple[Place, ...]:
    return tuple(place_of(n, document, offset + start, offset + end) for n, (start, end) in enumerate(spans))
