"""Drafted cases: what a reviewer gets."""

import json
from pathlib import Path

import pytest

from assistant.errors import BadInput
from assistant.resources import resource
from assistant.types import Article, Source
from evals.datasets import load
from evals.draft import candidates, draft, draft_article


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        (
            "The bridge at Orvik was opened to traffic on 3 May 2021.",
            "When was the bridge at Orvik opened to traffic?",
            "3 May 2021",
        ),
        (
            "Mayor Ada Lund opened the new bridge at noon.",
            "Who or what opened the new bridge at noon?",
            "Mayor Ada Lund",
        ),
        (
            "Ada Lund, the mayor, opened the new bridge at noon.",
            "Who or what opened the new bridge at noon?",
            "Ada Lund",
        ),
        ("1,200 people walked over it on the first day.", "How many people walked over it on the first day?", "1,200"),
        (
            "In all the bridge cost 8.5 million crowns to build.",
            "Which number is missing: In all the bridge cost ____ crowns to build.",
            "8.5 million",
        ),
    ],
)
def test_a_sentence_makes_a_question(sentence: str, question: str, answer: str) -> None:
    assert (question, answer) in [(c.question, c.answer) for c in candidates(sentence)]


@pytest.mark.parametrize(
    "text",
    [
        "She opened the new bridge at Orvik on 3 May 2021.",  # nobody knows who she is
        "Ada Lund opened it.",  # too short
        "The 300 guests heard the 300 singers at the quay.",  # it gives itself away
        "Ada Lund opened the bridge at noon. Ada Lund opened the bridge at noon.",  # where is the gold?
        "",
    ],
)
def test_a_sentence_that_does_not_stand_alone_makes_none(text: str) -> None:
    assert candidates(text) == []


def test_every_draft_is_a_case_that_loads_with_its_quote_in_its_article(tmp_path: Path) -> None:
    corpus = resource("corpus")
    forms = draft([corpus], per_article=2)
    path = tmp_path / "draft.jsonl"
    path.write_text("\n".join(json.dumps(form) for form in forms), encoding="utf-8")
    data = load(f"jsonl:{path}", articles=corpus)
    assert data.malformed == ()
    assert len(data.cases) == len(forms) > 200
    for case in data.cases:
        assert "draft" in case.tags
        assert case.answers[0] in case.gold_quotes[0]
        assert f" {case.answers[0]} " not in f" {case.request.question} "
    assert len({case.gold_article_ids for case in data.cases}) > 150


def test_limits_and_order() -> None:
    text = (
        "Ada Lund opened the bridge over the fjord.\n\nOla Berg closed the ferry to Orvik at noon.\n\n"
        "In all 300 people came to the quay."
    )
    article = Article(Source("a", language="en"), text)
    assert [form["tags"][1] for form in draft_article(article, 2)] == ["who", "who"]
    assert [form["tags"][1] for form in draft_article(article, 9)] == ["who", "who", "how-many"]
    assert draft_article(Article(Source("a", language="de"), text)) == []
    assert len(draft([resource("corpus")], limit=5)) == 5


def test_a_path_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match="nowhere"):
        draft(["nowhere"])
