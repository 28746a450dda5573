"""Run by test_kill.py: takes articles in and indexes them, in children that are killed at random moments.

    kill_program.py FOLDER ARTICLES KILLS

Makes FOLDER/undisturbed, and FOLDER/0, FOLDER/1, … which are killed and run again until one run comes to its end; as
many of them as it takes for so many kills that interrupted something, or as fit into ENOUGH seconds. Prints how many
folders there are and how many kills.
"""

from __future__ import annotations

import faulthandler
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import chromadb  # noqa: F401  loaded before the children are forked, so that each begins with its work
import synthetic
import tantivy  # noqa: F401

from assistant.index import chroma

# Chroma writes its files, which a kill may leave unreadable, after so many records; 1,000 would make that rare.
chroma.HNSW["sync_threshold"] = 50
PUT = 16
ENOUGH = 120.0
"""Seconds after which no other home is begun: on a slow disk 20 kills did not end within 280."""
STUCK = 120.0
"""Seconds after which a child that still works shows where it stands, and ends."""


def prepare(folder: Path, articles: int) -> None:
    """A home with a third of the articles in an old version, and some that will be removed."""
    home = synthetic.Home(folder)
    home.store(*[synthetic.random_item(n, seed=1) for n in (*range(articles // 3), *removed(articles))])


def take_in(folder: Path, articles: int) -> None:
    """What an ingestion with --prune does; doing it again ends in the same."""
    home = synthetic.Home(folder)
    for start in range(0, articles, PUT):
        home.catalog.put([synthetic.random_item(n) for n in range(start, min(start + PUT, articles))])
        if start % (5 * PUT) == 0:
            home.apply(batch=PUT)
    home.catalog.remove([f"article-{n}" for n in removed(articles)])
    home.apply(batch=PUT)


def removed(articles: int) -> range:
    return range(articles, articles + 20)


def in_child(work, seconds: float | None = None) -> bool:  # type: ignore[no-untyped-def]
    """Whether the work was killed before its end."""
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(STUCK, exit=True)
        try:
            work()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(3)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        sys.exit(f"the work failed with {status}")
    return status != 0


def main(folder: Path, articles: int, kills: int) -> None:
    undisturbed = folder / "undisturbed"
    in_child(lambda: prepare(folder / "prepared", articles))
    shutil.copytree(folder / "prepared", undisturbed)
    began = time.monotonic()
    in_child(lambda: take_in(undisturbed, articles))
    seconds = time.monotonic() - began
    chance = random.Random(20250117)
    rounds = killed = 0
    while killed < kills and time.monotonic() - began < ENOUGH:
        home = folder / str(rounds)
        shutil.copytree(folder / "prepared", home)
        longest = seconds
        while in_child(lambda home=home: take_in(home, articles), chance.uniform(0.02, longest)):
            killed += 1
            longest *= 1.2  # mending what a kill left behind may take longer than the undisturbed work
        rounds += 1
    print(rounds, killed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
