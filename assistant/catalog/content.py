"""An article as rows, and rows as articles: what a version holds, and when two versions are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Row

from assistant.ports import StoredItem
from assistant.types import Article, Source, day_number

SOURCE_FIELDS = ("title", "outlet", "url", "byline", "published_at", "date_origin", "kind", "language")


def version_values(article: Article) -> dict[str, Any]:
    """The columns of ``versions`` that follow from the article itself."""
    source = article.source
    moment = _utc(source.published_at)
    fields = {name: getattr(source, name) for name in SOURCE_FIELDS}
    return {
        **fields,
        "published_at": moment.isoformat() if moment else None,
        "day": day_number(moment) if moment else None,
        "content_hash": content_hash(article),
        "outlet_folded": source.outlet.casefold(),
        "title_folded": source.title.casefold(),
        "text": article.text,
    }


def content_hash(article: Article) -> str:
    """What makes a version: the text, and all of the source that a reader sees or a filter uses. How the date was
    found (``date_origin``) is not part of it."""
    source = article.source
    moment = _utc(source.published_at)
    parts = [
        article.text, source.title, source.outlet, source.url, source.byline, source.kind, source.language,
        moment.isoformat() if moment else None,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def source_of(row: Row[*tuple[Any, ...]]) -> Source:
    """The source in a row that has the columns of ``versions``."""
    fields: Mapping[str, Any] = dict(row._mapping)
    values = {name: fields[name] for name in SOURCE_FIELDS}
    values["published_at"] = moment_of(fields["published_at"])
    return Source(article_id=fields["article_id"], version=fields["version"], **cast(Any, values))


def moment_of(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def storable(item: StoredItem) -> bool:
    """Whether the catalog can hold this: a named article whose spans lie in its text in order, and characters that
    every database takes (PostgreSQL refuses NUL, and UTF-8 has no lone surrogates)."""
    article = item.article
    ends = [0, *(end for _, end in item.spans)]
    in_order = all(before <= start < end for before, (start, end) in zip(ends, item.spans, strict=False))
    strings = "".join([item.key, item.origin, article.source.article_id, article.text, *_strings(article.source)])
    try:
        strings.encode()
    except UnicodeEncodeError:
        return False
    return bool(article.source.article_id) and in_order and ends[-1] <= len(article.text) and "\x00" not in strings


def _strings(source: Source) -> list[str]:
    return [value for name in SOURCE_FIELDS if isinstance(value := getattr(source, name), str)]


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
