"""Reading PDF files."""

from __future__ import annotations

import io
import logging
import re

from assistant.errors import TooLarge, Unreadable
from assistant.ingest.extract import Extract
from assistant.ingest.header import same_words
from assistant.ingest.plain import unwrap

MAX_PAGES = 500  # a newspaper's whole edition has about 100
MAX_CHARACTERS = 5_000_000  # about 800,000 words: no article
_NO_NAME = re.compile(
    r"\(?(?:unspecified|anonymous|untitled|unknown|none)\)?|.*\.(?:docx?|pdf|indd|qxd|tex)|microsoft word\b.*", re.I
)

_PAGE_NUMBER = re.compile(
    r"\A(?:page )?\d{1,4}(?: (?:of|/) \d{1,4})?\n|\n(?:page )?\d{1,4}(?: (?:of|/) \d{1,4})?\Z", re.I
)


def read_pdf(raw: bytes) -> Extract:
    """The text of a PDF, with title and author from its metadata where they are names. Its creation date is that of
    the file, not of the article, and is not read.

    Raises `Unreadable` where it is damaged, protected or holds no text (a scan), `TooLarge` where it is over a limit.
    pypdf itself refuses streams that unpack to more than 75 MB.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is said once, by us
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("The PDF is protected by a password; save a copy without one.")
        if len(reader.pages) > MAX_PAGES:
            raise TooLarge(f"The PDF has {len(reader.pages)} pages, more than {MAX_PAGES}; split it into its articles.")
        text, title, author = _text(reader), _named(reader, "/Title"), _named(reader, "/Author")
    except (Unreadable, TooLarge):
        raise
    except Exception as error:  # damaged files raise whatever they run into
        raise Unreadable(f"The PDF cannot be read ({type(error).__name__}); it is damaged or not a PDF.") from error
    if not text.strip():
        raise Unreadable("The PDF holds no text, only pictures of pages; run text recognition (OCR) on it first.")
    return Extract(text=_whole_title(unwrap(text), title), title=title if _heads(title, text) else "", byline=author)


def _text(reader: object) -> str:
    pages = []
    size = 0
    for page in reader.pages:  # type: ignore[attr-defined]
        pages.append(_PAGE_NUMBER.sub("", page.extract_text().strip()))
        size += len(pages[-1])
        if size > MAX_CHARACTERS:
            raise TooLarge(f"The PDF holds more than {MAX_CHARACTERS:,} characters; split it into its articles.")
    return "\n".join(pages)


def _named(reader: object, field: str) -> str:
    value = " ".join(str((reader.metadata or {}).get(field) or "").split())  # type: ignore[attr-defined]
    return "" if _NO_NAME.fullmatch(value) else value


def _heads(title: str, text: str) -> bool:
    """Whether the metadata's title is the printed one; left-over titles of templates are common."""
    squeezed = re.sub(r"[\W_]+", "", title).casefold()
    return bool(squeezed) and squeezed in re.sub(r"[\W_]+", "", text[:1000]).casefold()


def _whole_title(text: str, title: str) -> str:
    """The text with a headline of several lines on one line."""
    lines = [line for line in text.split("\n") if line.strip()]
    for start in range(min(3, len(lines))):
        for end in range(start + 2, min(start + 5, len(lines)) + 1):
            if same_words(" ".join(lines[start:end]), title):
                return "\n".join([*lines[:start], title, *lines[end:]])
    return text
