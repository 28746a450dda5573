"""A cross-encoder for natural language inference as a judge, with sentence-transformers."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelUnavailable
from assistant.models.embeddings import brief, digest_of
from assistant.models.hashing import well_formed
from assistant.models.once import Once
from assistant.models.quiet import quiet_loading
from evals.judging.port import Pair, Task
from evals.support import sentences

logger = logging.getLogger(__name__)

WORDS = 250
"""Words of a premise read at once: with a long sentence beside them about 400 of the 512 word pieces that such models
read. Of a longer premise the best window counts, as the best block does in SummaC (Laban et al., TACL 2022)."""
MAX_TOKENS = 512
BATCH = 16
Floats = npt.NDArray[np.float64]


class CrossEncoderJudge:
    """Implements the port `Judge` with a model of one output (its sigmoid) or of several of which one is named
    "entailment". Making one loads nothing; the first use does."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loaded = Once(lambda: _load(name))

    @property
    def model(self) -> str:
        return f"cross-encoder:{Path(self._name).name if _folder(self._name) else self._name}"

    @cached_property
    def identity(self) -> str:
        """With a digest of the weights; a name on a hub stands for itself."""
        folder = _folder(self._name)
        return f"{self.model} {digest_of(folder)}" if folder else self.model

    def prompt_id(self, task: Task) -> str:
        return ""

    def entails(self, pairs: Sequence[Pair]) -> list[float | None]:
        """The probability of entailment, of the best window of the premise; None where it is not a number."""
        if not pairs:
            return []
        model, index = self._loaded.get()
        texts = [(window, well_formed(p.hypothesis)) for p in pairs for window in windows(well_formed(p.premise))]
        owners = [number for number, p in enumerate(pairs) for _ in windows(well_formed(p.premise))]
        logits = model.predict(texts, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
        best: list[float | None] = [None] * len(pairs)
        for owner, value in zip(owners, probabilities(logits, index), strict=True):
            if np.isfinite(value):
                best[owner] = max(float(value), best[owner] or 0.0)
        return best


def windows(text: str, words: int = WORDS) -> list[str]:
    """Whole sentences of at most so many words (one longer sentence alone), each window beginning in the middle of the
    one before it; a short text is one window, as it stands."""
    if len(text.split()) <= words:
        return [text]
    found: list[str] = []
    current: list[str] = []
    for sentence in sentences(text):
        if current and _length(current) + _length([sentence]) > words:
            found.append(" ".join(current))
            current = current[(len(current) + 1) // 2 :]
            while current and _length(current) + _length([sentence]) > words:
                current = current[1:]
        current.append(sentence)
    return [*found, " ".join(current)]


def _length(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)


def probabilities(logits: Any, index: int) -> Floats:
    """(n,) in 0..1 of (n, labels) or (n,) logits: the sigmoid of one output, else the softmax's share of ``index``."""
    values: Floats = np.asarray(logits, dtype=np.float64)
    values = values.reshape(len(values), -1)
    if values.shape[1] == 1:
        return np.asarray(1 / (1 + np.exp(-values[:, 0])))
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers[:, index] / powers.sum(axis=1))


def entailment_index(labels: Mapping[int, str]) -> int | None:
    """The output that means entailment, by the names of a model's configuration; 0 where it has one output, None where
    none is named so."""
    if len(labels) == 1:
        return 0
    return next((int(index) for index, label in labels.items() if label.casefold().startswith("entail")), None)


def _folder(name: str) -> Path | None:
    path = Path(name).expanduser()
    return path.resolve() if path.is_dir() else None


def _load(name: str) -> tuple[Any, int]:
    try:
        import torch
        from sentence_transformers import CrossEncoder

        with quiet_loading():
            model = CrossEncoder(str(_folder(name) or name), max_length=MAX_TOKENS, activation_fn=torch.nn.Identity())
        index = entailment_index(model.config.id2label)
    except Exception as error:  # whatever a model's files, a hub or a missing library may raise
        logger.debug("loading %s failed", name, exc_info=True)
        raise ModelUnavailable(
            f"The cross-encoder {name!r} cannot be loaded ({brief(error)}); give a folder with one, or a name on a hub."
        ) from error
    if index is None:
        names = ", ".join(model.config.id2label.values())
        raise ModelUnavailable(
            f"The cross-encoder {name!r} has the outputs {names}, none named 'entailment'; give a model for inference."
        )
    return model, index
