"""The assistant inside LangChain programs: one `Runnable` that is a retrieval chain, and one retriever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

from langchain_core.callbacks import CallbackManagerForChainRun, CallbackManagerForRetrieverRun
from langchain_core.callbacks.manager import CallbackManager
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config, get_callback_manager_for_config

from assistant.ask import retrieve
from assistant.ask.assistant import Assistant
from assistant.ask.filters import filter_of
from assistant.ask.screen import checked
from assistant.records import parse_request, to_dict
from assistant.text.dates import date_ranges
from assistant.types import Answer, AnswerReady, Chunk, Event, Request, Sentence, Stage

Input = str | dict[str, Any]
Output = dict[str, Any]


def as_runnable(assistant: Assistant) -> Runnable[Input, Output]:
    """The assistant as a retrieval chain.

    In: a question, or ``{"input": question, "chat_history": [messages], …}`` with the fields of a record beside it.
    Out: ``{"input", "context": [Document], "answer": text, "result": the answer's JSON form}``; streamed, the pieces of
    ``answer`` come sentence by sentence and add up to the same. Each stage is a callback span.
    """
    return AssistantRunnable(assistant)


def as_retriever(assistant: Assistant, limit: int = 10) -> BaseRetriever:
    """The assistant's retrieval alone: documents with the text of passages and the source in their metadata."""
    return AssistantRetriever(assistant=assistant, limit=limit)


class AssistantRunnable(Runnable[Input, Output]):
    """See `as_runnable`. The async methods iterate the synchronous stream in an executor."""

    name = "NewsAssistant"

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        merged: Output = {}
        for piece in self.stream(input, config, **kwargs):
            merged = {**merged, **piece, "answer": merged.get("answer", "") + piece.get("answer", "")}
        return merged

    async def ainvoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        return await asyncio.to_thread(self.invoke, input, config, **kwargs)

    def stream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Output]:
        request = _request(input)
        callbacks: CallbackManager = get_callback_manager_for_config(ensure_config(config))
        run = callbacks.on_chain_start(None, {"input": request.question}, name=self.name)
        try:
            yield {"input": request.question}
            text = ""
            for event in self._assistant.stream(request):
                text, piece = _piece(event, text, run)
                if piece:
                    yield piece
                if isinstance(event, AnswerReady):
                    run.on_chain_end({"answer": event.answer.text})
        except BaseException as error:
            run.on_chain_error(error)
            raise

    async def astream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Output]:
        pieces = self.stream(input, config, **kwargs)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece


class AssistantRetriever(BaseRetriever):
    """See `as_retriever`."""

    assistant: Any
    limit: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        assistant: Assistant = self.assistant
        options = assistant.parts.options
        question, admit = checked(query), filter_of(Request(query))
        rankings = retrieve.search(assistant.corpus, question, admit, options.candidates)
        today = datetime.now(UTC).date()
        preference = retrieve.Preference(date_ranges(question, today), today)
        hits = retrieve.fused_hits(assistant.corpus, rankings, admit, options.fusion, preference)
        return [_document(hit.chunk, hit.score) for hit in hits[: self.limit]]


def _request(input: Input) -> Request:
    if isinstance(input, str):
        return Request(input)
    history = [_turn(message) for message in input.get("chat_history") or []]
    question = input.get("input", input.get("question"))
    return parse_request({**input, "question": question, "history": history or input.get("history")}, name="input")


def _turn(message: Any) -> dict[str, str]:
    if isinstance(message, BaseMessage):
        return {"role": "user" if message.type == "human" else "assistant", "content": str(message.text)}
    if isinstance(message, tuple):
        role, content = message
        return {"role": {"human": "user", "ai": "assistant"}.get(role, role), "content": content}
    return dict(message)


def _piece(event: Event, text: str, run: CallbackManagerForChainRun) -> tuple[str, Output]:
    """The text so far, and what this event adds to the output; abstentions answer with their reason."""
    match event:
        case Stage():
            span = run.get_child().on_chain_start(None, {}, name=event.name)
            span.on_chain_end({"count": event.count, "ms": event.ms})
            return text, {}
        case Sentence():
            piece = f" {event.claim.text}" if text else event.claim.text
            return text + piece, {"answer": piece}
        case AnswerReady():
            return text, _last(event.answer)


def _last(answer: Answer) -> Output:
    last: Output = {"context": [], "result": to_dict(answer)}
    if answer.reason:
        last["answer"] = answer.reason.message
    for item in answer.evidence or answer.nearest:
        metadata = {"label": item.label, "start": item.start, "end": item.end, "score": item.score}
        last["context"].append(Document(item.text, metadata=metadata | to_dict(item.source)))
    return last


def _document(chunk: Chunk, score: float) -> Document:
    metadata = {"start": chunk.start, "end": chunk.end, "score": score} | to_dict(chunk.source)
    return Document(chunk.text, id=chunk.id, metadata=metadata)
