"""Our embedders inside LangChain programs. Importing this module imports langchain-core (0.2 s)."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from assistant.ports import Embedder


class _EmbedderEmbeddings(Embeddings):
    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed_passages(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        return self._embedder.embed_questions([text])[0].tolist()  # type: ignore[no-any-return]


def as_langchain_embeddings(embedder: Embedder) -> Embeddings:
    """An embedder as LangChain's `Embeddings`, for a vector store or a splitter of one's own.

    Documents are embedded as passages, queries as questions; both are rows of unit length.
    """
    return _EmbedderEmbeddings(embedder)
