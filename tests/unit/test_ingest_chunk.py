"""Passages hold whole sentences, cover the text once and have exact offsets."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ingest.chunk import chunk
from assistant.text.passage import passage_text
from assistant.text.sentences import sentences
from assistant.types import Chunk, Source

WORDS = st.sampled_from("the bridge Mr. Smith cost 12.5 million U.S. ‘quoted’ (sic) über said e.g. don't".split())
SENTENCE = st.lists(WORDS, min_size=1, max_size=40).map(lambda words: " ".join(words) + ".")

TEXT = st.lists(st.lists(SENTENCE, min_size=1, max_size=6).map(" ".join), max_size=12).map("\n\n".join)


@given(TEXT, st.integers(20, 200))
def test_every_sentence_lies_whole_in_exactly_one_passage(text: str, words: int) -> None:
    spans = chunk(text, "en", words)
    for sentence in sentences(text):
        if len(text[sentence.start : sentence.end].split()) <= 2 * words:
            holders = [span for span in spans if span.start <= sentence.start and sentence.end <= span.end]
            assert len(holders) == 1


@given(TEXT, st.integers(20, 200))
def test_passages_are_in_order_and_leave_out_only_white_space(text: str, words: int) -> None:
    spans = chunk(text, "en", words)
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    assert edges == sorted(edges)
    assert all(not text[edges[i] : edges[i + 1]].strip() for i in range(0, len(edges), 2))
    assert all(text[span.start : span.end] == text[span.start : span.end].strip() != "" for span in spans)


@given(TEXT, st.integers(60, 200))
def test_passages_are_neither_tiny_nor_much_too_long(text: str, words: int) -> None:
    sizes = [len(text[span.start : span.end].split()) for span in chunk(text, "en", words)]
    assert all(size >= 40 for size in sizes[-1:]) or len(sizes) == 1 or not sizes
    assert all(size <= words + 40 for size in sizes if size <= 2 * words)


def test_a_passage_ends_with_its_paragraph_when_it_is_full_enough() -> None:
    paragraph = " ".join(["One two three four five six seven eight nine ten."] * 12)
    text = f"{paragraph}\n\n{paragraph}"
    assert [text[span.start : span.end] for span in chunk(text)] == [paragraph, paragraph]


def test_a_monstrous_sentence_is_broken_at_white_space_only() -> None:
    text = " ".join(f"word{i}" for i in range(1000))
    spans = chunk(text, "en", 170)
    assert len(spans) == 6
    assert " ".join(text[span.start : span.end] for span in spans) == text


def test_scripts_without_spaces_are_cut_too() -> None:
    text = "条約は金曜日に署名された。" * 100
    assert len(chunk(text, "ja")) > 2


@pytest.mark.parametrize("text", ["", "   \n\n  "])
def test_nothing_gives_no_passage(text: str) -> None:
    assert chunk(text) == ()


def test_a_passage_is_indexed_under_title_outlet_and_date() -> None:
    source = Source(
        "a", title="Bridge closed", outlet="Harbour Courier", published_at=datetime(2025, 1, 17, 23, tzinfo=UTC)
    )
    assert (
        passage_text(Chunk("a:0", source, "It is shut.", 0, 11))
        == "Bridge closed\nHarbour Courier, 17 January 2025\nIt is shut."
    )
    assert passage_text(Chunk("a:0", Source("a"), "It is shut.", 0, 11)) == "It is shut."
