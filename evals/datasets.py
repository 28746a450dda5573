"""Data sets of cases, by name: our sample set, the public ones under ``EVALS_DATA``, and a user's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.records import Case, Malformed

Half = Literal["tune", "report", "all"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Cases with what they are asked of.

    ``articles`` are the files or folders to be ingested first; empty where every case brings its own ``documents``.
    ``malformed`` are the lines that could not be read. ``data_hash`` is the sha256 over the files it was read from.
    """

    name: str
    cases: tuple[Case, ...]
    articles: tuple[Path, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    data_hash: str = ""
    half: Half = "all"
