"""The scorer of support: what it counts, that it is not the product's own check, and that it agrees with people."""

import ast
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import evals.support
from evals.calibration import calibrate, spearman
from evals.support import dates, names, negated, numbers, overlap, sentences, support, tokens


def test_it_shares_no_code_with_the_product() -> None:
    tree = ast.parse(Path(evals.support.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name for name in imported if name and name.split(".")[0] in ("assistant", "evals")}


def test_support_by_hand() -> None:
    source = "The mayor opened the bridge. Rain fell. Crowds cheered loudly."
    found = support("The mayor closed the bridge.", source)
    assert found.sentence == found.words == 2 / 3  # mayor, bridge; not closed
    assert found.phrases == 0
    assert found.score == pytest.approx(4 / 9)
    assert support("Rain fell.", source).score == 1
    # "mayor" and "cheered" stand in no one sentence, but within three.
    assert (support("Mayor cheered", source).sentence, support("Mayor cheered", source).words) == (1 / 2, 1)


def test_nothing_supports_and_nothing_is_supported() -> None:
    assert support("Rain fell.", "").score == 0
    assert support("", "Rain fell.").score == 1
    assert support("", "").numbers is None


@given(st.text(max_size=80))
def test_a_text_supports_itself(text: str) -> None:
    assert support(text, text).score == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("twenty-five people and 1,000 more", {25, 1000}),
        ("3.5 million, two hundred", {3_500_000, 200}),
        ("at 12:45 no one came", set()),
        ("eleven thousand", {11_000}),
        ("", set()),
    ],
)
def test_numbers(text: str, found: set[float]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("17 January 2025", {(2025, 1, 17)}),
        ("January 17, 2025 and Jan. 17", {(2025, 1, 17)}),
        ("on 3rd of May", {(None, 5, 3)}),
        ("2025-01-17", {(2025, 1, 17)}),
        ("they may 2 times", {(None, 5, 2)}),  # known to be wrong; both sides are read alike
        ("March 2025", set()),
    ],
)
def test_dates(text: str, found: set[tuple[int | None, int, int]]) -> None:
    assert dates(text) == found


def test_a_day_without_its_year_fits_the_same_day() -> None:
    assert support("It opened on 3 May.", "It opened on 3 May 2024.").dates == 1
    assert support("It opened on 3 May 2023.", "It opened on May 3, 2024.").dates == 0


def test_names_negation_sentences_and_tokens() -> None:
    assert names("Then Mayor Ada Lund left. UN came on Monday in May.") == {"mayor", "ada", "lund", "un", "monday"}
    assert negated("He didn’t go")
    assert negated("Nobody came")
    assert not negated("He knows another")
    assert sentences('He left. "No," she said.\nRain') == ("He left.", '"No," she said.', "Rain")
    assert tokens("Zoë’s 1,000 cafés") == ("zoe", "1000", "cafes")


def test_negation_counts_where_either_side_denies() -> None:
    assert support("It rained.", "It rained.").negation is None
    assert support("It never rained.", "It rained.").negation is False
    assert support("It never rained.", "It did not rain.").negation is True


def test_overlap_by_hand() -> None:
    assert overlap("a b c d", "b c x") == 2 / 3
    assert overlap("", "x") == 0


def test_spearman_by_hand() -> None:
    assert spearman([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert spearman([1, 2, 3, 4], [2, 1, 4, 3]) == pytest.approx(1 - 6 * 4 / (4 * 15))
    assert spearman([1, 1, 1], [1, 2, 3]) == 0


@pytest.mark.skipif(not os.environ.get("EVALS_DATA"), reason="EVALS_DATA names no folder of public data.")
def test_it_agrees_with_people_on_the_half_to_report_on() -> None:
    found = {a.name: a.estimate for a in calibrate("report").agreements}
    assert found["attributionbench"].value > 0.73
    assert found["mtrag"].value > 0.70
    # DESIGN's .84 is for all of QAGS-CNN (ours: .85); its second half alone is harder, .80 with an interval to .86.
    assert found["qags-cnndm"].value > 0.78
    assert found["qags-cnndm"].high > 0.84
