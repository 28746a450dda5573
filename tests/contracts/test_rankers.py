"""What any ranker keeps to, shown with cross-encoders made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.ask.assistant import Assistant
from assistant.ask.candidates import Candidate
from assistant.ask.ranking import EMBEDDED, RANKED, Ranked, by_best_sentence, rank
from assistant.bootstrap import Home
from assistant.errors import ModelUnavailable
from assistant.models.embeddings import builtin_folder, load_embedder
from assistant.models.ranker import load_ranker
from assistant.ports import Ranker
from assistant.settings import load_settings
from assistant.types import Chunk, Document, Hit, Request, Source
from evals.training.compact import compact

SENTENCES = ["The bridge reopened on Monday.", "A short one.", "The mayor " + "spoke at great length " * 80]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of two small layers with weights of chance and the built-in model's vocabulary."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    shape = BertConfig(
        vocab_size=30522, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, num_labels=1
    )
    path = tmp_path_factory.mktemp("ranker")
    BertForSequenceClassification(shape).half().save_pretrained(path)
    AutoTokenizer.from_pretrained(builtin_folder()).save_pretrained(path)
    return path


def test_one_finite_score_a_sentence_the_same_each_time(folder: Path) -> None:
    ranker = load_ranker(str(folder))
    assert ranker
    scores = ranker.scores("When did the bridge reopen?", SENTENCES)
    assert scores.shape == (3,)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert np.array_equal(scores, ranker.scores("When did the bridge reopen?", SENTENCES))
    assert ranker.scores("When?", []).shape == (0,)
    assert np.isfinite(ranker.scores("\ud800", ["\ud800", ""])).all()
    assert ranker.identity == load_ranker(str(folder)).identity  # type: ignore[union-attr]


def test_what_cannot_be_loaded_is_one_sentence_with_a_remedy(tmp_path: Path) -> None:
    for name in (str(tmp_path), str(tmp_path / "missing"), "no-such-owner/no-such-model"):
        with pytest.raises(ModelUnavailable, match=r"ranking\.model") as caught:
            load_ranker(name).scores("anything", ["something"])  # type: ignore[union-attr]
        assert "\n" not in str(caught.value)
    assert load_ranker("") is None


def test_weights_made_smaller_to_ship_say_the_same(folder: Path, tmp_path: Path) -> None:
    compact(folder, tmp_path)
    sizes = [sum(file.stat().st_size for file in place.glob("*.safetensors")) for place in (folder, tmp_path)]
    assert sizes[1] < sizes[0]
    pairs = ["When did the [MASK] reopen?", ["It reopened – naïvely – at 5%.", "日本 Łódź 😀", *SENTENCES]]
    whole, small = (load_ranker(str(place)).scores(*pairs) for place in (folder, tmp_path))  # type: ignore[union-attr]
    assert np.allclose(whole, small, atol=1e-5)


class Prefers:
    """Certain of sentences with a word in them, and that no other answers."""

    def __init__(self, word: str) -> None:
        self.identity = self.word = word
        self.read: list[Sequence[str]] = []

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        self.read.append(texts)
        return np.array([9 if self.word in text.split(" | ")[0] else -9 for text in texts], dtype=np.float32)


def test_only_the_best_are_read_in_one_batch_and_the_rest_are_left_out() -> None:
    source = Source("a", title="T")
    pool = [
        Candidate(source, f"Bridge number {n} is old.", n, n + 1, n, f"Bridge number {n}", "So") for n in range(100)
    ]
    ranker = Prefers("bridge")
    found = rank("Which bridge is old?", pool, load_embedder(), ranker)
    assert [len(texts) for texts in ranker.read] == [RANKED]
    assert len(found) == RANKED
    assert ranker.read[0][0].endswith(" | T | So")
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len(rank("Which bridge is old?", pool, load_embedder(), None)) == EMBEDDED


def test_passages_follow_their_best_sentence() -> None:
    source = Source("a", title="T")
    hits = [Hit(Chunk(f"a#{n}", source, "", 0, 0), 1 - n / 10, "fused") for n in range(4)]
    ranked = [Ranked(Candidate(source, "x", 0, 1, rank, ""), words) for rank, words in ((2, 0.5), (0, 0.2), (2, 0.1))]
    assert [hit.chunk.id for hit in by_best_sentence(hits, ranked)] == ["a#2", "a#0", "a#1", "a#3"]


def test_the_ranker_that_is_set_orders_the_evidence(folder: Path, tmp_path: Path) -> None:
    text = "The old bridge was opened by the mayor in 1931. It was painted green by a firm from the coast last summer."
    request = Request("Who opened the old bridge?", documents=(Document(text),))
    home = Home(load_settings(home=tmp_path, ranking={"model": str(folder)}))
    parts = home.assistant.parts
    assert parts.ranker is home.ranker is not None

    def shown(ranker: Ranker | None) -> list[tuple[str, float]]:
        made = Assistant(home.assistant.corpus, home.assistant.index_documents, replace(parts, ranker=ranker))
        answer = made.ask(request)
        return [(item.text, item.score) for item in answer.evidence or answer.nearest]

    assert shown(None)[0][0].startswith("The old bridge")
    assert shown(Prefers("green"))[0][0].startswith("It was painted green")
    assert shown(parts.ranker) != shown(None), "the model of the settings has a say"
    home.catalog.close()
