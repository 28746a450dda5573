"""From one item's bytes to an article."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Literal

from assistant.errors import Unreadable
from assistant.ingest.clean import clean_text, normalize
from assistant.ingest.dates import publication_date
from assistant.ingest.decode import decode
from assistant.ingest.extract import Extract, from_fields, merge
from assistant.ingest.header import read_header
from assistant.ingest.html import read_html, text_of
from assistant.ingest.identity import canonical_url, host_of, identity
from assistant.ingest.metadata import choose_kind, choose_language, choose_outlet, title_and_suffix
from assistant.ingest.pdf import read_pdf
from assistant.ingest.plain import read_markdown, read_text
from assistant.ingest.word import read_docx
from assistant.types import Article, Source

Format = Literal["text", "markdown", "html", "pdf", "docx", "record"]

# Characters of a title, byline, id or address; the longest address of RealTimeQA 2022 has 190, its longest title 79.
_LONGEST = 1000

# Name endings of files that hold one article, "record" being one JSON object.
FORMATS: dict[str, Format] = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".pdf": "pdf", ".docx": "docx",
}  # fmt: skip


def read_article(
    raw: bytes,
    name: str,
    *,
    url: str = "",
    charset: str = "",
    place: str = "",
    hints: Extract | None = None,
    now: datetime | None = None,
) -> Article:
    """Read one article, for instance an uploaded file: its format follows from the name's ending.

    ``url`` is the address it came from, ``place`` its identity where it has neither id nor address (default: the
    name), ``hints`` what a feed says about it, and ``now`` (default: the current time) bounds its date.

    Raises `Unreadable` or `TooLarge` with one sentence for a person.
    """
    suffix = PurePath(name.lower()).suffix
    form: Format = "record" if suffix in (".json", ".jsonl") else FORMATS.get(suffix, "text")
    extract = read_format(raw, form, url=url, charset=charset)
    return compose(merge(extract, hints) if hints else extract, place or name, now or datetime.now(UTC))


def read_format(raw: bytes, form: Format, *, url: str = "", charset: str = "") -> Extract:
    """What the format's reader finds."""
    if form == "html":
        return read_html(raw, url, charset)
    readers: dict[str, Callable[[bytes], Extract]] = {
        "pdf": read_pdf,
        "docx": read_docx,
        "record": read_record,
        "markdown": lambda content: read_markdown(decode(content, charset)),
        "text": lambda content: read_text(decode(content, charset)),
    }
    extract = readers[form](raw)
    return replace(extract, url=extract.url or url)


def read_record(raw: bytes) -> Extract:
    """One JSON object; a text in HTML is read as such."""
    try:
        record = json.loads(decode(raw))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The record is not valid JSON ({str(error)[:80]}).") from error
    if not isinstance(record, dict):
        raise Unreadable("The record is not a JSON object; give one object for each article.")
    extract = from_fields(record)
    return replace(extract, text=text_of(extract.text)) if "</" in extract.text else extract


def compose(extract: Extract, place: str, now: datetime) -> Article:
    """Clean, date and describe what was extracted. The headline is the title and not part of the text.

    Raises `Unreadable` where nothing is left to read.
    """
    extract = _normalized(extract)
    title, suffix = title_and_suffix(extract.title, extract.outlet, extract.url)
    cleaned = clean_text(extract.text)
    header = read_header(cleaned, title, now)
    if not header.text:
        raise Unreadable("There is nothing to read: no text is left beside headline, menus and notices.")
    if not title:
        title, suffix = title_and_suffix(header.title, header.outlet, extract.url)
    published, origin = publication_date(extract.published, extract.url, header.published, now)
    outlet = choose_outlet(extract.outlet, header.outlet, suffix, extract.url)
    agency = header.outlet if header.outlet != outlet else ""
    byline = _byline(extract.byline or header.byline or agency)
    source = Source(
        article_id=identity(extract.explicit_id, extract.url, place),
        title=title,
        outlet=outlet,
        url=extract.url,
        byline=byline,
        published_at=published,
        date_origin=origin,
        kind=choose_kind(
            extract.kind, title=extract.title or title, section=extract.section, url=extract.url, text=header.text,
            dated=published is not None, byline=byline,
        ),
        language=choose_language(extract.language, header.text),
    )  # fmt: skip
    return Article(source, header.text)


def _normalized(extract: Extract) -> Extract:
    """Metadata as single lines of bounded length, without the characters that the text is rid of, too. An address is
    http or https, since it will be a link; an outlet that is an address is its host."""
    names = (f.name for f in fields(Extract) if f.name not in ("text", "published"))
    lines: dict[str, Any] = {n: " ".join(normalize(getattr(extract, n)[:_LONGEST]).split()) for n in names}
    lines["url"] = lines["url"] if canonical_url(lines["url"]) else ""
    lines["outlet"] = host_of(lines["outlet"]) or lines["outlet"]
    return replace(extract, **lines)


def _byline(text: str) -> str:
    return text[3:] if text[:3].lower() == "by " else text
