"""The pure parts of asking: screening, rewriting, filters, fusion, records."""

from datetime import date

import pytest

from assistant.ask.filters import filter_of
from assistant.ask.fuse import Fusion, convex_combination, fuse, reciprocal_rank_fusion
from assistant.ask.quote import quoted
from assistant.ask.retrieve import DATE_BOOST, Preference, boost
from assistant.ask.rewrite import stand_alone
from assistant.ask.screen import MAX_QUESTION, checked, small_talk, unsupported_language
from assistant.errors import BadInput, TooLarge
from assistant.records import parse_request, to_dict
from assistant.text.dates import date_ranges
from assistant.types import Coverage, Evidence, Request, Scored, Source, Turn


@pytest.mark.parametrize("question", ["", "   ", "?!"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(BadInput, match="empty"):
        checked(question)


def test_an_endless_question_is_refused_with_the_limit() -> None:
    with pytest.raises(TooLarge, match=f"{MAX_QUESTION:,}"):
        checked("a" * 100_000)


@pytest.mark.parametrize("question", ["hi!", "Hello there", "Thank you", "what can you answer?"])
def test_greetings_and_questions_about_the_corpus_need_no_search(question: str) -> None:
    reason = small_talk(question, Coverage(articles=3, outlets={"The Harbour Courier": 3}))
    assert reason is not None
    assert "3 articles" in reason.message
    assert "The Harbour Courier (3)" in reason.message


@pytest.mark.parametrize("question", ["What can you tell me about Putin?", "Who said hello to the Pope?"])
def test_ordinary_questions_are_not_small_talk(question: str) -> None:
    assert small_talk(question, Coverage()) is None


ENGLISH = frozenset({"en"})


@pytest.mark.parametrize("question", ["Wann wurde der Vertrag unterzeichnet?", "Кто подписал договор?", "谁签署了条约"])
def test_a_language_that_cannot_be_read_is_named(question: str) -> None:
    reason = unsupported_language(question, ENGLISH)
    assert reason is not None
    assert reason.code == "unsupported_language"
    assert unsupported_language(question, frozenset()) is None


@pytest.mark.parametrize("question", ["Putin Pezeshkian treaty Moscow", "Who won?", "Bushehr reactor megawatts"])
def test_short_english_is_read(question: str) -> None:
    assert unsupported_language(question, ENGLISH) is None


def _asked(*contents: str) -> list[Turn]:
    return [Turn("user" if i % 2 == 0 else "assistant", c) for i, c in enumerate(contents)]


def test_follow_ups_carry_the_subject_over() -> None:
    history = _asked("Who signed the treaty between Russia and Iran?", "Putin and Pezeshkian signed it.")
    assert {"Russia", "Iran", "treaty"} <= set(
        stand_alone("When was it signed?", history).replace("(", " ").replace(")", " ").split()
    )
    assert "North Korea" in stand_alone("What about North Korea?", history)


def test_a_question_with_its_own_subject_is_left_alone() -> None:
    question = "How many people watched the Chandrayaan-3 landing?"
    assert stand_alone(question, _asked("Who won Euro 2024?", "Spain.")) == question


def test_as_of_hides_later_publications() -> None:
    admit = filter_of(Request("q", until=date(2025, 1, 1), as_of=date(2024, 6, 1), outlets=(" Meridian WIRE ",)))
    assert (admit.since, admit.until, admit.outlets) == (None, 20240601, ("meridian wire",))
    assert not admit.admits(Source("a", outlet="Meridian Wire"))  # undated


def test_a_range_that_holds_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="before its end"):
        filter_of(Request("q", since=date(2025, 1, 2), until=date(2025, 1, 1)))


def test_fusion_follows_the_formula() -> None:
    fused = reciprocal_rank_fusion([[Scored("a", 9), Scored("b", 8)], [Scored("b", 1)]], k=60)
    assert [s.chunk_id for s in fused] == ["b", "a"]
    assert fused[0].score == pytest.approx(1 / 62 + 1 / 61)


def test_a_convex_combination_weighs_scores_within_each_ranking() -> None:
    dense = ("dense", (Scored("a", 0.9), Scored("b", 0.6), Scored("c", 0.5)))
    lexical = ("lexical", (Scored("c", 20.0), Scored("d", 10.0)))
    fused = {s.chunk_id: s.score for s in convex_combination([dense, lexical], {"dense": 0.4, "lexical": 0.6})}
    assert fused == pytest.approx({"c": 0.6, "a": 0.4, "b": 0.1, "d": 0.0})
    assert list(fused) == ["c", "a", "b", "d"]
    alone = convex_combination([("dense", (Scored("a", 0.3),)), ("lexical", ())], {"dense": 0.4, "lexical": 0.6})
    assert alone == [Scored("a", 0.4)], "the only one found is the best found"


def test_the_fusion_that_is_set_is_used() -> None:
    rankings = [("dense", (Scored("a", 0.9), Scored("b", 0.1))), ("lexical", (Scored("b", 2.0), Scored("a", 1.9)))]
    assert fuse(rankings, Fusion(dense_share=1.0))[0].chunk_id == "a"
    assert fuse(rankings, Fusion(dense_share=0.0))[0].chunk_id == "b"
    assert fuse(rankings, Fusion("rrf", rrf_k=60))[0].score == pytest.approx(1 / 61 + 1 / 62)


MAY = date(2025, 5, 31)


@pytest.mark.parametrize(
    ("published", "gain"),
    [
        (MAY, 0.5),
        (date(2025, 6, 1), 0.5),
        (date(2025, 5, 1), 0.5 / 2.718),
        (date(2020, 1, 1), 0.0),
        (date(2025, 6, 3), 0.0),
        (None, 0.0),
    ],
)
def test_what_was_published_shortly_before_the_question_gains(published: date | None, gain: float) -> None:
    """A day later may be a matter of time zones; what is later than that the question cannot mean."""
    assert boost(published, Preference(asked_on=MAY), 0.5) == pytest.approx(1 + gain, abs=1e-3)


def test_a_question_that_names_a_day_prefers_that_day_and_not_the_newest() -> None:
    named = Preference(date_ranges("What happened in March 2024?", MAY), MAY)
    assert boost(date(2024, 3, 9), named, 0.5) == 1 + DATE_BOOST
    assert boost(MAY, named, 0.5) == 1
    assert boost(MAY, Preference(), 0.5) == 1, "a search that no question stands behind"


def test_a_record_is_read_with_its_aliases_and_unknown_fields() -> None:
    request = parse_request({"question": "x", "question_date": "2025-11-25", "extra": 1, "documents": [{"text": "t"}]})
    assert to_dict(request)["asked_at"] == "2025-11-25T00:00:00Z"


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({}, "question"),
        ({"question": "x", "history": [{"role": "bot", "content": ""}]}, "history.0.role"),
        ({"question": "x", "since": "soon"}, "since"),
    ],
)
def test_a_wrong_record_names_its_field(record: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput, match=field):
        parse_request(record)


def _evidence(*sentences: tuple[float, int]) -> tuple[Evidence, ...]:
    """Evidence of these scores and lengths in words, best first."""
    return tuple(
        Evidence(str(n), Source("a"), " ".join(f"w{n}x{i}" for i in range(length)), 0, 1, score)
        for n, (score, length) in enumerate(sentences, 1)
    )


@pytest.mark.parametrize(
    ("sentences", "labels"),
    [
        ([(0.8, 20), (0.7, 20), (0.7, 20), (0.6, 5)], "123"),  # as many as may be said
        ([(0.8, 50), (0.7, 20), (0.7, 20), (0.7, 20)], "234"),  # three short ones say more than a long one
        ([(0.8, 50), (0.6, 20), (0.5, 20)], "1"),  # which are not near the best
        ([(0.8, 90)], "1"),  # one alone may be longer
        ([(0.8, 90), (0.6, 70)], "1"),
        ([(0.9, 40), (0.7, 20), (0.65, 10)], "12"),
    ],
)
def test_the_set_of_quotes_that_says_most_within_the_room(sentences: list[tuple[float, int]], labels: str) -> None:
    assert "".join(one.label for one in quoted(_evidence(*sentences), 3, 60)) == labels


def test_without_evidence_nothing_is_quoted() -> None:
    assert quoted((), 3, 60) == ()
