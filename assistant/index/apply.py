"""Applying the catalog's change log to the indexes. Idempotent: any crash is repaired by running again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from assistant.errors import IndexMismatch
from assistant.index.lock import applier_lock
from assistant.ports import Change, ChangeLog, DerivedIndex, Embedder
from assistant.text.passage import passage_text

__all__ = ["BATCH", "Progress", "applier_lock", "apply_changes", "pending"]

BATCH = 32
"""Changes, that is articles, applied together: about 200 passages, some four seconds of embedding on two cores, which
is what an interruption loses. Both commits together take a tenth of that."""
_PAGE = 10_000
"""Entries of the log read by one query."""

Progress = Callable[[int, int], None]
"""Called with the changes done and all that there are."""


def pending(log: ChangeLog, indexes: Sequence[DerivedIndex]) -> int:
    """How many changes the slowest index is behind. Reads side files and the catalog, imports nothing heavy.

    Raises `IndexMismatch` where an index knows changes that the catalog does not.
    """
    last, applied = log.last_sequence(), [index.applied() for index in indexes]
    if max(applied) > last:
        raise IndexMismatch(
            f"The index knows change {max(applied)} and the catalog only {last}: the catalog was replaced by an older "
            "one. Run `assistant index rebuild`."
        )
    return last - min(applied)


def apply_changes(
    log: ChangeLog,
    indexes: Sequence[DerivedIndex],
    embedder: Embedder,
    on_progress: Progress | None = None,
    batch: int = BATCH,
) -> int:
    """Bring the indexes up to the log as it is now; returns how many changes were applied.

    The caller holds `applier_lock`. Nothing heavy is imported where nothing is to be done.
    """
    if not pending(log, indexes):
        return 0
    for index in indexes:
        index.recover()
    changes = _pending_changes(log, min(index.applied() for index in indexes))
    latest = {change.article_id: change.sequence for change in changes}
    for start in range(0, len(changes), batch):
        _apply(changes[start : start + batch], latest, log, indexes, embedder)
        if on_progress:
            on_progress(min(start + batch, len(changes)), len(changes))
    return len(changes)


def _pending_changes(log: ChangeLog, after: int) -> list[Change]:
    found: list[Change] = []
    while page := log.changes(found[-1].sequence if found else after, _PAGE):
        found.extend(page)
    return found


def _apply(
    batch: Sequence[Change],
    latest: Mapping[str, int],
    log: ChangeLog,
    indexes: Sequence[DerivedIndex],
    embedder: Embedder,
) -> None:
    """What counts is the article as it is now. One that changes again later in the log is written there, and here only
    deleted: a rebuild after many changes embeds each article once."""
    sequence = batch[-1].sequence
    behind = [index for index in indexes if index.applied() < sequence]
    delete = sorted({change.article_id for change in batch if change.operation != "add"})
    due = [change.article_id for change in batch if latest[change.article_id] <= sequence]
    current = log.current_chunks(list(dict.fromkeys(due)))
    chunks = [chunk for article_id in sorted(current) for chunk in current[article_id]]
    texts = [passage_text(chunk) for chunk in chunks]
    vectors = embedder.embed_passages(texts) if texts else np.zeros((0, 1), dtype=np.float32)
    for index in behind:
        index.apply(delete, chunks, vectors, sequence)
