"""The public data sets are read whole: counts by half and the files' hashes, never their text."""

import hashlib
import os
from collections import Counter
from pathlib import Path

import pytest

from evals.datasets import counts, judgement_names, judgements, load, names
from evals.loaders.library import read_library

_FOLDER = os.environ.get("EVALS_DATA", "")
pytestmark = pytest.mark.skipif(
    not _FOLDER or not Path(_FOLDER).is_dir(),
    reason="The public data sets are not here; set EVALS_DATA to their folder to read them.",
)

# tune, report, answerable, gold quotes resolved, beginning of the sha256 over the files
EXPECTED = {
    "realtimeqa-2022": (475, 0, 475, 0, "870b321a4e9e54b5"),
    "realtimeqa-2025": (0, 382, 382, 0, "e58274655c08e08f"),
    "realtimeqa-small": (0, 100, 100, 0, "7c9710425c9be46a"),
    "rgb": (150, 150, 300, 0, "6084be6e57963184"),
    "rgb-counterfactual": (44, 56, 100, 0, "88f62a185ce225c6"),
    "clapnq": (268, 332, 300, 893, "839e6e133bcb432e"),
    "ramdocs": (262, 238, 497, 0, "8a2dcd8b9b0d8d2b"),
    "onestopqa": (240, 246, 486, 496, "1fa5a50f834541a9"),
    "hotpotqa": (261, 239, 500, 0, "f2604af128bc6497"),
    "timeqa": (1171, 989, 1812, 1951, "9e1decf3fe10c9eb"),
    "xquad": (1190, 0, 1190, 1190, "8bd80c9b033b3a21"),
    "seed": (0, 20, 20, 21, "791f532595b7b6ae"),
}
JUDGED = {"attributionbench": (661, 537), "qags-cnndm": (417, 297), "qags-xsum": (125, 114), "mtrag": (321, 156)}


def test_no_set_is_forgotten() -> None:
    assert {"sample", *EXPECTED} == set(names())
    assert set(JUDGED) == set(judgement_names())


@pytest.mark.parametrize("name", EXPECTED)
def test_every_set_is_read_whole(name: str) -> None:
    data = load(name)
    found = counts(name)
    print(name, found)
    places = [(case.id, place.quote) for case in data.cases for place in data.gold[case.id].quotes]
    answerable = sum(case.answerable for case in data.cases)
    assert (found["tune"], found["report"], answerable, len(set(places)), data.data_hash[:16]) == EXPECTED[name]
    assert data.malformed == ()
    for case in data.cases:
        given = {document.id: document.text for document in case.request.documents}
        assert bool(given) != bool(data.articles)
        given = given or (read_library(data.articles).texts if name == "seed" else {})
        assert not given or given.keys() >= set(case.gold_article_ids)
        assert len(given) == len(case.request.documents) or name == "seed"
        assert not set(case.answers) & set(case.wrong_answers)
        for place in (*data.gold[case.id].quotes, *data.gold[case.id].wrong_quotes):
            assert given[place.article_id][place.start : place.end].strip()
        for place in data.gold[case.id].quotes:
            assert given[place.article_id][place.start : place.end] == case.gold_quotes[place.quote]


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if row[0] and row[1]])
def test_no_article_or_question_falls_in_both_halves(name: str) -> None:
    tune, report = load(name, "tune"), load(name, "report")
    clusters = [{gold.cluster for gold in half.gold.values()} for half in (tune, report)]
    assert len(clusters[0] & clusters[1]) == (2 if name == "timeqa" else 0)  # its published files share two pages
    assert not {case.id for case in tune.cases} & {case.id for case in report.cases}


@pytest.mark.parametrize("name", JUDGED)
def test_every_judgement_is_read(name: str) -> None:
    tune, report = judgements(name, "tune"), judgements(name, "report")
    print(name, len(tune), len(report))
    assert (len(tune), len(report)) == JUDGED[name]
    assert not {found.cluster for found in tune} & {found.cluster for found in report}
    for found in (*tune, *report):
        assert (found.label is None) == bool(found.ratings)
        assert all(1 <= rating <= 4 for rating in found.ratings.values())
    assert len({found.id for found in (*tune, *report)}) == len(tune) + len(report)


def test_labels_are_as_published() -> None:
    labels = {name: Counter(found.label for found in judgements(name)) for name in JUDGED if name != "mtrag"}
    assert labels["attributionbench"] == {True: 599, False: 599}
    assert labels["qags-cnndm"] == {True: 531, False: 183}
    assert labels["qags-xsum"] == {True: 116, False: 123}


@pytest.mark.parametrize(
    ("noise", "answerable", "documents"),
    [(0.0, 300, 1155), (0.2, 300, 1455), (0.4, 300, 1481), (0.8, 300, 1497), (1.0, 0, 1197), ("only", 0, 1197)],
)
def test_rgb_at_a_share_of_noise(noise: float | str, answerable: int, documents: int) -> None:
    cases = load("rgb", noise=noise).cases
    assert sum(case.answerable for case in cases) == answerable
    assert sum(len(case.request.documents) for case in cases) == documents


def test_the_small_set_is_part_of_2025_and_its_gold_is_what_ingestion_finds() -> None:
    small = load("realtimeqa-small")
    assert {case.id for case in small.cases} <= {case.id for case in load("realtimeqa-2025").cases}
    known = read_library(small.articles).texts
    assert len(known) == 600
    assert all(name in known for case in small.cases for name in case.gold_article_ids)


def test_one_level_of_onestopqa_is_not_another() -> None:
    levels = [load("onestopqa", level=level).cases for level in ("adv", "int", "ele")]
    digests = {
        hashlib.sha256("".join(c.request.documents[0].text for c in cases).encode()).digest() for cases in levels
    }
    assert len(digests) == 3
    assert {len(cases) for cases in levels} == {486}
