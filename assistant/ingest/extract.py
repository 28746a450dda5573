"""What a reader of one format finds in one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from assistant.errors import Unreadable


@dataclass(frozen=True, slots=True)
class Extract:
    """A text as it stands in its format, not yet cleaned, with the metadata that the format states; "" or () where
    it states none. ``published`` holds candidates in falling order of trust."""

    text: str = ""
    title: str = ""
    outlet: str = ""
    url: str = ""
    byline: str = ""
    published: tuple[object, ...] = ()
    kind: str = ""
    section: str = ""
    language: str = ""
    explicit_id: str = ""


# Names under which the fields are found in JSON records and front matter, in falling order of trust.
_NAMES = {
    "explicit_id": ("id", "article_id", "guid"),
    "title": ("title", "headline"),
    "outlet": ("outlet", "source", "publisher", "site_name", "publication"),
    "url": ("url", "link"),
    "byline": ("byline", "authors", "author"),
    "published": ("published_at", "publish_date", "published", "date", "pubDate", "date_published", "datePublished"),
    "kind": ("kind", "type"),
    "section": ("section", "category"),
    "language": ("language", "lang"),
    "text": ("text", "body", "content", "article", "articleBody"),
}


def from_fields(record: Mapping[str, Any], text: str | None = None) -> Extract:
    """Read a JSON record or front matter, whose fields go by several names. Strings, lists of strings and objects
    with a ``name`` are understood; ``text`` is the article where it stands beside the fields.

    Raises `Unreadable` where there is no text.
    """
    values = {field: [record[name] for name in names if record.get(name)] for field, names in _NAMES.items()}
    lines = {field: _string(given[0]) for field, given in values.items() if given}
    lines = {field: line for field, line in lines.items() if field not in ("published", "text")}
    body = text if text is not None else next((_joined(value, "\n\n") for value in values["text"]), "")
    if text is None and not body.strip():
        raise Unreadable("The record holds no text; put the article under 'text', 'body' or 'content'.")
    return Extract(text=body, published=tuple(values["published"]), **lines)


def merge(first: Extract, second: Extract) -> Extract:
    """The first, with what it leaves open taken from the second; dates of both, the first's before."""
    gaps = {f.name: getattr(second, f.name) for f in fields(Extract) if not getattr(first, f.name)}
    return replace(first, **{**gaps, "published": (*first.published, *second.published)})


def _string(value: Any) -> str:
    return " ".join(_joined(value, ", ").split())


def _joined(value: Any, separator: str) -> str:
    if isinstance(value, Mapping):
        return _joined(value.get("name") or value.get("title") or "", separator)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return separator.join(part for part in (_joined(item, separator) for item in value) if part)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
