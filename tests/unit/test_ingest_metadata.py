"""Title, byline, outlet, date, language, kind and identity of an article."""

from datetime import UTC, datetime

import pytest

from assistant.ingest.header import read_header
from assistant.ingest.identity import canonical_url, identity
from assistant.ingest.metadata import choose_kind, choose_language, choose_outlet, title_and_suffix

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROSE = "The council voted on Tuesday to close the old harbour bridge to lorries for two years, a spokesman said."
DAY = datetime(2024, 7, 19, tzinfo=UTC)


def header(*lines: str, title: str = "") -> tuple[str, str, str, datetime | None, str]:
    found = read_header("\n\n".join([*lines, PROSE, PROSE]), title, NOW)
    assert found.text.endswith(f"{PROSE}\n\n{PROSE}")
    return found.title, found.byline, found.outlet, found.published, found.text.removesuffix(f"{PROSE}\n\n{PROSE}")


@pytest.mark.parametrize(
    ("lines", "byline", "outlet", "published"),
    [
        ((), "", "", None),
        (("By Corin Aldermoor", "Published 19 July 2024"), "Corin Aldermoor", "", DAY),
        (("By Tobin Hasker, Prairie Dispatch", "19 July 2024"), "Tobin Hasker", "Prairie Dispatch", DAY),
        (("The Harbour Courier, 19 July 2024",), "", "The Harbour Courier", DAY),
        (("Capital Observer", "19 July 2024 | By Ines Halloway"), "Ines Halloway", "Capital Observer", DAY),
        (("By Ines Halloway, chief political correspondent",), "Ines Halloway", "", None),
        (("Signal Science Weekly - Long view",), "", "Signal Science Weekly", None),
        (("Updated July 20, 2024", "Published July 19, 2024"), "", "", DAY),
        (("Von Henrike Altmeyer", "19. Juli 2024"), "Henrike Altmeyer", "", DAY),
    ],
)
def test_the_lines_above_the_first_paragraph_are_read_and_taken_off(
    lines: tuple[str, ...], byline: str, outlet: str, published: datetime | None
) -> None:
    assert header("Bridge closed for two years", *lines) == (
        "Bridge closed for two years",
        byline,
        outlet,
        published,
        "",
    )


def test_a_standfirst_and_a_subheading_stay_in_the_text() -> None:
    assert header("Bridge closed", "Lorries must go round", "By Jo Bloggs")[4] == "Lorries must go round\n\n"


@pytest.mark.parametrize(
    "line", ["By Tuesday, it will be over", "By the river", "Cold Snap Ends", "He died on 19 July 2024."]
)
def test_lines_that_only_look_like_a_header_stay(line: str) -> None:
    assert header("Bridge closed", line) == ("Bridge closed", "", "", None, f"{line}\n\n")


def test_days_that_head_the_parts_of_a_timeline_are_no_publication_date() -> None:
    lines = ["The bridge: a timeline", "19 July 2024", PROSE, "20 July 2024", PROSE]
    found = read_header("\n\n".join(lines), "", NOW)
    assert (found.published, found.text) == (None, "\n\n".join(lines[1:]))


def test_a_known_title_is_not_repeated_in_the_text() -> None:
    assert header("BRIDGE CLOSED – for two years", title="Bridge closed - for two years")[4] == ""


def test_a_text_without_a_headline_gets_none() -> None:
    found = read_header(f"{' '.join([PROSE] * 3)}\n\n{PROSE}", "", NOW)
    assert (found.title, found.text.count(PROSE)) == ("", 4)


def test_a_dateline_names_the_outlet_where_nothing_else_does() -> None:
    found = read_header(f"Bridge closed\n\nLONDON, July 19 (Meridian Wire) - {PROSE}", "", NOW)
    assert (found.outlet, found.published) == ("Meridian Wire", None)


@pytest.mark.parametrize(
    ("title", "outlet", "url", "expected"),
    [
        ("Bridge closed | CNN Business", "", "https://www.cnn.com/x", ("Bridge closed", "CNN Business")),
        ("Bridge closed - CNN", "", "https://www.cnn.com/x", ("Bridge closed", "CNN")),
        ("Bridge closed | CNN ...", "", "https://www.cnn.com/x", ("Bridge closed", "")),
        ("Bridge closed – The Harbour Courier", "The Harbour Courier", "", ("Bridge closed", "The Harbour Courier")),
        ("Bridge closed | The Harbour Courier", "", "", ("Bridge closed", "The Harbour Courier")),
        ("Bridge closed - what comes next", "", "https://cnn.com/x", ("Bridge closed - what comes next", "")),
        ("Nice 1 - Lens 0", "", "", ("Nice 1 - Lens 0", "")),
    ],
)  # fmt: skip
def test_an_outlet_at_the_end_of_a_title_is_taken_off(
    title: str, outlet: str, url: str, expected: tuple[str, str]
) -> None:
    assert title_and_suffix(title, outlet, url) == expected


def test_the_outlet_is_one_name_for_all_articles_of_a_host() -> None:
    assert choose_outlet("", "", "CNN Business", "https://www.cnn.com/a") == choose_outlet(
        "", "AP", "", "https://cnn.com/b"
    )
    assert choose_outlet("The Courier", "AP", "CNN", "https://cnn.com/b") == "The Courier"
    assert choose_outlet("", "The Courier", "Suffix", "") == "The Courier"
    assert choose_outlet("", "", "", "") == ""


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("opinion", {"stated": "opinion"}),
        ("live_blog", {"stated": "Live blog"}),
        ("opinion", {"url": "https://a.example/opinion/2024/x"}),
        ("opinion", {"title": "Opinion: Close the bridge"}),
        ("live_blog", {"title": "Live: the bridge falls"}),
        ("live_blog", {"title": "Bridge closed - live updates"}),
        ("live_blog", {"url": "https://a.example/news/live/x"}),
        ("analysis", {"title": "Explained: why bridges crack"}),
        ("interview", {"title": "Interview: 'A bridge is never finished'"}),
        ("press_release", {"text": "FOR IMMEDIATE RELEASE\n\nThe bridge is closed."}),
        ("press_release", {"title": "Press release: bridge closed"}),
        ("analysis", {"section": "Analysis"}),
        ("report", {"dated": True, "byline": "Jo Bloggs"}),
        ("unknown", {"dated": True}),
        ("unknown", {"byline": "Jo Bloggs"}),
        (
            "report",
            {"title": "Minister stands by opinion on bridge", "dated": True, "byline": "Jo", "stated": "article"},
        ),
    ],
)
def test_kinds(expected: str, given: dict[str, object]) -> None:
    nothing = {"stated": "", "title": "", "section": "", "url": "", "text": "", "dated": False, "byline": ""}
    assert choose_kind(**{**nothing, **given}) == expected  # type: ignore[arg-type]


def test_the_language_is_as_stated_else_detected_else_open() -> None:
    assert choose_language("en-US", "") == "en"
    assert choose_language("English", PROSE) == "en"
    assert choose_language("", "Die Brücke bleibt zwei Jahre lang für Lastwagen gesperrt, sagte ein Sprecher.") == "de"
    assert choose_language("", "Brücke zu") == ""


@pytest.mark.parametrize(
    "url",
    ["https://WWW.A.example/x/?utm_source=feed#top", "https://www.a.example/x", "https://www.a.example:443/x/?fbclid=9",
     "https://user:secret@www.a.example/x"],
)  # fmt: skip
def test_one_page_has_one_address(url: str) -> None:
    assert canonical_url(url) == "https://www.a.example/x"


def test_what_tells_pages_apart_stays_in_the_address() -> None:
    assert canonical_url("https://a.example/x?id=1&utm_medium=m&page=2") == "https://a.example/x?id=1&page=2"
    assert canonical_url("http://a.example:8080/x") == "http://a.example:8080/x"
    assert canonical_url("https://[::1]:8080/x") == "https://[::1]:8080/x"


@pytest.mark.parametrize(
    "url", ["", "ftp://a.example/x", "javascript:alert(1)", "/x", "https://", "http://[", "http://a:99999/"]
)
def test_what_is_no_web_address_has_no_canonical_one(url: str) -> None:
    assert canonical_url(url) == ""


def test_identity_is_the_id_else_the_address_else_the_place() -> None:
    assert identity(" my id ", "https://a.example/x", "f/x.txt") == "my id"
    assert identity("", "https://A.example/x/", "f/x.txt") == "https://a.example/x"
    assert identity("", "", "f/x.txt") == "f/x.txt"
