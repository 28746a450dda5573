"""XQuAD's English part (Artetxe et al., ACL 2020), from SQuAD's development set: spans in encyclopedia paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import BadInput
from assistant.types import Document, Request
from evals.loaders.reading import Entry, Gold, Reading, entries, place_of, quoted, read_items, sentence_around, spread
from evals.records import Case

LICENCE = "CC BY-SA 4.0"


@dataclass(frozen=True, slots=True)
class Answer:
    answer_start: int
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    question: str
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Paragraph:
    context: str
    qas: list[Question]


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    paragraphs: list[Paragraph]


def read(data: Path) -> Reading:
    """1,190 questions on 240 paragraphs, all to tune on; gold quotes are the sentences around the answers' spans."""
    path = data / "xquad" / "xquad.en.json"
    return Reading((path,), entries(spread(read_items(path, Page, "data"), _asked), _entry))


def _asked(page: Page) -> Iterator[tuple[str, tuple[Question, Document, str]]]:
    for number, paragraph in enumerate(page.paragraphs):
        document = Document(paragraph.context, id=f"{page.title}/{number}", title=page.title.replace("_", " "))
        for index, question in enumerate(paragraph.qas):
            yield f"paragraphs[{number}].qas[{index}]", (question, document, page.title)


def _entry(asked: tuple[Question, Document, str]) -> Iterator[Entry]:
    question, document, title = asked
    places = []
    for index, answer in enumerate(question.answers):
        start, end = answer.answer_start, answer.answer_start + len(answer.text)
        if document.text[start:end] != answer.text:
            raise BadInput(f"'answers.{index}.answer_start': the answer of {question.id} does not stand there.")
        places.append(place_of(index, document, *sentence_around(document.text, start, end)))
    case = Case(
        f"xquad-{question.id}",
        Request(question.question, documents=(document,)),
        answers=tuple(dict.fromkeys(answer.text for answer in question.answers)),
        gold_article_ids=(document.id,),
        gold_quotes=quoted(places, document),
        licence=LICENCE,
    )
    yield Entry(case, Gold(tuple(places), cluster=title), "tune")
