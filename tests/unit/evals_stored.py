"""Runs as `evals.run` leaves them, with answers made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evals_examples import SENTENCES, answer, answered, case, evidence, passage, silent

from evals.datasets import Gold
from evals.manifest import take_up
from evals.results import Result, to_line
from evals.runs import ANSWERS, CASES, MANIFEST, Run, _store_cases, read_run

ABOUT = {
    "data": {"name": "mine", "half": "tune", "hash": "0", "cases": 3, "malformed": []},
    "selection": {}, "variant": {"name": "default"}, "settings": {}, "settings_id": "0", "prompt_ids": [], "code": "0",
    "answerer": "chat", "model": "openai:writer", "embedding": "hashing", "corpus_hash": "0", "packages": {},
    "started": "2024-05-03T10:00", "git": {"commit": "", "changed": False},
}  # fmt: skip

RIGHT = answered(answer([SENTENCES[0]], [evidence()]), [passage("a")])
WRONG = answered(answer(["Ben Hill closed a tunnel somewhere."], [evidence()]), [passage("a")])


def stored(folder: Path, results: Sequence[Result] = (RIGHT, WRONG, silent())) -> Run:
    """A run of as many cases, as `run` leaves it."""
    folder.mkdir()
    cases = [case(id=f"c{i}") for i in range(len(results))]
    take_up(folder / MANIFEST, dict(ABOUT))
    _store_cases(folder / CASES, cases, {c.id: Gold(cluster=c.id) for c in cases})
    lines = (to_line(replace(result, id=c.id)) for c, result in zip(cases, results, strict=True))
    (folder / ANSWERS).write_text("".join(lines), encoding="utf-8")
    return read_run(folder)
