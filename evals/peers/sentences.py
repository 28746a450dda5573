"""The best sentence of a system that names none: the one of its first 900 words most similar to the question."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.ports import Embedder
from evals.peers.exchange import Question, Result
from evals.support import sentences

BEST = "best.json"
WORDS = 900
_WORD = re.compile(r"\S+")


def best_sentences(
    folder: Path, questions: Sequence[Question], results: Mapping[str, Result], embedder: Embedder
) -> dict[str, str]:
    """The best sentence for each question, by its id: the system's own, else the most similar. Kept in ``folder``, as
    it takes minutes to find them."""
    path = folder / BEST
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for question in questions:
        if question.id not in found:
            result = results[question.id]
            texts = [passage.text for passage in result.passages]
            found[question.id] = result.best or most_similar(question.text, texts, embedder)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return found


def most_similar(question: str, texts: Sequence[str], embedder: Embedder) -> str:
    """The sentence of the first 900 words of the texts whose vector is nearest to the question's; empty where there is
    no sentence."""
    pool = [sentence for text in beginning(texts, WORDS) for sentence in sentences(text)]
    if not pool:
        return ""
    return pool[int(np.argmax(embedder.embed_passages(pool) @ embedder.embed_questions([question])[0]))]


def beginning(texts: Sequence[str], count: int) -> Iterator[str]:
    """The texts, as far as their first ``count`` words; the last one is cut there."""
    for text in texts:
        words = list(_WORD.finditer(text))
        if len(words) > count:
            if count:
                yield text[: words[count - 1].end()]
            return
        count -= len(words)
        yield text
