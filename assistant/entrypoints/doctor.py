"""Checks of an installation, each with a way to mend it."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.bootstrap import Home
from assistant.errors import AssistantError
from assistant.ports import Limits, Message
from assistant.types import Filter

FREE_BYTES = 1_000_000_000
"""A rebuild needs room for a second index beside the first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it is well, what was seen or how to mend it."""

    name: str
    well: bool
    message: str


def findings(home: Home) -> Iterator[Finding]:
    """The checks one after the other; none raises."""
    checks: tuple[tuple[str, Callable[[Home], str]], ...] = (
        ("python", _python),
        ("home", _disk),
        ("catalog", _catalog),
        ("embedding model", _embedding),
        ("ranking model", _ranking),
        ("index", _index),
        ("language model", _chat),
    )
    for name, check in checks:
        try:
            yield Finding(name, True, check(home))
        except AssistantError as error:
            yield Finding(name, False, str(error))
        except Exception as error:  # a check that fails is a finding too
            yield Finding(name, False, f"{type(error).__name__}: {error}")


def _python(home: Home) -> str:
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("torch", "chromadb", "langchain-core")
    )
    return f"Python {sys.version.split()[0]}, {versions}"


def _disk(home: Home) -> str:
    home.settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home.settings.home).free
    if free < FREE_BYTES:
        raise AssistantError(f"{home.settings.home} has {free / 1e9:.1f} GB free; make room, or move ASSISTANT_HOME.")
    return f"{home.settings.home}, {free / 1e9:.0f} GB free"


def _catalog(home: Home) -> str:
    count = home.catalog.coverage().articles
    if not count:
        raise AssistantError("It holds no articles; add some with `assistant ingest PATH`.")
    return f"{count} articles"


def _embedding(home: Home) -> str:
    dimension = home.embedder.embed_questions(["Is the model well?"]).shape[1]
    return f"{home.embedder.identity}, {dimension} dimensions"


def _ranking(home: Home) -> str:
    if home.ranker is None:
        return (
            "none set: sentences are ordered by vectors and words (`assistant config set ranking.model NAME` sets one)"
        )
    home.ranker.scores("Is the model well?", ["It is well."])
    return home.ranker.identity


def _index(home: Home) -> str:
    lag = home.pending()
    if lag:
        raise AssistantError(f"It is {lag} changes behind; run `assistant ingest` or keep `assistant serve` running.")
    home.assistant.corpus.searchers[0].search("Is the index well?", Filter(), 1)
    return "up to date"


def _chat(home: Home) -> str:
    chat = home.chat
    if chat is None:
        return "none set: answers are quotations (`assistant config set chat.model NAME` sets one)"
    piece = next(iter(chat.stream((Message("user", "Say yes."),), Limits())), "")
    return f"{chat.name} answers" + (f" ({piece.strip()!r})" if piece.strip() else "")
