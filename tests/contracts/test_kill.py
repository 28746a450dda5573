"""Ingestion killed at random moments and run again ends as if it had never been disturbed."""

from __future__ import annotations

import os
import subprocess
import sys
from ast import literal_eval
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tantivy
from sqlalchemy import select
from synthetic import Home

from assistant.catalog.tables import articles, chunks, items, versions

PROGRAM = Path(__file__).with_name("kill_program.py")


def stored(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the catalog but the moments when they were written."""
    found = {}
    with Home(folder).catalog._database.reading() as connection:
        for table in (articles, versions, chunks, items):
            columns = [column for column in table.c if column.name != "stored_at"]
            found[table.name] = sorted(tuple(map(repr, row)) for row in connection.execute(select(*columns)))
    return found


def vectors(folder: Path) -> dict[str, Any]:
    home = Home(folder)
    generation = home.index.current()
    assert generation
    with generation.vector._chroma.reading() as collection:
        got = collection.get(include=["embeddings", "metadatas"])
    rows = zip(got["ids"], got["embeddings"], got["metadatas"], strict=True)
    return {name: (np.asarray(vector), metadata) for name, vector, metadata in rows}


def documents(folder: Path) -> list[str]:
    """The ids of all documents of the lexical index, one that is there twice twice."""
    path = next(folder.glob("index/*/lexical"))
    searcher = tantivy.Index.open(str(path)).searcher()
    hits = searcher.search(tantivy.Query.all_query(), 100_000).hits
    return sorted(searcher.doc(address)["id"][0] for _, address in hits)


@pytest.mark.timeout(400)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system with fork")
@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_and_run_again_equals_undisturbed(tmp_path: Path, kills: int) -> None:
    command = [sys.executable, str(PROGRAM), str(tmp_path), "100", str(kills)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=380)
    assert done.returncode == 0, done.stderr
    rounds, killed = map(int, done.stdout.split())
    assert killed >= min(kills, 3), "too few kills to say anything"
    undisturbed = tmp_path / "undisturbed"
    rows, expected = stored(undisturbed), vectors(undisturbed)
    assert sorted(expected) == sorted(literal_eval(row[0]) for row in rows["chunks"])
    for number in range(rounds):
        disturbed = tmp_path / str(number)
        assert stored(disturbed) == rows
        found = vectors(disturbed)
        assert found.keys() == expected.keys()
        for name, (vector, metadata) in expected.items():
            np.testing.assert_allclose(found[name][0], vector, atol=1e-3)
            assert found[name][1] == metadata
        assert documents(disturbed) == documents(undisturbed) == sorted(expected)
        assert [len(some) for some in Home(disturbed).found()] == [len(expected)] * 2
