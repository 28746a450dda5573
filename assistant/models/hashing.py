"""An embedder without a model, for tests and for trying things out: no torch, no weights, the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from assistant.ports import Vectors
from assistant.text.words import content_stems, words


class HashingEmbedder:
    """Feature hashing of stemmed words (Weinberger et al., ICML 2009): texts that share words have near vectors.

    It knows no meaning: "car" and "vehicle" are as far apart as any two words. Without that paper's random signs: in so
    few dimensions they let words of one short question cancel each other.
    """

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension

    @property
    def identity(self) -> str:
        return f"hashing-{self._dimension}"

    @property
    def languages(self) -> frozenset[str]:
        return frozenset()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows of unit length."""
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for feature in content_stems(well_formed(text)) or words(well_formed(text)):
                digest = blake2b(feature.encode(), digest_size=8).digest()
                row[int.from_bytes(digest, "big") % self._dimension] += 1
            if not row.any():  # a text without words
                row[0] = 1
            row /= np.linalg.norm(row)
        return vectors

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """The same as `embed_passages`: a question is a bag of words too."""
        return self.embed_passages(texts)


def well_formed(text: str) -> str:
    """The text with lone surrogates (JSON can hold them) replaced by "?": no tokenizer and no hash takes them."""
    return text.encode("utf-8", "replace").decode("utf-8")
