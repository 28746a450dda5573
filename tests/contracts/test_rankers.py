"""What any ranker keeps to, shown with cross-encoders made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.ask.assistant import Assistant
from assistant.ask.evidence import RANKED, Candidate, ranked
from assistant.bootstrap import Home
from assistant.errors import ModelUnavailable
from assistant.models.embeddings import builtin_folder
from assistant.models.ranker import load_ranker
from assistant.ports import Ranker
from assistant.settings import load_settings
from assistant.types import Document, Request, Source

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


class Prefers:
    """Certain of sentences with a word in them, and that no other answers."""

    def __init__(self, word: str) -> None:
        self.identity = self.word = word
        self.read: list[Sequence[str]] = []

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        self.read.append(texts)
        return np.array([9 if self.word in text.split(" | ")[0] else -9 for text in texts], dtype=np.float32)


def test_only_the_best_are_read_in_one_batch_and_the_rest_stay_behind() -> None:
    pool = [Candidate(Source("a", title="T"), "x" * (n + 1), n, n + 1, 0, "", "before") for n in range(100)]
    scores = [n / 100 for n in range(100)]
    ranker = Prefers("x")
    found = ranked("q", pool, scores, ranker)
    assert [len(texts) for texts in ranker.read] == [RANKED]
    assert min(found[-RANKED:]) > max(found[:-RANKED])
    assert ranker.read[0][0] == "x" * 100 + " | T | before"


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
