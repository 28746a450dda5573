"""Writing the catalog: every change of an article is stored and logged in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from assistant.catalog.content import source_of, storable, version_values
from assistant.catalog.database import Database, now
from assistant.catalog.reading import CURRENT, CatalogReader, in_slices
from assistant.catalog.tables import articles, changes, chunks, items, meta, versions
from assistant.errors import IndexMismatch
from assistant.ports import Outcome, StoredItem
from assistant.types import Article

Spans = Sequence[tuple[int, int]]

_RECHUNKED = 100
"""Articles cut anew in one transaction: about a second, for which other writers wait."""
_UNFINISHED = " (rebuild not finished)"


class Catalog(CatalogReader):
    """Implements the ports `ArticleStore` and `ChangeLog`. Safe to share between threads and processes."""

    def __init__(self, home: Path, url: str = "") -> None:
        """Open ``home/catalog.db``, or the database at ``url``. Raises `BadInput` where it cannot be used."""
        self.path = home / "catalog.db"
        super().__init__(Database(url or f"sqlite:///{self.path}"))

    def close(self) -> None:
        self._database.close()

    def known(self, keys: Iterable[str]) -> Mapping[str, str]:
        query = select(items.c.key, items.c.fingerprint).where(items.c.fingerprint != "")
        with self._database.reading() as connection:
            return {row.key: row.fingerprint for row in in_slices(connection, query, items.c.key, list(keys))}

    def put(self, batch: Sequence[StoredItem]) -> Sequence[Outcome]:
        """Store articles in one transaction. ``rejected`` are those that no database could hold (`storable`)."""
        with self._database.writing() as connection:
            log = _Log(connection)
            return [_put(connection, log, item) if storable(item) else "rejected" for item in batch]

    def touched(self, origin: str) -> Mapping[str, str]:
        """Item key → article id for everything that came from this origin.

        An article whose place holds another one by now is listed under a key that no reader gives (a line of a file
        can move up): it is gone unless the same article is at a place that was seen.
        """
        query = select(items).where(items.c.origin == origin)
        with self._database.reading() as connection:
            return {
                row.key if row.fingerprint else f"{row.key} ({row.article_id})": row.article_id
                for row in connection.execute(query)
            }

    def remove(self, article_ids: Sequence[str]) -> int:
        """Remove articles with their versions, chunks and items; returns how many existed."""
        removed = 0
        with self._database.writing() as connection:
            log = _Log(connection)
            for article_id in dict.fromkeys(article_ids):
                if connection.execute(delete(articles).where(articles.c.id == article_id)).rowcount:
                    log.append(article_id, "remove")
                    removed += 1
        return removed

    def require(self, made_with: Mapping[str, str]) -> None:
        """Record the settings that chunks are made with, or raise `IndexMismatch` where they were made with others."""
        recorded = self.made_with()
        if not recorded:
            with self._database.writing() as connection:
                _record(connection, made_with)
        elif recorded != dict(made_with):
            raise IndexMismatch(
                f"The passages of this home were made with {_listed(recorded)}; the settings now say "
                f"{_listed(made_with)}. Run `assistant index rebuild`, or set the settings back."
            )

    def rechunk(
        self,
        clean: Callable[[str], str],
        spans: Callable[[Article], Spans],
        made_with: Mapping[str, str],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Clean and cut every current article again; returns how many changed.

        A changed text is a new version, other spans are new chunks of the same version. Interrupted, it is finished
        by running again; until then `require` refuses settings other than those that it began with.
        """
        if self.made_with() not in ({}, dict(made_with)):
            with self._database.writing() as connection:
                _record(connection, {name: value + _UNFINISHED for name, value in made_with.items()})
        total, done, changed, last = self.count_articles(), 0, 0, ""
        query = select(versions).join(articles, CURRENT).order_by(articles.c.id).limit(_RECHUNKED)
        while True:
            with self._database.writing() as connection:
                log = _Log(connection)
                rows = connection.execute(query.where(articles.c.id > last)).all()
                if not rows:
                    _record(connection, made_with)
                    return changed
                for row in rows:
                    changed += _rechunk(connection, log, Article(source_of(row), row.text), clean, spans)
            done, last = done + len(rows), rows[-1].article_id
            if on_progress:
                on_progress(done, max(done, total))


class _Log:
    """The end of the change log, for one write transaction: writers take turns, so the next number is free."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sequence = connection.execute(select(func.max(changes.c.sequence))).scalar() or 0

    def append(self, article_id: str, operation: Literal["add", "update", "remove"]) -> None:
        self._sequence += 1
        row = {"sequence": self._sequence, "article_id": article_id, "operation": operation, "at": now()}
        self._connection.execute(insert(changes), row)


def _put(connection: Connection, log: _Log, item: StoredItem) -> Outcome:
    article_id = item.article.source.article_id
    values = version_values(item.article)
    current = select(articles.c.version, versions.c.content_hash).select_from(articles).join(versions, CURRENT)
    stored = connection.execute(current.where(articles.c.id == article_id)).first()
    outcome: Outcome
    if stored is None:
        connection.execute(insert(articles).values(id=article_id, version=1))
        _store_version(connection, item.article, 1, item.spans)
        log.append(article_id, "add")
        outcome = "added"
    elif stored.content_hash == values["content_hash"]:
        outcome = "unchanged"
    else:
        _new_version(connection, item.article, stored.version + 1, item.spans)
        log.append(article_id, "update")
        outcome = "updated"
    _note_place(connection, item)
    return outcome


def _new_version(connection: Connection, article: Article, version: int, spans: Spans) -> None:
    connection.execute(update(articles).where(articles.c.id == article.source.article_id).values(version=version))
    _store_version(connection, article, version, spans)


def _store_version(connection: Connection, article: Article, version: int, spans: Spans) -> None:
    keys = {"article_id": article.source.article_id, "version": version, "stored_at": now()}
    connection.execute(insert(versions).values(**keys, **version_values(article)))
    _store_chunks(connection, article.source.article_id, version, spans)


def _store_chunks(connection: Connection, article_id: str, version: int, spans: Spans) -> None:
    connection.execute(delete(chunks).where(chunks.c.article_id == article_id))
    rows = [
        {
            "id": f"{article_id}#{version}.{ordinal}",
            "article_id": article_id,
            "version": version,
            "ordinal": ordinal,
            "start": start,
            "end": end,
        }
        for ordinal, (start, end) in enumerate(spans)
    ]
    if rows:
        connection.execute(insert(chunks), rows)


def _note_place(connection: Connection, item: StoredItem) -> None:
    """Note what the place holds now, under every origin that it was found under. Raw content is the same whichever
    origin it is reached by, so one fingerprint holds for all."""
    article_id = item.article.source.article_id
    here = items.c.key == item.key
    origins = {item.origin, *connection.execute(select(items.c.origin).where(here)).scalars()}
    connection.execute(delete(items).where(here, items.c.article_id == article_id))
    connection.execute(update(items).where(here).values(fingerprint=""))
    values = {"key": item.key, "article_id": article_id, "fingerprint": item.fingerprint}
    connection.execute(insert(items), [{"origin": origin, **values} for origin in sorted(origins)])
    # An article that lost this place, or this article that had lost one, is remembered only while it has no other.
    other = items.alias()
    elsewhere = (other.c.origin == items.c.origin, other.c.article_id == items.c.article_id, other.c.fingerprint != "")
    lost = (items.c.fingerprint == "", or_(here, items.c.article_id == article_id))
    connection.execute(delete(items).where(*lost, exists().where(*elsewhere)))


def _rechunk(
    connection: Connection,
    log: _Log,
    article: Article,
    clean: Callable[[str], str],
    spans: Callable[[Article], Spans],
) -> bool:
    """Whether anything changed. An article of which cleaning leaves nothing keeps its text."""
    article_id, version = article.source.article_id, article.source.version
    cleaned = Article(article.source, clean(article.text) or article.text)
    new = [(start, end) for start, end in spans(cleaned)]
    if cleaned.text != article.text:
        _new_version(connection, cleaned, version + 1, new)
    else:
        rows = select(chunks.c.start, chunks.c.end).where(chunks.c.article_id == article_id).order_by(chunks.c.ordinal)
        if [tuple(row) for row in connection.execute(rows)] == new:
            return False
        _store_chunks(connection, article_id, version, new)
    log.append(article_id, "update")
    return True


def _record(connection: Connection, made_with: Mapping[str, str]) -> None:
    connection.execute(delete(meta).where(meta.c.key != "identity"))
    rows = [{"key": f"made with {name}", "value": value} for name, value in made_with.items()]
    if rows:
        connection.execute(insert(meta), rows)


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())
