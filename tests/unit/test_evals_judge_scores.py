"""Judged scores of one answer, against examples worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from evals_examples import GOLD, SENTENCES, answer, answered, case, evidence, passage, silent

from assistant.types import Answer, Request, Turn
from evals.datasets import Gold
from evals.judging.material import Material, Statement, answer_hash, material
from evals.judging.port import Pair
from evals.judging.shares import Share, citation_shares, claim_shares, relevant, share, shares

Told = Mapping[tuple[str, str], bool | None]
A, B, C = "text a", "text b", "text c"


class Says:
    """A judge that says what it is told to, and keeps what it is asked."""

    def __init__(self, told: Told) -> None:
        self.told, self.asked = told, []

    def __call__(self, pair: Pair) -> bool | None:
        self.asked.append((pair.premise, pair.hypothesis))
        return self.told[pair.premise, pair.hypothesis]


def test_shares_leave_out_what_is_unscored_and_count_it() -> None:
    assert share([True, False, None]) == Share(1 / 2, 2, 1)
    assert share([None]) == Share(None, 0, 1)
    assert share([]) == Share(None, 0, 0)


def test_citation_recall_and_precision_by_hand() -> None:
    statements = [
        Statement("s1", (A,)),  # entailed by its only citation: 1 of 1
        Statement("s2", (A, B)),  # entailed by both together; a alone does; b alone does not, and a still does: 1 of 2
        Statement("s3", (B,)),  # not entailed: 0 of 1
        Statement("s4"),  # not cited
    ]
    told = {
        (A, "s1"): True,
        (f"{A}\n{B}", "s2"): True, (A, "s2"): True, (B, "s2"): False,
        (B, "s3"): False,
    }  # fmt: skip
    found = citation_shares(statements, Says(told))
    assert found["judged_citation_recall"] == Share(2 / 4, 4)
    assert found["judged_citation_precision"] == Share(2 / 4, 4)


def test_citations_that_only_together_entail_are_all_needed() -> None:
    told = {(A, "s"): False, (B, "s"): False}
    ask = Says(told)
    assert relevant(Statement("s", (A, B)), True, ask) == [True, True]
    assert ask.asked == [(A, "s"), (B, "s"), (B, "s"), (A, "s")]
    three = {(A, "s"): False, (B, "s"): True, (C, "s"): None, (f"{B}\n{C}", "s"): True}
    assert relevant(Statement("s", (A, B, C)), True, Says(three)) == [False, True, None]


def test_nothing_more_is_asked_of_a_sentence_that_is_not_entailed() -> None:
    for recall in (False, None):
        ask = Says({})
        assert relevant(Statement("s", (A, B)), recall, ask) == [recall, recall]
        assert ask.asked == []


def test_no_citation_and_a_label_that_names_nothing_as_in_alces_script() -> None:
    ask = Says({})
    found = citation_shares([Statement("s")], ask)
    assert found == {"judged_citation_recall": Share(0, 1), "judged_citation_precision": Share(0.0, 0)}
    wrong = citation_shares([Statement("s", (A,), valid=False)], ask)
    assert wrong == found
    assert citation_shares([], ask) == {}


def shown(*statements: Statement, **changes: object) -> Material:
    known = {"said": "said", "found": "found", "gold": "gold", "nuggets": (), "quotes": ()}
    return Material(statements=statements, **(known | changes))  # type: ignore[arg-type]


def test_the_four_kinds_of_claims_by_hand() -> None:
    names = ("s1", "s2", "s3", "s4", "s5", "s6", "s7")
    statements = [Statement(name, (A,)) for name in names]
    cited = {"s1": True, "s2": False, "s3": True, "s4": False, "s5": False, "s6": None, "s7": True}
    found = {"s2": True, "s4": False, "s5": False}
    right = {"s1": True, "s2": True, "s3": False, "s4": True, "s5": False, "s6": True, "s7": None}
    told = {(A, n): v for n, v in cited.items()} | {("found", n): v for n, v in found.items()}
    told |= {("gold", n): v for n, v in right.items()}
    ask = Says(told)
    # s1 and s2 are grounded and right, s3 grounded and wrong, s4 right from memory, s5 made up; s6 and s7 half known.
    assert claim_shares(shown(*statements), ask) == {
        "judged_grounded": Share(4 / 6, 6, 1),
        "judged_right": Share(4 / 6, 6, 1),
        "judged_grounded_right": Share(2 / 5, 5, 2),
        "judged_grounded_wrong": Share(1 / 5, 5, 2),
        "judged_ungrounded_right": Share(1 / 5, 5, 2),
        "judged_hallucinated": Share(1 / 5, 5, 2),
    }
    assert ("found", "s1") not in ask.asked  # its citation says it already


def test_without_gold_only_grounding_is_judged_and_without_anything_found_nothing_is_grounded() -> None:
    ask = Says({})
    assert claim_shares(shown(Statement("s"), gold="", found=""), ask) == {"judged_grounded": Share(0, 1)}
    assert ask.asked == []


def test_nuggets_by_hand() -> None:
    told = {("said", "q a"): True, ("said", "q b"): False, ("said", "quote"): None}
    found = shares(shown(nuggets=("q a", "q b"), quotes=("quote",), gold=""), Says(told))
    assert found == {"judged_nuggets": Share(1 / 2, 2), "judged_quotes": Share(None, 0, 1)}


def test_what_is_shown_of_a_case() -> None:
    day = datetime(2024, 5, 4, tzinfo=UTC)
    first = evidence()
    first = replace(first, source=replace(first.source, published_at=day))
    given = answer(["Ada Lund did.", "It cost 12."], [first, evidence(SENTENCES[1], label="2")], [("1", "2"), ("7",)])
    given = replace(given, text=f"{given.text} Well now.")
    found = material(case(), GOLD, answered(given, [passage("b", "Other words.")]))
    assert found is not None
    cited = (f"A bridge, 4 May 2024\n{SENTENCES[0]}", f"A bridge\n{SENTENCES[1]}")
    assert found.statements == (
        Statement("Ada Lund did.", cited),
        Statement("It cost 12.", (), valid=False),
        Statement("Well now."),
    )
    assert found.found == "\n\n".join([*cited, "A title\nOther words."])
    assert found.gold == f"Who opened the bridge? Ada Lund\n{SENTENCES[0]}"
    assert found.nuggets == ("Who opened the bridge? Ada Lund",)
    assert found.quotes == (SENTENCES[0],)


def test_parts_of_an_answer_are_nuggets_and_a_follow_up_is_asked_on_its_own() -> None:
    parts = Gold(parts=(("Ada Lund", "Lund"), ("12 million",)), stand_alone="Who opened it, and for how much?")
    turn = Request("And?", history=(Turn("user", "Who opened it?"),))
    found = material(case(request=turn, gold_quotes=()), parts, answered(answer(["She did."], [evidence()])))
    assert found is not None
    assert found.nuggets == (
        "Who opened it, and for how much? Ada Lund",
        "Who opened it, and for how much? 12 million",
    )
    assert found.gold == "Who opened it, and for how much? Ada Lund; 12 million"


def test_what_cannot_be_answered_has_no_gold_and_silence_is_not_judged() -> None:
    found = material(case(answerable=False), Gold(), answered(answer(["She did."], [evidence()])))
    assert found is not None
    assert (found.gold, found.nuggets, found.quotes) == ("", (), ())
    assert material(case(), GOLD, silent()) is None
    assert material(case(), GOLD, answered(Answer("?", "answered", " "))) is None


@pytest.mark.parametrize("other", ["She did not.", "She  did."])
def test_another_answer_has_another_hash(other: str) -> None:
    one = answered(answer(["She did."], [evidence()]))
    assert answer_hash(one) == answer_hash(replace(one, seconds=9.0))
    assert answer_hash(one) != answer_hash(answered(answer([other], [evidence()])))
    assert answer_hash(one) != answer_hash(answered(answer(["She did."], [evidence()], [("2",)])))
