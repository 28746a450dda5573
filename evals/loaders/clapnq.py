"""CLAPnq (Rosenthal et al., TACL 2025): long answers from one passage, with sentence-level gold; half unanswerable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.types import Document, Request
from evals.loaders.reading import Entry, Gold, Reading, entries, half_of, locate, read_lines
from evals.records import Case, Malformed

LICENCE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Passage:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    answer: str
    selected_sentences: list[str]


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    input: str
    passages: list[Passage]
    output: list[Output]


def read(data: Path) -> Reading:
    """300 answerable questions and 300 with a plausible passage that does not answer them.

    ``answers`` are the annotators' whole answers (tag ``long-answer``; one case has an answer of two annotators without
    a gold sentence). The half follows the page's title: 16 passages share their page with another.
    """
    folder = data / "clapnq"
    files = (folder / "clapnq_dev_answerable.jsonl", folder / "clapnq_dev_unanswerable.jsonl")

    def found() -> Iterator[Entry | Malformed]:
        for file in files:
            yield from entries(read_lines(file, Question), _entry)

    return Reading(files, found())


def _entry(question: Question) -> Iterator[Entry]:
    documents = tuple(Document(p.text, id=f"{n}", title=p.title) for n, p in enumerate(question.passages, 1))
    answers = tuple(output.answer for output in question.output if output.answer.strip())
    sentences = (text.strip() for output in question.output for text in output.selected_sentences)
    quotes = tuple(dict.fromkeys(text for text in sentences if text))
    title = question.passages[0].title if question.passages else question.id
    places = locate(quotes, {document.id: document.text for document in documents})
    case = Case(
        question.id,
        Request(question.input, documents=documents),
        answers=answers,
        answerable=bool(answers),
        gold_article_ids=tuple(document.id for document in documents) if answers else (),
        gold_quotes=quotes,
        tags=("long-answer",) if answers else (),
        licence=LICENCE,
    )
    yield Entry(case, Gold(places, cluster=title), half_of(title))
