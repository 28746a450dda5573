"""Wiring: the only place where parts are put together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from assistant.ask.assistant import Assistant, RuleRewriter
from assistant.ask.chain import Options, Parts
from assistant.ask.fuse import Fusion
from assistant.ask.generate import ChatAnswerer, ChatRewriter
from assistant.ask.quote import QuotingAnswerer
from assistant.catalog.store import Catalog
from assistant.errors import HomeBusy
from assistant.index.apply import apply_changes, pending
from assistant.index.corpus import HomeCorpus, index_documents
from assistant.index.home import IndexHome
from assistant.index.lock import applier_lock
from assistant.ingest.chunk import chunk
from assistant.ingest.clean import CLEANER_VERSION, clean_text
from assistant.ingest.fetch import FetchOptions
from assistant.ingest.pipeline import Report, ingest
from assistant.models.chat import load_chat_model
from assistant.models.embeddings import load_embedder
from assistant.models.ranker import load_ranker
from assistant.ports import Answerer, ChatModel, Corpus, Embedder, Ranker, Rewriter
from assistant.settings import Settings
from assistant.types import Document

POLL_SECONDS = 1.0
"""How often a running server looks for changes that other processes wrote; one indexed query each time."""
WAIT_SECONDS = 120.0
"""How long a command waits for the running server to index what it stored."""


class Home:
    """A home folder with its catalog and indexes. Making one opens nothing heavy; each part is made when first used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._applying = threading.Lock()
        self._loaded = False

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog(self.settings.home)

    @cached_property
    def embedder(self) -> Embedder:
        return load_embedder(self.settings.embedding.model, self.settings.embedding.dtype)

    @cached_property
    def ranker(self) -> Ranker | None:
        """The cross-encoder that is set; None where sentences are ordered by vectors and words."""
        return load_ranker(self.settings.ranking.model)

    @cached_property
    def index(self) -> IndexHome:
        made_with = {
            "embedding model": self.embedder.identity,
            **self._cut_with,
            "catalog": self.catalog.identity,
        }
        return IndexHome(self.settings.home, made_with, self.embedder, self.settings.index.chroma_url)

    @property
    def _cut_with(self) -> dict[str, str]:
        """What the catalog's passages depend on."""
        return {"words a passage": str(self.settings.chunking.words), "cleaner": CLEANER_VERSION}

    def _spans(self, text: str, language: str) -> list[tuple[int, int]]:
        return [(span.start, span.end) for span in chunk(text, language, self.settings.chunking.words)]

    @cached_property
    def assistant(self) -> Assistant:
        """The assistant over this home."""
        retrieval = self.settings.retrieval
        options = Options(
            candidates=retrieval.candidates,
            passages=retrieval.passages,
            evidence=retrieval.evidence,
            fusion=Fusion(retrieval.fusion, retrieval.dense_share, retrieval.rrf_k, retrieval.recency),
            abstain_below=retrieval.abstain_below,
            settings_id=self.settings.settings_id,
        )
        chat = self.chat
        answerer: Answerer = ChatAnswerer(chat) if chat else QuotingAnswerer()
        rewriter: Rewriter = ChatRewriter(chat) if chat else RuleRewriter()
        parts = Parts(self.embedder, answerer, rewriter, options, self.ranker)
        return Assistant(HomeCorpus(self.catalog, *self.index.indexes), self._index_documents, parts)

    @cached_property
    def chat(self) -> ChatModel | None:
        """The language model that is set; None where answers are quotations."""
        chat = self.settings.chat
        if not chat.model:
            return None
        return load_chat_model(
            chat.model,
            base_url=chat.base_url,
            api_key=chat.api_key.get_secret_value(),
            temperature=chat.temperature,
            max_tokens=chat.max_tokens,
            timeout=chat.timeout,
            retries=chat.retries,
        )

    def _index_documents(self, documents: Sequence[Document]) -> Corpus:
        return index_documents(documents, self._spans, self.embedder)

    def ingest(
        self,
        origins: Sequence[str],
        *,
        prune: bool = False,
        allow_private: bool = False,
        on_progress: Callable[[int, int | None, str], None] | None = None,
    ) -> Report:
        """Take articles into the catalog; `apply` brings them into the indexes.

        Raises `IndexMismatch` where the catalog's passages were made with other settings.
        """
        self.catalog.require(self._cut_with)
        return ingest(
            origins,
            self.catalog,
            chunk_words=self.settings.chunking.words,
            prune=prune,
            on_progress=on_progress,
            fetch_options=FetchOptions(allow_private=allow_private),
        )

    def apply(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Bring the indexes up to the catalog, or wait until the server that runs on this home has done it."""
        if not self.pending():
            return 0
        try:
            with applier_lock(self.settings.home), self._applying:
                return apply_changes(self.catalog, self.index.indexes, self.embedder, on_progress)
        except HomeBusy:
            deadline = time.monotonic() + WAIT_SECONDS
            while self.pending():
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            return 0

    def pending(self) -> int:
        """How many changes of the catalog the indexes do not hold yet. Loads no model."""
        return pending(self.catalog, self.index.indexes)

    def rebuild(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Cut every article anew where the settings say so, and make both indexes again from the catalog. The old
        indexes stay in use until the new ones are whole."""
        with applier_lock(self.settings.home), self._applying:
            self.catalog.rechunk(clean_text, lambda a: self._spans(a.text, a.source.language), self._cut_with)
            return self.index.rebuild(self.catalog, on_progress)

    @contextmanager
    def applier(self) -> Iterator[None]:
        """While open, this process applies what any process writes to the catalog."""
        stop = threading.Event()

        def follow() -> None:
            while not stop.wait(POLL_SECONDS):
                if self.pending():
                    with self._applying:
                        apply_changes(self.catalog, self.index.indexes, self.embedder)

        with applier_lock(self.settings.home):
            thread = threading.Thread(target=follow, name="applier", daemon=True)
            thread.start()
            try:
                yield
            finally:
                stop.set()
                thread.join(timeout=30)

    def load_in_background(self) -> None:
        """Load the models and open the indexes beside the server's start."""

        def load() -> None:
            self.embedder.embed_questions(["ready"])
            self.embedder.embed_passages(["ready"])
            if self.ranker:
                self.ranker.scores("ready", ["ready"])
            self._loaded = True

        threading.Thread(target=load, name="loader", daemon=True).start()

    def readiness(self) -> dict[str, Any]:
        """Whether questions are answered without waiting for models to load, and how far the indexes lag."""
        return {"ready": self._loaded, "lag": self.pending()}

    def status(self) -> dict[str, Any]:
        """What the corpus holds and how far the indexes are, without loading a model."""
        coverage = self.catalog.coverage()
        updated = self.index.updated_at()
        return {
            "home": str(self.settings.home),
            "articles": coverage.articles,
            "passages": coverage.chunks,
            "first": coverage.first.date().isoformat() if coverage.first else None,
            "last": coverage.last.date().isoformat() if coverage.last else None,
            "undated": coverage.undated,
            "outlets": dict(coverage.outlets),
            "languages": dict(coverage.languages),
            "index_updated": updated.isoformat(timespec="seconds") if updated else None,
            "index_lag": self.pending(),
            "catalog_bytes": self.catalog.size(),
            "index_bytes": self.index.size(),
        }
