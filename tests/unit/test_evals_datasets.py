"""Data sets of a user's own, the sample set, halves, and what is said of lines that cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import BadInput
from evals.datasets import counts, judgements, load, names
from evals.loaders.library import read_library
from evals.loaders.reading import half_of, locate, sentence_around
from evals.loaders.rgb import Question, Text, mix


def write(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def news(tmp_path: Path) -> Path:
    write(
        tmp_path / "news" / "lake.md", "---\nid: lake-1\ntitle: Lake\n---\n\nThe lake holds 300 fish, wardens said.\n"
    )
    write(tmp_path / "news" / "river" / "ice.txt", "The river froze on Monday. Skaters came by the hundred.\n")
    return tmp_path / "news"


def test_gold_that_names_a_file_gets_the_id_that_ingestion_gives_and_quotes_get_their_offsets(
    tmp_path: Path, news: Path
) -> None:
    cases = write(
        tmp_path / "cases.jsonl",
        {
            "id": "a",
            "question": "Who came?",
            "answers": ["skaters"],
            "gold_article_ids": ["file:river/ice.txt", "lake-1"],
            "gold_quotes": ["Skaters came by the hundred.", "The lake holds 300 fish"],
            "stand_alone": "Who came when the river froze?",
        },
    )
    data = load(f"jsonl:{cases}", articles=str(news))
    (case,) = data.cases
    assert case.gold_article_ids == ("news/river/ice.txt", "lake-1")
    texts = read_library([news]).texts
    gold = data.gold["a"]
    assert [texts[p.article_id][p.start : p.end] for p in gold.quotes] == list(case.gold_quotes)
    assert gold.stand_alone == "Who came when the river froze?"
    assert data.articles == (news,)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"gold_quotes": ["The lake holds 301 fish"]}, "gold_quotes.0"),
        ({"gold_article_ids": ["lake-2"]}, "gold_article_ids"),
        ({"gold_article_ids": ["file:ice.txt"]}, "gold_article_ids"),
        ({"answers": "300"}, "answers"),
        ({"question": None}, "question"),
        ({"since": "soon"}, "since"),
    ],
)
def test_a_case_that_is_wrong_names_file_line_and_field_and_the_rest_is_read(
    tmp_path: Path, news: Path, change: dict[str, Any], field: str
) -> None:
    good = {"id": "a", "question": "How many?", "gold_article_ids": ["lake-1"], "gold_quotes": ["300 fish"]}
    path = write(tmp_path / "cases.jsonl", good, {**good, "id": "b", **change}, "", "{", {**good, "id": "c"})
    data = load(f"jsonl:{path}", articles=news)
    assert [case.id for case in data.cases] == ["a", "c"]
    wrong, broken = data.malformed
    assert (wrong.where, broken.where) == ("cases.jsonl:2", "cases.jsonl:4")
    assert "cases.jsonl:2" in wrong.message
    assert f"'{field}'" in wrong.message


def test_quotes_of_given_documents_are_resolved_in_them(tmp_path: Path) -> None:
    record = {
        "id": "a",
        "question": "Q?",
        "documents": [{"text": "No."}, {"text": "Yes. Yes."}],
        "gold_quotes": ["Yes."],
    }
    data = load(f"jsonl:{write(tmp_path / 'cases.jsonl', record)}")
    assert [(p.article_id, p.start, p.end) for p in data.gold["a"].quotes] == [("2", 0, 4), ("2", 5, 9)]
    assert data.articles == ()


def test_of_two_cases_with_one_id_the_later_is_reported(tmp_path: Path) -> None:
    record = {"id": "a", "question": "Q?"}
    data = load(f"jsonl:{write(tmp_path / 'cases.jsonl', record, {**record, 'question': 'R?'})}")
    assert [case.request.question for case in data.cases] == ["Q?"]
    assert "'a'" in data.malformed[0].message


def test_a_csv_of_questions_and_answers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "own.csv",
        "﻿Question,Answer,answerable",
        '"Who, then?",Ada Lund|Lund,',
        "When?,,",
        ",x,",
        "Why?,,no",
    )
    data = load(f"csv:{path}")
    assert [(c.id, c.request.question, c.answers, c.answerable) for c in data.cases] == [
        ("2", "Who, then?", ("Ada Lund", "Lund"), True),
        ("5", "Why?", (), False),
    ]
    assert [(m.where, "'answer'" in m.message) for m in data.malformed] == [("own.csv:3", True), ("own.csv:4", False)]
    (tmp_path / "old.csv").write_bytes("question,answer\nWho?,Léa\n".encode("cp1252"))
    with pytest.raises(BadInput, match="UTF-8"):
        load(f"csv:{tmp_path / 'old.csv'}")
    with pytest.raises(BadInput, match="no column 'answer'"):
        load(f"csv:{write(tmp_path / 'other.csv', 'question', 'Who?')}")


def test_a_beir_folder(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "T", "text": "One."},
        "",
        {"_id": "d2", "text": "Two."},
        {"text": "x"},
    )
    write(
        folder / "queries.jsonl", {"_id": "q1", "text": "One?"}, {"_id": "q2", "text": "Two?"}, {"_id": "q3", "text": 3}
    )
    write(
        folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", "q1\td2\t1", "q1\td1\t0", "q2\td9\t1", "q2\td1\tx"
    )
    data = load(f"beir:{folder}")
    (case,) = data.cases
    assert case.request.question == "One?"
    assert set(case.gold_article_ids) <= set(read_library(data.articles).texts)
    assert read_library(data.articles).texts[case.gold_article_ids[0]] == "Two."
    assert [m.where for m in data.malformed] == ["corpus.jsonl:4", "test.tsv:4", "test.tsv:5", "queries.jsonl:3"]
    with pytest.raises(BadInput, match="there are: test"):
        load(f"beir:{folder}", split="dev")


def test_the_sample_cases_rest_on_the_bundled_corpus() -> None:
    data = load("sample")
    known = read_library(data.articles)
    for case in data.cases:
        for place in data.gold[case.id].quotes:
            assert known.texts[place.article_id][place.start : place.end] == case.gold_quotes[place.quote]
        assert set(case.gold_article_ids) <= set(known.texts), case.id
    tune, report = load("sample", "tune"), load("sample", "report")
    assert not any(case.sealed for case in tune.cases)
    assert all(case.sealed for case in report.cases)
    assert len(tune.cases) + len(report.cases) == len(data.cases) > 400
    assert tune.data_hash == report.data_hash == data.data_hash


def test_every_sample_case_can_be_read() -> None:
    assert load("sample").malformed == ()


@pytest.mark.parametrize(
    ("name", "half", "options", "says"),
    [
        ("rgbb", "all", {}, "choose one of sample"),
        ("csv:none.csv", "all", {}, "none.csv"),
        ("sample", "test", {}, "tune, report or all"),
        ("sample", "all", {"noise": 1}, "'noise'"),
        ("rgb", "all", {}, "EVALS_DATA"),
    ],
)
def test_what_cannot_be_loaded_says_so(
    monkeypatch: pytest.MonkeyPatch, name: str, half: Any, options: dict[str, Any], says: str
) -> None:
    monkeypatch.delenv("EVALS_DATA", raising=False)
    with pytest.raises(BadInput, match=says):
        load(name, half, **options)


def test_a_public_set_that_lacks_a_file_or_has_a_bad_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALS_DATA", str(tmp_path))
    with pytest.raises(BadInput, match="rgb_en_structured"):
        load("rgb")
    with pytest.raises(BadInput, match="mturk"):
        judgements("qags-xsum")
    text = {"id": 0, "label": "positive", "text": "It was Ada."}
    good = {"id": 7, "question": "Who?", "answers": [["Ada", "A."]], "sets": {}, "docs": [text]}
    write(tmp_path / "rgb" / "rgb_en_structured.jsonl", good, {**good, "docs": [{**text, "label": "maybe"}]})
    assert counts("rgb", noise="0.2") | {"tune": 0, "report": 0} == {"tune": 0, "report": 0, "all": 1, "malformed": 1}
    (bad,) = load("rgb").malformed
    assert bad.where == "rgb_en_structured.jsonl:2"
    assert "'docs.0.label'" in bad.message
    with pytest.raises(BadInput, match="noise"):
        load("rgb", noise=1.5)
    empty = load("rgb", noise="only")
    assert not empty.cases[0].answerable
    assert empty.name == "rgb noise=only"


def test_a_question_that_is_wrong_leaves_the_others_of_its_page_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALS_DATA", str(tmp_path))
    spans = [{"para": 1, "from": 0, "end": 3, "answer": "Ada"}, {"para": 1, "from": 1, "end": 4, "answer": "Ada"}]
    paras = ["Orvik", "Ada led it from 1990. Ola followed."]
    asked = [
        ["Who led in 1991?", [spans[0]]],
        ["Who led in 1992?", [spans[1]]],
        ["Who led in 1800?", [{**spans[0], "answer": ""}]],
    ]
    page = {"index": "/wiki/Orvik#P1", "link": "/wiki/Orvik", "paras": paras, "questions": asked}
    (tmp_path / "timeqa").mkdir()
    for name in ("train", "test"):
        (tmp_path / "timeqa" / f"human_annotated_{name}.json").write_text(json.dumps([page] if name == "test" else []))
    data = load("timeqa", "report")
    assert [(case.gold_quotes, case.answerable) for case in data.cases] == [
        (("Ada led it from 1990.",), True),
        ((), False),
    ]
    assert data.malformed[0].where == "human_annotated_test.json[0].questions[1]"
    with pytest.raises(BadInput, match="to report on"):
        load("timeqa", "tune")


def test_a_bad_judgement_is_logged_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("EVALS_DATA", str(tmp_path))
    said = {"sentence": "It rained.", "responses": [{"response": "yes"}, {"response": "no"}, {"response": "yes"}]}
    row = {"article": "Rain fell.", "summary_sentences": [said, {**said, "responses": [{"response": "no"}]}]}
    write(tmp_path / "qags" / "mturk_xsum.jsonl", row, {**row, "article": 3})
    first, second = judgements("qags-xsum")
    assert (first.label, second.label) == (True, False)
    assert (first.agreement, first.source, first.half) == (2 / 3, "Rain fell.", half_of("Rain fell."))
    assert "mturk_xsum.jsonl:2" in caplog.text
    assert "'article'" in caplog.text


def _rgb(positives: int, noises: int) -> Question:
    labels = ["positive"] * positives + ["noise"] * noises
    docs = [Text(n, "positive" if label == "positive" else "noise", f"text {n}") for n, label in enumerate(labels)]
    return Question(1, "Who?", ["Ada"], {"0.2": [0, 0, 1]}, docs)


@given(st.integers(0, 6), st.integers(0, 6), st.sampled_from([0.0, 0.1, 0.4, 0.5, 0.6, 0.8, 1.0]))
def test_the_mix_of_rgb_holds_its_share_of_noise_and_no_document_twice(
    positives: int, noises: int, noise: float
) -> None:
    chosen = mix(_rgb(positives, noises), noise)
    wanted = {0.0: 0, 0.1: 1, 0.4: 2, 0.5: 3, 0.6: 3, 0.8: 4, 1.0: 5}[noise]
    assert sum(text.label == "noise" for text in chosen) == min(wanted, noises)
    assert sum(text.label == "positive" for text in chosen) == min(5 - wanted, positives)
    assert len({text.id for text in chosen}) == len(chosen)
    assert chosen == mix(_rgb(positives, noises), noise)


def test_the_files_own_mix_is_taken_without_its_repetition() -> None:
    assert [text.id for text in mix(_rgb(2, 2), 0.2)] == [0, 1]


def test_halves_follow_the_parity_of_the_first_byte_of_the_sha256() -> None:
    assert half_of("") == "report"  # e3b0c442…
    assert half_of("abc") == "tune"  # ba7816bf…


@given(st.text(min_size=1, max_size=5), st.text(max_size=20), st.text(max_size=20))
def test_a_located_quote_stands_where_it_is_said_to(quote: str, before: str, after: str) -> None:
    text = before + quote + after
    places = locate([quote], {"a": text, "b": ""})
    assert all(text[place.start : place.end] == quote for place in places)
    assert len(before) in [place.start for place in places]


def test_the_sentence_around_a_span() -> None:
    text = "One came. Two left at noon. Three slept."
    start = text.index("left")
    assert text[slice(*sentence_around(text, start, start + 4))] == "Two left at noon."
    assert text[slice(*sentence_around(text, start, text.index("Three") + 2))] == "Two left at noon. Three slept."


def test_there_is_a_set_for_each_name() -> None:
    assert len(names()) == len(set(names())) == 13
