"""What a judge is shown of one answered case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.types import Answer, Claim
from evals.datasets import Gold
from evals.records import Case
from evals.results import Result
from evals.score_citations import uncited

PASSAGES = 10
"""Passages that count as what the assistant had before it: as many as it keeps by default."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and the text of each of its citations. ``valid``: every label names evidence."""

    text: str
    cited: tuple[str, ...] = ()
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Material:
    """``statements`` are the sentences of the answer ``said``, cited or not. ``found``: all that was retrieved, as one
    text. ``gold``: question, gold answer and gold quotes as one text, "" where none is known. ``nuggets``: the gold
    answer, or each of its parts, with the question; ``quotes``: the gold quotes."""

    said: str
    statements: tuple[Statement, ...]
    found: str
    gold: str
    nuggets: tuple[str, ...]
    quotes: tuple[str, ...]


def material(case: Case, gold: Gold, result: Result) -> Material | None:
    """What there is to judge; None where the case was not answered in words."""
    answer = result.answer
    if answer is None or result.outcome != "answered" or not answer.text.strip():
        return None
    question = gold.stand_alone or case.request.question
    answers = [part[0] for part in gold.parts if part] if gold.parts else list(case.answers[:1])
    if not case.answerable:
        answers = []
    quotes = case.gold_quotes if case.answerable else ()
    known = [f"{question} {'; '.join(answers)}", *quotes] if answers else list(quotes)
    return Material(
        said=answer.text,
        statements=_statements(answer),
        found="\n\n".join(_found(answer, result)),
        gold="\n".join(known),
        nuggets=tuple(f"{question} {text}" for text in answers),
        quotes=quotes,
    )


def _statements(answer: Answer) -> tuple[Statement, ...]:
    claims = [_statement(claim, answer) for claim in answer.claims]
    return (*claims, *(Statement(text) for text in uncited(answer)))


def _statement(claim: Claim, answer: Answer) -> Statement:
    texts = {e.label: passage(e.text, e.source.title, e.source.published_at) for e in answer.evidence}
    labels = dict.fromkeys(claim.labels)
    return Statement(claim.text, tuple(texts[label] for label in labels if label in texts), set(labels) <= set(texts))


def _found(answer: Answer, result: Result) -> list[str]:
    evidence = [passage(e.text, e.source.title, e.source.published_at) for e in answer.evidence]
    passages = [passage(p.text, p.title) for p in result.passages[:PASSAGES]]
    return list(dict.fromkeys([*evidence, *passages]))


def passage(text: str, title: str = "", day: datetime | None = None) -> str:
    """A passage under its headline, as ALCE gives it to its judge, and its day of publication, which "on Friday" rests
    on."""
    head = ", ".join(part for part in (title, f"{day:%-d %B %Y}" if day else "") if part)
    return f"{head}\n{text}" if head else text


def answer_hash(result: Result) -> str:
    """A hash of all of an answer that is judged: scores of another answer do not count for this one."""
    answer = result.answer
    shown: Sequence[object] = ()
    if answer is not None:
        claims = [(claim.text, claim.labels) for claim in answer.claims]
        shown = (answer.text, claims, [(e.label, e.text) for e in answer.evidence])
    passages = [p.text for p in result.passages[:PASSAGES]]
    return hashlib.sha256(json.dumps([*shown, passages]).encode()).hexdigest()[:16]
