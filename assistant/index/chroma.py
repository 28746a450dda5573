"""Access to a Chroma collection: embedded, by turns with other processes, or on a server.

Embedded Chroma 1.5.9 is made for one process. Measured here, with SIGKILL at random moments and with a reader beside a
writer:

- An open client does not see what another process writes. A reader opens anew when the sequence has moved.
- A client that only queries applies the write-ahead log too, and may write the vector files itself: a reader beside a
  writer crashed with a segmentation fault. So other processes' readers and the writer take turns by a file lock.
- The vector files are overwritten in place every 1,000 records. A process killed in that moment (42 of 650 kills with
  files written every 40 or 100 records) leaves files that cannot be read, while their vectors are already gone from the
  log; every such folder raised on ``count()``, and all others were complete. So a marker stands beside the folder while
  it is written, and a folder that was left with it is tried and, if unreadable, emptied and filled again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from assistant.errors import BadInput, FetchFailed, HomeBusy
from assistant.index.lock import is_applier

HNSW: dict[str, Any] = {"space": "cosine"}
"""How vectors are compared; the graph's own settings are Chroma's."""
_NAME = "chunks"
_POLL_SECONDS = 0.005  # between tries for the file lock; a query takes as long
_TURN_SECONDS = 60.0  # a turn is a query (milliseconds), opening (up to a second) or a batch's write (about the same)
_opening = Lock()
_spellings: set[str] = set()


class EmbeddedChroma:
    """A folder of Chroma files. Thread-safe; one object a folder in each process.

    ``sequence`` says what is applied: it moves when any process has written.
    """

    def __init__(self, folder: Path, sequence: Callable[[], int]) -> None:
        self._folder = folder
        self._sequence = sequence
        self._marker = folder.with_suffix(".writing")
        self._changed = Condition()
        self._client: Any = None
        self._collection: Any = None
        self._spelling = ""
        self._users = 0
        self._seen = -1
        self._writing = self._wrote = False

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """The collection as it is now. Raises `HomeBusy` where an interrupted write has to be repaired first."""
        # The writer's own queries go through its client, beside its writing.
        with self._using() if self._wrote and is_applier(self._folder) else self._alone() as collection:
            yield collection

    @contextmanager
    def writing(self, written: Callable[[], None]) -> Iterator[Any]:
        """The collection to be written; ``written`` is called at the end, to move the sequence."""
        self._wrote = True
        with self._turn(), self._using() as collection:
            self._writing = True
            try:
                self._marker.touch()
                yield collection
                self._marker.unlink()  # first: then a marker that stays always leaves something to apply, and is seen
                written()
                self._seen = self._sequence()
            finally:
                self._writing = False

    def recover(self, restart: Callable[[], None]) -> None:
        """Try a folder that was left in the middle of a write. ``restart`` is called before an unreadable one is
        emptied, to set the sequence back."""
        if not self._marker.exists():
            return
        with self._turn():
            self.close()
            try:
                with self._using() as collection:
                    collection.count()
            except Exception:  # Chroma has one error for whatever its files lack
                self.close()
                restart()
                shutil.rmtree(self._folder, ignore_errors=True)
            self._marker.unlink()

    def close(self) -> None:
        """Wait for the queries that run, and close the files."""
        with self._changed:
            self._changed.wait_for(lambda: not self._users)
            self._close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        lock = FileLock(self._folder.with_suffix(".lock"), thread_local=False, is_singleton=False)
        try:
            lock.acquire(timeout=_TURN_SECONDS, poll_interval=_POLL_SECONDS)
        except Timeout as error:
            raise HomeBusy("Another process keeps the vector index to itself; end it, or try again.") from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _alone(self) -> Iterator[Any]:
        with self._turn():
            if self._marker.exists() and not self._writing:
                raise HomeBusy("The vector index was interrupted while it was written; `assistant ingest` repairs it.")
            with self._using() as collection:
                yield collection

    @contextmanager
    def _using(self) -> Iterator[Any]:
        """The open collection, opened anew where another process has written: not before all have let go of it."""
        with self._changed:
            while self._client is None or self._seen != self._sequence():
                if self._users:
                    self._changed.wait()
                else:
                    self._open()
            self._users += 1
        try:
            yield self._collection
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def _open(self) -> None:
        import chromadb

        self._close()
        seen = self._sequence()
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = chromadb.Settings(anonymized_telemetry=False)
        self._spelling = _unused_spelling(self._folder)
        self._client = chromadb.PersistentClient(self._spelling, settings=settings)
        self._collection = _collection(self._client, _NAME)
        self._seen = seen

    def _close(self) -> None:
        client, self._client, self._collection = self._client, None, None
        if client is not None:
            client.close()
        _spellings.discard(self._spelling)


def _unused_spelling(folder: Path) -> str:
    """The folder's path as no open client of this process has it.

    Chroma keeps one engine for each path as it is spelt, shared by all clients of the process, and so a new client
    would see what the old one sees. `SharedSystemClient.clear_system_cache` would prevent that too, but a client that
    is closed afterwards stops the engine of whoever opened the path since, and one that is just being made fails.
    """
    with _opening:
        number = 1
        while (spelling := f"{folder}{'/.' * number}") in _spellings:
            number += 1
        _spellings.add(spelling)
        return spelling


class ChromaServer:
    """A collection on a Chroma server, which looks after its own files, readers and crashes."""

    def __init__(self, url: str, name: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"{url!r} is not the address of a Chroma server; give http://HOST:PORT.")
        self._url, self._name = url, name
        self._ssl = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port or (443 if self._ssl else 8000)
        self._opened = Condition()
        self._client: Any = None
        self._collection: Any = None

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """The collection. Raises `FetchFailed` where the server cannot be reached."""
        with self._opened:
            if self._collection is None:
                self._open()
        yield self._collection

    @contextmanager
    def writing(self, written: Callable[[], None]) -> Iterator[Any]:
        with self.reading() as collection:
            yield collection
            written()

    def recover(self, restart: Callable[[], None]) -> None:
        """Nothing to do: what a server acknowledged it keeps, and what it did not is written again."""

    def drop(self) -> None:
        """Delete the collection."""
        with self.reading():
            self._client.delete_collection(self._name)

    def close(self) -> None:
        self._client = self._collection = None

    def _open(self) -> None:
        import chromadb

        settings = chromadb.Settings(anonymized_telemetry=False)
        try:
            self._client = chromadb.HttpClient(self._host, self._port, ssl=self._ssl, settings=settings)
            self._collection = _collection(self._client, self._name)
        except Exception as error:  # httpx's errors, Chroma's, and a plain ValueError where nothing listens
            raise FetchFailed(f"The Chroma server at {self._url} does not answer ({error}); start it.") from error


def _collection(client: Any, name: str) -> Any:
    # No embedding function: vectors are made by our own embedder, and Chroma's default would load another model.
    return client.get_or_create_collection(name, embedding_function=None, configuration={"hnsw": HNSW})
