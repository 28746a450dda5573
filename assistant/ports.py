"""What the core asks of the outside, as protocols. Adapters live in ``catalog``, ``index`` and ``models``."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from assistant.errors import Cancelled, DeadlineExceeded
from assistant.types import Article, Chunk, Coverage, Document, Draft, Evidence, Filter, HitStage, Scored, Turn

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a piece of work may go on. ``deadline`` is in seconds of ``time.monotonic()``."""

    deadline: float | None = None
    cancel: threading.Event | None = None

    def check(self) -> None:
        """Raise `Cancelled` or `DeadlineExceeded` where the work must stop; stages and models call it between steps."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled("The question was cancelled.")
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise DeadlineExceeded("The time allowed for this question is over; allow more or ask a shorter one.")


class Embedder(Protocol):
    """Texts to vectors. ``identity`` names the weights (and their version): an index made by another is refused.

    ``languages`` are ISO 639-1 codes that the model reads, empty where it reads them all.
    """

    @property
    def identity(self) -> str: ...
    @property
    def languages(self) -> frozenset[str]: ...
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit length; throughput matters."""
        ...

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit length; latency matters, safe beside a running `embed_passages`."""
        ...


class Ranker(Protocol):
    """Scores how well sentences answer a question. ``identity`` names the weights and their version."""

    @property
    def identity(self) -> str: ...
    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """(n,) float32, higher is better; one batch."""
        ...


class ChatModel(Protocol):
    """A language model as a stream of text."""

    @property
    def name(self) -> str: ...
    def stream(self, messages: Sequence[Message], limits: Limits) -> Iterator[str]:
        """Pieces of text as they arrive. Raises `ModelUnavailable`, `Cancelled` or `DeadlineExceeded`."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a chat model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Answerer(Protocol):
    """Writes sentences from evidence. It may propose anything: what is not supported is dropped afterwards."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def prompt_ids(self) -> tuple[str, ...]: ...
    def write(self, brief: Brief, limits: Limits) -> Iterator[Draft]: ...


@dataclass(frozen=True, slots=True)
class Brief:
    """What an answerer is given: the stand-alone question, the evidence in falling order of score, and the date asked.

    ``sentences`` and ``words`` bound the answer.
    """

    question: str
    evidence: tuple[Evidence, ...]
    asked_on: str
    sentences: int = 3
    words: int = 60


class Rewriter(Protocol):
    """Makes a follow-up question stand alone."""

    def rewrite(self, question: str, history: Sequence[Turn], limits: Limits) -> str: ...


class Searcher(Protocol):
    """One way to find chunks. Every returned chunk passes the filter; at most ``limit`` are returned, best first."""

    @property
    def stage(self) -> HitStage: ...
    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]: ...


class Corpus(Protocol):
    """What can be asked: a home's catalog with its two indexes, or the documents given with a request."""

    @property
    def searchers(self) -> Sequence[Searcher]: ...
    @property
    def sequence(self) -> int:
        """The last change that the answer can know of; 0 for given documents."""
        ...

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        """The chunks of these ids that are current now; what was removed or superseded is absent."""
        ...

    def coverage(self) -> Coverage: ...


class DocumentIndexer(Protocol):
    """Makes a corpus of the documents given with a request, by the same chunking and the same scoring."""

    def __call__(self, documents: Sequence[Document]) -> Corpus: ...


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the catalog's append-only log. ``sequence`` rises without bound; ``add`` says that the identity
    was never indexed before, so that nothing needs deleting first."""

    sequence: int
    article_id: str
    operation: Literal["add", "update", "remove"]


class ChangeLog(Protocol):
    """What the applier reads of the catalog."""

    def last_sequence(self) -> int: ...
    def changes(self, after: int, limit: int) -> Sequence[Change]:
        """The next entries after this sequence, in order."""
        ...

    def current_chunks(self, article_ids: Sequence[str]) -> Mapping[str, Sequence[Chunk]]:
        """The chunks of the current version of each article that still exists."""
        ...


class DerivedIndex(Protocol):
    """An index that is derived from the change log."""

    def applied(self) -> int:
        """The last sequence that is durably applied; 0 for a new index."""
        ...

    def recover(self) -> None:
        """Mend what an interrupted `apply` left behind, before the next one. An index that cannot be mended is empty
        afterwards, and its sequence 0."""
        ...

    def apply(self, delete: Sequence[str], chunks: Sequence[Chunk], vectors: Vectors, sequence: int) -> None:
        """Delete all chunks of the articles ``delete``, write ``chunks`` (row i of ``vectors`` is chunk i's), then
        record ``sequence``. Applying the same again changes nothing."""
        ...


Outcome = Literal["added", "updated", "unchanged", "removed", "rejected"]


class ArticleStore(Protocol):
    """What ingestion writes to."""

    def known(self, keys: Iterable[str]) -> Mapping[str, str]:
        """For each item key (see `put`) already stored, the fingerprint of the raw content it was made from."""
        ...

    def put(self, items: Sequence[StoredItem]) -> Sequence[Outcome]:
        """Store articles in one transaction, with their changes; same identity and same content is ``unchanged``."""
        ...

    def touched(self, origin: str) -> Mapping[str, str]:
        """item key → article id for everything that came from this origin, for pruning."""
        ...

    def remove(self, article_ids: Sequence[str]) -> int:
        """Remove articles and all their versions; returns how many existed."""
        ...


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An article ready to be stored.

    ``key`` names the place it was read from (path, path#line, URL), ``fingerprint`` the raw content there together
    with the cleaner's version, ``origin`` the PATH, URL or FEED that the user named. ``spans`` are the chunks'
    (start, end) in ``article.text``. ``article.source.version`` is ignored: the store numbers versions.
    """

    key: str
    origin: str
    fingerprint: str
    article: Article
    spans: tuple[tuple[int, int], ...]
