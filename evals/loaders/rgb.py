"""RGB (Chen et al., "Benchmarking Large Language Models in Retrieval-Augmented Generation", AAAI 2024): news questions
with documents that hold the answer and that do not."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from assistant.types import Document, Request
from evals.loaders.reading import Entry, Gold, Reading, entries, half_of, read_lines
from evals.records import Case

LICENCE = "CC BY-NC-SA 4.0: test only"
DOCUMENTS = 5
"""Documents with each question, as published (``passage_num`` of the authors' evalue.py)."""

Noise = Literal["only"] | Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class Text:
    id: int
    label: Literal["positive", "noise"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    id: int
    question: str
    answers: list[str | list[str]]
    sets: dict[str, list[int]]
    docs: list[Text]


@dataclass(frozen=True, slots=True)
class Fact:
    id: int
    query: str
    answer: str | list[str | list[str]]
    fakeanswer: str
    positive: list[str]
    positive_wrong: list[str]
    negative: list[str]


def read(data: Path, *, noise: Noise = 0.4) -> Reading:
    """300 questions with five documents each, of which the share ``noise`` does not hold the answer; with "only" (or
    1) none does, and silence is right.

    The file's own mixes where it has one for that share (.2, .4, .6, .8), else the authors' rule:
    ceil(5 · noise) documents of noise. Where a question has fewer than are wanted it gets fewer, as in the file's
    mixes, so that noise 0 holds no noise (the authors' script fills up with it).
    """
    path = data / "rgb" / "rgb_en_structured.jsonl"
    share = 1.0 if noise == "only" else float(noise)

    def make(question: Question) -> Iterator[Entry]:
        texts = mix(question, share)
        documents = tuple(Document(text.text, id=str(text.id)) for text in texts)
        gold = tuple(str(text.id) for text in texts if text.label == "positive")
        parts = _parts(question.answers)
        several = len(parts) > 1
        case = Case(
            f"rgb-{question.id}",
            Request(question.question, documents=documents),
            answers=tuple(spelling for part in parts for spelling in part) if gold else (),
            answerable=bool(gold),
            gold_article_ids=gold,
            tags=(f"noise-{noise}", *(("several-parts",) if several else ())),
            licence=LICENCE,
        )
        name = str(question.id)
        yield Entry(case, Gold(parts=parts if several and gold else (), cluster=name), half_of(name))

    return Reading((path,), entries(read_lines(path, Question), make))


def read_counterfactual(data: Path, *, documents: Literal["both", "planted"] = "both") -> Reading:
    """100 questions with documents in which the right answer was replaced by a planted one.

    ``both``: one true and one planted document (of another passage, where there is one) and noise up to five: sources
    that disagree. ``planted``: planted documents and noise up to five, the published protocol at noise 0: no document
    holds the right answer.
    """
    path = data / "rgb" / "en_fact.json"

    def make(fact: Fact) -> Iterator[Entry]:
        true = fact.positive[:1] if documents == "both" else []
        planted = fact.positive_wrong[-1:] if documents == "both" else fact.positive_wrong[:DOCUMENTS]
        texts = [*true, *planted, *fact.negative][:DOCUMENTS]
        order = list(range(len(texts)))
        random.Random(fact.id).shuffle(order)
        given = tuple(Document(texts[index], id=str(number)) for number, index in enumerate(order, 1))
        gold = tuple(str(number) for number, index in enumerate(order, 1) if index < len(true))
        spellings = _parts([fact.answer] if isinstance(fact.answer, str) else fact.answer)
        case = Case(
            f"rgb-counterfactual-{fact.id}",
            Request(fact.query, documents=given),
            answers=tuple(spelling for part in spellings for spelling in part) if gold else (),
            wrong_answers=(fact.fakeanswer,),
            answerable=bool(gold),
            gold_article_ids=gold,
            tags=("counterfactual", documents),
            licence=LICENCE,
        )
        yield Entry(case, Gold(cluster=str(fact.id)), half_of(str(fact.id)))

    return Reading((path,), entries(read_lines(path, Fact), make))


def mix(question: Question, noise: float) -> list[Text]:
    """The documents of one question at a share of noise, 0..1."""
    preset = question.sets.get(str(noise))
    if preset is not None:
        by_id = {text.id: text for text in question.docs}
        return [by_id[name] for name in dict.fromkeys(preset)]  # three mixes name a document twice
    wanted = ceil(round(DOCUMENTS * noise, 9))
    chosen = [*_first(question.docs, "positive", DOCUMENTS - wanted), *_first(question.docs, "noise", wanted)]
    random.Random(question.id).shuffle(chosen)
    return chosen


def _first(texts: Sequence[Text], label: str, count: int) -> list[Text]:
    return [text for text in texts if text.label == label][:count]


def _parts(answers: Sequence[str | list[str]]) -> tuple[tuple[str, ...], ...]:
    """Each element is a part of the answer that must be there, as a string or a list of its spellings."""
    return tuple((part,) if isinstance(part, str) else tuple(part) for part in answers)
