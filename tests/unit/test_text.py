"""The common ground of matching and checking: sentences, words, numbers, names, dates."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.dates import date_ranges
from assistant.text.names import name_words, names
from assistant.text.numbers import number_values
from assistant.text.sentences import sentences
from assistant.text.words import content_stems, negations, stem, words

PROSE = st.text(alphabet=st.sampled_from("aB. \n“”!?)(é😀U.S5,"), max_size=200)


@given(PROSE)
def test_sentences_cover_all_text_once_and_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    kept = "".join(text[s.start : s.end] for s in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(
        text[s.start : s.end] == text[s.start : s.end].strip() and "\n" not in text[s.start : s.end] for s in spans
    )


def test_sentences_keep_quotes_initials_and_titles_together() -> None:
    text = "George W. Bush said “no.” He left the U.S. Army.\nSen. Lee spoke 😀. “They left,” he said."
    assert [text[s.start : s.end] for s in sentences(text)] == [
        "George W. Bush said “no.”", "He left the U.S. Army.", "Sen. Lee spoke 😀.", "“They left,” he said.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.5 million devices", {8_500_000}),
        ("8,500,000 devices", {8_500_000}),
        ("$44bn", {44_000_000_000}),
        ("twenty-one people and two hundred and five horses", {21, 205}),
        ("one of them", set()),
        ("51.9% in 2016", {51.9, 2016}),
        ("the fifth time", {5}),
        ("a score of 312-226", {312, 226}),
    ],
)
def test_numbers_are_compared_by_value(text: str, expected: set[float]) -> None:
    assert number_values(text) == expected


def test_names_leave_out_question_words_and_days() -> None:
    assert names("When did Vladimir Putin and Masoud Pezeshkian meet on Friday?") == [
        "Vladimir Putin",
        "Masoud Pezeshkian",
    ]
    assert name_words("The U.S. left Xi’s car") == ["usa", "xi"]


def test_country_and_pronoun_are_told_apart() -> None:
    assert words("The US told us") == ["the", "usa", "told", "us"]
    assert content_stems("It tells us of policies") == ["tell", "polici"]
    assert content_stems("Karikó") == content_stems("Kariko")


def test_negations_are_counted() -> None:
    assert negations("They didn’t go and never will") == 2
    assert negations("The knot is tight") == 0


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("on 17 January 2025", date(2025, 1, 17), date(2025, 1, 17)),
        ("on July 19, 2024", date(2024, 7, 19), date(2024, 7, 19)),
        ("in March 2022", date(2022, 3, 1), date(2022, 3, 31)),
        ("in 2016", date(2016, 1, 1), date(2016, 12, 31)),
        ("on Friday", date(2026, 11, 20), date(2026, 11, 20)),
        ("last week", date(2026, 11, 16), date(2026, 11, 22)),
        ("two months ago", date(2026, 9, 1), date(2026, 9, 30)),
        ("yesterday", date(2026, 11, 26), date(2026, 11, 26)),
    ],
)
def test_dates_are_resolved_from_the_day_asked(text: str, since: date, until: date) -> None:
    (found,) = date_ranges(text, date(2026, 11, 27))  # a Friday
    assert (found.since, found.until) == (since, until)


@pytest.mark.parametrize("text", ["He may go", "a prize of $2000", "won 1,935 votes", "on 31 February 2020", "2000%"])
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert date_ranges(text, date(2026, 11, 27)) == []


@given(st.dates(date(2013, 1, 1), date(2025, 12, 31)))
def test_a_written_day_is_read_back(day: date) -> None:
    (found,) = date_ranges(f"It was {day:%-d %B %Y}.", day + timedelta(days=400))
    assert found.since == found.until == day


def test_threads_that_stem_at_once_get_what_one_alone_gets() -> None:
    chance = random.Random(7)
    made = [
        "".join(chance.choice("abcdeinlsyt") for _ in range(chance.randint(3, 14))) + "izations" for _ in range(4000)
    ]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(stem, made))
    stem.cache_clear()
    assert together == [stem(word) for word in made]
