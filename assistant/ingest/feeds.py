"""Reading RSS and Atom feeds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from assistant.errors import Unreadable
from assistant.ingest.extract import Extract

# An entry with fewer words is a teaser ("… Continue reading"), and its page is followed.
_FULL = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. ``name`` tells it from the others; ``record`` is its JSON where it holds the article."""

    name: str
    link: str
    hints: Extract
    record: bytes


def is_feed(content: bytes) -> bool:
    """Whether bytes begin as an RSS, RDF or Atom feed does."""
    start = re.sub(
        rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>", b"", content[:4000].lstrip(b"\xef\xbb\xbf"), flags=re.DOTALL
    )
    return bool(re.match(rb"\s*<(?:rss|feed|rdf:RDF|atom:feed)\b", start))


def read_feed(content: bytes) -> list[Entry]:
    """The entries of a feed, in its order. The feed's title is the outlet of all.

    Raises `Unreadable` where it is no feed.
    """
    import feedparser

    if not is_feed(content):
        raise Unreadable("The file is XML but no RSS or Atom feed; give a feed, or the pages themselves.")
    feed = feedparser.parse(content)
    if not feed.entries and feed.bozo:
        raise Unreadable(f"The feed cannot be read ({str(feed.get('bozo_exception', ''))[:80]}).")
    outlet = _text(feed.feed.get("title"))
    language = _text(feed.feed.get("language"))
    return [_entry(entry, outlet, language, number) for number, entry in enumerate(feed.entries, 1)]


def _entry(entry: Any, outlet: str, language: str, number: int) -> Entry:
    link, guid = _text(entry.get("link")), _text(entry.get("id"))
    body = max((_text(part.get("value")) for part in entry.get("content", [])), key=len, default="")
    hints = Extract(
        title=_text(entry.get("title")),
        outlet=outlet,
        url=link,
        byline=_text(entry.get("author")),
        published=tuple(filter(None, (entry.get("published"), entry.get("created"), entry.get("updated")))),
        language=language,
        # A guid that is an address, or a bare number that another feed may use too, is no identity of its own.
        explicit_id="" if re.match(r"(?:https?:|\d+$)", guid) else guid,
    )
    words = len(re.sub(r"<[^>]*>", " ", body).split())
    whole = body if words >= _FULL or not link else ""
    return Entry(guid or link or str(number), link, hints, _record(hints, whole) if whole else b"")


def _record(hints: Extract, body: str) -> bytes:
    fields = {
        "id": hints.explicit_id, "url": hints.url, "title": hints.title, "outlet": hints.outlet, "byline": hints.byline,
        "published_at": hints.published[0] if hints.published else "", "language": hints.language, "text": body,
    }  # fmt: skip
    return json.dumps(fields).encode()


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) and "<p" not in value else str(value or "")
