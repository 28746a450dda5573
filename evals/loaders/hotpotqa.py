"""HotpotQA (Yang et al., EMNLP 2018) with documents labelled by how far they help: questions in two steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.types import Document, Request
from evals.loaders.reading import Entry, Gold, Reading, entries, half_of, read_items
from evals.records import Case

LICENCE = "CC BY-SA 4.0"


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    title: str
    text: str
    cred: Literal["high", "middle", "low"]


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    question: str
    docs: list[Text]
    answer: str


def read(data: Path) -> Reading:
    """500 questions with up to ten documents each; those of high credibility are gold. 24 are answered yes or no
    (``yes-no``). In 214 of the others no document holds the answer string (``answer-absent``): read answer scores
    without them, and silence there is no fault."""
    path = data / "hotpotqa" / "HotpotQA.json"
    return Reading((path,), entries(read_items(path, Question), _entry))


def _entry(question: Question) -> Iterator[Entry]:
    documents = tuple(Document(text.text, id=text.id, title=text.title) for text in question.docs)
    yes_no = question.answer.lower() in ("yes", "no")
    there = any(_plain(question.answer) in _plain(f"{text.title} {text.text}") for text in question.docs)
    tags = ["two-step", *(["yes-no"] if yes_no else [] if there else ["answer-absent"])]
    case = Case(
        f"hotpotqa-{question.id}",
        Request(question.question, documents=documents),
        answers=(question.answer,),
        gold_article_ids=tuple(text.id for text in question.docs if text.cred == "high"),
        tags=tuple(tags),
        licence=LICENCE,
    )
    yield Entry(case, Gold(cluster=question.id), half_of(question.id))


def _plain(text: str) -> str:
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "
