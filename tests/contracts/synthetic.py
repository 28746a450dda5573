"""Short made-up articles, chunks and a home, for the tests of catalog and indexes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.catalog.store import Catalog
from assistant.index.apply import applier_lock, apply_changes
from assistant.index.corpus import HomeCorpus
from assistant.index.home import IndexHome
from assistant.models.hashing import HashingEmbedder
from assistant.ports import Searcher, StoredItem
from assistant.types import Article, Filter, Kind, Source

OUTLETS = ("Tribune", "TRIBUNE", "Straßenbote", "Herald", "")
KINDS: tuple[Kind, ...] = ("report", "opinion", "unknown")
_WORDS = "envoys signed left harbour winter budget quake ministers vote launch court storm rails bridge".split()
ALL = Filter()


def item(name: str, sentences: Sequence[str], **source: object) -> StoredItem:
    """An article of these sentences, each a chunk."""
    text = " ".join(sentences)
    starts = [sum(len(sentence) + 1 for sentence in sentences[:n]) for n in range(len(sentences))]
    spans = tuple((start, start + len(sentence)) for start, sentence in zip(starts, sentences, strict=True))
    article = Article(Source(name, **{"title": f"On {name}", **source}), text)  # type: ignore[arg-type]
    return StoredItem(f"folder/{name}", "folder", text, article, spans)


def random_item(number: int, seed: int = 0) -> StoredItem:
    """The article of this number; another seed gives another version of it."""
    chance = random.Random(f"{number} {seed}")
    sentences = [
        f"The treaty of {number} {' '.join(chance.choices(_WORDS, k=8))}." for _ in range(chance.randint(1, 4))
    ]
    day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(400))
    return item(
        f"article-{number}",
        sentences,
        outlet=chance.choice(OUTLETS),
        kind=chance.choice(KINDS),
        published_at=day if chance.random() < 0.8 else None,
    )


class Home:
    """A catalog with its indexes, and a searcher for each."""

    def __init__(self, folder: Path, dimension: int = 64, **settings: str) -> None:
        self.folder = folder
        self.catalog = Catalog(folder)
        self.embedder = HashingEmbedder(dimension)
        made_with = {"embedding model": self.embedder.identity, **settings}
        self.index = IndexHome(folder, made_with, self.embedder)
        self.corpus = HomeCorpus(self.catalog, *self.index.indexes)

    def store(self, *items: StoredItem) -> None:
        """Into the catalog and both indexes."""
        self.catalog.put(items)
        self.apply()

    def apply(self, batch: int = 32) -> int:
        with applier_lock(self.folder, timeout=30):
            return apply_changes(self.catalog, self.index.indexes, self.embedder, batch=batch)

    def found(self, question: str = "treaty", admit: Filter = ALL) -> list[list[str]]:
        """The chunks that each searcher finds, in order of their ids."""
        return [found(searcher, question, admit) for searcher in self.corpus.searchers]


def found(searcher: Searcher, question: str = "treaty", admit: Filter = ALL) -> list[str]:
    return sorted(scored.chunk_id for scored in searcher.search(question, admit, 1_000))
