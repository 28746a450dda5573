"""Scores of one case, against examples worked out by hand, boundaries included."""

from math import log2
from typing import Any

import pytest
from evals_examples import ARTICLE, GOLD, SENTENCES, answer, answered, case, evidence, passage, silent

from assistant.types import Answer, Request, Turn
from evals.datasets import Gold
from evals.match import Span, same
from evals.results import Failure, Opened, Result
from evals.score_answer import answer_scores, is_right, silence_scores
from evals.score_citations import citation_scores, uncited
from evals.score_retrieval import first_words, retrieval_scores
from evals.scoring import cluster_of, score_case
from evals.statistics import Score

QUOTED = answered(answer([SENTENCES[0]], [evidence()]))


def values(scores: dict[str, Score]) -> dict[str, float]:
    return {name: score.value for name, score in scores.items()}


def test_a_right_answer_by_hand() -> None:
    scores = values(answer_scores(case(), GOLD, QUOTED))
    assert scores["right"] == scores["gold_contained"] == scores["crag"] == scores["conflict_true_only"] == 1
    assert scores["exact_match"] == scores["planted_wrong"] == scores["conflict_neither"] == 0
    assert scores["answer_words"] == 10
    # Of the ten words, "the" goes; "ada lund" has two of the nine left.
    assert scores["token_f1"] == pytest.approx(2 * (2 / 9) * 1 / (2 / 9 + 1))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Ben Hill did.", {"right": 0, "crag": -1, "planted_wrong": 1, "conflict_planted_only": 1}),
        ("Ada Lund, or Ben Hill.", {"right": 1, "planted_wrong": 1, "conflict_both": 1, "conflict_true_only": 0}),
        ("Somebody.", {"right": 0, "crag": -1, "planted_wrong": 0, "conflict_neither": 1}),
        ("", {"right": 0, "crag": -1, "answer_words": 0, "token_f1": 0}),
        ("ADA LÜND", {"right": 1, "exact_match": 1}),
    ],
)
def test_other_answers_by_hand(said: str, expected: dict[str, float]) -> None:
    scores = values(answer_scores(case(), GOLD, answered(answer([said], [evidence()]))))
    assert {name: scores[name] for name in expected} == expected


def test_silence_is_not_right_where_there_is_an_answer_and_right_where_there_is_none() -> None:
    assert values(answer_scores(case(), GOLD, silent())) == {"right": 0, "crag": 0}
    unanswerable = case(answerable=False, answers=(), gold_article_ids=(), gold_quotes=())
    assert is_right(unanswerable, Gold(), silent()) is True
    assert is_right(unanswerable, Gold(), QUOTED) is False
    assert values(answer_scores(unanswerable, Gold(), QUOTED))["crag"] == -1
    assert "right" not in answer_scores(unanswerable, Gold(), QUOTED)


def test_an_answer_of_several_parts_needs_them_all() -> None:
    parts = Gold(parts=(("Ada Lund", "Lund"), ("12 million",)))
    assert not is_right(case(), parts, QUOTED)
    assert is_right(case(), parts, answered(answer(list(SENTENCES[:2]), [evidence()], [("1",), ("1",)])))


def test_the_table_of_silence_adds_up_to_its_published_ratios() -> None:
    unanswerable = case(answerable=False, answers=())
    cells = [
        silence_scores(unanswerable, silent()),  # TP
        silence_scores(unanswerable, QUOTED),  # FN
        silence_scores(case(), silent()),  # FP
        silence_scores(case(), QUOTED),  # TN
    ]

    def mean(name: str) -> float:
        found = [cell[name] for cell in cells if name in cell]
        return sum(s.value * s.weight for s in found) / sum(s.weight for s in found)

    assert (mean("silence_precision"), mean("silence_recall"), mean("silence_f1")) == (1 / 2, 1 / 2, 1 / 2)
    assert mean("answered_answerable") == 1 / 2


def test_good_citations_by_hand() -> None:
    scores = values(citation_scores(case(), GOLD, QUOTED))
    ones = ("citation_validity", "citation_coverage", "span_fidelity", "gold_article_f1", "gold_quote_f1", "support")
    assert [scores[name] for name in ones] == [1] * 6
    assert scores["numbers_supported"] == scores["dates_supported"] == scores["names_supported"] == 1
    assert scores["mis_citation"] == 0
    assert "negation_kept" not in scores


def test_an_answer_without_citations_has_coverage_nought_and_no_validity() -> None:
    bare = answered(Answer("?", "answered", "Ada Lund opened it. It cost 12 euros."))
    scores = values(citation_scores(case(), GOLD, bare))
    assert scores["citation_coverage"] == scores["gold_article_hit"] == scores["support"] == 0
    assert scores["numbers_supported"] == 0
    assert "citation_validity" not in scores
    assert "span_fidelity" not in scores


def test_a_label_out_of_range_is_invalid_and_covers_nothing() -> None:
    scores = values(citation_scores(case(), GOLD, answered(answer([SENTENCES[0]], [evidence()], [("1", "7")]))))
    assert scores["citation_validity"] == 1 / 2
    assert scores["citation_coverage"] == 1
    wrong = values(citation_scores(case(), GOLD, answered(answer([SENTENCES[0]], [evidence()], [("7",)]))))
    assert wrong["citation_coverage"] == wrong["citation_validity"] == wrong["gold_article_hit"] == 0


def test_an_answer_that_is_empty_has_no_covered_sentence() -> None:
    scores = values(citation_scores(case(), GOLD, answered(Answer("?", "answered"))))
    assert scores["citation_coverage"] == 0
    assert scores["gold_quote_recall"] == 0
    assert "support" not in scores


@pytest.mark.parametrize("opened", [(), (Opened(text="Other words."),), (Opened(found=False),)])
def test_a_citation_that_opens_elsewhere_breaks_fidelity(opened: tuple[Opened, ...]) -> None:
    given = answer([SENTENCES[0]], [evidence()])
    assert values(citation_scores(case(), GOLD, answered(given, opened=opened)))["span_fidelity"] == 1 / 2


def test_gold_articles_and_quotes_by_hand() -> None:
    cited = [evidence(), evidence(SENTENCES[1], label="2"), evidence("The moon is far.", "b", "3", 0)]
    given = answered(answer(["Ada Lund.", "It cost 12.", "Far."], cited))
    two = case(gold_article_ids=("a", "z"), gold_quotes=(SENTENCES[0], SENTENCES[2]))
    scores = values(citation_scores(two, Gold(), given))
    assert (scores["gold_article_precision"], scores["gold_article_recall"]) == (1 / 2, 1 / 2)
    assert (scores["gold_quote_precision"], scores["gold_quote_recall"]) == (pytest.approx(1 / 3), 1 / 2)
    assert scores["gold_quote_f1"] == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))


def test_a_long_citation_cannot_hide_a_quote() -> None:
    scores = values(citation_scores(case(), GOLD, answered(answer([ARTICLE], [evidence(ARTICLE)]))))
    assert scores["gold_quote_hit"] == 1
    assert scores["gold_quote_precision"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("said", "metric", "value"),
    [
        ("Ada Lund opened the bridge on 4 May 2024.", "dates_supported", 0),
        ("Ada Lund opened 5 bridges.", "numbers_supported", 0),
        ("It was Ada Hill who opened the bridge.", "names_supported", 1 / 2),
        ("Mayor Ada Lund opened the bridge.", "names_supported", 1),
        ("The Courier says Ada Lund opened the bridge.", "names_supported", 1),
        ("Mayor Ada Lund never opened the bridge.", "negation_kept", 0),
    ],
)
def test_what_a_citation_does_not_say_is_found(said: str, metric: str, value: float) -> None:
    assert values(citation_scores(case(), GOLD, answered(answer([said], [evidence()]))))[metric] == value


def test_a_claim_that_another_passage_supports_better_is_mis_cited() -> None:
    given = answer(["It cost 12 million euros."], [evidence()])
    assert values(citation_scores(case(), GOLD, answered(given, [passage("a", ARTICLE)])))["mis_citation"] == 1
    assert values(citation_scores(case(), GOLD, answered(given, [passage("b")])))["mis_citation"] == 0


def test_uncited_sentences_are_those_outside_of_the_claims() -> None:
    given = answer([SENTENCES[1]], [evidence(SENTENCES[1])])
    assert uncited(given) == []
    padded = Answer("?", "answered", f"Well now. {given.text} So there.", given.claims, given.evidence)
    assert uncited(padded) == ["Well now.", "So there."]


def test_retrieval_by_hand() -> None:
    # Articles in the order of their first passage: x, a, y, b. Gold: a and b.
    found = [passage("x"), passage("a"), passage("a", start=50), passage("y"), passage("b")]
    result = answered(answer([], []), found, rankings={"dense": ("a", "x"), "lexical": ("x", "y", "b")})
    scores = values(retrieval_scores(case(gold_article_ids=("a", "b")), Gold(), result))
    assert scores["mrr"] == 1 / 2
    assert [scores[f"hit@{k}"] for k in (1, 3, 5, 10)] == [0, 1, 1, 1]
    assert [scores[f"recall@{k}"] for k in (1, 3, 5, 10)] == [0, 1 / 2, 1, 1]
    assert scores["ndcg@5"] == pytest.approx((1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3)))
    assert (scores["dense_hit@1"], scores["lexical_hit@1"], scores["lexical_hit@3"]) == (1, 0, 1)


def test_the_answer_within_the_first_words() -> None:
    found = [passage("x", "word " * 199), passage("a", "Ada Lund", 0)]
    exact = case(answers=("Ada Lund",))
    scores = values(retrieval_scores(exact, GOLD, answered(answer([], []), found)))
    assert (scores["answer_in_200"], scores["answer_in_900"]) == (0, 1)
    assert first_words(["a b", "c"], 2) == ["a", "b"]


def test_quotes_in_passages_and_in_the_evidence_chosen() -> None:
    found = [passage("b"), passage("a", ARTICLE)]
    scores = values(retrieval_scores(case(), GOLD, answered(answer([SENTENCES[0]], [evidence()]), found)))
    assert (scores["quote_hit@1"], scores["quote_hit@3"], scores["evidence_recall"]) == (0, 1, 1)


def test_nothing_retrieved_scores_nought_and_the_unanswerable_have_no_retrieval() -> None:
    scores = values(retrieval_scores(case(), GOLD, silent()))
    assert scores["hit@10"] == scores["mrr"] == scores["answer_in_1700"] == 0
    assert retrieval_scores(case(answerable=False), GOLD, silent()) == {}


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span("a", 0, 47, "x"), True),
        (Span("a", 24, 60, "x"), True),  # 23 of its 36 characters are the quote's
        (Span("a", 30, 70, "x"), False),  # 17 of 40
        (Span("a", 47, 72, "x"), False),
        (Span("b", 0, 40, "The mayor, Ada Lund, opened the bridge on May 3, 2024, she said."), True),
        (Span("b", 0, 40, "The mayor of another town closed a tunnel."), False),
        (Span("b", 0, 40, "Mayor Ada Hill opened the bridge on 3 May 2024."), False),
        (Span("b", 0, 40, "Mayor Ada Lund opened the bridge on 4 May 2024."), False),
        (Span("b", 0, 8, "Ada Lund"), True),
        (Span("b", 0, 4, "Lun"), False),
        (Span("b", 0, 0, ""), False),
    ],
)
def test_a_span_is_on_a_quote_at_its_place_or_as_a_copy(span: Span, expected: bool) -> None:
    assert same(span, Span("a", 0, 47, SENTENCES[0])) is expected


def scored(result: Result | None, **changes: Any) -> Any:
    return score_case(case(**changes), Gold(), result)


def test_four_outcomes_are_kept_apart() -> None:
    failed = Result("c1", "error", error=Failure("model_unavailable", "Away."))
    assert scored(failed).outcome == "error"
    assert scored(failed).scores == {}
    assert scored(failed).right is None
    assert scored(None).outcome == "unscored"
    nothing_known = scored(QUOTED, answers=(), gold_article_ids=(), gold_quotes=())
    assert nothing_known.outcome == "unscored"
    only_articles = scored(QUOTED, answers=(), gold_quotes=())
    assert (only_articles.outcome, only_articles.right) == ("answered", None)
    assert only_articles.scores["gold_article_hit"].value == 1


def test_a_scorer_that_fails_leaves_the_case_unscored_and_says_why() -> None:
    broken = score_case(case(gold_quotes=()), GOLD, QUOTED)  # a place for a quote that does not exist
    assert broken.outcome == "unscored"
    assert broken.scores == {}
    assert "IndexError" in broken.why[0]


def test_cases_that_depend_on_each_other_share_a_cluster() -> None:
    assert cluster_of(case(), Gold(cluster="conversation 7")) == "conversation 7"
    assert cluster_of(case(), Gold()) == "a"
    alone = case(gold_article_ids=())
    assert cluster_of(alone, Gold()) == "c1"
    turn = Request("And then?", history=(Turn("user", "Who opened it?"), Turn("assistant", "Lund.")))
    assert cluster_of(case(gold_article_ids=(), request=turn), Gold()) == "Who opened it?"
    assert cluster_of(case(gold_article_ids=(), id="talk::3"), Gold()) == "talk"
