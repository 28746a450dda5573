"""What every searcher promises, over a home's indexes and over documents in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from synthetic import ALL, KINDS, OUTLETS, Home, found, item, random_item

from assistant.errors import BadInput
from assistant.index.corpus import MemoryCorpus, index_documents
from assistant.index.vector import VectorIndex
from assistant.models.hashing import HashingEmbedder
from assistant.ports import Corpus, StoredItem
from assistant.types import Document, Filter

Build = Callable[[list[StoredItem]], Corpus]


def in_home(items: list[StoredItem], folder: Path) -> Corpus:
    home = Home(folder)
    home.store(*items)
    return home.corpus


def in_memory(items: list[StoredItem], folder: Path) -> Corpus:
    """The same chunks as `in_home` has: those of the catalog."""
    home = Home(folder)
    home.catalog.put(items)
    chunks = home.catalog.current_chunks([i.article.source.article_id for i in items])
    return MemoryCorpus([chunk for some in chunks.values() for chunk in some], home.embedder)


@pytest.fixture(params=[in_home, in_memory])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    return lambda items: request.param(items, tmp_path)


def ids(corpus: Corpus, question: str, admit: Filter = ALL, limit: int = 10) -> list[list[str]]:
    return [[scored.chunk_id for scored in s.search(question, admit, limit)] for s in corpus.searchers]


def test_the_best_comes_first_and_no_more_than_the_limit(build: Build) -> None:
    corpus = build([
        item("quake", ["A quake shook the harbour.", "Nobody was hurt."]),
        item("budget", ["Ministers passed the budget."]),
        item("storm", ["A storm closed the harbour."]),
    ])  # fmt: skip
    for searcher in corpus.searchers:
        scored = searcher.search("Which quake shook the harbour?", ALL, 2)
        assert scored[0].chunk_id == "quake#1.0"
        assert len(scored) <= 2
        assert scored == sorted(scored, key=lambda s: -s.score)
        assert searcher.search("quake", ALL, 0) == []
    assert [searcher.stage for searcher in corpus.searchers] == ["dense", "lexical"]


def test_an_empty_corpus_finds_nothing(build: Build) -> None:
    corpus = build([])
    assert not any(ids(corpus, "Who signed the treaty?"))
    assert corpus.chunks(["a#1.0"]) == {}
    assert corpus.coverage().articles == 0


def test_words_are_found_whatever_their_form(build: Build) -> None:
    corpus = build([
        item("us", ["The U.S. imposed sanctions."]), item("pronoun", ["They told us nothing."]),
        item("accent", ["Erdoğan met José in Zürich."]), item("title", ["Nothing more is known."], title="Landslides"),
    ])  # fmt: skip
    for question, expected in [
        ("Which sanction did the US impose?", "us#1.0"),
        ("Erdogan, Jose, Zurich", "accent#1.0"),
        ("Which landslide?", "title#1.0"),
    ]:
        assert ids(corpus, question)[1] == [expected]
    assert ids(corpus, "us who?")[1] == []  # only words that say nothing


@pytest.mark.parametrize(
    "question",
    ["", "?", 'said: "treaty" AND (', "title:x^2 -[a TO b] *:*", "\x00\ud800 treaty", "x" * 100_000, "日本語の質問"],
    ids=["empty", "mark", "quotes", "syntax", "surrogate", "long word", "japanese"],
)
def test_any_question_may_be_asked(build: Build, question: str) -> None:
    corpus = build([item("a", ["Envoys signed the treaty."])])
    for names in ids(corpus, question):
        assert set(names) <= {"a#1.0"}


def test_a_very_long_question_is_searched_by_its_rarest_words(build: Build) -> None:
    corpus = build([
        item("needle", ["The zeppelin landed."]),
        *[item(f"hay{n}", [" ".join(f"common{k}" for k in range(100)) + "."]) for n in range(3)],
    ])  # fmt: skip
    question = " ".join(f"common{n % 100} filler{n}" for n in range(6_000)) + " zeppelin"
    assert len(question) > 100_000
    assert "needle#1.0" in ids(corpus, question)[1]


def test_a_filter_changes_no_score(build: Build) -> None:
    corpus = build([random_item(n) for n in range(30)])
    for searcher in corpus.searchers:
        free = {s.chunk_id: s.score for s in searcher.search("treaty storm", ALL, 100)}
        kept = searcher.search("treaty storm", Filter(since=20240301, kinds=("report",)), 100)
        assert kept
        assert all(abs(free[s.chunk_id] - s.score) < 1e-5 for s in kept)


DAYS = [datetime(2024, 12, 31, 23, 59, tzinfo=UTC) + timedelta(minutes=minutes) for minutes in (0, 1, 2, 1441, 44_000)]
BOUNDS = st.none() | st.sampled_from([20241230, 20241231, 20250101, 20250102, 20250131, 20260101])
CORPORA = st.lists(
    st.builds(
        lambda words, day, outlet, kind: (words, {"published_at": day, "outlet": outlet, "kind": kind}),
        st.lists(st.sampled_from(["treaty", "treaty storm", "treaty quake court"]), min_size=1, max_size=3),
        st.none() | st.sampled_from(DAYS),
        st.sampled_from(OUTLETS),
        st.sampled_from(KINDS),
    ),
    min_size=1,
    max_size=10,
)
FILTERS = st.builds(
    Filter,
    since=BOUNDS,
    until=BOUNDS,
    outlets=st.lists(st.sampled_from([o.casefold() for o in OUTLETS]), max_size=2, unique=True).map(tuple),
    kinds=st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(corpus=[(["treaty"] * 3, {"outlet": "STRASSENBOTE"})] * 3, filters=[Filter(outlets=("strassenbote",))])
@given(corpus=CORPORA, filters=st.lists(FILTERS, min_size=1, max_size=8))
def test_a_filter_lets_nothing_else_through_and_all_of_its_own(
    corpus: list[tuple[list[str], dict[str, object]]], filters: list[Filter]
) -> None:
    items = [item(f"a{n}", words, **source) for n, (words, source) in enumerate(corpus)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home, memory = in_home(items, Path(folder)), in_memory(items, Path(folder))
        for admit in filters:
            admitted = sorted(
                f"{i.article.source.article_id}#1.{n}"
                for i in items
                if admit.admits(i.article.source)
                for n in range(len(i.spans))
            )
            for searcher in (*home.searchers, *memory.searchers):
                assert found(searcher, "treaty", admit) == admitted
            dense = [corpus.searchers[0].search("storm treaty", admit, 100) for corpus in (home, memory)]
            assert [s.score for s in dense[0]] == pytest.approx([s.score for s in dense[1]], abs=1e-5)


def test_both_dense_searchers_rank_alike(tmp_path: Path) -> None:
    items = [random_item(n) for n in range(60)]
    corpora = [in_home(items, tmp_path / "home"), in_memory(items, tmp_path / "memory")]
    for question in ("treaty storm bridge", "Which court voted on the budget?", "winter"):
        first, second = (corpus.searchers[0].search(question, ALL, 20) for corpus in corpora)
        assert [s.score for s in first] == pytest.approx([s.score for s in second], abs=1e-5)
        tied = {round(s.score, 4) for s in first if [round(t.score, 4) for t in first].count(round(s.score, 4)) > 1}
        clear = [[s.chunk_id for s in some if round(s.score, 4) not in tied] for some in (first, second)]
        assert clear[0] == clear[1]


def test_a_filter_reaches_what_the_graph_of_vectors_does_not(tmp_path: Path) -> None:
    """3,000 vectors of two kinds link only among their equals, so that a walk does not get to all of them."""
    index = VectorIndex(tmp_path / "chroma", HashingEmbedder(8))
    home = Home(tmp_path / "home")
    home.catalog.put([item(f"a{n}", ["x"], outlet="Rare" if n % 500 == 7 else "Other") for n in range(3_000)])
    chunks = [c for some in home.catalog.current_chunks([f"a{n}" for n in range(3_000)]).values() for c in some]
    vectors = np.eye(8, dtype=np.float32)[[n % 2 for n in range(3_000)]]
    index.apply((), chunks, vectors, 1)
    assert found(index, "y", Filter(outlets=("rare",))) == sorted(f"a{n}#1.0" for n in range(7, 3_000, 500))


def documents(*texts: str, **fields: object) -> list[Document]:
    return [Document(text, **fields) for text in texts]  # type: ignore[arg-type]


def whole(text: str, language: str) -> list[tuple[int, int]]:
    return [(0, len(text))]


def test_given_documents_are_named_by_their_position() -> None:
    corpus = index_documents(documents("A quake.", "A storm."), whole, HashingEmbedder())
    assert ids(corpus, "storm", limit=1) == [["2#1.0"], ["2#1.0"]]
    assert corpus.chunks(["2#1.0"])["2#1.0"].source.article_id == "2"
    assert corpus.sequence == 0


def test_given_documents_are_counted() -> None:
    given = [
        Document("A quake.", title="Quake", outlet="Tribune", published_at=DAYS[0]),
        Document("A storm.", id="storm"),
    ]
    found = index_documents(given, whole, HashingEmbedder()).coverage()
    assert (found.articles, found.chunks, found.undated, found.first, found.last) == (2, 2, 1, DAYS[0], DAYS[0])
    assert (dict(found.outlets), found.titles) == ({"Tribune": 1}, ("Quake",))


def test_two_documents_of_one_id_are_refused() -> None:
    with pytest.raises(BadInput, match="'2'"):
        index_documents([Document("A.", id="2"), Document("B.")], whole, HashingEmbedder())
