"""Reading the catalog: articles and their versions, chunks, coverage, and the change log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from assistant.catalog.content import SOURCE_FIELDS, moment_of, source_of
from assistant.catalog.database import Database
from assistant.catalog.tables import articles, changes, chunks, meta, versions
from assistant.errors import NotFound
from assistant.ports import Change
from assistant.types import Article, Chunk, Coverage, Filter, Source

_SLICE = 500
"""Ids in one query; SQLite before 3.32 took at most 999 variables."""
_TITLES = 10
"""Newest titles in a coverage: enough to show what a corpus is about."""
_SOURCE_COLUMNS = [versions.c.article_id, versions.c.version, *(versions.c[name] for name in SOURCE_FIELDS)]
CURRENT = and_(versions.c.article_id == articles.c.id, versions.c.version == articles.c.version)


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version of an article, without its text."""

    source: Source
    stored_at: datetime
    content_hash: str


class CatalogReader:
    """The reading side of a catalog, and the port `ChangeLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def article(self, article_id: str, version: int | None = None) -> Article:
        """An article's current version, or the given one. Raises `NotFound`."""
        wanted = versions.c.version == (articles.c.version if version is None else version)
        query = select(versions).join(articles, articles.c.id == versions.c.article_id)
        with self._database.reading() as connection:
            row = connection.execute(query.where(versions.c.article_id == article_id, wanted)).first()
        if row is None:
            what = "" if version is None else f" with a version {version}"
            raise NotFound(f"There is no article {article_id!r}{what}; `assistant articles` lists them.")
        return Article(source_of(row), row.text)

    def versions(self, article_id: str) -> list[Version]:
        """All versions of an article, oldest first. Raises `NotFound`."""
        query = select(*_SOURCE_COLUMNS, versions.c.stored_at, versions.c.content_hash)
        query = query.where(versions.c.article_id == article_id).order_by(versions.c.version)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            raise NotFound(f"There is no article {article_id!r}; `assistant articles` lists them.")
        return [Version(source_of(row), datetime.fromisoformat(row.stored_at), row.content_hash) for row in rows]

    def list_articles(
        self, text: str = "", limit: int = 50, offset: int = 0, admit: Filter | None = None
    ) -> list[Source]:
        """Current articles, newest first and undated ones last, whose title or outlet holds every word of ``text``."""
        newest = versions.c.published_at.desc().nulls_last()
        query = select(*_SOURCE_COLUMNS).join(articles, CURRENT).where(*_conditions(text, admit or Filter()))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(newest, versions.c.article_id).limit(limit).offset(offset))
            return [source_of(row) for row in rows]

    def count_articles(self, text: str = "", admit: Filter | None = None) -> int:
        """How many articles `list_articles` can list."""
        query = select(func.count()).select_from(versions).join(articles, CURRENT)
        with self._database.reading() as connection:
            return connection.execute(query.where(*_conditions(text, admit or Filter()))).scalar_one()

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        """The chunks of these ids that belong to the current version of an article; the others are absent."""
        # The database cuts the passage out of the article: ten chunks of one article need not carry it ten times.
        piece = func.substr(versions.c.text, chunks.c.start + 1, chunks.c.end - chunks.c.start).label("piece")
        query = select(chunks.c.id, chunks.c.start, chunks.c.end, piece, *_SOURCE_COLUMNS).join(
            versions, and_(versions.c.article_id == chunks.c.article_id, versions.c.version == chunks.c.version)
        )
        with self._database.reading() as connection:
            rows = list(in_slices(connection, query, chunks.c.id, ids))
        return {row.id: Chunk(row.id, source_of(row), row.piece, row.start, row.end) for row in rows}

    def coverage(self) -> Coverage:
        """What the current versions hold."""
        current = select(versions).join(articles, CURRENT).subquery().c
        with self._database.reading() as connection:
            moments = (func.count(current.day), func.min(current.published_at), func.max(current.published_at))
            count, dated, first, last = connection.execute(select(func.count(current.version), *moments)).one()
            titles = select(current.title).where(current.title != "")
            newest = titles.order_by(current.published_at.desc().nulls_last(), current.article_id).limit(_TITLES)
            return Coverage(
                articles=count,
                chunks=connection.execute(select(func.count()).select_from(chunks)).scalar_one(),
                first=moment_of(first),
                last=moment_of(last),
                undated=count - dated,
                outlets=_counts(connection, current.outlet),
                languages=_counts(connection, current.language),
                titles=tuple(connection.execute(newest).scalars()),
            )

    def size(self) -> int:
        """Bytes on disk."""
        return self._database.size()

    @property
    def identity(self) -> str:
        """A name of this very catalog; one that was deleted and made anew has another."""
        return self._meta()["identity"]

    def made_with(self) -> Mapping[str, str]:
        """The settings that the chunks were made with, as they were recorded; empty for a new catalog."""
        return {key.removeprefix("made with "): value for key, value in self._meta().items() if key != "identity"}

    def last_sequence(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.max(changes.c.sequence))).scalar() or 0

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        query = select(changes).where(changes.c.sequence > after).order_by(changes.c.sequence).limit(limit)
        with self._database.reading() as connection:
            return [Change(row.sequence, row.article_id, row.operation) for row in connection.execute(query)]

    def current_chunks(self, article_ids: Sequence[str]) -> Mapping[str, Sequence[Chunk]]:
        """The chunks of each of these articles that still exists, in order."""
        ids = list(dict.fromkeys(article_ids))
        spans: dict[str, list[Row[*tuple[Any, ...]]]] = {}
        with self._database.reading() as connection:
            rows = list(in_slices(connection, select(versions).join(articles, CURRENT), articles.c.id, ids))
            for span in in_slices(connection, select(chunks).order_by(chunks.c.ordinal), chunks.c.article_id, ids):
                spans.setdefault(span.article_id, []).append(span)
        return {row.article_id: _cut(row, spans.get(row.article_id, [])) for row in rows}

    def _meta(self) -> dict[str, str]:
        with self._database.reading() as connection:
            return {row.key: row.value for row in connection.execute(select(meta))}


def in_slices(
    connection: Connection, query: Select[Any], column: ColumnElement[str], values: Sequence[str]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The query's rows where the column is among the values, however many they are."""
    for start in range(0, len(values), _SLICE):
        yield from connection.execute(query.where(column.in_(values[start : start + _SLICE])))


def _cut(row: Row[*tuple[Any, ...]], spans: Sequence[Row[*tuple[Any, ...]]]) -> list[Chunk]:
    source = source_of(row)
    return [Chunk(span.id, source, row.text[span.start : span.end], span.start, span.end) for span in spans]


def _counts(connection: Connection, column: ColumnElement[str]) -> dict[str, int]:
    """Articles by value, the most frequent first; those without a value are left out."""
    query = select(column, func.count()).where(column != "").group_by(column).order_by(func.count().desc(), column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _conditions(text: str, admit: Filter) -> list[ColumnElement[bool]]:
    """The same as `Filter.admits`, and the words of ``text``."""
    found: list[ColumnElement[bool]] = []
    if admit.since is not None:
        found.append(versions.c.day >= admit.since)
    if admit.until is not None:
        found.append(versions.c.day <= admit.until)
    if admit.outlets:
        found.append(versions.c.outlet_folded.in_(admit.outlets))
    if admit.kinds:
        found.append(versions.c.kind.in_(admit.kinds))
    for word in text.casefold().split():
        columns = (versions.c.title_folded, versions.c.outlet_folded)
        found.append(or_(*(c.contains(word, autoescape=True) for c in columns)))
    return found
