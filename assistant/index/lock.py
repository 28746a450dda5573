"""One process at a time writes the indexes of a home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import HomeBusy

_held: Counter[Path] = Counter()


@contextmanager
def applier_lock(home: Path, timeout: float = 0.0) -> Iterator[None]:
    """Be the one process that writes a home's indexes, after waiting for at most ``timeout`` seconds.

    The system frees the lock of a process that ends, however it ends. Raises `HomeBusy` where another process (or
    another thread of this one) keeps it.
    """
    home.mkdir(parents=True, exist_ok=True)
    # Not the thread's own: a server takes it in one thread and gives it back in another.
    lock = FileLock(home / "applier.lock", thread_local=False, is_singleton=False)
    try:
        lock.acquire(timeout=timeout)
    except Timeout as error:
        raise HomeBusy(
            f"Another process, such as `assistant serve`, writes the indexes of {home}; let it finish, or stop it."
        ) from error
    place = home.resolve()
    _held[place] += 1
    try:
        yield
    finally:
        _held[place] -= 1
        lock.release()


def is_applier(path: Path) -> bool:
    """Whether this process holds the applier lock of the home that ``path`` lies in."""
    return any(_held[place] for place in (path.resolve(), *path.resolve().parents))
