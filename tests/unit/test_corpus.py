"""The sample corpus is what its README says, and its cases rest on it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from assistant.bootstrap import Home
from assistant.settings import load_settings
from assistant.types import Source
from evals.overlap import windows
from evals.records import Case, read_cases

CORPUS = Path(__file__).parents[2] / "corpus"
CASES = Path(__file__).parents[2] / "evals" / "cases" / "sample.jsonl"
README = (CORPUS / "README.md").read_text(encoding="utf-8")
LAST_LINE = "Sample text written for this project; the outlet is invented."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(load_settings(home=tmp_path_factory.mktemp("home")))
    assert home.ingest([str(CORPUS)]).rejected == ()
    return home


@pytest.fixture(scope="module")
def sources(home: Home) -> list[Source]:
    return home.catalog.list_articles(limit=10_000)


def _table(head: str) -> dict[str, int]:
    (rows,) = re.findall(rf"^\| {head} \| articles \|\n\|---\|---\|\n((?:\|.*\|\n)+)", README, re.MULTILINE)
    return {name: int(count) for name, count in re.findall(r"^\| (.*?) \| (\d+) \|$", rows, re.MULTILINE)}


def test_the_counts_are_as_the_readme_says(sources: list[Source]) -> None:
    assert README.split("\n")[2].startswith(f"{len(sources)} articles")
    assert _table("kind") == Counter(source.kind for source in sources)
    assert _table("outlet") == Counter(source.outlet or "(none)" for source in sources)
    assert _table("language") == Counter(source.language for source in sources)
    years = (str(source.published_at.year) if source.published_at else "(undated)" for source in sources)
    assert _table("year") == Counter(years)


def test_every_article_says_that_it_is_a_sample(home: Home, sources: list[Source]) -> None:
    for source in sources:
        assert home.catalog.article(source.article_id).text.rstrip().endswith(LAST_LINE), source.article_id


def test_every_file_of_the_hard_cases_is_there() -> None:
    (rows,) = re.findall(r"^\| hard case \| articles \|\n\|---\|---\|\n((?:\|.*\|\n)+)", README, re.MULTILINE)
    named = 0
    for cell in re.findall(r"\| ([^|]+) \|$", rows, re.MULTILINE):
        for part in cell.split(";"):
            for strand, listed in re.findall(r"(?:^|: )?(\w+)/(.+)$", part.strip().rstrip(".")):
                for name in _names(re.sub(r" \(\w+\)", "", listed)):
                    assert (CORPUS / strand / name).is_file(), f"{strand}/{name}"
                    named += 1
    assert named > 150


def _names(listed: str) -> list[str]:
    """``a-{1, 2}.md, b.txt and c.md`` is a-1.md, a-2.md, b.txt, c.md."""
    pieces = re.split(r", (?![^{]*\})| and ", listed)
    found: list[str] = []
    for piece in pieces:
        parts = [options.split(", ") if i % 2 else [options] for i, options in enumerate(re.split(r"[{}]", piece))]
        found += ["".join(choice) for choice in product(*parts)]
    return [name for name in found if "." in name]


def test_the_overlap_check_sees_a_shared_run_and_no_shorter_one() -> None:
    text = "One two, three four five six seven eight nine."
    assert len(list(windows(text))) == 1
    assert set(windows(text.upper())) == set(windows(text))
    assert list(windows("one two three four five six seven eight")) == []


def test_every_gold_quote_stands_in_a_gold_article(home: Home) -> None:
    cases = [case for case in read_cases(CASES) if isinstance(case, Case)]
    assert len(cases) == 437
    for case in cases:
        texts = [home.catalog.article(article_id).text for article_id in case.gold_article_ids]
        assert all(any(quote in text for text in texts) for quote in case.gold_quotes), case.id
        assert case.answerable == bool(case.answers) == bool(case.gold_article_ids), case.id


def test_the_cases_are_as_many_of_each_kind_as_they_should_be() -> None:
    cases = [case for case in read_cases(CASES) if isinstance(case, Case)]
    unanswerable = [case for case in cases if not case.answerable]
    assert 0.2 <= len(unanswerable) / len(cases) <= 0.3
    for reason in ("topic-absent", "detail-absent", "false-premise", "outside-dates"):
        assert sum(reason in case.tags for case in unanswerable) >= 20
    assert sum(bool(case.request.history) for case in cases) >= 40
    assert sum(case.sealed for case in cases) == len(cases) // 2
    assert len({case.id for case in cases}) == len(cases)
