"""LlamaIndex with its defaults: "Starter Tutorial (Using Local LLMs)" (developers.llamaindex.ai,
python/framework/getting_started/starter_example_local), its sections on adding retrieval and storing the index.

As there: a `HuggingFaceEmbedding` in `Settings`, `VectorStoreIndex.from_documents` with the default splitter
(sentences in chunks of 1,024 tokens, overlap 200) and the default store, vectors alone. Otherwise than there: the
embedding model, which reads 256 tokens of a chunk, and 20 passages where the default is two. `as_retriever` is the
retrieving half of the page's query engine; the model that writes is left out.
"""

from __future__ import annotations

from pathlib import Path

from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

from evals.peers.exchange import Found, Passage, Question, read_articles, serve

PASSAGES = 20
"""About 600 words each; as many as five articles may need."""


class LlamaIndexDefault:
    """Implements `System`."""

    def __init__(self, model: Path, folder: Path) -> None:
        self._folder = folder
        Settings.embed_model = HuggingFaceEmbedding(model_name=str(model))

    def ingest(self, articles: Path) -> None:
        documents = [Document(text=article.text, id_=article.id) for article in read_articles(articles)]
        self._index = VectorStoreIndex.from_documents(documents)
        self._retriever = self._index.as_retriever(similarity_top_k=PASSAGES)

    def save(self) -> None:
        self._index.storage_context.persist(persist_dir=str(self._folder))

    def find(self, question: Question) -> Found:
        nodes = self._retriever.retrieve(question.text)
        return Found(tuple(Passage(found.node.ref_doc_id, found.node.get_content()) for found in nodes))


if __name__ == "__main__":
    serve(LlamaIndexDefault, ("llama-index-core", "llama-index-embeddings-huggingface"))
