"""Taking articles in: what is found, what is recognised, what is rejected, and what a second run does."""

import gzip
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.catalog.content import storable
from assistant.catalog.store import Catalog
from assistant.ingest import pipeline
from assistant.ingest.fetch import FetchOptions
from assistant.ingest.items import RawItem, Unfound, find_items
from assistant.ingest.pipeline import Report, Row, ingest, prepare
from assistant.ports import Outcome, StoredItem
from assistant.types import Article

MakeStore = Callable[..., Catalog]
SENTENCE = "The council voted on Tuesday to close the old harbour bridge to lorries for two years, a spokesman said."


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    Catalog(home).close()
    return home


@pytest.fixture
def make_store(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeStore]:
    """New catalogs, copied from an empty one: migrating each would take half a second."""
    opened: list[Catalog] = []

    def make(kind: type[Catalog] = Catalog) -> Catalog:
        home = tmp_path_factory.mktemp("home")
        shutil.copytree(empty_home, home, dirs_exist_ok=True)
        opened.append(kind(home))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: MakeStore) -> Catalog:
    return make_store()


def held(store: Catalog) -> dict[str, Article]:
    """The current articles by id, in the order in which they came."""
    ids = dict.fromkeys(change.article_id for change in store.changes(0, 100_000))
    existing = store.current_chunks(list(ids))
    return {article_id: store.article(article_id) for article_id in ids if article_id in existing}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def story(number: int, change: str = "") -> str:
    return f"Story {number} of the bridge{change}\n\n{SENTENCE} This is story {number}{change}."


def record(number: int, change: str = "", **more: str) -> str:
    return json.dumps(
        {"id": f"r{number}", "title": f"Record {number}", "text": f"{SENTENCE} {number}{change}.", **more}
    )


def run(origin: Path | str, store: Catalog, *, prune: bool = False) -> Report:
    return ingest([str(origin)], store, prune=prune)


def reasons(report: Report) -> dict[str, str]:
    return {row.key.rpartition("/")[2]: row.reason for row in report.rejected}


def test_a_folder_is_read_in_order_with_all_its_formats(tmp_path: Path, store: Catalog) -> None:
    folder = tmp_path / "news"
    write(folder, "b.txt", story(1))
    write(folder, "a/c.md", story(2))
    write(folder, "a/d.txt.gz", gzip.compress(story(3).encode()))
    write(folder, "e.jsonl", record(1) + "\n\n" + record(2) + "\n")
    write(folder, "f.json", json.dumps({"articles": [json.loads(record(3)), json.loads(record(4))]}))
    write(folder, "g.json", record(5))
    write(folder, "h.jsonl.gz", gzip.compress(record(6).encode()))
    for ignored in ("README.md", "PROVENANCE.md", ".hidden.txt", ".git/x.txt", "picture.png", "a/notes.part"):
        write(folder, ignored, story(9))
    report = run(folder, store)
    assert report.counts == {"added": 9}
    assert list(held(store)) == ["news/a/c.md", "news/a/d.txt.gz", "news/b.txt", "r1", "r2", "r3", "r4", "r5", "r6"]


def test_chunks_lie_in_the_article_and_the_headline_does_not(tmp_path: Path, store: Catalog) -> None:
    ingest([str(write(tmp_path, "a.txt", "Bridge closed\n\n" + f"{SENTENCE} " * 60))], store, chunk_words=100)
    ((article_id, article),) = held(store).items()
    chunks = store.current_chunks([article_id])[article_id]
    assert article.source.title == "Bridge closed"
    assert " ".join(chunk.text for chunk in chunks) == article.text == " ".join([SENTENCE] * 60)
    assert all(article.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert len(chunks) > 10


def test_an_unchanged_item_is_recognised_before_it_is_read(
    tmp_path: Path, store: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.txt", story(1))
    write(tmp_path, "b.jsonl", f"{record(1)}\n{record(2)}")
    run(tmp_path, store)
    monkeypatch.setattr(pipeline, "prepare", None)  # any reading would fail now
    assert run(tmp_path, store) == Report({"unchanged": 3}, ())


def test_a_change_is_a_new_version_even_at_equal_size_and_time(tmp_path: Path, store: Catalog) -> None:
    path = write(tmp_path, "a.txt", story(1))
    run(tmp_path, store)
    stamp = path.stat()
    write(tmp_path, "a.txt", story(2))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    report = run(tmp_path, store)
    assert report.counts == {"updated": 1}
    assert [len(store.versions(article_id)) for article_id in held(store)] == [2]


def test_a_record_put_in_above_the_others_changes_only_itself(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.jsonl", f"{record(1)}\n{record(2)}")
    run(tmp_path, store)
    write(tmp_path, "a.jsonl", f"{record(3)}\n{record(1)}\n{record(2)}")
    assert run(tmp_path, store).counts == {"added": 1, "unchanged": 2}


def test_two_records_of_one_id_are_two_versions_and_stay_so(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.jsonl", f"{record(1)}\n{record(1, ' corrected')}")
    assert run(tmp_path, store).counts == {"added": 1, "updated": 1}
    assert run(tmp_path, store).counts == {"unchanged": 2}
    assert [store.article("r1", version).text[-12:] for version in (1, 2)] == ["man said. 1.", "1 corrected."]


def test_an_article_at_two_places_is_one_article(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.json", record(1))
    write(tmp_path, "b.json", record(1))
    assert run(tmp_path, store).counts == {"added": 1, "unchanged": 1}
    assert len(held(store)) == 1


def test_identity_is_the_same_on_every_machine(tmp_path: Path, make_store: MakeStore) -> None:
    stores = make_store(), make_store()
    for place, store in zip(("here", "there/deep"), stores, strict=True):
        write(tmp_path, f"{place}/news/a/b.txt", story(1))
        run(tmp_path / place / "news", store)
    assert list(held(stores[0])) == list(held(stores[1])) == ["news/a/b.txt"]


def test_bad_files_are_rejected_with_their_reason_and_the_rest_goes_on(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.txt", b"\x00\x01")
    write(tmp_path, "b.pdf", "no pdf")
    write(tmp_path, "c.jsonl", f"{record(1)}\nnonsense\n[1]\n{record(2)}")
    write(tmp_path, "d.jsonl", "no json\n" * 50)
    write(tmp_path, "e.xml", "<?xml version='1.0'?><page/>")
    write(tmp_path, "f.jsonl.gz", gzip.compress("\n".join(record(i) for i in range(10, 500)).encode())[:-200])
    write(tmp_path, "g.txt", story(1))
    write(tmp_path, "h.json", '{"articles": [')
    report = run(tmp_path, store)
    found = reasons(report)
    assert set(found) == {"a.txt", "b.pdf", "c.jsonl#2", "c.jsonl#3", "d.jsonl", "e.xml", "f.jsonl.gz", "h.json"}
    assert "Line 2 is not a JSON object" in found["c.jsonl#2"]
    assert "first 20 is" in found["d.jsonl"]
    assert "no RSS or Atom feed" in found["e.xml"]
    assert "damaged" in found["f.jsonl.gz"]
    assert {"r1", "r2", "r10", f"{tmp_path.name}/g.txt"} <= set(held(store))


@pytest.mark.parametrize("name", ["none.txt", "none/", "~nobody-here/x"])
def test_a_path_that_does_not_exist_is_a_rejection(tmp_path: Path, store: Catalog, name: str) -> None:
    report = ingest([str(tmp_path / name), str(write(tmp_path, "a.txt", story(1)))], store)
    assert report.counts == {"rejected": 1, "added": 1}
    assert report.rejected[0].reason == "There is no such file or folder; check the spelling."


def test_a_file_of_unknown_name_is_tried_as_text_when_it_is_named(tmp_path: Path, store: Catalog) -> None:
    assert run(write(tmp_path, "story", story(1)), store).counts == {"added": 1}
    assert "not text" in run(write(tmp_path, "noise.bin", bytes(range(256))), store).rejected[0].reason


def test_a_pipe_is_not_waited_for(tmp_path: Path, store: Catalog) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert run(tmp_path, store).rejected[0].reason == "It is neither a file nor a folder."


def test_prune_removes_what_is_gone_from_the_same_path_and_nothing_else(tmp_path: Path, store: Catalog) -> None:
    for folder in ("one", "two"):
        for name in ("a.txt", "b.txt"):
            write(tmp_path, f"{folder}/{name}", story(1, folder + name))
        run(tmp_path / folder, store)
    for folder in ("one", "two"):
        (tmp_path / folder / "b.txt").unlink()
    assert run(tmp_path / "one", store).counts == {"unchanged": 1}
    report = run(tmp_path / "one", store, prune=True)
    assert report.counts == {"unchanged": 1, "removed": 1}
    assert [(row.outcome, row.article_id) for row in report.rows] == [("removed", "one/b.txt")]
    assert sorted(held(store)) == ["one/a.txt", "two/a.txt", "two/b.txt"]


def test_prune_keeps_an_article_that_moved_and_one_that_cannot_be_read_today(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.jsonl", f"{record(1)}\n{record(2)}")
    path = write(tmp_path, "b.txt", story(1))
    run(tmp_path, store)
    write(tmp_path, "c.jsonl", record(1))
    write(tmp_path, "a.jsonl", record(2))
    path.write_bytes(b"\x00")
    assert run(tmp_path, store, prune=True).counts == {"unchanged": 2, "rejected": 1}
    assert sorted(held(store)) == ["r1", "r2", f"{tmp_path.name}/b.txt"]


def test_prune_removes_the_article_of_a_file_that_says_another_id_now(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.md", f"---\nid: old\n---\n{story(1)}")
    run(tmp_path, store)
    write(tmp_path, "a.md", f"---\nid: new\n---\n{story(1)}")
    assert run(tmp_path, store, prune=True).counts == {"added": 1, "removed": 1}
    assert list(held(store)) == ["new"]


@pytest.mark.parametrize("damage", ["folder gone", "file damaged"])
def test_prune_removes_nothing_when_the_origin_could_not_be_read(tmp_path: Path, store: Catalog, damage: str) -> None:
    folder = tmp_path / "news"
    path = write(folder, "a.jsonl.gz", gzip.compress("\n".join(record(i) for i in range(500)).encode()))
    write(folder, "b.txt", story(1))
    run(folder, store)
    before = set(held(store))
    if damage == "folder gone":
        shutil.rmtree(folder)
    else:
        path.write_bytes(path.read_bytes()[:-500])
    report = run(folder, store, prune=True)
    assert report.rejected
    assert "removed" not in report.counts
    assert set(held(store)) == before


class Interrupted(Catalog):
    """A catalog in front of which somebody presses Ctrl-C at the third batch."""

    puts = 0

    def put(self, batch: Sequence[StoredItem]) -> Sequence[Outcome]:
        self.puts += 1
        if self.puts == 3:
            raise KeyboardInterrupt
        return super().put(batch)


def test_interrupting_and_running_again_loses_and_doubles_nothing(tmp_path: Path, make_store: MakeStore) -> None:
    path = write(tmp_path, "a.jsonl", "\n".join(record(i) for i in range(300)))
    store, undisturbed = make_store(Interrupted), make_store()
    with pytest.raises(KeyboardInterrupt):
        run(path, store)
    assert len(held(store)) == 2 * pipeline.BATCH_ITEMS
    assert run(path, store).counts == {"unchanged": 128, "added": 172}
    run(path, undisturbed)
    articles = held(undisturbed)
    assert held(store) == articles
    assert store.current_chunks(list(articles)) == undisturbed.current_chunks(list(articles))
    assert store.touched(str(path)) == undisturbed.touched(str(path))


def test_progress_counts_every_item_once(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.jsonl", f"{record(1)}\nnonsense\n{record(2)}\n")
    write(tmp_path, "b.txt", story(1))
    write(tmp_path, "c.json", f"[{record(3)}, {record(4)}]")
    seen: list[tuple[int, int | None, str]] = []
    ingest([str(tmp_path)], store, on_progress=lambda *step: seen.append(step))
    assert sorted(done for done, _, _ in seen) == [1, 2, 3, 4, 5, 6]
    assert seen[-1][:2] == (6, 6)
    assert {key.rpartition("/")[2] for _, _, key in seen} == {
        "a.jsonl#r1",
        "a.jsonl#2",
        "a.jsonl#r2",
        "b.txt",
        "c.json#r3",
        "c.json#r4",
    }


def test_keys_and_fingerprints_do_not_depend_on_how_a_path_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "news/a.txt", story(1))
    monkeypatch.chdir(tmp_path)
    spellings = [str(tmp_path / "news"), "news", "./news/", "news/../news"]
    found = [list(find_items(spelling, FetchOptions())) for spelling in spellings]
    assert all(items == found[0] for items in found)
    assert isinstance(found[0][0], RawItem)


def test_names_that_are_not_utf8_do_not_break_the_run(tmp_path: Path, store: Catalog) -> None:
    name = os.fsencode(tmp_path) + b"/br\xfccke.txt"
    try:
        Path(os.fsdecode(name)).write_text(story(1))
    except OSError:
        pytest.skip("This file system takes no such names.")
    assert run(tmp_path, store).counts == {"added": 1}
    for key, article_id in store.touched(str(tmp_path)).items():
        assert (key + article_id).encode()


SUFFIXES = ["txt", "md", "html", "pdf", "docx", "json", "noise"]
PAGE_PARTS = [
    "<p>",
    "</p>",
    "<div hidden>",
    "<!--",
    "---\n",
    "title: x\n",
    "By Jo",
    "19 July 2024",
    "{",
    '"text":',
    "\ud800",
    SENTENCE,
]


@given(
    st.sampled_from(SUFFIXES), st.binary() | st.lists(st.sampled_from(PAGE_PARTS) | st.text(max_size=20)).map("\n".join)
)
def test_whatever_a_file_holds_it_is_an_article_that_can_be_stored_or_a_rejection(
    suffix: str, content: bytes | str
) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    result = prepare(RawItem("k", "o", "f", "place", raw, f"a.{suffix}"), 170, datetime(2026, 1, 1, tzinfo=UTC))
    if isinstance(result, Row):
        assert result.reason.endswith(".")
        assert "\n" not in result.reason
        assert "Error" not in result.reason or "cannot be read" in result.reason
    else:
        assert storable(result)
        assert result.spans


def test_a_link_that_a_page_could_run_is_no_address(tmp_path: Path, store: Catalog) -> None:
    write(tmp_path, "a.json", record(1, url="javascript:alert(1)", source="https://www.a.example/feed"))
    run(tmp_path, store)
    source = store.article("r1").source
    assert (source.url, source.outlet) == ("", "a.example")


def data(name: str) -> Path:
    path = Path(os.environ.get("EVALS_DATA", "")) / name
    if not os.environ.get("EVALS_DATA") or not path.exists():
        pytest.skip(f"The data set {name} is not here: set EVALS_DATA to the folder of the data sets.")
    return path


def test_the_seed_story_is_taken_in_without_its_clutter(store: Catalog) -> None:
    (path,) = data("seed").glob("*.txt")
    assert run(path, store).counts == {"added": 1}
    ((article_id, article),) = held(store).items()
    lines = path.read_text(encoding="utf-8").strip().split("\n")
    for clutter in ("Share via", "More to Read", "Sign up for", "inbox", "promotional", "California"):
        assert clutter in "\n".join(lines)
        assert clutter not in article.text
    assert article.source.title == lines[0]
    assert article.text == "\n\n".join(lines[2:-4])
    assert (article.source.published_at, article.source.date_origin) == (None, "unknown")
    assert (article.source.outlet, article.source.byline, article.source.language) == ("", "", "en")
    assert len(article.text.split()) == 731
    assert hashlib.sha256(article.text.encode()).hexdigest()[:12] == "bb00a4dc7c35"
    assert len(store.current_chunks([article_id])[article_id]) == 5


def test_the_small_real_corpus_goes_in_whole_and_the_second_run_is_20_times_faster(store: Catalog) -> None:
    path = data("realtimeqa/small_articles.jsonl.gz")
    started = time.perf_counter()
    assert run(path, store).counts == {"added": 600}
    first = time.perf_counter() - started
    started = time.perf_counter()
    assert run(path, store).counts == {"unchanged": 600}
    assert time.perf_counter() - started < first / 20
    sources = store.list_articles(limit=1000)
    assert all(source.date_origin == "metadata" and source.title and source.language == "en" for source in sources)
    assert {source.outlet for source in sources} == {"usatoday.com", "cnn.com", "theweek.co.uk"}


def test_the_sample_corpus_goes_in_whole(store: Catalog) -> None:
    """What its authors planted to mislead a reader of pages does not arrive."""
    folder = Path(__file__).parents[2] / "corpus"
    report = run(folder, store)
    assert set(report.counts) == {"added"}
    closing = "Sample text written for this project; the outlet is invented."
    for article in held(store).values():
        assert article.text.endswith(closing)
        assert "Advertisement" not in article.text
    assert not [item for item in find_items(str(folder), FetchOptions()) if isinstance(item, Unfound)]
