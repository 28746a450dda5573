"""How long a question takes, as a ratio to a fixed yardstick measured in the same run.

    python -m evals.bench [--questions 40] [--articles PATH]

The yardstick is one forward of the built-in MiniLM over 32 texts of 128 word pieces in float32, both threads. Machines
are shared and noisy: compare ratios, not times.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from assistant.bootstrap import Home
from assistant.resources import resource
from assistant.settings import load_settings
from assistant.types import Answer
from evals.records import Case, read_cases

CASES = Path(__file__).parent / "cases" / "sample.jsonl"


def yardstick() -> float:
    """Seconds of the yardstick: the median of seven, after one to warm up."""
    import torch
    from sentence_transformers import SentenceTransformer

    from assistant.models.embeddings import builtin_folder

    model = SentenceTransformer(str(builtin_folder()), device="cpu")
    model.max_seq_length = 128
    batch = model.tokenize(["news " * 200] * 32)
    with torch.inference_mode():
        return _median(lambda: model(dict(batch)), 7)


def _median(call: Callable[[], object], times: int) -> float:
    call()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def questions(count: int) -> list[Case]:
    """The first unsealed sample cases, always the same ones."""
    return [case for case in read_cases(CASES) if isinstance(case, Case) and not case.sealed][:count]


def report(answers: list[Answer], seconds: list[float], unit: float) -> str:
    """A table: the whole question and each stage, p50 and p95 in milliseconds and in yardsticks."""
    stages: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        for stage in answer.trace.stages:
            stages[stage.name].append(stage.ms / 1000)
    lines = [f"yardstick {1000 * unit:.0f} ms (MiniLM, 32 x 128 pieces); {len(seconds)} questions", ""]
    lines.append(f"{'':<10} {'p50 ms':>8} {'p95 ms':>8} {'p50 ratio':>10} {'p95 ratio':>10}")
    for name, times in (("question", seconds), *stages.items()):
        ordered = sorted(times)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))]
        lines.append(f"{name:<10} {1000 * p50:>8.1f} {1000 * p95:>8.1f} {p50 / unit:>10.2f} {p95 / unit:>10.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--articles", default=str(resource("corpus")))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(load_settings(home=folder))
        home.ingest([arguments.articles])
        home.apply()
        home.assistant.ask("Is everything loaded?")
        answers, seconds = [], []
        for case in questions(arguments.questions):
            started = time.perf_counter()
            answers.append(home.assistant.ask(case.request))
            seconds.append(time.perf_counter() - started)
        print(report(answers, seconds, yardstick()))
        home.index.close()
        home.catalog.close()


if __name__ == "__main__":
    main()
