"""The vector index: Chroma, with vectors that we made and without texts, which come from the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from assistant.index.sequence import read_sequence, write_sequence
from assistant.ports import Embedder, Vectors
from assistant.types import Chunk, Filter, HitStage, Scored, day_number

_COLLECTION = "chunks"
_WRITES = 1_000
"""Records in one upsert; Chroma's own limit is above 5,000."""


class VectorIndex:
    """Implements `DerivedIndex` and `Searcher` over an embedded Chroma.

    Chroma 1.5.9 is unsafe across processes: an open client never sees what another process wrote. So a searcher whose
    side file has moved opens a new client, unless it is the one that wrote.
    """

    stage: HitStage = "dense"

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._side_file = folder.with_suffix(".sequence")
        self._embedder = embedder
        self._lock = Lock()
        self._opened: Any = None
        self._seen = -1

    def applied(self) -> int:
        return read_sequence(self._side_file)

    def apply(self, delete: Sequence[str], chunks: Sequence[Chunk], vectors: Vectors, sequence: int) -> None:
        with self._lock:
            collection = self._collection()
            if delete:
                collection.delete(where={"article_id": {"$in": list(delete)}})
            for start in range(0, len(chunks), _WRITES):
                part = slice(start, start + _WRITES)
                collection.upsert(
                    ids=[chunk.id for chunk in chunks[part]],
                    embeddings=vectors[part],
                    metadatas=[_metadata(chunk) for chunk in chunks[part]],
                )
            write_sequence(self._side_file, sequence)
            self._seen = sequence

    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]:
        if not self.applied():
            return []
        vector = self._embedder.embed_questions([question])
        with self._lock:
            found = self._collection().query(
                query_embeddings=vector, n_results=limit, where=_where(admit), include=["distances"]
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [Scored(name, 1.0 - float(distance)) for name, distance in pairs]

    def _collection(self) -> Any:
        """The open collection, opened anew where another process has written since."""
        applied = self.applied()
        if self._opened is None or applied != self._seen:
            import chromadb
            from chromadb.api.shared_system_client import SharedSystemClient

            if self._opened is not None:
                SharedSystemClient.clear_system_cache()
            self._folder.mkdir(parents=True, exist_ok=True)
            settings = chromadb.Settings(anonymized_telemetry=False)
            client = chromadb.PersistentClient(str(self._folder), settings=settings)
            self._opened = client.get_or_create_collection(
                _COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )
            self._seen = applied
        return self._opened


def _metadata(chunk: Chunk) -> dict[str, str | int]:
    source = chunk.source
    fields: dict[str, str | int] = {
        "article_id": source.article_id,
        "outlet": source.outlet.casefold(),
        "kind": source.kind,
    }
    if source.published_at:
        fields["day"] = day_number(source.published_at)
    return fields


def _where(admit: Filter) -> dict[str, Any] | None:
    clauses: list[dict[str, Any]] = []
    if admit.dated:  # an undated chunk has no day, and passes neither comparison
        clauses += [{"day": {"$gte": admit.since or 0}}, {"day": {"$lte": admit.until or 99991231}}]
    if admit.outlets:
        clauses.append({"outlet": {"$in": list(admit.outlets)}})
    if admit.kinds:
        clauses.append({"kind": {"$in": list(admit.kinds)}})
    if not clauses:
        return None
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}
