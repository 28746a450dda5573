"""A publication date is read where it is stated, and never invented."""

import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from assistant.ingest.dates import date_in_url, date_line, parse_date, publication_date

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = datetime(2024, 7, 19, tzinfo=UTC)
HALF_PAST_EIGHT = datetime(2024, 7, 19, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-07-19", DAY),
        ("20240719", DAY),
        ("2024/07/19", DAY),
        ("19 July 2024", DAY),
        ("19th of July 2024", DAY),
        ("July 19, 2024", DAY),
        ("Jul. 19, 2024", DAY),
        ("19. Juli 2024", DAY),
        ("19 juillet 2024", DAY),
        ("19 de julio de 2024", DAY),
        ("19.07.2024", DAY),
        ("07/19/2024", DAY),
        (date(2024, 7, 19), DAY),
        (datetime(2024, 7, 19), DAY),
        ("2024-07-19 08:30:00", HALF_PAST_EIGHT),
        ("2024-07-19T08:30:00Z", HALF_PAST_EIGHT),
        ("2024-07-19T10:30:00+02:00", HALF_PAST_EIGHT),
        ("2024-07-19T08:30:00.0000000Z", HALF_PAST_EIGHT),
        ("2024/07/19/08:30", HALF_PAST_EIGHT),
        ("Fri, 19 Jul 2024 08:30:00 GMT", HALF_PAST_EIGHT),
        ("Fri, 19 Jul 2024 04:30:00 EDT", HALF_PAST_EIGHT),
        ("19 July 2024 09:30 BST", HALF_PAST_EIGHT),
        ("4:30 AM EDT, Fri July 19, 2024", HALF_PAST_EIGHT),
        ("July 19, 2024, 4:30 a.m. ET", HALF_PAST_EIGHT),
        (1721377800, HALF_PAST_EIGHT),
        (1721377800000, HALF_PAST_EIGHT),
        ("1721377800", HALF_PAST_EIGHT),
    ],
)
def test_dates_in_their_usual_shapes(value: object, expected: datetime) -> None:
    assert parse_date(value, NOW) == expected


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "Friday", "may", "2024-07", "2024", "04/07/2024", "31 February 2024", "2024-13-01", "1066-10-14",
     "2027-01-01", "0000-00-00", 0, True, None, [], "x" * 5000, float("nan"), 1e40],
)  # fmt: skip
def test_what_is_no_certain_date_is_none(value: object) -> None:
    assert parse_date(value, NOW) is None


@pytest.mark.parametrize(
    "url",
    ["https://a.example/2024/07/19/slug", "https://a.example/world/2024/jul/19/slug", "https://a.example/x-2024-07-19-slug",
     "https://a.example/news/2024-07-19", "https://a.example/20240719/slug"],
)  # fmt: skip
def test_a_day_in_an_address(url: str) -> None:
    assert date_in_url(url, NOW) == DAY


@pytest.mark.parametrize(
    "url",
    ["https://a.example/2024/07/slug", "https://a.example/story/20249919", "https://a.example/id/120240719120", ""],
)
def test_numbers_in_an_address_that_are_no_day(url: str) -> None:
    assert date_in_url(url, NOW) is None


@pytest.mark.parametrize(
    ("line", "label", "beside"),
    [
        ("Published 19 July 2024", "published", ""),
        ("Published: Friday, 19 July 2024", "published", ""),
        ("Updated July 19, 2024", "updated", ""),
        ("19 July 2024", "", ""),
        ("The Harbour Courier, 19 July 2024", "", "The Harbour Courier"),
        ("19 July 2024 | By Ines Halloway", "", "By Ines Halloway"),
        ("Veröffentlicht am 19. Juli 2024", "veröffentlicht", ""),
    ],
)
def test_lines_that_state_a_date(line: str, label: str, beside: str) -> None:
    assert date_line(line, NOW) == (DAY, label, beside)


@pytest.mark.parametrize(
    "line",
    [
        "He died on 19 July 2024.",
        "The bridge, which was opened on 19 July 2024, has been closed for repairs.",
        "On 19 July 2024 it rained",
        "MOSCOW, July 19 (Wire) - It rained.",
        "Published in the journal Nature, the study warned of rain.",
        "Posted on the wall were nine notices",
    ],
)
def test_dates_in_prose_are_not_publication_dates(line: str) -> None:
    assert date_line(line, NOW) is None


def test_metadata_goes_before_address_and_address_before_text() -> None:
    url, earlier = "https://a.example/2024/07/18/x", datetime(2024, 7, 17, tzinfo=UTC)
    assert publication_date(["nonsense", "2024-07-19"], url, earlier, NOW) == (DAY, "metadata")
    assert publication_date(["nonsense"], url, earlier, NOW) == (datetime(2024, 7, 18, tzinfo=UTC), "url")
    assert publication_date([], "", earlier, NOW) == (earlier, "text")
    assert publication_date([None, ""], "", None, NOW) == (None, "unknown")


def test_light_commands_do_not_load_the_heavy_readers() -> None:
    heavy = "dateparser trafilatura py3langid docx pypdf feedparser torch chromadb"
    code = f"import sys, assistant.ingest.pipeline; print([m for m in {heavy.split()!r} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
