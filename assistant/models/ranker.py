"""How well a sentence answers a question, with sentence-transformers' `CrossEncoder`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.models.embeddings import BUILTIN, brief, digest_of, model_folder
from assistant.models.hashing import well_formed
from assistant.models.once import Once
from assistant.models.processor import intra_op_threads, native_bfloat16
from assistant.models.quiet import quiet_loading
from assistant.ports import Vectors

logger = logging.getLogger(__name__)

BUILTIN_FOLDER = Path(__file__).parent / "weights" / "ranker"
"""What ``evals.training`` made; its README says of what and how good it is."""
MAX_TOKENS = 160
"""Word pieces read of question and sentence together: what ``evals.training.train`` trains with."""
BATCH = 32
"""Pairs in one forward pass: all that a question sends."""


class CrossEncoderRanker:
    """Implements `assistant.ports.Ranker`. Making one loads nothing; the first use does, once, in any thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._model = Once(lambda: _load(name))

    @cached_property
    def identity(self) -> str:
        """Model and weights as ``name@digest``; a name on a hub stands for itself. Loads nothing."""
        folder = model_folder(self._name, "ranking")
        return f"{folder.name}@{digest_of(folder)}" if folder else self._name

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """(n,) float32, higher is better, unbounded: logits of a cross-encoder with one output."""
        if not texts:
            return np.empty(0, dtype=np.float32)
        model = self._model.get()
        asked = well_formed(question)
        pairs = [(asked, well_formed(text)) for text in texts]
        with intra_op_threads():
            found = model.predict(pairs, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, dtype=np.float32).reshape(len(texts), -1)[:, 0]


def load_ranker(name: str = BUILTIN) -> CrossEncoderRanker | None:
    """The ranker of this name: ``"builtin"`` (ours, in the package), a folder, or a name on a hub; None where the name
    is empty.

    Loads nothing yet.
    """
    return CrossEncoderRanker(str(BUILTIN_FOLDER) if name == BUILTIN else name) if name else None


def _load(name: str) -> Any:
    source = model_folder(name, "ranking") or name
    try:
        import torch
        from sentence_transformers import CrossEncoder

        kind = torch.bfloat16 if native_bfloat16() else torch.float32
        with quiet_loading():
            model = CrossEncoder(
                str(source),
                max_length=MAX_TOKENS,
                device="cpu",
                activation_fn=torch.nn.Identity(),
                model_kwargs={"dtype": torch.float32},
            ).to(kind)
        model.predict([("", "")], show_progress_bar=False)
        return model
    except Exception as error:  # whatever a model's files, a hub or a missing library may raise
        logger.debug("loading %s failed", name, exc_info=True)
        raise ModelUnavailable(
            f"The ranking model {name!r} cannot be loaded ({brief(error)}); set ranking.model to 'builtin', to a "
            "folder with a cross-encoder, to a name on a hub, or to nothing."
        ) from error
