"""TimeQA (Chen et al., NeurIPS 2021 data sets track): answers that depend on a date in the question, over whole
encyclopedia pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from assistant.errors import BadInput
from assistant.types import Document, Request
from evals.loaders.reading import (
    Entry,
    Gold,
    Part,
    Place,
    Reading,
    entries,
    place_of,
    quoted,
    read_items,
    sentence_around,
    spread,
)
from evals.records import Case, Malformed

LICENCE = "BSD-3-Clause"
_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Answer:
    para: Annotated[int, Field(ge=0)]
    start: Annotated[int, Field(alias="from")]
    end: int
    answer: str


@dataclass(frozen=True, slots=True)
class Page:
    index: str
    link: str
    paras: Annotated[list[str], Field(min_length=1)]
    questions: list[tuple[str, list[Answer]]] = field(default_factory=list)


def read(data: Path) -> Reading:
    """989 test questions (159 unanswerable) to report on, 1,171 of the train file (189 unanswerable) to tune on; each
    brings its whole page, 2,000 words on average. Gold quotes are the sentences around the answers' spans. Two
    pages are in both of the published files."""
    files = (data / "timeqa" / "human_annotated_train.json", data / "timeqa" / "human_annotated_test.json")

    def found() -> Iterator[Entry | Malformed]:
        parts: tuple[Part, ...] = ("tune", "report")
        for file, part in zip(files, parts, strict=True):
            yield from entries(spread(read_items(file, Page), _asked), partial(_entry, half=part))

    return Reading(files, found())


def _asked(page: Page) -> Iterator[tuple[str, tuple[Page, int]]]:
    yield from ((f"questions[{number}]", (page, number)) for number in range(len(page.questions)))


def _entry(asked: tuple[Page, int], half: Part) -> Iterator[Entry]:
    page, number = asked
    question, given = page.questions[number]
    document = Document(_GAP.join(page.paras[1:]), id=page.link, title=page.paras[0])
    answers = [answer for answer in given if answer.answer]
    inside = [answer for answer in answers if answer.para > 0]  # paragraph 0 is the title
    places = tuple(_sentence(n, page, answer, document) for n, answer in enumerate(inside))
    case = Case(
        f"timeqa{page.index}/{number}",
        Request(question, documents=(document,)),
        answers=tuple(dict.fromkeys(answer.answer for answer in answers)),
        answerable=bool(answers),
        gold_article_ids=(document.id,) if answers else (),
        gold_quotes=quoted(places, document),
        tags=("dated",),
        licence=LICENCE,
    )
    yield Entry(case, Gold(places, cluster=page.link), half)


def _sentence(quote: int, page: Page, answer: Answer, document: Document) -> Place:
    if answer.para >= len(page.paras) or page.paras[answer.para][answer.start : answer.end] != answer.answer:
        raise BadInput(f"'questions': the answer {answer.answer!r} does not stand at its offsets.")
    start, end = sentence_around(page.paras[answer.para], answer.start, answer.end)
    offset = sum(len(text) + len(_GAP) for text in page.paras[1 : answer.para])
    return place_of(quote, document, offset + start, offset + end)
