"""Taking articles in: find → recognise what is unchanged → read → clean → date → chunk → store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.errors import AssistantError, Unreadable
from assistant.ingest.article import read_article
from assistant.ingest.chunk import chunk
from assistant.ingest.fetch import FetchOptions
from assistant.ingest.items import (
    Found,
    RawItem,
    Unfound,
    canonical_origin,
    count_items,
    find_items,
    is_address,
)
from assistant.ports import ArticleStore, Outcome, StoredItem

# Items stored in one transaction. More would not be faster (a commit costs milliseconds, an article ten), and an
# interruption loses at most one batch's work. Bytes are bounded too: 64 files of 50 MB would not fit in memory.
BATCH_ITEMS = 64
BATCH_BYTES = 64_000_000

# (done, total or None where it is not known, key of the item just done)
Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one item. ``reason`` says why it was rejected."""

    key: str
    outcome: Outcome
    article_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingestion did. ``rows`` holds every item but the unchanged ones, which are only counted."""

    counts: Mapping[Outcome, int]
    rows: tuple[Row, ...]

    @property
    def rejected(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.outcome == "rejected")


def ingest(
    origins: Sequence[str],
    store: ArticleStore,
    *,
    chunk_words: int = 170,
    prune: bool = False,
    on_progress: Progress | None = None,
    fetch_options: FetchOptions | None = None,
    now: datetime | None = None,
) -> Report:
    """Take in everything that the origins (paths and addresses) hold.

    An item whose place is known with the same fingerprint is unchanged and costs one hash. Whatever cannot be read is
    rejected with its reason, and the rest goes on. Each batch is stored in one transaction: after an interruption the
    same call goes on where it stopped. ``prune`` removes what came from the same path earlier and is gone, unless a
    part of the path could not be read; addresses are never pruned, since a feed forgets its old entries.
    """
    run = _Run(store, chunk_words, on_progress, fetch_options or FetchOptions(), now or datetime.now(UTC))
    run.total = count_items(list(origins)) if on_progress else None
    for origin in origins:
        run.take(origin, prune=prune and not is_address(origin))
    return Report(counts=dict(run.counts), rows=tuple(run.rows))


class _Run:
    """The state of one ingestion: what was counted so far."""

    def __init__(
        self, store: ArticleStore, chunk_words: int, on_progress: Progress | None, options: FetchOptions, now: datetime
    ) -> None:
        self.store, self.chunk_words, self.on_progress = store, chunk_words, on_progress
        self.options, self.now = options, now
        self.counts: Counter[Outcome] = Counter()
        self.rows: list[Row] = []
        self.total: int | None = None

    def take(self, origin: str, *, prune: bool) -> None:
        named = canonical_origin(origin)
        seen: set[str] = set()
        complete = True
        for batch in _batches(find_items(origin, self.options)):
            seen.update(item.key for item in batch)
            complete = complete and not any(isinstance(item, Unfound) and item.whole for item in batch)
            self._store(batch)
        if prune and complete:
            self._prune(named, seen)

    def _store(self, batch: Sequence[Found]) -> None:
        known = self.store.known([item.key for item in batch if isinstance(item, RawItem)])
        ready: list[StoredItem] = []
        for item in batch:
            if isinstance(item, Unfound):
                self._count(Row(item.key, "rejected", reason=item.reason))
            elif known.get(item.key) == item.fingerprint:
                self._count(Row(item.key, "unchanged"))
            else:
                prepared = prepare(item, self.chunk_words, self.now)
                if isinstance(prepared, Row):
                    self._count(prepared)
                else:
                    ready.append(prepared)
        for stored, outcome in zip(ready, self.store.put(ready) if ready else (), strict=True):
            reason = "The catalog cannot hold it; report this as a defect." if outcome == "rejected" else ""
            self._count(Row(stored.key, outcome, stored.article.source.article_id, reason))

    def _prune(self, origin: str, seen: set[str]) -> None:
        """Remove the articles that only places which are gone held. A file that moved, and a record that got another
        number, keep their article where they say its id themselves."""
        places = self.store.touched(origin)
        kept = {article_id for key, article_id in places.items() if key in seen}
        gone = {article_id: key for key, article_id in places.items() if article_id not in kept}
        if gone:
            self.store.remove(sorted(gone))
        for article_id, key in sorted(gone.items()):
            self.counts["removed"] += 1
            self.rows.append(Row(key, "removed", article_id))

    def _count(self, row: Row) -> None:
        self.counts[row.outcome] += 1
        if row.outcome != "unchanged":
            self.rows.append(row)
        if self.on_progress:
            done = self.counts.total() - self.counts["removed"]
            self.on_progress(done, self.total and max(self.total, done), row.key)


def prepare(item: RawItem, chunk_words: int, now: datetime) -> StoredItem | Row:
    """Read one item and cut it into passages; a row with the reason where it cannot be read."""
    try:
        article = read_article(
            item.raw, item.name, url=item.url, charset=item.charset, place=item.place, hints=item.hints, now=now
        )
        spans = chunk(article.text, article.source.language, chunk_words)
        if not spans:
            raise Unreadable("There is nothing to read: the text holds no sentence.")
    except AssistantError as error:
        return Row(item.key, "rejected", reason=str(error))
    except Exception as error:  # one bad file never stops the rest
        return Row(item.key, "rejected", reason=f"It cannot be read ({type(error).__name__}: {str(error)[:120]}).")
    return StoredItem(item.key, item.origin, item.fingerprint, article, tuple((span.start, span.end) for span in spans))


def _batches(items: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.raw) if isinstance(item, RawItem) else 0
        if len(batch) >= BATCH_ITEMS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
