"""Homes to ask: a data set's articles, ingested once and used again while nothing that makes them has changed."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

import assistant
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.bootstrap import Home

_MAKERS = ("ingest", "index", "catalog", "text", "models/embeddings.py", "models/processor.py")
"""The code that decides what a home holds."""
KEPT = 8
"""Homes kept, those used last; one of a year of RealTimeQA takes about 300 MB."""
Prepare = Callable[["Home"], None]


def file_hash(paths: Iterable[Path]) -> str:
    """The sha256 over files and folders: names within the folder and bytes, in the order of the names. Nothing of
    where they lie."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            digest.update(f"{name}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


@contextmanager
def open_home(
    articles: tuple[Path, ...], settings: Settings, corpus_hash: str, prepare: Prepare | None = None
) -> Iterator[Home]:
    """A home with these articles, indexed, made as the settings say.

    It lies in ``ASSISTANT_HOME/evals/homes`` under a hash of articles, chunking, embedding model and the code that
    makes them, and is made where it does not exist; of more than `KEPT` those used longest ago are deleted.
    ``prepare`` may replace parts before anything is opened.
    """
    from assistant.bootstrap import Home

    home = Home(settings)
    if prepare:
        prepare(home)
    name = _name(home, corpus_hash)
    folder = settings.home / "evals" / "homes" / name
    folder.mkdir(parents=True, exist_ok=True)
    home.settings = settings.model_copy(update={"home": folder})
    try:
        with FileLock(f"{folder}.lock"):
            if not (folder / "ready").exists():
                _fill(home, articles)
            (folder / "ready").touch()
            _forget_unused(folder.parent)
        yield home
    finally:
        if "index" in vars(home):
            home.index.close()
        if "catalog" in vars(home):
            home.catalog.close()


def _fill(home: Home, articles: tuple[Path, ...]) -> None:
    report = home.ingest([str(path) for path in articles])
    home.apply()
    logging.getLogger(__name__).info("ingested %s", report)


def _forget_unused(homes: Path) -> None:
    """Delete the homes that have not been used for longest, but for those being made just now."""
    made = sorted(homes.glob("*/ready"), key=lambda ready: ready.stat().st_mtime, reverse=True)
    for ready in made[KEPT:]:
        with suppress(Timeout), FileLock(f"{ready.parent}.lock", timeout=0):
            shutil.rmtree(ready.parent)


def _name(home: Home, corpus_hash: str) -> str:
    parts = (corpus_hash, str(home.settings.chunking), home.embedder.identity, home.settings.embedding.dtype)
    package = Path(assistant.__file__).parent
    makers = [package / maker for maker in _MAKERS]
    code = file_hash(sorted(file for maker in makers for file in ([maker] if maker.is_file() else maker.rglob("*.py"))))
    return hashlib.sha256("\0".join((*parts, code)).encode()).hexdigest()[:16]
