"""Judges by name."""

from __future__ import annotations

import os
from hashlib import file_digest
from pathlib import Path

from assistant.errors import BadInput
from assistant.models.chat import load_chat_model
from assistant.models.embeddings import digest_of
from evals.judging.chat import ChatJudge
from evals.judging.cross_encoder import CrossEncoderJudge
from evals.judging.port import Judge
from evals.judging.words import WordsJudge

KEY_VARIABLE = "JUDGE_API_KEY"
MAX_TOKENS = 2_000
"""Room for a model that thinks first; any other stops after one word, or is stopped."""


def load_judge(name: str, base_url: str = "", workers: int = 4) -> Judge:
    """``words``, ``cross-encoder:PATH-OR-NAME``, or any chat model, ``openai:NAME``, ``local:PATH``, …; not yet loaded.

    ``base_url`` is that of an OpenAI-compatible server. The key is that of JUDGE_API_KEY, else the provider's own; the
    key and address of the chat model that answers are never used. Raises `BadInput` for a name of another form.
    """
    kind, _, rest = name.partition(":")
    if name == "words":
        return WordsJudge()
    if not kind or not rest:
        raise BadInput(
            f"There is no judge {name!r}; write 'openai:NAME', 'ollama:NAME', …, 'local:PATH', 'cross-encoder:PATH' or "
            "'words'."
        )
    if kind == "cross-encoder":
        return CrossEncoderJudge(rest)
    key = os.environ.get(KEY_VARIABLE, "")
    chat = load_chat_model(name, base_url=base_url, api_key=key, temperature=0.0, max_tokens=MAX_TOKENS)
    return ChatJudge(chat, _weights(Path(rest).expanduser()) if kind == "local" else base_url, workers)


def same_model(a: str, b: str) -> bool:
    """Whether two names are of one model, whoever serves it: the last part of both, "ollama:x/LLAMA" and
    "openai:llama"."""
    first, second = (name.partition(":")[2].rpartition("/")[2].casefold() for name in (a, b))
    return bool(first) and first == second


def _weights(path: Path) -> str:
    """A digest of a local model; "" where there is none, which loading it will say."""
    if path.is_dir():
        return digest_of(path)
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:12]
