"""Applying the change log: idempotent, whatever is interrupted; generations and rebuilding."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from synthetic import ALL, Home, found, item, random_item

from assistant.errors import HomeBusy, IndexMismatch
from assistant.index.apply import applier_lock, apply_changes, pending
from assistant.index.lock import is_applier
from assistant.models.hashing import HashingEmbedder
from assistant.ports import Vectors
from assistant.types import Filter


class CountingEmbedder(HashingEmbedder):
    """Counts the passages that were embedded."""

    embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return super().embed_passages(texts)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_what_is_stored_is_found_after_applying(home: Home) -> None:
    home.catalog.put([item("a", ["The treaty holds.", "A treaty ends."])])
    assert pending(home.catalog, home.index.indexes) == 1
    assert home.found() == [[], []]
    assert home.apply() == 1
    assert home.found() == [["a#1.0", "a#1.1"]] * 2
    assert (home.apply(), home.corpus.sequence) == (0, 1)


def test_a_new_version_supersedes_and_a_removed_article_is_gone(home: Home) -> None:
    home.store(item("a", ["The treaty holds.", "More treaty."]), item("b", ["A treaty ends."]))
    home.store(item("a", ["The treaty fell."]))
    assert home.found() == [["a#2.0", "b#1.0"]] * 2
    home.catalog.remove(["b"])
    home.apply()
    assert home.found() == [["a#2.0"]] * 2
    home.store(item("b", ["No treaty.", "Old treaty.", "New treaty."]))
    assert home.found() == [["a#2.0", "b#1.0", "b#1.1", "b#1.2"]] * 2


def test_a_changed_outlet_and_a_lost_date_are_filtered_anew(home: Home) -> None:
    first = random_item(3)
    dated = replace(first.article.source, published_at=datetime(2024, 5, 1, tzinfo=UTC), outlet="Tribune")
    home.store(replace(first, article=replace(first.article, source=dated)))
    assert all(home.found(admit=Filter(since=20240101, outlets=("tribune",))))
    changed = replace(dated, published_at=None, outlet="Herald")
    home.store(replace(first, article=replace(first.article, source=changed)))
    assert not any(home.found(admit=Filter(since=20240101)))
    assert not any(home.found(admit=Filter(outlets=("tribune",))))
    assert all(home.found(admit=Filter(outlets=("herald",))))


def test_removing_and_adding_again_in_one_batch_leaves_no_old_chunk(home: Home) -> None:
    home.store(item("a", ["The treaty holds.", "More treaty.", "Yet more treaty."]))
    home.catalog.remove(["a"])
    home.store(item("a", ["The treaty fell."]))
    assert home.found() == [["a#1.0"]] * 2


@pytest.mark.parametrize("ahead", [0, 1], ids=["vector written", "lexical written"])
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "sequence not recorded"])
def test_a_crash_between_the_two_indexes_is_repaired_by_applying_again(home: Home, ahead: int, recorded: bool) -> None:
    home.store(item("a", ["The treaty holds.", "More treaty."]))
    home.catalog.put([item("a", ["The treaty fell."]), item("b", ["New treaty."])])
    one = home.index.indexes[ahead]
    with applier_lock(home.folder):
        apply_changes(home.catalog, [one], home.embedder)
    if not recorded:  # as if killed after the index's commit and before the side file
        side_file = next(home.folder.glob(f"index/*/{('chroma', 'lexical')[ahead]}.sequence"))
        side_file.write_text("1")
    home.catalog.put([item("c", ["Third treaty."])])
    home.catalog.remove(["b"])
    home.apply()
    assert home.found() == [["a#2.0", "c#1.0"]] * 2


def test_a_commit_that_was_killed_before_its_end_is_done_again(home: Home) -> None:
    """tantivy had written which documents are deleted, under a name that the next commit gives again."""
    home.store(item("a", ["The treaty holds."]), item("b", ["A treaty ends."]))
    (folder,) = home.folder.glob("index/*/lexical")
    before = (folder / "meta.json").read_bytes()
    home.store(item("a", ["The treaty fell."]))
    assert list(folder.glob("*.del"))
    (folder / "meta.json").write_bytes(before)
    folder.with_suffix(".sequence").write_text("2")
    again = Home(home.folder)
    assert again.apply() == 1
    assert again.found() == [["a#2.0", "b#1.0"]] * 2


@pytest.mark.parametrize("batch", [1, 7])
def test_the_size_of_a_batch_makes_no_difference(home: Home, batch: int) -> None:
    for seed in range(3):
        home.catalog.put([random_item(n, seed) for n in range(6)])
        home.catalog.remove([f"article-{seed}"])
    assert home.apply(batch) == 21
    current = home.catalog.current_chunks([f"article-{n}" for n in range(6)])
    assert home.found() == [sorted(c.id for chunks in current.values() for c in chunks)] * 2


def test_an_article_that_changed_often_is_embedded_once(home: Home) -> None:
    for seed in range(9):
        home.catalog.put([random_item(1, seed)])
    counting = CountingEmbedder()
    with applier_lock(home.folder):
        apply_changes(home.catalog, home.index.indexes, counting, batch=2)
    assert counting.embedded == len(home.catalog.current_chunks(["article-1"])["article-1"])


def test_progress_counts_up_to_all_changes(home: Home) -> None:
    home.catalog.put([random_item(n) for n in range(10)])
    seen: list[tuple[int, int]] = []
    with applier_lock(home.folder):
        apply_changes(home.catalog, home.index.indexes, home.embedder, lambda *step: seen.append(step), batch=4)
    assert seen == [(4, 10), (8, 10), (10, 10)]


NOTHING_PENDING = """
import sys, pathlib
sys.path.insert(0, sys.argv[2])
from synthetic import Home
home = Home(pathlib.Path(sys.argv[1]))
assert home.apply() == 0
print({"torch", "chromadb", "alembic"} & set(sys.modules))
"""


def test_where_nothing_is_pending_nothing_heavy_is_imported(home: Home) -> None:
    home.store(item("a", ["The treaty holds."]))
    command = [sys.executable, "-c", NOTHING_PENDING, str(home.folder), str(Path(__file__).parent)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "set()"


def test_one_applier_a_home(home: Home) -> None:
    assert not is_applier(home.folder / "index")
    with applier_lock(home.folder):
        assert is_applier(home.folder / "index" / "x")
        with pytest.raises(HomeBusy, match="assistant serve"), applier_lock(home.folder, timeout=0.05):
            pass
    with applier_lock(home.folder):
        pass
    assert not is_applier(home.folder)


def test_other_settings_are_refused_with_both_named(tmp_path: Path) -> None:
    Home(tmp_path, words="170", cleaner="1").store(item("a", ["The treaty holds."]))
    assert Home(tmp_path, words="170", cleaner="1").found() == [["a#1.0"]] * 2
    other = Home(tmp_path, words="100", cleaner="1")
    for use in (other.found, other.apply):
        with pytest.raises(IndexMismatch, match=r"with words 170; .* say words 100\. Run `assistant index rebuild`"):
            use()
    with pytest.raises(IndexMismatch, match=r"embedding model hashing-64; .* say embedding model hashing-32"):
        Home(tmp_path, 32, words="170", cleaner="1").found()


def test_a_catalog_older_than_its_index_is_refused(home: Home, tmp_path: Path) -> None:
    home.store(*[random_item(n) for n in range(3)])
    fresh = Home(tmp_path / "fresh")
    with pytest.raises(IndexMismatch, match="knows change 3 and the catalog only 0"):
        pending(fresh.catalog, home.index.indexes)


def test_a_rebuild_serves_the_old_generation_until_the_new_one_is_whole(home: Home) -> None:
    home.store(item("a", ["The treaty holds."]), item("b", ["A treaty ends."]))
    home.catalog.remove(["b"])
    reader = Home(home.folder)
    before = reader.found()
    during: list[list[list[str]]] = []
    with applier_lock(home.folder):
        assert home.index.rebuild(home.catalog, lambda *_: during.append(reader.found())) == 3
    assert during == [before] == [[["a#1.0", "b#1.0"]] * 2]
    assert home.found() == reader.found() == [["a#1.0"]] * 2
    folders = [path.name for path in home.folder.glob("index/*/")]
    assert folders == [(home.folder / "index" / "CURRENT").read_text()]


def test_an_interrupted_rebuild_changes_nothing_and_is_cleaned_up(home: Home) -> None:
    home.store(*[random_item(n) for n in range(5)])
    before = home.found()

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with applier_lock(home.folder), pytest.raises(KeyboardInterrupt):
        home.index.rebuild(home.catalog, interrupt)
    assert home.found() == Home(home.folder).found() == before
    assert len(list(home.folder.glob("index/*/"))) == 2
    with applier_lock(home.folder):
        home.index.rebuild(home.catalog)
    assert home.found() == before
    assert len(list(home.folder.glob("index/*/"))) == 1


def test_a_rebuild_takes_the_new_settings(tmp_path: Path) -> None:
    Home(tmp_path, words="170").store(item("a", ["The treaty holds.", "More treaty."]))
    home = Home(tmp_path, words="400")
    home.catalog.rechunk(str, lambda article: [(0, len(article.text))], {"words": "400"})
    with applier_lock(tmp_path):
        home.index.rebuild(home.catalog)
    assert home.found() == Home(tmp_path, words="400").found() == [["a#1.0"]] * 2
    assert json.loads(next(tmp_path.glob("index/*/manifest.json")).read_text())["words"] == "400"
    assert home.index.size() > 0
    assert home.index.updated_at() is not None


@contextmanager
def searching(home: Home) -> Iterator[list[str]]:
    """Threads that search all the time; yields what was wrong with their answers."""
    stop = threading.Event()
    problems: list[str] = []

    def search() -> None:
        while not stop.is_set():
            for searcher in home.corpus.searchers:
                try:
                    if "first#1.0" not in found(searcher):
                        problems.append(searcher.stage)
                except Exception as error:
                    problems.append(repr(error))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield problems
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_threads_search_while_another_applies(home: Home) -> None:
    home.store(item("first", ["The treaty holds."]))
    with searching(home) as problems:
        for seed in range(12):
            home.store(*[random_item(n, seed) for n in range(8)])
    assert problems == []
    expected = home.catalog.current_chunks(["first", *[f"article-{n}" for n in range(8)]])
    assert home.found() == [sorted(c.id for some in expected.values() for c in some)] * 2


def test_threads_search_while_another_rebuilds(home: Home) -> None:
    home.store(item("first", ["The treaty holds."]), random_item(1))
    with searching(home) as own, searching(Home(home.folder)) as others:
        for _ in range(8):
            with applier_lock(home.folder):
                home.index.rebuild(home.catalog)
    assert own == others == []


def test_the_corpus_counts_what_the_catalog_holds_now(home: Home) -> None:
    home.store(item("a", ["The treaty holds."]))
    assert home.corpus.coverage().articles == 1
    home.catalog.put([item("b", ["A treaty ends."])])
    assert home.corpus.coverage().articles == 2
    assert home.corpus.searchers[0].search("treaty", ALL, 5)[0].chunk_id == "a#1.0"
    assert home.corpus.chunks(["b#1.0"])["b#1.0"].text == "A treaty ends."
