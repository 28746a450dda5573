"""Run every system over a data set, then print the report.

    python -m evals.peers.run [--data realtimeqa-2025] [--limit N] [--systems ours,txtai_hybrid] [--fresh]

Everything lies in ``.evals/peers/DATA``. A system is not run again while its results are whole and neither the data
nor what it was made with has changed; ``--fresh`` runs it all the same, for times.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import assistant
from assistant.errors import AssistantError, BadInput
from assistant.models.embeddings import load_embedder
from assistant.ports import Embedder
from assistant.settings import load_settings
from evals.datasets import Dataset, load
from evals.homes import file_hash
from evals.peers.exchange import STATS, Question, read_results, read_stats, write_questions
from evals.peers.sentences import best_sentences
from evals.peers.table import Row, report, scores_of
from evals.records import Case

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MADE_WITH = "made-with.txt"
DATA = ("realtimeqa-2022", "realtimeqa-2025", "realtimeqa-small")
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
}
"""No system asks a hub or reports its use."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A system: its module here, and what the report says of it."""

    module: str
    title: str
    setup: str


OURS = Entry(
    "ours",
    "ours",
    "a home with the settings in force, ranking.model {ranking}. Beside titles and texts it reads the file's dates, "
    "addresses and bylines, and it is told the day of the question; the others have no place for either.",
)
PEERS = (
    Entry(
        "langchain_tutorial",
        "LangChain tutorial",
        '"Build a RAG agent with LangChain": RecursiveCharacterTextSplitter(1000, 200), InMemoryVectorStore, '
        "similarity_search; k 30, there 4.",
    ),
    Entry(
        "llamaindex_default",
        "LlamaIndex default",
        '"Starter Tutorial (Using Local LLMs)": VectorStoreIndex.from_documents, default splitter and store; '
        "similarity_top_k 20, there 2.",
    ),
    Entry(
        "haystack_hybrid",
        "Haystack hybrid",
        '"Creating a Hybrid Retrieval Pipeline": DocumentSplitter(256 words, 32), InMemoryDocumentStore, BM25 and '
        "embedding retrievers, top_k 20 each, there 10; joined by DocumentJoiner's reciprocal_rank_fusion, as the "
        "tutorial's ranker is another model.",
    ),
    Entry(
        "txtai_hybrid",
        "txtai hybrid",
        '"Build RAG pipelines with txtai" and "Benefits of hybrid search": a row a paragraph, Embeddings(content, '
        "hybrid); limit 150, there 3.",
    ),
)


def execute(entry: Entry, python: Path, given: Sequence[Path], made: str) -> None:
    """Run one system in a process of its own. ``given``: articles, questions, and the folder for its results, where
    its output goes to ``run.log``.

    Raises `BadInput` where the environment is missing or the system fails.
    """
    if not python.exists():
        raise BadInput("The peers have no environment yet; `make peers` makes it.")
    folder = given[-1]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MADE_WITH).write_text(made, encoding="utf-8")
    command = [str(python), "-m", f"evals.peers.{entry.module}", *map(str, given)]
    with (folder / "run.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(command, cwd=ROOT, env=os.environ | QUIET, stdout=log, stderr=subprocess.STDOUT)
    if done.returncode:
        raise BadInput(f"{entry.title} failed; {folder / 'run.log'} says why.")


def made_with(entry: Entry, data: Dataset) -> str:
    """What a system's results depend on, as a hash: the data, its module here, and its packages; of ours the package,
    with its weights, and the settings."""
    package, settings = Path(assistant.__file__).parent, load_settings().settings_id
    ours = (path for path in sorted(package.rglob("*")) if path.is_file() and path.suffix != ".pyc")
    code = file_hash([HERE / f"{entry.module}.py", *(ours if entry is OURS else [HERE / "requirements.txt"])])
    return " ".join([data.data_hash, code, *([settings] if entry is OURS else [])])


def is_whole(folder: Path, made: str, questions: Sequence[Question]) -> bool:
    """Whether a system's folder holds a result for every question, made with this."""
    if not (folder / STATS).exists() or (folder / MADE_WITH).read_text(encoding="utf-8") != made:
        return False
    return read_results(folder).keys() >= {question.id for question in questions}


def row_of(entry: Entry, folder: Path, questions: Sequence[Question], cases: Sequence[Case], embedder: Embedder) -> Row:
    """A system's row of the report, out of its folder."""
    results = read_results(folder)
    best = best_sentences(folder, questions, results, embedder)
    found = [results[case.id] for case in cases]
    return Row(
        entry.title,
        entry.setup.format(ranking=repr(load_settings().ranking.model)),
        read_stats(folder),
        1000 * median(result.seconds for result in found),
        [scores_of(case, results[case.id].passages, best[case.id]) for case in cases],
        min(sum(len(passage.text.split()) for passage in result.passages) for result in found),
        min(len({passage.article_id for passage in result.passages}) for result in found),
    )


def run(data: Dataset, given: argparse.Namespace) -> str:
    """Run the systems that are asked for and not done yet; the report of all that are done.

    Raises `BadInput` where a system is misspelt, cannot run, or fails.
    """
    known = [entry.module for entry in (OURS, *PEERS)]
    if unknown := sorted(set(given.systems or ()) - set(known)):
        raise BadInput(f"There is no system {', '.join(unknown)}; choose of {', '.join(known)}.")
    folder = (given.folder / data.name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    cases = data.cases[: given.limit]
    asked = [Question(case.id, case.request.question, _day(case)) for case in cases]
    write_questions(folder / "questions.jsonl", asked)
    done = []
    for entry in (OURS, *PEERS):
        own, made = folder / entry.module, made_with(entry, data)
        whole = is_whole(own, made, asked)
        if (not given.systems or entry.module in given.systems) and (given.fresh or not whole):
            print(f"{entry.title} …", file=sys.stderr)
            python = Path(sys.executable) if entry is OURS else given.python.absolute()
            execute(entry, python, (data.articles[0].resolve(), folder / "questions.jsonl", own), made)
            whole = True
        done += [entry] if whole else []
    return _report(data, folder, done, asked, cases)


def _day(case: Case) -> str:
    return case.request.asked_at.isoformat() if case.request.asked_at else ""


def _report(data: Dataset, folder: Path, done: list[Entry], asked: list[Question], cases: Sequence[Case]) -> str:
    if OURS not in done:
        raise BadInput("Ours has no results here yet; run it with `--systems ours`.")
    embedder = load_embedder(dtype="float32")
    ours, *peers = (row_of(entry, folder / entry.module, asked, cases, embedder) for entry in done)
    if len({row.stats.weights for row in (ours, *peers)}) > 1:
        raise BadInput("The systems did not use the same embedding weights; run them again with `--fresh`.")
    clusters = [data.gold[case.id].cluster or case.id for case in cases]
    text = report(data.name, ours, peers, clusters)
    (folder / "report.md").write_text(text, encoding="utf-8")
    return text


def main() -> None:
    """Run and print; an error on purpose is one sentence and its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="realtimeqa-2025", choices=DATA)
    parser.add_argument("--limit", type=int, help="only the first so many questions, of all articles")
    parser.add_argument("--systems", type=lambda text: text.split(","), help="modules, comma-separated; default: all")
    parser.add_argument("--fresh", action="store_true", help="run the systems again that are done")
    parser.add_argument("--folder", type=Path, default=ROOT / ".evals" / "peers")
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-peers" / "bin" / "python")
    given = parser.parse_args()
    try:
        print(run(load(given.data), given))
    except AssistantError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
