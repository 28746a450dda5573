"""txtai with hybrid search: "Build RAG pipelines with txtai" (its example notebook 52), "Benefits of hybrid search"
(notebook 48), and the page "Embeddings, General" on the setting ``hybrid`` (neuml.github.io/txtai).

As in the first: every paragraph is a row of an `Embeddings` database that stores content; `Segmentation`, which the
notebook's `Textractor` extends, splits text that needs no extraction. All paragraphs of an article bear its id, as
in notebook 73, "Chunking your data for RAG". As in the second: BM25 beside the vectors, scores combined with
equal weights. Otherwise than there: the embedding model, and 150 rows where the default is three, as the paragraphs of
news are short.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from txtai import Embeddings
from txtai.pipeline import Segmentation

from evals.peers.exchange import Found, Passage, Question, read_articles, serve

PASSAGES = 150
"""About 30 words each."""


class TxtaiHybrid:
    """Implements `System`."""

    def __init__(self, model: Path, folder: Path) -> None:
        self._folder = folder
        self._paragraphs = Segmentation(paragraphs=True)
        self._embeddings = Embeddings(path=str(model), content=True, hybrid=True)

    def ingest(self, articles: Path) -> None:
        self._embeddings.index(self._rows(articles))

    def _rows(self, articles: Path) -> Iterator[tuple[str, str]]:
        for article in read_articles(articles):
            for paragraph in self._paragraphs(article.text):
                yield article.id, paragraph

    def save(self) -> None:
        self._embeddings.save(str(self._folder))

    def find(self, question: Question) -> Found:
        rows = self._embeddings.search(question.text, PASSAGES)
        return Found(tuple(Passage(row["id"], row["text"]) for row in rows))


if __name__ == "__main__":
    serve(TxtaiHybrid, ("txtai", "faiss-cpu"))
