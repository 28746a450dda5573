"""What can be asked: a home's catalog with its indexes, or the documents given with a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from assistant.index.home import Index
from assistant.index.memory import MemoryCorpus, document_chunks, index_documents
from assistant.ports import Searcher
from assistant.types import Chunk, Coverage

__all__ = ["HomeCorpus", "Library", "MemoryCorpus", "document_chunks", "index_documents"]


class Library(Protocol):
    """What a corpus reads of the catalog."""

    def last_sequence(self) -> int: ...
    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]: ...
    def coverage(self) -> Coverage: ...


class HomeCorpus:
    """Implements the port `Corpus` over a home. Thread-safe."""

    def __init__(self, library: Library, vector: Index, lexical: Index) -> None:
        self._library, self._vector, self._lexical = library, vector, lexical
        self._covered: tuple[int, Coverage] | None = None

    @property
    def searchers(self) -> Sequence[Searcher]:
        return (self._vector, self._lexical)

    @property
    def sequence(self) -> int:
        return min(self._vector.applied(), self._lexical.applied())

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        return self._library.chunks(ids)

    def coverage(self) -> Coverage:
        """Counted anew where the catalog changed: 70 ms over 30,000 articles."""
        sequence = self._library.last_sequence()
        if self._covered is None or self._covered[0] != sequence:
            self._covered = (sequence, self._library.coverage())
        return self._covered[1]
