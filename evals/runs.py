"""Running: each case is asked once of the very object that is served, and one line is stored for each.

A run can be killed at any moment and started again: what is stored is kept, and the rest is asked.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from rich.console import Console

from assistant.errors import BadInput
from evals.asking import as_served, ask_case, from_memory, with_gold
from evals.datasets import Dataset, Gold, Half, load
from evals.homes import Prepare, file_hash, open_home
from evals.manifest import Manifest, make_manifest, take_up
from evals.progress import progress
from evals.records import Case, case_to_dict, parse_case
from evals.results import OUTCOMES, Outcome, Result, mend, read_results, to_line
from evals.variants import load_variant, restricted, settings_of
from evals.watch import WatchedChat

if TYPE_CHECKING:
    from assistant.bootstrap import Home

MANIFEST, CASES, ANSWERS = "manifest.json", "cases.jsonl", "answers.jsonl"


@dataclass(frozen=True, slots=True)
class Run:
    """A stored run: what it was made with, its cases with their gold, and the last result of each by id."""

    folder: Path
    manifest: Manifest
    cases: tuple[Case, ...]
    gold: Mapping[str, Gold]
    results: Mapping[str, Result]

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """How many cases ended how; those not asked yet are ``unscored``."""
        counts = Counter(self.results[c.id].outcome if c.id in self.results else "unscored" for c in self.cases)
        return {outcome: counts[outcome] for outcome in OUTCOMES}


def run(
    data: str | Dataset,
    folder: Path | str,
    *,
    half: Half = "all",
    options: Mapping[str, Any] | None = None,
    variant: str = "default",
    limit: int | None = None,
    sample: int | None = None,
    seed: int = 0,
    workers: int = 2,
    retry_failed: bool = False,
    fresh: bool = False,
    prepare: Prepare | None = None,
    console: Console | None = None,
) -> Run:
    """Ask the cases of a data set, by name or given, that have no answer in ``folder`` yet; with ``retry_failed`` also
    those that ended in an error; with ``fresh`` all of them, after deleting what is there.

    ``limit`` takes the first so many, ``sample`` so many drawn with ``seed``. ``prepare`` may replace parts of the home
    (``home.chat``, ``home.embedder``) before it is used. Raises `BadInput` for data or a variant that does not exist,
    and for a folder that holds another run.
    """
    chosen = load_variant(variant)
    dataset = load(data, half, **(options or {})) if isinstance(data, str) else data
    cases = select(dataset.cases, limit, sample, seed)
    folder = Path(folder)
    if fresh and (folder / MANIFEST).exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    corpus_hash = file_hash(dataset.articles)
    with open_home(dataset.articles, settings_of(chosen), corpus_hash, _watched(prepare)) as home:
        if chosen.arm == "oracle":
            cases = [given for case in cases if (given := with_gold(case, home.catalog))]
        selection = {"limit": limit, "sample": sample, "seed": seed if sample else None, "cases": len(cases)}
        manifest = take_up(folder / MANIFEST, make_manifest(dataset, selection, chosen, home, corpus_hash))
        _store_cases(folder / CASES, cases, dataset.gold)
        console = console or Console(stderr=True)
        _ask_all(folder / ANSWERS, cases, _asker(home, manifest), workers, retry_failed, console)
    return read_run(folder)


def read_run(folder: Path | str) -> Run:
    """A run from its folder, whole or not. Raises `BadInput` where there is none."""
    from evals.results import read_json

    folder = Path(folder)
    manifest = read_json(folder / MANIFEST)
    cases: list[Case] = []
    gold: dict[str, Gold] = {}
    for number, line in enumerate((folder / CASES).read_text(encoding="utf-8").splitlines(), 1):
        form = json.loads(line)
        cases.append(parse_case(form, f"{CASES}:{number}"))
        gold[cases[-1].id] = TypeAdapter(Gold).validate_python(form["gold"])
    return Run(folder, manifest, tuple(cases), gold, read_results(folder / ANSWERS))


def select(cases: Sequence[Case], limit: int | None, sample: int | None, seed: int) -> list[Case]:
    """The first ``limit`` of the cases, or of ``sample`` of them drawn with the seed, in their order."""
    kept = list(cases)
    if sample is not None and sample < len(kept):
        drawn = set(random.Random(seed).sample(range(len(kept)), sample))
        kept = [case for index, case in enumerate(kept) if index in drawn]
    return kept[:limit]


def _watched(prepare: Prepare | None) -> Prepare:
    def apply(home: Home) -> None:
        if prepare:
            prepare(home)
        if home.chat is not None:
            vars(home)["chat"] = WatchedChat(home.chat)

    return apply


def _asker(home: Home, manifest: Manifest) -> Callable[[Case], Result]:
    variant = manifest["variant"]
    assistant = restricted(home.assistant, variant["searchers"])
    chat = home.chat if isinstance(home.chat, WatchedChat) else None
    asked_at = datetime.fromisoformat(manifest["asked_at"])
    respond = as_served(assistant)
    if variant["arm"] == "closed_book":
        if chat is None:
            raise BadInput("The arm closed_book asks a chat model from memory; set chat.model.")
        respond = from_memory(chat)
    return lambda case: ask_case(case, respond, home.catalog, chat, asked_at)


def _store_cases(path: Path, cases: Sequence[Case], gold: Mapping[str, Gold]) -> None:
    adapter = TypeAdapter(Gold)
    lines = (
        json.dumps(
            {**case_to_dict(case), "gold": adapter.dump_python(gold.get(case.id, Gold()), mode="json")},
            ensure_ascii=False,
        )
        for case in cases
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _ask_all(
    path: Path,
    cases: Sequence[Case],
    ask: Callable[[Case], Result],
    workers: int,
    retry_failed: bool,
    console: Console,
) -> None:
    mend(path)
    stored = read_results(path)
    again = {name for name, result in stored.items() if result.outcome == "error"} if retry_failed else set()
    waiting = [case for case in cases if case.id not in stored or case.id in again]
    if not waiting:
        return
    with (
        path.open("a", encoding="utf-8") as file,
        ThreadPoolExecutor(workers) as pool,
        progress(console, len(waiting)) as advance,
    ):
        futures = [pool.submit(ask, case) for case in waiting]
        try:
            for result in _done(futures):
                file.write(to_line(result))
                file.flush()
                advance(result.outcome)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _done(futures: Sequence[Future[Result]]) -> Iterator[Result]:
    for future in as_completed(futures):
        yield future.result()
