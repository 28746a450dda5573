"""The last sequence that an index has applied, in a side file written after its commit."""

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
    """Replace the file atomically; what it says is durable when this returns."""
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="ascii") as file:
        file.write(str(sequence))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
