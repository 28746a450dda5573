"""Cases and answers to score, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.types import Answer, Claim, Evidence, Reason, Request, Source, Trace
from evals.datasets import Gold, Place
from evals.records import Case
from evals.results import Opened, Passage, Result

ARTICLE = "Mayor Ada Lund opened the bridge on 3 May 2024. It cost 12 million euros. Nobody was hurt."
SENTENCES = ("Mayor Ada Lund opened the bridge on 3 May 2024.", "It cost 12 million euros.", "Nobody was hurt.")


def case(**changes: Any) -> Case:
    """Who opened the bridge? Ada Lund, says the first sentence of article "a"."""
    known: dict[str, Any] = {
        "id": "c1",
        "request": Request("Who opened the bridge?"),
        "answers": ("Ada Lund", "Lund"),
        "wrong_answers": ("Ben Hill",),
        "gold_article_ids": ("a",),
        "gold_quotes": (SENTENCES[0],),
    }
    return Case(**(known | changes))


GOLD = Gold(quotes=(Place(0, "a", 0, len(SENTENCES[0])),))


def evidence(text: str = SENTENCES[0], article: str = "a", label: str = "1", start: int | None = None) -> Evidence:
    """A sentence of the article, at its place there."""
    place = ARTICLE.find(text) if start is None else start
    return Evidence(label, Source(article, title="A bridge", outlet="Courier"), text, place, place + len(text), 0.9)


def answer(texts: Sequence[str], cited: Sequence[Evidence], labels: Sequence[tuple[str, ...]] | None = None) -> Answer:
    """An answer of these sentences; the i-th cites the i-th evidence, or the labels given."""
    claims = []
    whole = ""
    for index, text in enumerate(texts):
        start = len(whole) + bool(whole)
        whole = f"{whole} {text}".strip()
        claims.append(Claim(text, start, start + len(text), labels[index] if labels else (cited[index].label,), 1.0))
    return Answer("Who opened the bridge?", "answered", whole, tuple(claims), tuple(cited), trace=Trace(confidence=0.8))


def answered(given: Answer, passages: Sequence[Passage] = (), **changes: Any) -> Result:
    """A stored result; every citation opens where it says."""
    opened = tuple(Opened(text=item.text) for item in given.evidence)
    return Result("c1", "answered", answer=given, passages=tuple(passages), **({"opened": opened} | changes))


def silent(identity: str = "c1", confidence: float = 0.2) -> Result:
    """A stored abstention."""
    given = Answer("?", "abstained", reason=Reason("not_covered", "No."), trace=Trace(confidence=confidence))
    return Result(identity, "abstained", answer=given)


def passage(article: str, text: str = "Some words.", start: int = 0) -> Passage:
    """A retrieved passage."""
    return Passage(f"{article}#{start}", article, "A title", start, start + len(text), 0.5, text)
