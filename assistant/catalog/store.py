"""The catalog: articles with all their versions, chunks with offsets, and the change log, in one SQLite file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, create_engine, delete, event, func, insert, or_, select

from assistant.catalog.tables import articles, changes, chunks, items, metadata, versions
from assistant.errors import NotFound
from assistant.ports import Change, Outcome, StoredItem
from assistant.types import Article, Chunk, Coverage, Source

_SLICE = 500
"""Ids in one query; SQLite before 3.32 took at most 999 variables."""
_SOURCE = ("title", "outlet", "url", "byline", "published_at", "date_origin", "kind", "language")


class Catalog:
    """Implements the ports `ArticleStore` and `ChangeLog`. Safe to share between threads and processes: readers never
    wait, writers take turns (WAL mode, ``BEGIN IMMEDIATE``, so that a read-then-write never meets a lock halfway)."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.path = home / "catalog.db"
        self._engine: Engine = create_engine(f"sqlite:///{self.path}", connect_args={"timeout": 30})
        event.listen(self._engine, "connect", _configure)
        with self._write() as connection:
            metadata.create_all(connection)

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    # Writing

    def known(self, keys: Iterable[str]) -> Mapping[str, str]:
        query = select(items.c.key, items.c.fingerprint)
        return {row.key: row.fingerprint for row in self._in_slices(query, items.c.key, list(keys))}

    def put(self, batch: Sequence[StoredItem]) -> Sequence[Outcome]:
        with self._write() as connection:
            return [_put(connection, item) for item in batch]

    def touched(self, origin: str) -> Mapping[str, str]:
        with self._engine.connect() as connection:
            found = connection.execute(select(items.c.key, items.c.article_id).where(items.c.origin == origin))
            return {row.key: row.article_id for row in found}

    def remove(self, article_ids: Sequence[str]) -> int:
        removed = 0
        with self._write() as connection:
            for article_id in dict.fromkeys(article_ids):
                found = connection.execute(delete(articles).where(articles.c.id == article_id)).rowcount
                if found:
                    for table in (versions, chunks, items):
                        connection.execute(delete(table).where(table.c.article_id == article_id))
                    connection.execute(insert(changes).values(article_id=article_id, operation="remove"))
                removed += found
        return removed

    # The change log

    def last_sequence(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(changes.c.sequence))).scalar() or 0

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        query = select(changes).where(changes.c.sequence > after).order_by(changes.c.sequence).limit(limit)
        with self._engine.connect() as connection:
            return [Change(row.sequence, row.article_id, row.operation) for row in connection.execute(query)]

    def current_chunks(self, article_ids: Sequence[str]) -> Mapping[str, Sequence[Chunk]]:
        found: dict[str, list[Chunk]] = {}
        query = _current_chunks().order_by(chunks.c.article_id, chunks.c.ordinal)
        for row in self._in_slices(query, chunks.c.article_id, list(dict.fromkeys(article_ids))):
            found.setdefault(row.article_id, []).append(_chunk(row))
        return found

    # Reading

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        return {row.id: _chunk(row) for row in self._in_slices(_current_chunks(), chunks.c.id, list(ids))}

    def article(self, article_id: str, version: int | None = None) -> Article:
        """An article's current or given version. Raises `NotFound`."""
        query = select(versions).join(articles, articles.c.id == versions.c.article_id)
        query = query.where(versions.c.article_id == article_id)
        query = query.where(versions.c.version == (articles.c.version if version is None else version))
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"There is no article {article_id!r}; `assistant articles` lists them.")
        return Article(_source(row), row.text)

    def list_articles(self, text: str = "", limit: int = 50, offset: int = 0) -> list[Source]:
        """Sources of current articles, newest first, whose title or outlet holds all the words of ``text``."""
        query = select(versions).join(
            articles, (articles.c.id == versions.c.article_id) & (articles.c.version == versions.c.version)
        )
        for word in text.split():
            query = query.where(or_(versions.c.title.icontains(word), versions.c.outlet.icontains(word)))
        query = query.order_by(versions.c.published_at.desc().nulls_last(), versions.c.article_id)
        with self._engine.connect() as connection:
            return [_source(row) for row in connection.execute(query.limit(limit).offset(offset))]

    def coverage(self) -> Coverage:
        current = select(versions).join(
            articles, (articles.c.id == versions.c.article_id) & (articles.c.version == versions.c.version)
        ).subquery()
        with self._engine.connect() as connection:
            count, dated, first, last = connection.execute(
                select(
                    func.count(), func.count(current.c.published_at), func.min(current.c.published_at),
                    func.max(current.c.published_at),
                ).select_from(current)
            ).one()  # fmt: skip
            pieces = connection.execute(
                select(func.count()).select_from(chunks).join(
                    articles, (articles.c.id == chunks.c.article_id) & (articles.c.version == chunks.c.version)
                )
            ).scalar_one()
            outlets = connection.execute(select(current.c.outlet, func.count()).group_by(current.c.outlet)).all()
            languages = connection.execute(select(current.c.language, func.count()).group_by(current.c.language)).all()
            titles = connection.execute(
                select(current.c.title).where(current.c.title != "").order_by(current.c.published_at.desc()).limit(3)
            ).scalars()
            return Coverage(
                count, pieces, _moment(first), _moment(last), count - dated,
                {name: n for name, n in outlets if name}, {name: n for name, n in languages if name}, tuple(titles),
            )  # fmt: skip

    def _in_slices(self, query: Any, column: Any, values: list[str]) -> Iterator[Row[Any]]:
        with self._engine.connect() as connection:
            for start in range(0, len(values), _SLICE):
                yield from connection.execute(query.where(column.in_(values[start : start + _SLICE])))


def _configure(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # a commit survives the process; WAL keeps the file sound


def _put(connection: Connection, item: StoredItem) -> Outcome:
    source = item.article.source
    digest = _content_hash(item.article)
    row = connection.execute(
        select(articles.c.version, versions.c.content_hash)
        .join(versions, (versions.c.article_id == articles.c.id) & (versions.c.version == articles.c.version))
        .where(articles.c.id == source.article_id)
    ).first()
    connection.execute(delete(items).where(items.c.key == item.key))
    connection.execute(
        insert(items).values(
            key=item.key, origin=item.origin, fingerprint=item.fingerprint, article_id=source.article_id
        )
    )
    if row is not None and row.content_hash == digest:
        return "unchanged"
    version = row.version + 1 if row is not None else 1
    if row is None:
        connection.execute(insert(articles).values(id=source.article_id, version=version))
    else:
        connection.execute(articles.update().where(articles.c.id == source.article_id).values(version=version))
    fields = {name: getattr(source, name) for name in _SOURCE}
    fields["published_at"] = source.published_at.isoformat() if source.published_at else None
    connection.execute(
        insert(versions).values(
            article_id=source.article_id, version=version, text=item.article.text, content_hash=digest, **fields
        )
    )
    for ordinal, (start, end) in enumerate(item.spans):
        name = f"{source.article_id}#{version}.{ordinal}"
        connection.execute(
            insert(chunks).values(
                id=name, article_id=source.article_id, version=version, ordinal=ordinal, start=start, end=end
            )
        )
    operation = "add" if row is None else "update"
    connection.execute(insert(changes).values(article_id=source.article_id, operation=operation))
    return "added" if row is None else "updated"


def _content_hash(article: Article) -> str:
    parts = [str(getattr(article.source, name)) for name in _SOURCE if name != "date_origin"]
    return hashlib.sha256("\x1f".join([*parts, article.text]).encode()).hexdigest()


def _current_chunks() -> Any:
    """Chunks of current versions with their text cut out of the article by the database."""
    text = func.substr(versions.c.text, chunks.c.start + 1, chunks.c.end - chunks.c.start).label("piece")
    fields = [getattr(versions.c, name) for name in _SOURCE]
    return (
        select(chunks, text, *fields)
        .join(articles, (articles.c.id == chunks.c.article_id) & (articles.c.version == chunks.c.version))
        .join(versions, (versions.c.article_id == chunks.c.article_id) & (versions.c.version == chunks.c.version))
    )


def _chunk(row: Row[Any]) -> Chunk:
    return Chunk(row.id, _source(row), row.piece, row.start, row.end)


def _source(row: Row[Any]) -> Source:
    fields = {name: getattr(row, name) for name in _SOURCE}
    fields["published_at"] = _moment(row.published_at)
    return Source(article_id=row.article_id, version=row.version, **cast(Any, fields))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
