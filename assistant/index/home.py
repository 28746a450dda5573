"""The indexes of a home, in generations: ``HOME/index/<generation>/{chroma,lexical,manifest.json}``.

``HOME/index/CURRENT`` names the generation in use. A rebuild fills a new one beside it, then moves the pointer, then
deletes the old one; interrupted anywhere, the pointer names a whole generation.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from assistant.errors import AssistantError, IndexMismatch
from assistant.index.apply import Progress, apply_changes
from assistant.index.lexical import LexicalIndex
from assistant.index.sequence import write_atomically
from assistant.index.vector import VectorIndex
from assistant.ports import ChangeLog, DerivedIndex, Embedder, Searcher, Vectors
from assistant.types import Chunk, Filter, HitStage, Scored

FORMAT = "1"
"""Of the files in a generation; another number makes older indexes be refused and rebuilt."""


class Index(DerivedIndex, Searcher, Protocol):
    """What is written from the change log and searched."""


@dataclass(frozen=True, slots=True)
class _Generation:
    name: str
    vector: VectorIndex
    lexical: LexicalIndex

    def index(self, stage: HitStage) -> VectorIndex | LexicalIndex:
        return self.vector if stage == "dense" else self.lexical


class IndexHome:
    """Both indexes of a home, whichever generation is in use. Opens nothing before it is used; thread-safe.

    ``made_with`` names what the indexes depend on beside the articles, as a person would: the embedding model, words a
    passage, the cleaner's version, the catalog. An index made with other settings is refused with `IndexMismatch`.
    """

    def __init__(self, home: Path, made_with: Mapping[str, str], embedder: Embedder, chroma_url: str = "") -> None:
        self._folder = home / "index"
        store = chroma_url or "embedded"
        self._made_with = {**made_with, "vector store": store, "index format": FORMAT}
        self._embedder, self._url = embedder, chroma_url
        self._lock = threading.Lock()
        self._opened: _Generation | None = None
        self.vector: Index = _Following(self, "dense")
        self.lexical: Index = _Following(self, "lexical")

    @property
    def indexes(self) -> tuple[Index, Index]:
        """The vector index and the lexical one, for `apply_changes` and for searching."""
        return self.vector, self.lexical

    def current(self, *, create: bool = False) -> _Generation | None:
        """The generation in use; None where nothing was indexed yet, unless ``create`` (by the applier) makes one.

        Raises `IndexMismatch`.
        """
        with self._lock:
            name = self._pointer()
            if name is None and create:
                name = self._new()
                write_atomically(self._folder / "CURRENT", name)
            if name is None or (self._opened and self._opened.name == name):
                return self._opened if name else None
            self._check(name)
            if self._opened:
                self._opened.vector.close()
            self._opened = self._open(name)
            return self._opened

    def rebuild(self, log: ChangeLog, on_progress: Progress | None = None) -> int:
        """Make both indexes anew from the catalog while the old ones stay in use; returns the changes applied.

        The caller holds `applier_lock`.
        """
        self._sweep()
        new = self._open(self._new())
        try:
            applied = apply_changes(log, (new.vector, new.lexical), self._embedder, on_progress)
        except BaseException:
            new.vector.close()
            raise
        with self._lock:
            write_atomically(self._folder / "CURRENT", new.name)
            old, self._opened = self._opened, new
        if old:
            old.vector.close()
        self._sweep()
        return applied

    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())

    def updated_at(self) -> datetime | None:
        """When something was last applied."""
        name = self._pointer()
        times = [file.stat().st_mtime for file in (self._folder / name).glob("*.sequence")] if name else []
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        with self._lock:
            if self._opened:
                self._opened.vector.close()
            self._opened = None

    def _pointer(self) -> str | None:
        try:
            return (self._folder / "CURRENT").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _new(self) -> str:
        name = uuid4().hex[:12]
        (self._folder / name).mkdir(parents=True)
        write_atomically(self._folder / name / "manifest.json", json.dumps(self._made_with, indent=1))
        return name

    def _open(self, name: str) -> _Generation:
        folder = self._folder / name
        vector = VectorIndex(folder / "chroma", self._embedder, self._url, f"news-{name}")
        return _Generation(name, vector, LexicalIndex(folder / "lexical"))

    def _check(self, name: str) -> None:
        made: dict[str, str] = json.loads((self._folder / name / "manifest.json").read_text(encoding="utf-8"))
        differing = [key for key in {**made, **self._made_with} if made.get(key) != self._made_with.get(key)]
        if differing:
            raise IndexMismatch(
                f"The index in {self._folder} was made with {_listed(differing, made)}; the settings now say "
                f"{_listed(differing, self._made_with)}. Run `assistant index rebuild`, or set the settings back."
            )

    def _sweep(self) -> None:
        """Delete what rebuilds, finished and interrupted, left beside the current generation."""
        current = self._pointer()
        for folder in self._folder.glob("*/"):
            if folder.name != current:
                if self._url:
                    self._open(folder.name).vector.drop()
                shutil.rmtree(folder, ignore_errors=True)


class _Following:
    """One of the two indexes, of whichever generation is in use at the moment."""

    def __init__(self, home: IndexHome, stage: HitStage) -> None:
        self._home, self._stage = home, stage

    @property
    def stage(self) -> HitStage:
        return self._stage

    def applied(self) -> int:
        generation = self._home.current()
        return generation.index(self._stage).applied() if generation else 0

    def recover(self) -> None:
        if generation := self._home.current():
            generation.index(self._stage).recover()

    def apply(self, delete: Sequence[str], chunks: Sequence[Chunk], vectors: Vectors, sequence: int) -> None:
        generation = self._home.current(create=True)
        assert generation
        generation.index(self._stage).apply(delete, chunks, vectors, sequence)

    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]:
        """See `Searcher.search`. A generation that was replaced meanwhile may be half deleted: the new one is asked."""
        while generation := self._home.current():
            try:
                found = generation.index(self._stage).search(question, admit, limit)
            except AssistantError:
                raise
            except Exception:
                if self._home.current() is generation:
                    raise
            else:
                if self._home.current() is generation:
                    return found
        return []


def _listed(keys: Sequence[str], values: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {values.get(key, '(unknown)')}" for key in keys)
