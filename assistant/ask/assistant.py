"""The assistant: the only way an answer is made."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from assistant.ask.chain import Parts, run
from assistant.ask.rewrite import stand_alone
from assistant.ports import Corpus, DocumentIndexer, Limits
from assistant.types import Answer, AnswerReady, Event, Request, Turn


class RuleRewriter:
    """Implements the port `Rewriter` without a model."""

    def rewrite(self, question: str, history: Sequence[Turn], limits: Limits) -> str:
        return stand_alone(question, history)


class Assistant:
    """Answers requests from a corpus, or from the documents given with a request. Safe to share between threads."""

    def __init__(self, corpus: Corpus, index_documents: DocumentIndexer, parts: Parts) -> None:
        self.corpus = corpus
        self.index_documents = index_documents
        self.parts = parts

    def stream(
        self, request: Request | str, *, deadline: float | None = None, cancel: threading.Event | None = None
    ) -> Iterator[Event]:
        """Events of one question: `Stage` and `Sentence` as they come, `AnswerReady` last.

        ``deadline`` is in seconds of ``time.monotonic()``. Raises the errors of `assistant.errors`.
        """
        if isinstance(request, str):
            request = Request(request)
        corpus = self.index_documents(request.documents) if request.documents else self.corpus
        yield from run(request, corpus, self.parts, Limits(deadline, cancel))

    def ask(
        self, request: Request | str, *, deadline: float | None = None, cancel: threading.Event | None = None
    ) -> Answer:
        """The answer to a request: `stream`, drained."""
        answer = None
        for event in self.stream(request, deadline=deadline, cancel=cancel):
            if isinstance(event, AnswerReady):
                answer = event.answer
        assert answer is not None, "a stream ends with AnswerReady"
        return answer
