"""The seed story: one wire report as it is found on the web, with blind questions about it.

The questions lie in ``cases/seed.jsonl`` without any text of the story: each gives the ranges of characters of the file
that answer it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import BadInput
from assistant.types import Request
from evals.loaders.library import read_library
from evals.loaders.reading import Entry, Gold, Reading, entries, locate, read_lines
from evals.records import Case

_QUESTIONS = Path(__file__).parents[1] / "cases" / "seed.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    question: str
    answers: list[str]
    spans: list[tuple[int, int]]


def read(data: Path) -> Reading:
    """Twenty questions over one article, all to report on."""
    folder = data / "seed"
    files = tuple(sorted(folder.glob("*.txt")))
    if len(files) != 1:
        raise BadInput(f"The data set 'seed' is not whole: {folder.name} should hold one story.")
    raw = files[0].read_text(encoding="utf-8")
    texts = read_library([folder]).texts
    (article,) = texts

    def make(question: Question) -> Iterator[Entry]:
        quotes = tuple(raw[start:end].strip() for start, end in question.spans)
        case = Case(
            question.id,
            Request(question.question),
            answers=tuple(question.answers),
            gold_article_ids=(article,),
            gold_quotes=quotes,
        )
        yield Entry(case, Gold(locate(quotes, texts), cluster=question.id), "report")

    return Reading((_QUESTIONS, *files), entries(read_lines(_QUESTIONS, Question), make), (folder,))
