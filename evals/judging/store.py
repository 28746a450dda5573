"""What was judged once: a SQLite file that only grows. A judge that is stopped goes on where it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from assistant.errors import BadInput


class Store:
    """Judgements by `key_of`, each 0..1; what a judge left unscored is not kept, and is asked again."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def known(self, keys: Iterable[str]) -> dict[str, float]:
        """Those of the keys that are here."""
        found = (self._database.execute("SELECT key, score FROM judgements WHERE key = ?", (key,)) for key in keys)
        return {key: score for cursor in found for key, score in cursor}

    def keep(self, judge: str, scores: Mapping[str, float]) -> None:
        """Add judgements durably, all or none; the first of a key stands."""
        rows = [(key, judge, score) for key, score in scores.items()]
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO judgements VALUES (?, ?, ?)", rows)


@contextmanager
def open_store(path: Path) -> Iterator[Store]:
    """The store of this file, made where there is none; several processes may use it. Raises `BadInput` for a file
    that is no such store."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=60)) as database:
        try:
            database.execute("CREATE TABLE IF NOT EXISTS judgements (key TEXT PRIMARY KEY, judge TEXT, score REAL)")
        except sqlite3.DatabaseError as error:
            raise BadInput(f"{path} cannot be used as a store of judgements ({error}); delete it.") from error
        yield Store(database)
