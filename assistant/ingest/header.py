"""The lines above an article's first paragraph: headline, byline, outlet and date, as plain text and PDF have them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from assistant.ingest.dates import date_line, is_name

_DEPTH = 8  # lines looked at: headline, standfirst, byline, outlet and date, with two to spare
_LONGEST_TITLE = 30  # words; the longest headline of RealTimeQA 2022 has 17, of the sample corpus 16
_BYLINE = re.compile(r"(?:(?:written|reported|story|text) )?(?:by|von|par|por):? +(?P<names>\S.{1,100})", re.IGNORECASE)
_LATER = frozenset({"updated", "modified", "stand", "actualizado"})
_ROLE = re.compile(
    r",? +(?:(?:senior|chief|staff|special|foreign|political|science|health|business|sports?|technology|our|the) )*"
    r"(?:staff writer|correspondent|reporter|editor|writer|columnist|contributor)s?\b.*$",
    re.IGNORECASE,
)
_OUTLET_WORD = re.compile(
    r"\b(?:times|post|news|tribune|herald|gazette|courier|dispatch|observer|wire|weekly|daily|journal|monitor|review"
    r"|chronicle|guardian|mail|press|bote|zeitung|anzeiger|kurier|rundschau|service|agency|standard|telegraph"
    r"|independent|register|star|globe|examiner|reuters|associated press|magazine|broadcasting|radio|television|tv"
    r"|sentinel|mirror|echo|argus|bulletin|inquirer|enquirer|ledger|monde|figaro|país|code)\b",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"^[A-Z][A-Z .,'’-]{2,40}(?:,? [A-Z][a-z]+\.? \d{1,2}(?:, \d{4})?)? ?\((?P<outlet>[A-Z][\w .&'’-]{1,30})\) ?[-–—]"
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines above the text say, and the text without them. ``published`` is None where no line states it."""

    title: str
    byline: str
    outlet: str
    published: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    """What one header line says; ``updated`` where its date is that of a later change."""

    byline: str = ""
    outlet: str = ""
    published: datetime | None = None
    updated: bool = False


def read_header(text: str, title: str, now: datetime) -> Header:
    """Take the header off a cleaned text.

    ``title`` is the title known from metadata; without one, the first line is it, if it is short enough to be a
    headline. A line with nothing but a date is believed once: where more such lines follow, they head the parts of a
    timeline. What "updated" says counts only where nothing says "published".
    """
    title, lines = _take_title(text.split("\n\n") if text else [], title, now)
    depth = next((i for i, line in enumerate(lines[:_DEPTH]) if _is_prose(line)), min(_DEPTH, len(lines)))
    read = [_read_line(line, lines[i + 1 :], now) for i, line in enumerate(lines[:depth])]
    known = [line for line in read if line]
    body = [line for line, found in zip(lines, read, strict=False) if not found] + lines[depth:]
    dateline = next((match["outlet"] for match in map(_DATELINE.match, body[:3]) if match), "")
    dates = sorted(((line.updated, line.published) for line in known if line.published), key=lambda date: date[0])
    return Header(
        title=title,
        byline=next((line.byline for line in known if line.byline), ""),
        outlet=next((line.outlet for line in known if line.outlet), dateline),
        published=dates[0][1] if dates else None,
        text="\n\n".join(body),
    )


def same_words(first: str, second: str) -> bool:
    """Whether two lines say the same but for case, punctuation and typography."""
    return _letters(first) == _letters(second)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKD", text)).casefold()


def _take_title(lines: list[str], title: str, now: datetime) -> tuple[str, list[str]]:
    if title:
        for count in (1, 2, 3):  # a PDF breaks a long headline into lines
            for i in (0, 1):
                if len(lines) > i + count and same_words("".join(lines[i : i + count]), title):
                    return title, lines[:i] + lines[i + count :]
        return title, lines
    for i, line in enumerate(lines[:3]):
        if _read_line(line, lines[i + 1 :], now) is not None:
            continue
        short = len(line.split()) <= _LONGEST_TITLE
        return (line, lines[:i] + lines[i + 1 :]) if short and len(lines) > 1 else ("", lines)
    return "", lines


def _read_line(line: str, following: list[str], now: datetime) -> _Line | None:
    """What a header line says; None where it is none."""
    dated = date_line(line, now)
    if dated:
        published, label, beside = dated
        alone = not label and not beside
        others = (date_line(other, now) for other in following) if alone else ()
        if any(other and not other[1] and not other[2] for other in others):
            return None
        byline, outlet = _names(beside)
        return _Line(byline, outlet, published, updated=label in _LATER)
    if line.endswith((".", "?", "!", ":")) or len(line.split()) > 12:
        return None
    if _BYLINE.fullmatch(line):
        byline, outlet = _names(line)
        return _Line(byline, outlet) if byline else None
    outlet = _outlet(line)
    return _Line(outlet=outlet) if len(line.split()) <= 7 and is_name(outlet) and _OUTLET_WORD.search(outlet) else None


def _names(text: str) -> tuple[str, str]:
    """(byline, outlet) of "By Tobin Hasker, Prairie Dispatch", "By Ines Halloway" or "The Harbour Courier"."""
    match = _BYLINE.fullmatch(text)
    if not match:
        return "", _outlet(text)
    names = _ROLE.sub("", match["names"]).strip(" ,|-–—")
    person, comma, last = names.rpartition(", ")
    if comma and _OUTLET_WORD.search(last):
        return person, last
    return (names, "") if is_name(names) or re.search(r" (?:and|und|et|y) ", names) else ("", "")


def _outlet(text: str) -> str:
    """An outlet's line without its section: "Signal Science Weekly - Explainers"; of two names, "Meridian Wire for
    Prairie Dispatch", the one that printed it."""
    name = re.split(r"\s+[-–—|·]\s+", re.sub(r"[()]", "", text).strip(" ,"))[0]
    return re.sub(r"^.*?\bfor\s+(?=[A-Z])", "", name).strip(" ,")


def _is_prose(line: str) -> bool:
    return len(line.split()) > 25 or (len(line.split()) > 12 and line.rstrip("\"'”’)").endswith((".", "!", "?")))
