"""When an article was published, and how that is known. What is not stated stays unknown: nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from assistant.types import DateOrigin

EARLIEST = 1800  # before newspapers of daily news: an error, not a date

# Month names in English, German, French, Spanish, Italian, Portuguese and Dutch, by their beginnings.
_MONTH = (
    r"(?:jan|feb|f[eé]v|mar|m[aä]r|apr|avr|abr|mai|maj|may|mag|mei|jun|jui|giu|jul|lug|aug|ago|ao[uû]|sep|set|oct|okt|"
    r"ott|out|nov|dec|dez|d[eé]c|dic|ene|gen)[^\W\d_]{0,7}\.?"
)
_YEAR = r"(?:1[89]|20)\d\d"
_DAY = re.compile(
    rf"(?<!\d)(?:\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+|del\s+)?{_YEAR}"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_YEAR}"
    rf"|{_YEAR}[-/]\d{{1,2}}[-/]\d{{1,2}}|\d{{1,2}}[./]\d{{1,2}}[./]{_YEAR})(?!\d)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d.])(?P<clock>\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?)"
    r"(?:\s*(?P<zone>(?-i:[A-Z]{2,5})(?!\w)|Z(?!\w)|[+-]\d{2}:?\d{2}))?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|tues|wed|thu|thurs|fri|sat|sun"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)\b\.?",
    re.IGNORECASE,
)
# Names of zones that dateparser takes for their winter time all year.
_SEASONAL_ZONES = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
_SLASHED = re.compile(rf"(?P<y>{_YEAR})/(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?:[/ T](?P<h>\d{{1,2}}):(?P<min>\d{{2}}))?")
_IN_URL = re.compile(
    rf"[/=-]({_YEAR})[/-](\d{{1,2}}|[a-z]{{3}})[/-](\d{{1,2}})(?=[/._-]|$)|[/-]({_YEAR})(\d\d)(\d\d)(?=[/._-]|$)"
)
_RFC_822 = re.compile(r"(?:\w{3},\s*)?\d{1,2}\s\w{3}\s\d{2,4}\s\d{1,2}:\d{2}")
_LABEL = re.compile(
    r"^\W*(?:(?:first|originally|last)\s+)?(?P<label>published|posted|updated|modified|issued|released|date|veröffentlicht"
    r"|stand|publié|actualizado|publicado|pubblicato)\b(?:\s+(?:on|at|le|am|el|il))?\s*:?\s*",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:by|von|par|por)\s+\S", re.IGNORECASE)
_SMALL_WORDS = frozenset("of the and for in de la le du der die das und et y del & -".split())
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse_date(value: object, now: datetime) -> datetime | None:
    """A stated date as UTC; a day without a time is its 00:00. None where it is no date, is ambiguous (04/07/2024),
    lies before 1800 or more than a day after ``now``.

    Takes dates and times, epoch seconds or milliseconds, ISO 8601, RFC 822 ("Fri, 19 Jul 2024 08:30:00 GMT"),
    "2024-07-19 08:30:00", "2022/11/28/23:36" and written dates ("19 July 2024", "July 19, 2024 8:30 am EDT").
    """
    try:
        found = _parse(value)
        found = found and (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, OSError):
        return None
    return found if found and found.year >= EARLIEST and found <= now + timedelta(days=1) else None


def date_in_url(url: str, now: datetime) -> datetime | None:
    """The day in an address such as https://…/2024/07/19/…, …/2024-07-19-… or …/2024/jul/19/…."""
    for match in _IN_URL.finditer(url.lower()):
        year, month, day = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
        number = _ENGLISH_MONTHS.index(month) + 1 if month in _ENGLISH_MONTHS else month
        found = parse_date(f"{year}/{number}/{day}", now)
        if found:
            return found
    return None


def date_line(line: str, now: datetime) -> tuple[datetime, str, str] | None:
    """Read a line that states a date rather than tells of one: (date, label, what else the line says).

    The label is "published", "updated", … or "". None where more than a few words stand beside the date: that is
    prose, and a date in prose is not the date of publication.
    """
    if len(line) > 160 or not re.search(r"\d", line):
        return None
    label = _LABEL.match(line)
    day, clock, beside = _parts(line[label.end() :] if label else line)
    if not day or len(beside.split()) > 8 or not (label or _BYLINE.match(beside) or is_name(beside)):
        return None
    found = parse_date(f"{day} {clock}", now)
    return (found, label["label"].lower() if label else "", beside) if found else None


def is_name(text: str) -> bool:
    """Whether a few words may be an outlet's or a person's name: at most six, all capitalised but for small words."""
    words = re.sub(r"[().,|–—]", " ", text).split()
    capitalised = (word[0].isupper() or word[0].isdigit() or word.lower() in _SMALL_WORDS for word in words)
    return len(words) <= 6 and all(capitalised)


def publication_date(
    stated: Sequence[object], url: str, line: datetime | None, now: datetime
) -> tuple[datetime | None, DateOrigin]:
    """The publication date and its origin: the first stated value that is a date, else the URL's, else that of a
    date line at the head of the text, else (None, "unknown")."""
    for value in stated:
        found = parse_date(value, now)
        if found:
            return found, "metadata"
    in_url = date_in_url(url, now)
    if in_url:
        return in_url, "url"
    return (line, "text") if line else (None, "unknown")


def _parse(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch(float(value))
    return _parse_text(value.strip()) if isinstance(value, str) and len(value) <= 100 else None


def _parse_text(text: str) -> datetime | None:
    if re.fullmatch(r"\d{10}(?:\d{3})?(?:\.\d+)?", text):
        return _epoch(float(text))
    slashed = _SLASHED.match(text)
    if slashed:
        return datetime(*(int(slashed[part] or 0) for part in ("y", "m", "d", "h", "min")))  # type: ignore[arg-type]
    if re.match(r"\d{4}-?\d\d-?\d\d", text):
        return _iso(text)
    if _RFC_822.match(text):
        return parsedate_to_datetime(text)
    day, clock, _ = _parts(text)
    return _written(day, clock) if day else None


def _parts(text: str) -> tuple[str, str, str]:
    """A line's day, its time with zone, and what else it says."""
    day = _DAY.search(text)
    if not day:
        return "", "", ""
    rest = f"{text[: day.start()]} | {text[day.end() :]}"
    clock = _CLOCK.search(rest)
    beside = _WEEKDAY.sub(" ", rest.replace(clock.group(), " ", 1) if clock else rest)
    beside = re.sub(r"\b(?:at|on|um|uhr|à)\b|[|•·]", " ", beside, flags=re.IGNORECASE)
    return day.group(), clock.group() if clock else "", " ".join(beside.split()).strip(" ,.-–—:()")


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # fractions of other lengths, "+0000 UTC": the day and time at least
        match = re.match(r"\d{4}-?\d\d-?\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?", text)
        if not match:
            raise
        zone = re.search(r"(?:Z|[+-]\d\d:?\d\d)(?=\W|$)", text[match.end() :])
        return datetime.fromisoformat(match.group() + (zone.group() if zone and len(match.group()) > 10 else ""))


def _epoch(seconds: float) -> datetime | None:
    if seconds == 0:  # a missing date in disguise
        return None
    return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > 1e11 else seconds, UTC)


def _written(day: str, clock: str) -> datetime | None:
    """By dateparser, which is imported only here: it is slow, and free text, of which it gets none, misleads it."""
    import dateparser

    day = _plain_day(day)
    time = re.sub(r"(\d)[.h](\d\d)", r"\1:\2", clock, flags=re.IGNORECASE)
    time = re.sub(r"([ap])\.?m\b\.?", r"\1m", time, flags=re.IGNORECASE)
    zone = _SEASONAL_ZONES.get(time[-2:], "UTC")
    time = time if zone == "UTC" else time[:-2]
    for text, timezone in ((f"{day} {time}".strip(), zone), (day, "UTC")) if day else ():
        settings = {"RETURN_AS_TIMEZONE_AWARE": True, "TIMEZONE": timezone, "TO_TIMEZONE": "UTC"}
        found: datetime | None = dateparser.parse(text, settings=settings)
        if found:
            return found
    return None


def _plain_day(day: str) -> str:
    """Numeric days as ISO 8601, others without "st", "nd", "of"; "" where the order of day and month is not certain."""
    numbers = re.fullmatch(r"(\d{1,4})([-./])(\d{1,2})[-./](\d{1,4})", day)
    if not numbers:
        return re.sub(r"^(\d+)(?:st|nd|rd|th|er|º)|\bof\b", r"\1", day, flags=re.IGNORECASE)
    first, second, third = int(numbers[1]), int(numbers[3]), int(numbers[4])
    if first > 31:
        return f"{first}-{second:02}-{third:02}"
    if numbers[2] == "/" and first <= 12 and second <= 12 and first != second:
        return ""  # 04/07/2024: the 4th of July or the 7th of April
    day_first = numbers[2] == "." or first > 12
    return f"{third}-{second:02}-{first:02}" if day_first else f"{third}-{first:02}-{second:02}"
