"""Several processes on one home: readers notice what the applier writes, and neither disturbs the other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from synthetic import Home, item, random_item

from assistant.errors import HomeBusy
from assistant.index.apply import applier_lock
from assistant.types import Filter

READER = """
import json, sys, pathlib
sys.path.insert(0, sys.argv[2])
from synthetic import Home
from assistant.types import Filter
home = Home(pathlib.Path(sys.argv[1]))
for line in sys.stdin:
    print(json.dumps([home.found(), home.found(admit=Filter(outlets=("tribune",)))]), flush=True)
"""

HERALD = Filter(outlets=("herald",))

# Searches as fast as it can until its input ends; every answer must hold the article that is always there.
BUSY_READER = """
import json, sys, pathlib, threading
sys.path.insert(0, sys.argv[2])
from synthetic import Home
home = Home(pathlib.Path(sys.argv[1]))
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
answers, problems = 0, []
print("ready", flush=True)
while not stop.is_set():
    try:
        answers += 1
        problems += [n for n in home.found("first") if "first#1.0" not in n]
    except Exception as error:
        problems.append(repr(error))
print(json.dumps([answers, len(problems), problems[:3]]))
"""


@contextmanager
def process(program: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", program, str(folder), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def ask(reader: subprocess.Popen[str]) -> Any:
    assert reader.stdin
    assert reader.stdout
    reader.stdin.write("search\n")
    reader.stdin.flush()
    return json.loads(reader.stdout.readline())


def test_a_reader_in_another_process_notices_every_change(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with process(READER, tmp_path) as reader:
        assert ask(reader) == [[[], []], [[], []]]
        home.store(item("a", ["The treaty holds."], outlet="Tribune"), item("b", ["A treaty ends."]))
        assert ask(reader) == [[["a#1.0", "b#1.0"]] * 2, [["a#1.0"]] * 2]
        home.store(item("a", ["The treaty fell."]))
        assert ask(reader) == [[["a#2.0", "b#1.0"]] * 2, [[], []]]
        home.catalog.remove(["a"])
        home.apply()
        assert ask(reader) == [[["b#1.0"]] * 2, [[], []]]
        home.store(item("c", ["New treaty."]))
        with applier_lock(tmp_path):
            home.index.rebuild(home.catalog)
        assert ask(reader) == [[["b#1.0", "c#1.0"]] * 2, [[], []]]
        home.store(item("d", ["Last treaty."], outlet="Tribune"))
        assert ask(reader) == [[["b#1.0", "c#1.0", "d#1.0"]] * 2, [["d#1.0"]] * 2]


def test_a_reader_beside_a_writer_neither_crashes_nor_misses_anything(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.store(item("first", ["This came first."]))
    with process(BUSY_READER, tmp_path) as reader:
        assert reader.stdout
        reader.stdout.readline()
        for seed in range(6):  # some 1,500 records: Chroma writes its files at the thousandth
            home.store(*[random_item(n, seed) for n in range(100)])
        output, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0
    answers, problems, examples = json.loads(output)
    assert answers > 0
    assert problems == 0, examples
    current = home.catalog.current_chunks([f"article-{n}" for n in range(100)])
    everything = sorted(chunk.id for chunks in current.values() for chunk in chunks)
    assert home.found() == Home(tmp_path).found() == [[*everything, "first#1.0"], everything]


def test_a_busy_home_is_applied_by_the_process_that_holds_it(tmp_path: Path) -> None:
    holder = "import sys, pathlib; from assistant.index.apply import applier_lock\n"
    holder += "with applier_lock(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    home = Home(tmp_path)
    home.catalog.put([item("a", ["The treaty holds."])])
    with process(holder, tmp_path) as running:
        assert running.stdout
        running.stdout.readline()
        with pytest.raises(HomeBusy, match="assistant serve"), applier_lock(tmp_path, timeout=0.05):
            pass
        running.kill()
        running.wait()
    assert home.apply() == 1  # the system freed the lock of the killed process


def test_vector_files_that_a_kill_left_unreadable_are_made_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.store(*[random_item(n) for n in range(500)])  # more than 1,000 chunks, so that Chroma has written its files
    before = home.found(admit=HERALD)
    home.index.close()
    (files,) = tmp_path.glob("index/*/chroma/*/index_metadata.pickle")
    files.write_bytes(files.read_bytes()[:100])
    next(tmp_path.glob("index/*/")).joinpath("chroma.writing").touch()
    home.catalog.put([item("new", ["A new treaty."], outlet="Herald")])
    again = Home(tmp_path)
    with pytest.raises(HomeBusy, match="interrupted"):
        again.found()
    again.apply()
    assert again.found(admit=HERALD) == [[*some, "new#1.0"] for some in before]
