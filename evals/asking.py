"""Asking one case: the answer of the served object, what it retrieved for it, and what its citations open."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from assistant.ask.assistant import Assistant
from assistant.errors import AssistantError, NotFound
from assistant.ports import ChatModel, Limits, Message
from assistant.prompts import load_prompt
from assistant.types import Answer, AnswerReady, Document, Evidence, Request, Retrieved, Status, Trace
from evals.records import Case
from evals.results import Failure, Opened, Outcome, Passage, Result
from evals.watch import Watch, WatchedChat

if TYPE_CHECKING:
    from assistant.catalog.store import Catalog

PASSAGES = 20
"""Passages kept of each case: 1,700 words are ten passages of 170, and half as many again for shorter ones."""
RANKED = 20
"""Articles kept of each searcher's ranking; k goes to 10."""
CONTEXT = 240
"""Characters kept on each side of a citation: two sentences, enough to read it in its source."""

Respond = Callable[[Request], AnswerReady]


def ask_case(case: Case, respond: Respond, catalog: Catalog, chat: WatchedChat | None, asked_at: datetime) -> Result:
    """One case asked. What fails, whatever it is, becomes an ``error`` with its reason; nothing is raised.

    ``asked_at`` is taken for a case that names no day, so that "last week" means the same when a run is taken up again.
    """
    request = replace(case.request, asked_at=case.request.asked_at or asked_at)
    if chat:
        chat.take()
    started = time.perf_counter()
    try:
        ready = respond(request)
        seconds = time.perf_counter() - started
        watch = chat.take() if chat else Watch()
        if watch.failure:
            return _failed(case, "model_unavailable", watch.failure, started)
        answer, retrieved = ready.answer, ready.retrieved
        opened = tuple(opened_at(item, request, catalog) for item in answer.evidence)
    except AssistantError as error:
        return _failed(case, error.code, str(error), started)
    except Exception as error:  # a defect of the product is a finding of the evaluation, not its end
        return _failed(case, "internal", f"{type(error).__name__}: {error}", started)
    outcome: Outcome = "abstained" if answer.status == "abstained" else "answered"
    return Result(
        case.id,
        outcome,
        round(seconds, 4),
        answer,
        passages=passages_of(retrieved),
        rankings=rankings_of(retrieved),
        chosen=retrieved.evidence,
        opened=opened,
        calls=watch.calls,
        words=watch.words,
    )


def _failed(case: Case, code: str, message: str, started: float) -> Result:
    return Result(case.id, "error", round(time.perf_counter() - started, 4), error=Failure(code, message))


def passages_of(retrieved: Retrieved) -> tuple[Passage, ...]:
    """The best passages, as they are stored."""
    return tuple(
        Passage(
            hit.chunk.id,
            hit.chunk.source.article_id,
            hit.chunk.source.title,
            hit.chunk.start,
            hit.chunk.end,
            round(hit.score, 6),
            hit.chunk.text,
        )
        for hit in retrieved.hits[:PASSAGES]
    )


def rankings_of(retrieved: Retrieved) -> dict[str, tuple[str, ...]]:
    """The articles of each searcher's ranking, best first, as far as they passed the filter."""
    article = {hit.chunk.id: hit.chunk.source.article_id for hit in retrieved.hits}
    return {
        stage: tuple(dict.fromkeys(article[s.chunk_id] for s in ranking if s.chunk_id in article))[:RANKED]
        for stage, ranking in retrieved.rankings
    }


def opened_at(item: Evidence, request: Request, catalog: Catalog) -> Opened:
    """What a reader sees who opens a citation: the text at its place in the article, or in the given document."""
    if request.documents:
        documents = {document.id or str(n): document.text for n, document in enumerate(request.documents, 1)}
        text = documents.get(item.source.article_id)
    else:
        try:
            text = catalog.article(item.source.article_id, item.source.version).text
        except NotFound:
            text = None
    if text is None:
        return Opened(found=False)
    start, end = item.start, item.end
    return Opened(text[max(0, start - CONTEXT) : start], text[start:end], text[end : end + CONTEXT])


def with_gold(case: Case, catalog: Catalog) -> Case | None:
    """The case with its gold documents given, for the oracle arm; None where it has none."""
    gold = set(case.gold_article_ids)
    if case.request.documents:
        named = ((document.id or str(n), document) for n, document in enumerate(case.request.documents, 1))
        documents = tuple(replace(document, id=name) for name, document in named if name in gold)
    else:
        documents = tuple(_document(name, catalog) for name in case.gold_article_ids)
    return replace(case, request=replace(case.request, documents=documents)) if documents else None


def _document(article_id: str, catalog: Catalog) -> Document:
    article = catalog.article(article_id)
    source = article.source
    return Document(article.text, article_id, source.title, source.outlet, source.url, source.published_at)


def as_served(assistant: Assistant) -> Respond:
    """The full arm: the assistant's own stream, drained."""

    def respond(request: Request) -> AnswerReady:
        *_, last = assistant.stream(request)
        assert isinstance(last, AnswerReady), "a stream ends with AnswerReady"
        return last

    return respond


def from_memory(chat: ChatModel) -> Respond:
    """The closed-book arm: what a model answers without any article, cited by nothing."""
    prompt = load_prompt("closed_book")

    def respond(request: Request) -> AnswerReady:
        system, asked = prompt.render(question=request.question)
        turns = [Message(turn.role, turn.content) for turn in request.history]
        pieces = chat.stream([Message("system", system), *turns, Message("user", asked)], Limits())
        text = " ".join("".join(pieces).split())
        silent = not text or "do not know" in text.casefold() or "don't know" in text.casefold()
        trace = Trace(answerer="closed_book", model=chat.name, question=request.question, prompt_ids=(prompt.id,))
        status: Status = "abstained" if silent else "answered"
        return AnswerReady(Answer(request.question, status, "" if silent else text, trace=trace))

    return respond
