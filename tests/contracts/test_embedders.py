"""What every `Embedder` promises, checked on the built-in model and on the shipped double."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.models.embeddings import load_embedder
from assistant.models.hashing import HashingEmbedder
from assistant.models.langchain import as_langchain_embeddings
from assistant.ports import Embedder

BUILTIN = load_embedder("builtin", "bfloat16")
EMBEDDERS = {"hashing": HashingEmbedder(), "builtin": BUILTIN}
ODD = [
    "",
    "   \n\t ",
    "?!…",
    "the of and",
    "Ελληνικά, 日本語, العربية, emoji 🗞️👩🏽‍🚀, e\u0301",
    "a lone surrogate \ud800 from JSON",
    "null \x00 character",
    "word " * 20_000,
    "x" * 100_000,
]
PASSAGES = [
    "The city council approved the budget for new bicycle lanes on Tuesday.",
    "Heavy rain flooded the harbour and closed two schools.",
    "The striker scored twice as the home side won the cup final.",
]


@pytest.fixture(params=EMBEDDERS, scope="module")
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return EMBEDDERS[request.param]


@pytest.fixture(params=["embed_passages", "embed_questions"])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_texts_give_no_rows_of_the_right_width(embedder: Embedder, method: str) -> None:
    width = embedder.embed_passages(["anything"]).shape[1]
    assert getattr(embedder, method)([]).shape == (0, width)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_text_gives_a_unit_vector(embedder: Embedder, method: str, text: str) -> None:
    vectors = getattr(embedder, method)([text])
    assert vectors.dtype == np.float32
    assert vectors.shape == (1, embedder.embed_passages(["anything"]).shape[1])
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)


@given(texts=st.lists(st.text(max_size=300), min_size=1, max_size=6), data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_vector_depends_on_its_text_alone(
    embedder: Embedder, method: str, texts: list[str], data: st.DataObject
) -> None:
    embed = getattr(embedder, method)
    together = embed(texts)
    order = data.draw(st.permutations(range(len(texts))))
    assert np.array_equal(embed([texts[i] for i in order]), together[order])
    assert np.array_equal(embed(texts[:1]), together[:1])


def test_neighbours_of_another_length_change_nothing(embedder: Embedder) -> None:
    texts = [" ".join(PASSAGES * n) for n in (1, 2, 5, 9, 20)] * 5
    together = embedder.embed_passages(texts)
    alone = np.concatenate([embedder.embed_passages([text]) for text in texts[:5]])
    assert np.array_equal(together, np.concatenate([alone] * 5))


def test_a_question_finds_the_passage_that_answers_it(embedder: Embedder) -> None:
    passages = embedder.embed_passages(PASSAGES)
    questions = embedder.embed_questions(
        ["Which lanes did the council approve?", "How many schools were closed by rain?", "Who won the cup final?"]
    )
    assert (questions @ passages.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_threads_get_what_one_thread_gets(embedder: Embedder) -> None:
    expected = embedder.embed_passages(PASSAGES), embedder.embed_questions(PASSAGES)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(embed, PASSAGES) for embed in (embedder.embed_passages, embedder.embed_questions) * 8]
    for i, job in enumerate(jobs):
        assert np.array_equal(job.result(), expected[i % 2])


def test_the_identity_is_stable_and_the_languages_are_codes(embedder: Embedder) -> None:
    assert embedder.identity
    assert embedder.identity == embedder.identity
    assert all(len(code) == 2 for code in embedder.languages)


def test_langchain_gets_the_same_vectors(embedder: Embedder) -> None:
    embeddings = as_langchain_embeddings(embedder)
    documents = embeddings.embed_documents(PASSAGES)
    assert isinstance(documents[0][0], float)
    assert np.array_equal(np.array(documents, dtype=np.float32), embedder.embed_passages(PASSAGES))
    query = np.array(embeddings.embed_query("rain?"), dtype=np.float32)
    assert np.array_equal(query, embedder.embed_questions(["rain?"])[0])


def test_all_have_different_identities() -> None:
    assert len({embedder.identity for embedder in EMBEDDERS.values()}) == len(EMBEDDERS)
