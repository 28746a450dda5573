"""Pools of sentences to train the ranker on: for each question, what our own retriever finds over everything.

    python -m evals.training.pools OUT.jsonl [--sets own,stories,…]

One line a question: the question, its set, and the sentences, each with its title, the sentence before, the set that
its document belongs to, and whether it answers. Sets: our own training articles (``*.jsonl`` beside this file: ``own``,
and ``stories`` of three articles each), the unsealed sample cases (``sample``), and the tuning halves of the free sets
XQuAD, OneStopQA, CLAPnq, RAMDocs and HotpotQA; never RealTimeQA, RGB, QAGS or AttributionBench.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from assistant.ask.candidates import Candidate, candidates
from assistant.ask.fuse import Fusion
from assistant.ask.retrieve import Preference, fused_hits, search
from assistant.bootstrap import Home
from assistant.index.memory import document_chunks, index_documents
from assistant.ingest.chunk import chunk
from assistant.ports import Corpus
from assistant.resources import resource
from assistant.settings import load_settings
from assistant.types import Chunk, Document, Filter, Hit
from evals.datasets import Dataset, load
from evals.scorers import contained

FREE = ("xquad", "onestopqa", "clapnq", "ramdocs", "hotpotqa")
OWN = Path(__file__).parent
PASSAGES = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the documents that hold its answer, and the sentences that give it, where they are known."""

    set: str
    id: str
    text: str
    gold: tuple[str, ...]
    quotes: tuple[str, ...]
    answers: tuple[str, ...]


def own_questions() -> Iterator[tuple[Question, list[Document]]]:
    """The training articles written for this project: single ones (``own``), and ``stories`` of three articles each."""
    for path in sorted(OWN.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                yield from _own(path.stem.partition("-")[0], json.loads(line))


def _own(file: str, form: Mapping[str, Any]) -> Iterator[tuple[Question, list[Document]]]:
    document = Document(form["text"], id=form["id"], title=form["title"], outlet=form["outlet"])
    for number, asked in enumerate(form["questions"]):
        if asked["support"]:
            question = Question(
                "stories" if file == "stories" else "own", f"{form['id']}-{number}", asked["question"],
                (form["id"],), tuple(asked["support"]), (asked["answer"],),
            )  # fmt: skip
            yield question, [document]


def set_questions(dataset: Dataset) -> Iterator[tuple[Question, list[Document]]]:
    """The answerable cases of a set whose cases bring documents. Documents of equal text are one."""
    for case in dataset.cases:
        if not case.answerable:
            continue
        gold = dataset.gold[case.id]
        renamed = {d.id or str(i): _name(d.text) for i, d in enumerate(case.request.documents, 1)}
        documents = [replace(d, id=_name(d.text)) for d in case.request.documents]
        names = tuple(renamed[name] for name in case.gold_article_ids if name in renamed)
        text = gold.stand_alone or case.request.question
        yield Question(dataset.name, case.id, text, names, case.gold_quotes, case.answers), documents


def _name(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def pool(
    question: Question, corpus: Corpus, by_document: Mapping[str, list[Chunk]], set_of: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The candidate sentences of a question, those of its own documents among them whatever retrieval finds."""
    found = search(corpus, question.text, Filter(), 50)
    hits = fused_hits(corpus, found, Filter(), Fusion(), Preference())[:PASSAGES]
    present = {hit.chunk.id for hit in hits}
    own = [Hit(c, 0.0, "fused") for name in question.gold for c in by_document.get(name, ()) if c.id not in present]
    sentences = candidates([*own, *hits])
    return list(_labelled(question, sentences, set_of))


def _labelled(question: Question, sentences: list[Candidate], set_of: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for index, one in enumerate(sentences):
        gold = one.source.article_id in question.gold
        holds = bool(contained(one.text, question.answers))
        answers = gold and (_quoted(one.text, question.quotes) if question.quotes else holds)
        if holds and not answers:
            continue  # perhaps right, perhaps not: teaches nothing
        before = next((n.text for n in sentences[max(index - 1, 0) : index] if n.context == one.context), "")
        yield {
            "text": one.text, "title": one.source.title, "before": before, "set": set_of[one.source.article_id],
            "answers": answers, "own": gold,
        }  # fmt: skip


def _quoted(text: str, quotes: Iterable[str]) -> bool:
    plain = " ".join(text.split())
    return any(plain in (quote := " ".join(q.split())) or quote in plain for q in quotes)


def gathered(sets: Sequence[str]) -> tuple[list[Question], dict[str, Document], dict[str, str]]:
    """The questions of these sets (all where none is named), their documents by id, and the set of each document."""
    questions: list[Question] = []
    documents: dict[str, Document] = {}
    set_of: dict[str, str] = {}
    free = (set_questions(load(name, "tune")) for name in FREE if not sets or name in sets)
    for question, given in chain(own_questions(), *free):
        if not sets or question.set in sets:
            questions.append(question)
            documents.update((document.id, document) for document in given)
            set_of.update((document.id, question.set) for document in given)
    if not sets or "sample" in sets:
        questions += _sample_into(documents)
        set_of.update((name, "sample") for name in documents if name not in set_of)
    return questions, documents, set_of


def main(target: Path, sets: Sequence[str]) -> None:
    questions, documents, set_of = gathered(sets)

    def cut(text: str, language: str) -> list[tuple[int, int]]:
        return [(span.start, span.end) for span in chunk(text, language, 170)]

    embedder = Home(load_settings(home=target.parent / "none")).embedder
    chunks = document_chunks(list(documents.values()), cut)
    print(f"{len(questions)} questions, {len(documents)} documents, {len(chunks)} passages", flush=True)
    corpus = index_documents(list(documents.values()), cut, embedder)
    by_document: dict[str, list[Chunk]] = {}
    for one in chunks:
        by_document.setdefault(one.source.article_id, []).append(one)
    with target.open("w", encoding="utf-8") as file:
        for number, question in enumerate(questions, 1):
            form = {"set": question.set, "id": question.id, "question": question.text}
            sentences = pool(question, corpus, by_document, set_of)
            if any(s["answers"] for s in sentences):
                file.write(json.dumps({**form, "sentences": sentences}, ensure_ascii=False) + "\n")
            if number % 250 == 0:
                print(number, flush=True)


def _sample_into(documents: dict[str, Document]) -> list[Question]:
    """The unsealed sample cases; their articles are added as documents."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        home = Home(load_settings(home=folder))
        home.ingest([str(resource("corpus"))])
        for source in home.catalog.list_articles(limit=10_000):
            text = home.catalog.article(source.article_id).text
            documents[source.article_id] = Document(
                text, source.article_id, source.title, source.outlet, source.url, source.published_at
            )
        home.catalog.close()
    dataset = load("sample", "tune")
    return [
        Question(
            "sample", case.id, dataset.gold[case.id].stand_alone or case.request.question, case.gold_article_ids,
            case.gold_quotes, case.answers,
        )
        for case in dataset.cases
        if case.answerable and "other-language-question" not in case.tags
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sets", default="", help="comma-separated; all by default")
    arguments = parser.parse_args()
    main(arguments.out, [name for name in arguments.sets.split(",") if name])
