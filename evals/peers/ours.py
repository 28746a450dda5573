"""Ours as it is served: a home with the settings in force, the data set's file ingested as the command line would.

What is timed is the whole answer, with its sentences chosen and checked; the passages are those behind it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from assistant.bootstrap import Home
from assistant.settings import load_settings
from assistant.types import Answer, Request
from evals.asking import as_served, passages_of
from evals.peers.exchange import Found, Passage, Question, serve


class Ours:
    """Implements `System`."""

    def __init__(self, model: Path, folder: Path) -> None:
        self._home = Home(load_settings(home=folder))
        self._home.embedder.embed_passages(["ready"])
        self._home.embedder.embed_questions(["ready"])
        if self._home.ranker:
            self._home.ranker.scores("ready", ["ready"])

    def ingest(self, articles: Path) -> None:
        self._home.ingest([str(articles)])
        self._home.apply()
        self._respond = as_served(self._home.assistant)

    def save(self) -> None:
        """Nothing: a home is on disk from the start."""

    def find(self, question: Question) -> Found:
        asked_at = datetime.fromisoformat(question.asked_at) if question.asked_at else None
        ready = self._respond(Request(question.text, asked_at=asked_at))
        passages = tuple(Passage(p.article_id, p.text) for p in passages_of(ready.retrieved))
        return Found(passages, best_sentence(ready.answer))


def best_sentence(answer: Answer) -> str:
    """The first evidence of an answer, or the nearest of an abstention; empty where there is none."""
    shown = answer.evidence or answer.nearest
    return shown[0].text if shown else ""


if __name__ == "__main__":
    serve(Ours, ("news-assistant", "chromadb", "tantivy"))
