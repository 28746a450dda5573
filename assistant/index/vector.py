"""The vector index: Chroma, with vectors that we made and without texts, which come from the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.index.chroma import ChromaServer, EmbeddedChroma
from assistant.index.sequence import read_sequence, write_sequence
from assistant.ports import Embedder, Vectors
from assistant.types import Chunk, Filter, HitStage, Scored, day_number

_WRITES = 1_000
"""Records in one call; Chroma takes at most 5,461."""


class VectorIndex:
    """Implements `DerivedIndex` and `Searcher`. Thread-safe; one object a folder in each process."""

    stage: HitStage = "dense"

    def __init__(self, folder: Path, embedder: Embedder, url: str = "", name: str = "") -> None:
        """Over the Chroma files in ``folder``, or the collection ``name`` of a Chroma server at ``url``. The applied
        sequence stands beside the folder in both cases. Opens nothing yet."""
        self._side_file = folder.with_suffix(".sequence")
        self._embedder = embedder
        self._chroma = ChromaServer(url, name) if url else EmbeddedChroma(folder, self.applied)

    def applied(self) -> int:
        return read_sequence(self._side_file)

    def recover(self) -> None:
        """See `DerivedIndex.recover`. Where the files cannot be read the index is empty afterwards, its sequence 0."""
        self._chroma.recover(lambda: self._side_file.unlink(missing_ok=True))

    def apply(self, delete: Sequence[str], chunks: Sequence[Chunk], vectors: Vectors, sequence: int) -> None:
        """See `DerivedIndex.apply`."""
        self._side_file.parent.mkdir(parents=True, exist_ok=True)
        with self._chroma.writing(lambda: write_sequence(self._side_file, sequence)) as collection:
            for start in range(0, len(delete), _WRITES):
                collection.delete(where={"article_id": {"$in": list(delete[start : start + _WRITES])}})
            for start in range(0, len(chunks), _WRITES):
                part = slice(start, start + _WRITES)
                collection.upsert(
                    ids=[chunk.id for chunk in chunks[part]],
                    embeddings=vectors[part],
                    metadatas=[_metadata(chunk) for chunk in chunks[part]],
                )

    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]:
        """See `Searcher.search`. Scores are cosines, -1..1."""
        if not self.applied() or limit < 1:
            return []
        vector = self._embedder.embed_questions([question])[0]
        where = _where(admit)
        with self._chroma.reading() as collection:
            found = collection.query(query_embeddings=[vector], n_results=limit, where=where, include=["distances"])
            scored = [
                Scored(name, 1.0 - float(distance))
                for name, distance in zip(found["ids"][0], found["distances"][0], strict=True)
            ]
            if where and len(scored) < limit:
                scored = _complete(collection, scored, where, vector, limit)
        return sorted(scored, key=lambda s: (-s.score, s.chunk_id))

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        self._chroma.close()

    def drop(self) -> None:
        """Delete what lies outside of the folder: a server's collection."""
        if isinstance(self._chroma, ChromaServer):
            self._chroma.drop()


def _complete(
    collection: Any, scored: list[Scored], where: dict[str, Any], vector: np.ndarray[Any, Any], limit: int
) -> list[Scored]:
    """All that the filter admits, where the graph did not lead to all of it: many equal vectors (3,000 of two kinds,
    measured) link only among themselves, and a filter may admit none of those that are reached."""
    if len(collection.get(where=where, limit=limit, include=[])["ids"]) <= len(scored):
        return scored
    found = collection.get(where=where, include=["embeddings"])
    scores = np.asarray(found["embeddings"], dtype=np.float32) @ vector
    best = np.argsort(-scores, kind="stable")[:limit]
    return [Scored(found["ids"][i], float(scores[i])) for i in best]


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
