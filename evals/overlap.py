"""Whether the sample corpus or the training articles share a run of nine words with the evaluation data: they must be
our own words.

    python -m evals.overlap

prints each shared run and exits 1 where there is one; says so and exits 0 where the data is absent.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

RUN = 9
ALLOWED = ("sample text written for this project the outlet is invented",)
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def windows(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of nine words of a text, folded, punctuation left out."""
    found = _WORD.findall(text.casefold().replace("’", "'"))
    return zip(*(found[i:] for i in range(RUN)), strict=False)


def corpus_windows(folder: Path) -> dict[tuple[str, ...], str]:
    """The runs of all articles of a corpus, with the id of one article that holds each."""
    from assistant.bootstrap import Home
    from assistant.settings import load_settings

    with tempfile.TemporaryDirectory() as home_folder:
        home = Home(load_settings(home=home_folder))
        home.ingest([str(folder)])
        found: dict[tuple[str, ...], str] = {}
        for source in home.catalog.list_articles(limit=1_000_000):
            text = home.catalog.article(source.article_id).text
            found.update(dict.fromkeys(windows(f"{source.title}\n{text}"), source.article_id))
        home.catalog.close()
    return {run: name for run, name in found.items() if not any(" ".join(run) in allowed for allowed in ALLOWED)}


def training_windows(folder: Path) -> dict[tuple[str, ...], str]:
    """The same of the articles that the ranker is trained on, and of their questions."""
    found: dict[tuple[str, ...], str] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for form in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            for text in (f"{form['title']}\n{form['text']}", *(asked["question"] for asked in form["questions"])):
                found.update(dict.fromkeys(windows(text), form["id"]))
    return found


def data_texts(folder: Path) -> Iterator[str]:
    """The raw text of every data file, line by line; JSON escapes are undone well enough for words."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".gz", ".json", ".jsonl", ".txt"):
            continue
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for line in file:
                yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), line.replace("\\n", " "))


def shared(ours: Mapping[tuple[str, ...], str], data: Path) -> dict[str, str]:
    """Each run that the data shares with ours, with the id of the article of ours that holds it."""
    first = {run[:2] for run in ours}  # most runs of the data differ in their first two words already
    found: dict[str, str] = {}
    for text in data_texts(data):
        for run in windows(text):
            if run[:2] in first and run in ours:
                found[" ".join(run)] = ours[run]
    return found


def main() -> int:
    data = os.environ.get("EVALS_DATA", "")
    if not data or not Path(data).is_dir():
        print("The evaluation data is not here (EVALS_DATA), so the overlap of our articles with it is not checked.")
        return 0
    here = Path(__file__).parent
    found = shared(corpus_windows(here.parent / "corpus") | training_windows(here / "training"), Path(data))
    for run, article_id in sorted(found.items()):
        print(f"{article_id}: {run}")
    print(f"{len(found)} runs of {RUN} words are shared with the evaluation data")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
