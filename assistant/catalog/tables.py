"""The catalog's tables. The catalog is the truth; both indexes are derived from its change log."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

articles = Table(
    "articles",
    metadata,
    Column("id", String, primary_key=True),
    Column("version", Integer, nullable=False),
)
versions = Table(
    "versions",
    metadata,
    Column("article_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("title", String, nullable=False),
    Column("outlet", String, nullable=False),
    Column("url", String, nullable=False),
    Column("byline", String, nullable=False),
    Column("published_at", String),  # ISO 8601 in UTC: sorts as time does, on every database
    Column("date_origin", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("language", String, nullable=False),
    Column("content_hash", String, nullable=False),
)
chunks = Table(
    "chunks",
    metadata,
    Column("id", String, primary_key=True),
    Column("article_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Index("chunks_by_article", "article_id", "version", "ordinal"),
)
items = Table(
    "items",
    metadata,
    Column("key", String, primary_key=True),
    Column("origin", String, nullable=False, index=True),
    Column("fingerprint", String, nullable=False),
    Column("article_id", String, nullable=False, index=True),
)
changes = Table(
    "changes",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("article_id", String, nullable=False),
    Column("operation", String, nullable=False),
    sqlite_autoincrement=True,
)
