"""What can be asked: a home's catalog with its indexes, or the documents given with a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from assistant.index.lexical import LexicalIndex
from assistant.index.vector import VectorIndex
from assistant.ports import Embedder, Searcher, Vectors
from assistant.text.passage import passage_text
from assistant.types import Chunk, Coverage, DateOrigin, Document, Filter, HitStage, Scored, Source


class Library(Protocol):
    """What a corpus reads of the catalog."""

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]: ...
    def coverage(self) -> Coverage: ...


class HomeCorpus:
    """Implements the port `Corpus` over a home."""

    def __init__(self, library: Library, vector: VectorIndex, lexical: LexicalIndex) -> None:
        self._library, self._vector, self._lexical = library, vector, lexical

    @property
    def searchers(self) -> Sequence[Searcher]:
        return (self._vector, self._lexical)

    @property
    def sequence(self) -> int:
        return min(self._vector.applied(), self._lexical.applied())

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        return self._library.chunks(ids)

    def coverage(self) -> Coverage:
        return self._library.coverage()


class MemoryVectors:
    """A dense searcher over vectors in memory."""

    stage: HitStage = "dense"

    def __init__(self, chunks: Sequence[Chunk], vectors: Vectors, embedder: Embedder) -> None:
        self._chunks, self._vectors, self._embedder = chunks, vectors, embedder

    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]:
        scores = self._vectors @ self._embedder.embed_questions([question])[0]
        admitted = (i for i, chunk in enumerate(self._chunks) if admit.admits(chunk.source))
        best = sorted(admitted, key=lambda i: (-scores[i], i))[:limit]
        return [Scored(self._chunks[i].id, float(scores[i])) for i in best]


class MemoryCorpus:
    """Implements the port `Corpus` over chunks in memory, by the same lexical index and the same vectors."""

    sequence = 0

    def __init__(self, chunks: Sequence[Chunk], embedder: Embedder) -> None:
        self._chunks = {chunk.id: chunk for chunk in chunks}
        vectors = embedder.embed_passages([passage_text(chunk) for chunk in chunks])
        lexical = LexicalIndex(None)
        lexical.apply((), chunks, vectors, 0)
        self.searchers: Sequence[Searcher] = (MemoryVectors(chunks, vectors, embedder), lexical)

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        return {name: self._chunks[name] for name in ids if name in self._chunks}

    def coverage(self) -> Coverage:
        sources = {chunk.source.article_id: chunk.source for chunk in self._chunks.values()}
        undated = sum(source.published_at is None for source in sources.values())
        return Coverage(articles=len(sources), chunks=len(self._chunks), undated=undated)


Cutter = Callable[[str, str], Sequence[tuple[int, int]]]


def document_chunks(documents: Sequence[Document], cut: Cutter) -> list[Chunk]:
    """The chunks of given documents; a document without an id is named by its position, from 1."""
    chunks = []
    for number, document in enumerate(documents, 1):
        name = document.id or str(number)
        origin: DateOrigin = "metadata" if document.published_at else "unknown"
        source = Source(
            name, document.title, document.outlet, document.url, published_at=document.published_at, date_origin=origin
        )
        for ordinal, (start, end) in enumerate(cut(document.text, "en")):
            chunks.append(Chunk(f"{name}#1.{ordinal}", source, document.text[start:end], start, end))
    return chunks
