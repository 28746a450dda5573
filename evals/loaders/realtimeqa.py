"""RealTimeQA (Kasai et al., NeurIPS 2023): weekly news quizzes with a year's articles."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import BadInput
from assistant.records import parse_request
from evals.loaders.reading import Entry, Gold, Part, Reading, entries, read_lines
from evals.records import Case

LICENCE = "none given: read and test only"


@dataclass(frozen=True, slots=True)
class Question:
    question_id: str
    question_date: str
    question: str
    choices: list[str]
    answers: list[str]
    gold_article_ids: list[str]
    silver_support_ids: list[str]
    mc_dependent: bool


def read_2022(data: Path) -> Reading:
    """475 questions over 4,858 articles, to tune on."""
    return _read(data / "realtimeqa", "questions_2022.jsonl", "articles_2022.jsonl.gz", "tune")


def read_2025(data: Path) -> Reading:
    """382 questions over 5,349 articles, to report on."""
    return _read(data / "realtimeqa", "questions_2025.jsonl", "articles_2025.jsonl.gz", "report")


def read_small(data: Path) -> Reading:
    """100 of the questions of 2025 over 600 articles."""
    return _read(data / "realtimeqa", "small_questions.jsonl", "small_articles.jsonl.gz", "report")


def _read(folder: Path, questions: str, articles: str, half: Part) -> Reading:
    """The questions that have a supporting article and make sense without their choices.

    The true gold articles where they are known (tag ``gold``), else those that hold the answer string (``silver``);
    of these only what is among the articles (the small set leaves 126 out).
    """
    path = folder / articles
    known = _ids(path)

    def make(question: Question) -> Iterator[Entry]:
        if question.mc_dependent or not question.silver_support_ids:
            return
        names = question.gold_article_ids or [name for name in question.silver_support_ids if name in known]
        if not names or not known.issuperset(names):
            raise BadInput("'silver_support_ids': no article of that id is in the articles.")
        date = question.question_date.replace("/", "-")
        request = parse_request({"question": question.question, "asked_at": date}, name=question.question_id)
        case = Case(
            question.question_id,
            request,
            answers=tuple(question.answers),
            wrong_answers=tuple(choice for choice in question.choices if choice not in question.answers),
            gold_article_ids=tuple(names),
            tags=("gold" if question.gold_article_ids else "silver",),
            licence=LICENCE,
        )
        yield Entry(case, Gold(cluster=names[0]), half)

    return Reading((folder / questions, path), entries(read_lines(folder / questions, Question), make), (path,))


def _ids(path: Path) -> frozenset[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return frozenset(json.loads(line)["id"] for line in file)
