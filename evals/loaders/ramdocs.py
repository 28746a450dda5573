"""RAMDocs (Wang et al., "Retrieval-Augmented Generation with Conflicting Evidence", 2025): ambiguity, misinformation
and noise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.types import Document, Request
from evals.loaders.reading import Entry, Gold, Reading, entries, half_of, read_lines
from evals.records import Case

LICENCE = "MIT"


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    type: Literal["correct", "misinfo", "noise"]
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    documents: list[Text]
    gold_answers: list[str]
    wrong_answers: list[str]


def read(data: Path) -> Reading:
    """500 questions; 400 have several right answers, each a part of the whole one (published: all of them and no wrong
    one). Tag ``missing-support`` where a right answer is in no correct document (78), which no grounded answer can
    give; three have no correct document at all, so silence is right. In 10 an answer is listed as right and as wrong:
    it counts as right."""
    path = data / "ramdocs" / "RAMDocs_test.jsonl"
    return Reading((path,), entries(read_lines(path, Question), _entry))


def _entry(question: Question) -> Iterator[Entry]:
    documents = tuple(Document(text.text, id=str(n)) for n, text in enumerate(question.documents, 1))
    correct = [
        (d.id, text.answer) for d, text in zip(documents, question.documents, strict=True) if text.type == "correct"
    ]
    shown = {answer for _, answer in correct}
    several = len(question.gold_answers) > 1
    tags = {
        "several-parts": several,
        "misinformation": any(text.type == "misinfo" for text in question.documents),
        "missing-support": not shown.issuperset(question.gold_answers),
    }
    case = Case(
        f"ramdocs-{_name(question.question)}",
        Request(question.question, documents=documents),
        answers=tuple(question.gold_answers) if correct else (),
        wrong_answers=tuple(answer for answer in question.wrong_answers if answer not in question.gold_answers),
        answerable=bool(correct),
        gold_article_ids=tuple(name for name, _ in correct),
        tags=tuple(tag for tag, holds in tags.items() if holds),
        licence=LICENCE,
    )
    parts = tuple((answer,) for answer in question.gold_answers) if several and correct else ()
    yield Entry(case, Gold(parts=parts, cluster=case.id), half_of(question.question))


def _name(question: str) -> str:
    """The questions have no ids: the first 12 hex digits of the sha256 of their text."""
    return hashlib.sha256(question.encode()).hexdigest()[:12]
