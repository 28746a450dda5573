"""Small files that say how far an index is: replaced atomically, durable when written."""

from __future__ import annotations

import os
from pathlib import Path


def read_sequence(path: Path) -> int:
    """The sequence in the file; 0 where there is none."""
    try:
        return int(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0


def write_sequence(path: Path, sequence: int) -> None:
    """Say that everything up to ``sequence`` is applied. Written after the index's own commit."""
    write_atomically(path, str(sequence))


def write_atomically(path: Path, text: str) -> None:
    """Replace a file: readers find the old text or the new, and so does whoever comes after a crash."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
