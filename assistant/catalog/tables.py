"""The catalog's tables. The catalog is the truth; both indexes are derived from its change log.

Whoever changes them adds a migration in ``migrations/versions`` and sets `HEAD` to its number (a test compares both).
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text

HEAD = "0001"
"""The newest migration. Kept here so that opening a current catalog need not import Alembic (0.2 s)."""

metadata = MetaData()


def _article(*, primary_key: bool = False) -> Column[str]:
    # An article takes its versions, chunks and items with it.
    reference = ForeignKey("articles.id", ondelete="CASCADE")
    return Column("article_id", Text, reference, primary_key=primary_key, nullable=False)


articles = Table(
    "articles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),  # the current one
)
# What one version says. The long text stands last: SQLite reads a row from its start, so listing skips it.
versions = Table(
    "versions",
    metadata,
    _article(primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("byline", Text, nullable=False),
    Column("published_at", Text),  # ISO 8601 in UTC: sorts as time does, on every database
    Column("day", Integer),  # yyyymmdd of published_at, as filters have it
    Column("date_origin", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("stored_at", Text, nullable=False),
    Column("outlet_folded", Text, nullable=False),  # SQLite folds only ASCII
    Column("title_folded", Text, nullable=False),
    Column("text", Text, nullable=False),
)
# Chunks of current versions only; the text is the article's slice.
chunks = Table(
    "chunks",
    metadata,
    Column("id", Text, primary_key=True),
    _article(),
    Column("version", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Index("chunks_by_article", "article_id", "ordinal"),
)
# Which place (``key``), found under which PATH or URL that the user named (``origin``), holds which article. An empty
# fingerprint: the place holds another article by now. Such a row lets pruning find what was displaced.
items = Table(
    "items",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    _article(primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Index("items_by_key", "key"),
    Index("items_by_article", "article_id"),
)
# Append-only, and without a foreign key: it outlives its articles.
changes = Table(
    "changes",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("article_id", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("at", Text, nullable=False),
)
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
