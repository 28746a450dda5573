"""The bar of a run: how many are asked, how fast, how long it will still take, and how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} a second" if task.speed else "")


@contextmanager
def progress(console: Console, total: int | None, doing: str = "asking") -> Iterator[Callable[[str], None]]:
    """Gives the function to call with each case's outcome. ``total`` is None where it is not known beforehand."""
    counts: Counter[str] = Counter()
    columns = (
        TextColumn(doing),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(doing, total=total, counts="")

        def advance(outcome: str) -> None:
            counts[outcome] += 1
            bar.update(task, advance=1, counts=", ".join(f"{n} {name}" for name, n in sorted(counts.items())))

        yield advance
