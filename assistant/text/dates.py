"""Date expressions in questions and articles, resolved to ranges of days by rules of our own.

dateparser is not used here: it reads the verb "may" as a month and takes "Friday" a week back on a Friday (DESIGN).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_DAYS = {name.lower(): i for i, name in enumerate(calendar.day_name)}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:1[89]|20)\d\d"

_PATTERNS = {
    "iso": rf"(?P<y>{_YEAR})-(?P<m>\d\d?)-(?P<d>\d\d?)",
    "day_month": rf"(?P<d>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\.?(?:,?\s+(?P<y>{_YEAR}))?",
    "month_day": rf"(?P<month>{_MONTH})\.?\s+(?P<d>\d\d?)(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y>{_YEAR}))?",
    "month": rf"(?P<month>{_MONTH})\.?,?\s+(?:of\s+)?(?P<y>{_YEAR})",
    "in_month": rf"(?:in|since|during|until|before|after|last|this)\s+(?P<month>{_MONTH})\b(?!\s+\d)",
    "period": r"(?P<which>last|this|past|previous)\s+(?P<unit>week|month|year)",
    "ago": r"(?P<n>\d+|a|two|three|four|five|six)\s+(?P<unit>day|week|month|year)s?\s+ago",
    "near": r"yesterday|today|tonight",
    "weekday": rf"(?:on|last|this)\s+(?P<weekday>{'|'.join(_DAYS)})",
    "year": rf"(?<![\d$€£.,-])(?P<y>{_YEAR})(?![\d%]|[.,]\d|-\d)",
}
_EXPRESSION = re.compile("|".join(f"(?P<{k}>{re.sub('[?]P<', f'?P<{k}_', v)})" for k, v in _PATTERNS.items()), re.I)
_SMALL = {"a": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


@dataclass(frozen=True, slots=True)
class DateRange:
    """A date expression: its text, where it stands, and the days it means, inclusive."""

    text: str
    start: int
    end: int
    since: date
    until: date


def date_ranges(text: str, today: date) -> list[DateRange]:
    """The date expressions of a text in order, seen from ``today``. A month or day without a year is the last one
    that is not in the future; a weekday is the last one before today, never today itself."""
    return list(_resolve(text, today))


def _resolve(text: str, today: date) -> Iterator[DateRange]:
    for match in _EXPRESSION.finditer(f" {text}"):
        kind = next(k for k in _PATTERNS if match[k] is not None)
        parts = {k.removeprefix(f"{kind}_"): v for k, v in match.groupdict().items() if v and k.startswith(f"{kind}_")}
        if match.group()[0].isalnum() and text[max(match.start() - 2, 0) : match.start() - 1].isalnum():
            continue
        try:
            since, until = _days(kind, parts, match.group().lower(), today)
        except ValueError:  # 31 February
            continue
        yield DateRange(match.group(), match.start() - 1, match.end() - 1, since, until)


def _days(kind: str, parts: dict[str, str], text: str, today: date) -> tuple[date, date]:
    month = _MONTHS.get(parts.get("month", "").lower(), 0)
    year = int(parts["y"]) if "y" in parts else 0
    if kind == "iso":
        day = date(year, int(parts["m"]), int(parts["d"]))
        return day, day
    if kind in ("day_month", "month_day"):
        day = date(year or today.year, month, int(parts["d"]))
        if not year and day > today:
            day = day.replace(year=day.year - 1)
        return day, day
    if kind in ("month", "in_month"):
        return _month(year or (today.year if month <= today.month else today.year - 1), month)
    if kind == "year":
        return date(year, 1, 1), date(year, 12, 31)
    if kind == "near":
        day = today - timedelta(days=1) if text == "yesterday" else today
        return day, day
    if kind == "weekday":
        back = (today.weekday() - _DAYS[parts["weekday"].lower()] - 1) % 7 + 1
        return today - timedelta(days=back), today - timedelta(days=back)
    return _relative(kind, parts, today)


def _relative(kind: str, parts: dict[str, str], today: date) -> tuple[date, date]:
    unit = parts["unit"].lower()
    count = 0 if parts.get("which", "").lower() == "this" else 1
    if kind == "ago":
        named = parts["n"].lower()
        count = _SMALL.get(named) or int(named)
    if unit == "day":
        return today - timedelta(days=count), today - timedelta(days=count)
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * count)
        return monday, monday + timedelta(days=6)
    if unit == "month":
        index = today.year * 12 + today.month - 1 - count
        return _month(index // 12, index % 12 + 1)
    return date(today.year - count, 1, 1), date(today.year - count, 12, 31)


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
