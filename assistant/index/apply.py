"""Applying the catalog's change log to the indexes. Idempotent: any crash is repaired by running again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from assistant.errors import HomeBusy
from assistant.ports import Change, ChangeLog, DerivedIndex, Embedder
from assistant.text.passage import passage_text

BATCH = 64
"""Changes, that is articles, applied together: about 500 passages, some ten seconds of embedding on two cores, which is
what an interruption may lose."""

Progress = Callable[[int, int], None]


@contextmanager
def applier_lock(home: Path) -> Iterator[None]:
    """Be the one process that writes a home's indexes. Raises `HomeBusy` where another is."""
    lock = FileLock(home / "applier.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise HomeBusy("Another process, such as `assistant serve`, is indexing this home; stop it first.") from error
    try:
        yield
    finally:
        lock.release()


def pending(log: ChangeLog, indexes: Sequence[DerivedIndex]) -> int:
    """How many changes the slowest index is behind. Reads side files and the catalog, imports nothing heavy."""
    return log.last_sequence() - min(index.applied() for index in indexes)


def apply_changes(
    log: ChangeLog, indexes: Sequence[DerivedIndex], embedder: Embedder, on_progress: Progress | None = None
) -> int:
    """Bring the indexes up to the log; returns how many changes were applied. Call it under `applier_lock`."""
    total, done = pending(log, indexes), 0
    while batch := log.changes(min(index.applied() for index in indexes), BATCH):
        _apply(batch, log, indexes, embedder)
        done += len(batch)
        if on_progress:
            on_progress(done, max(total, done))
    return done


def _apply(batch: Sequence[Change], log: ChangeLog, indexes: Sequence[DerivedIndex], embedder: Embedder) -> None:
    # What counts is the article as it is now: a later change of the same article finds nothing left to do.
    delete = sorted({change.article_id for change in batch if change.operation != "add"})
    current = log.current_chunks(list(dict.fromkeys(change.article_id for change in batch)))
    chunks = [chunk for article_id in current for chunk in current[article_id]]
    sequence = batch[-1].sequence
    behind = [index for index in indexes if index.applied() < sequence]
    texts = [passage_text(chunk) for chunk in chunks]
    vectors = embedder.embed_passages(texts) if texts else np.zeros((0, 1), dtype=np.float32)
    for index in behind:
        index.apply(delete, chunks, vectors, sequence)
