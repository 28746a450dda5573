"""Haystack with hybrid retrieval: "Creating a Hybrid Retrieval Pipeline" (haystack.deepset.ai, tutorials/33) and
"DocumentJoiner" (docs.haystack.deepset.ai, documentjoiner).

As in the tutorial: `DocumentSplitter` by words with an overlap of 32 and as many words as the embedding model reads
tokens (there 512 and 512, here 256; the tutorial says to adapt this to the model), `InMemoryDocumentStore`, its BM25
and its embedding retriever side by side, joined. Otherwise than there: the embedding model; 20 passages from each
retriever where the default is ten; and the two are joined by reciprocal rank fusion, the joiner's own way to rank, as
the tutorial's ranker is another model, and the weights are to be the same for all.
"""

from __future__ import annotations

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from evals.peers.exchange import Found, Passage, Question, read_articles, serve

PASSAGES = 20
"""From each retriever, 20 to 40 together, of up to 256 words."""


class HaystackHybrid:
    """Implements `System`."""

    def __init__(self, model: Path, folder: Path) -> None:
        self._folder = folder
        self._store = InMemoryDocumentStore()
        self._indexing = Pipeline()
        self._indexing.add_component("splitter", DocumentSplitter(split_by="word", split_length=256, split_overlap=32))
        embedder = SentenceTransformersDocumentEmbedder(model=str(model), progress_bar=False)
        self._indexing.add_component("embedder", embedder)
        self._indexing.add_component("writer", DocumentWriter(self._store))
        self._indexing.connect("splitter", "embedder")
        self._indexing.connect("embedder", "writer")
        self._indexing.warm_up()
        self._retrieval = self._hybrid(model)
        self._retrieval.warm_up()

    def _hybrid(self, model: Path) -> Pipeline:
        pipeline = Pipeline()
        pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=str(model), progress_bar=False))
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(self._store, top_k=PASSAGES))
        pipeline.add_component("bm25", InMemoryBM25Retriever(self._store, top_k=PASSAGES))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("embedder", "dense")
        pipeline.connect("dense", "joiner")
        pipeline.connect("bm25", "joiner")
        return pipeline

    def ingest(self, articles: Path) -> None:
        documents = [Document(content=a.text, meta={"article_id": a.id}) for a in read_articles(articles)]
        self._indexing.run({"splitter": {"documents": documents}})

    def save(self) -> None:
        self._store.save_to_disk(str(self._folder / "store.json"))

    def find(self, question: Question) -> Found:
        given = {"embedder": {"text": question.text}, "bm25": {"query": question.text}}
        documents = self._retrieval.run(given)["joiner"]["documents"]
        return Found(tuple(Passage(d.meta["article_id"], d.content) for d in documents))


if __name__ == "__main__":
    serve(HaystackHybrid, ("haystack-ai", "sentence-transformers-haystack"))
