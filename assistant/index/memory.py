"""The documents given with a request as a corpus: the same chunking, the same two ways of searching, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from assistant.errors import BadInput
from assistant.index.lexical import LexicalIndex
from assistant.ports import Embedder, Searcher, Vectors
from assistant.text.passage import passage_text
from assistant.types import Chunk, Coverage, DateOrigin, Document, Filter, HitStage, Scored, Source

Cutter = Callable[[str, str], Sequence[tuple[int, int]]]
"""Text and language to the spans of its chunks."""


class MemoryVectors:
    """A dense searcher over vectors in memory, by comparing with each."""

    stage: HitStage = "dense"

    def __init__(self, chunks: Sequence[Chunk], vectors: Vectors, embedder: Embedder) -> None:
        self._chunks, self._vectors, self._embedder = chunks, vectors, embedder

    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]:
        """See `Searcher.search`. Scores are cosines, -1..1."""
        if not self._chunks:
            return []
        scores = self._vectors @ self._embedder.embed_questions([question])[0]
        pairs = zip(self._chunks, scores, strict=True)
        admitted = [Scored(chunk.id, float(score)) for chunk, score in pairs if admit.admits(chunk.source)]
        return sorted(admitted, key=lambda s: (-s.score, s.chunk_id))[:limit]


class MemoryCorpus:
    """Implements the port `Corpus` over chunks in memory."""

    sequence = 0

    def __init__(self, chunks: Sequence[Chunk], embedder: Embedder) -> None:
        self._chunks = {chunk.id: chunk for chunk in chunks}
        self.searchers: Sequence[Searcher] = ()
        if chunks:
            vectors = embedder.embed_passages([passage_text(chunk) for chunk in chunks])
            lexical = LexicalIndex(None)
            lexical.apply((), chunks, vectors, 1)
            self.searchers = (MemoryVectors(chunks, vectors, embedder), lexical)

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        return {name: self._chunks[name] for name in ids if name in self._chunks}

    def coverage(self) -> Coverage:
        sources = list({chunk.source.article_id: chunk.source for chunk in self._chunks.values()}.values())
        dates = [source.published_at for source in sources if source.published_at]
        return Coverage(
            articles=len(sources),
            chunks=len(self._chunks),
            first=min(dates, default=None),
            last=max(dates, default=None),
            undated=len(sources) - len(dates),
            outlets=Counter(source.outlet for source in sources if source.outlet),
            languages=Counter(source.language for source in sources if source.language),
            titles=tuple(source.title for source in sources if source.title),
        )


def index_documents(documents: Sequence[Document], cut: Cutter, embedder: Embedder) -> MemoryCorpus:
    """A corpus of the documents given with a request. Raises `BadInput` where two have one id."""
    return MemoryCorpus(document_chunks(documents, cut), embedder)


def document_chunks(documents: Sequence[Document], cut: Cutter) -> list[Chunk]:
    """The chunks of given documents; a document without an id is named by its position, from 1."""
    names = [document.id or str(number) for number, document in enumerate(documents, 1)]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise BadInput(f"Two documents have the id {twice[0]!r} (by default their position); give each its own.")
    return [
        Chunk(f"{name}#1.{ordinal}", _source(name, document), document.text[start:end], start, end)
        for name, document in zip(names, documents, strict=True)
        for ordinal, (start, end) in enumerate(cut(document.text, "en"))
    ]


def _source(name: str, document: Document) -> Source:
    origin: DateOrigin = "metadata" if document.published_at else "unknown"
    return Source(
        name, document.title, document.outlet, document.url, published_at=document.published_at, date_origin=origin
    )
