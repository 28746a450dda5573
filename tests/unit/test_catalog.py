"""The catalog: versions, chunks, what came from where, the change log."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.catalog.store import Catalog
from assistant.errors import BadInput, HomeBusy, IndexMismatch, NotFound
from assistant.ports import StoredItem
from assistant.types import Article, Filter, Source

TEXT = "Envoys signed the treaty. Ministers left at noon."
SPANS = ((0, 25), (26, 49))
NOON = datetime(2025, 1, 17, 12, tzinfo=UTC)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path)


def item(name: str = "a", text: str = TEXT, *, key: str = "", origin: str = "folder", **source: object) -> StoredItem:
    spans = tuple(span for span in SPANS if span[1] <= len(text))
    article = Article(Source(name, **{"title": f"On {name}", **source}), text)  # type: ignore[arg-type]
    return StoredItem(key or f"{origin}/{name}", origin, f"print of {text}", article, spans)


def log(catalog: Catalog, after: int = 0) -> list[tuple[str, str]]:
    return [(change.article_id, change.operation) for change in catalog.changes(after, 100)]


def test_an_article_is_added_once_and_a_change_of_anything_a_reader_sees_makes_a_version(catalog: Catalog) -> None:
    first = item()
    assert catalog.put([first]) == ["added"]
    assert catalog.put([first]) == ["unchanged"]
    changed = [
        item(text=TEXT + " More."), item(title="Other"), item(outlet="Tribune"), item(url="https://x.example/1"),
        item(byline="A. Writer"), item(published_at=NOON), item(kind="opinion"), item(language="de"),
    ]  # fmt: skip
    for number, other in enumerate(changed, 2):
        assert catalog.put([other]) == ["updated"], other
        assert catalog.article("a").source.version == number
    assert catalog.article("a", 2).text == TEXT + " More."
    assert catalog.article("a", 1).text == TEXT
    assert [version.source.version for version in catalog.versions("a")] == list(range(1, 10))
    assert log(catalog) == [("a", "add")] + [("a", "update")] * 8


def test_how_a_date_was_found_makes_no_version(catalog: Catalog) -> None:
    catalog.put([item(published_at=NOON, date_origin="url")])
    assert catalog.put([item(published_at=NOON, date_origin="metadata")]) == ["unchanged"]


def test_chunks_are_slices_of_the_current_version(catalog: Catalog) -> None:
    catalog.put([item(published_at=NOON, outlet="Tribune", kind="report", language="en")])
    chunk = catalog.chunks(["a#1.1", "a#1.7", "b#1.0"])["a#1.1"]
    assert (chunk.text, chunk.start, chunk.end) == (TEXT[26:49], 26, 49)
    assert chunk.source == catalog.article("a").source
    catalog.put([item(text="Étés, naïve: the treaty 🙂 is off.", published_at=NOON)])
    assert catalog.chunks(["a#1.0", "a#1.1"]) == {}
    article, current = catalog.article("a"), catalog.chunks(["a#2.0"])["a#2.0"]
    assert article.text[current.start : current.end] == current.text
    assert list(catalog.current_chunks(["a", "b"])["a"]) == [current]


def test_more_ids_than_one_query_takes(catalog: Catalog) -> None:
    names = [f"n{number}" for number in range(1_203)]
    catalog.put([item(name) for name in names])
    assert len(catalog.chunks([f"{name}#1.0" for name in names])) == len(names)
    assert len(catalog.known([f"folder/{name}" for name in names])) == len(names)
    assert len(catalog.current_chunks(names)) == len(names)


def test_a_removed_article_leaves_nothing_but_its_change(catalog: Catalog) -> None:
    catalog.put([item("a"), item("b")])
    catalog.put([item("a", TEXT + " More.")])
    assert catalog.remove(["a", "a", "nobody"]) == 1
    with pytest.raises(NotFound, match="no article 'a'"):
        catalog.article("a")
    with pytest.raises(NotFound):
        catalog.versions("a")
    assert catalog.chunks(["a#1.0", "a#2.0"]) == {}
    assert catalog.known(["folder/a"]) == {}
    assert catalog.touched("folder") == {"folder/b": "b"}
    assert catalog.coverage().chunks == 2
    assert catalog.put([item("a")]) == ["added"]
    assert catalog.article("a").source.version == 1
    assert log(catalog, 2) == [("a", "update"), ("a", "remove"), ("a", "add")]


def test_a_missing_version_is_named(catalog: Catalog) -> None:
    catalog.put([item()])
    with pytest.raises(NotFound, match="version 7"):
        catalog.article("a", 7)


def test_places_are_known_by_the_fingerprint_of_their_content(catalog: Catalog) -> None:
    catalog.put([item("a"), item("b")])
    assert catalog.known(["folder/a", "folder/c"]) == {"folder/a": f"print of {TEXT}"}
    catalog.put([replace(item("a"), fingerprint="reformatted")])
    assert catalog.known(["folder/a"]) == {"folder/a": "reformatted"}


def test_a_place_is_found_under_each_origin_that_led_to_it(catalog: Catalog) -> None:
    catalog.put([item("a", key="folder/a", origin="folder")])
    catalog.put([item("a", TEXT + " More.", key="folder/a", origin="folder/a")])
    assert catalog.touched("folder") == catalog.touched("folder/a") == {"folder/a": "a"}


def test_an_article_that_lost_its_place_can_still_be_pruned(catalog: Catalog) -> None:
    catalog.put([item("a", key="f#1"), item("b", key="f#2"), item("c", key="f#3")])
    catalog.put([item("b", key="f#1"), item("c", key="f#2")])  # the first line was deleted
    seen = {"f#1", "f#2"}
    touched = catalog.touched("folder")
    kept = {article for key, article in touched.items() if key in seen}
    assert kept == {"b", "c"}
    assert {article for key, article in touched.items() if key not in seen} - kept == {"a"}
    catalog.put([item("a", key="f#3")])  # it came back
    assert catalog.touched("folder") == {"f#1": "b", "f#2": "c", "f#3": "a"}


@pytest.mark.parametrize(
    "bad",
    [
        item(""),
        item(text="half a pair \ud800 of surrogates, and more text to cut"),
        item(text="a zero \x00 in it, and more text to cut into spans."),
        replace(item(), spans=((0, 25), (20, 49))),
        replace(item(), spans=((0, 500),)),
        replace(item(), spans=((5, 5),)),
    ],
    ids=["no id", "surrogate", "zero", "overlapping", "too long", "empty"],
)
def test_what_no_database_can_hold_is_rejected_and_the_rest_is_stored(catalog: Catalog, bad: StoredItem) -> None:
    assert catalog.put([item("b"), bad, item("c")]) == ["added", "rejected", "added"]
    assert catalog.coverage().articles == 2


def test_a_batch_is_stored_whole_or_not_at_all(catalog: Catalog) -> None:
    with pytest.raises(AttributeError):
        catalog.put([item("a"), replace(item("b"), article=None)])  # type: ignore[arg-type]
    assert (catalog.last_sequence(), catalog.coverage().articles) == (0, 0)


def test_coverage(catalog: Catalog) -> None:
    catalog.put([
        item("a", outlet="Tribune", published_at=NOON, language="en"),
        item("b", outlet="Tribune", published_at=NOON.replace(year=2024), language="en"),
        item("c", language="de"),
    ])  # fmt: skip
    catalog.put([item("c", language="fr", outlet="Herald")])
    found = catalog.coverage()
    assert (found.articles, found.chunks, found.undated) == (3, 6, 1)
    assert (found.first, found.last) == (NOON.replace(year=2024), NOON)
    assert (found.outlets, found.languages) == ({"Tribune": 2, "Herald": 1}, {"en": 2, "fr": 1})
    assert found.titles == ("On a", "On b", "On c")
    assert catalog.size() > 0


def test_listing_by_words_and_filter(catalog: Catalog) -> None:
    catalog.put([
        item("a", title="ÄRZTE im Streik", outlet="Der Bote", published_at=NOON),
        item("b", title="100% of doctors", outlet="Tribune", published_at=NOON.replace(year=2024), kind="opinion"),
        item("c", title="Doctors", outlet="Tribune"),
    ])  # fmt: skip

    def listed(text: str = "", **admit: object) -> list[str]:
        sources = catalog.list_articles(text, admit=Filter(**admit))  # type: ignore[arg-type]
        assert len(sources) == catalog.count_articles(text, Filter(**admit))  # type: ignore[arg-type]
        return [source.article_id for source in sources]

    assert listed() == ["a", "b", "c"]
    assert listed("ärzte bote") == ["a"]
    assert listed("100%") == ["b"]
    assert listed("1%0") == []
    assert listed(since=20240101) == ["a", "b"]
    assert listed(until=20241231) == ["b"]
    assert listed(outlets=("tribune",), kinds=("opinion",)) == ["b"]
    assert [source.article_id for source in catalog.list_articles(limit=1, offset=1)] == ["b"]


def test_moments_are_kept_in_utc(catalog: Catalog) -> None:
    moment = datetime.fromisoformat("2025-01-17T01:30:00+03:00")
    catalog.put([item(published_at=moment)])
    stored = catalog.article("a").source.published_at
    assert stored == moment
    assert stored.utcoffset() == UTC.utcoffset(None)
    assert catalog.count_articles(admit=Filter(until=20250116)) == 1


def test_rechunking_makes_versions_of_changed_texts_and_keeps_the_rest(catalog: Catalog) -> None:
    catalog.require({"words": "170"})
    catalog.put([item("a"), item("b", TEXT + " [Share]"), item("c", "Envoys signed the treaty.")])

    def clean(text: str) -> str:
        return text.removesuffix(" [Share]")

    def whole(article: Article) -> list[tuple[int, int]]:
        return [(0, len(article.text))]

    assert catalog.rechunk(clean, whole, {"words": "400"}) == 2
    assert catalog.article("a").source.version == 1
    assert catalog.article("b").text == TEXT
    assert catalog.article("b").source.version == 2
    assert catalog.chunks(["a#1.0", "a#1.1", "b#2.0", "c#1.0"]).keys() == {"a#1.0", "b#2.0", "c#1.0"}
    assert log(catalog, 3) == [("a", "update"), ("b", "update")]
    assert catalog.rechunk(clean, whole, {"words": "400"}) == 0
    assert catalog.made_with() == {"words": "400"}


def test_other_settings_are_refused_until_a_rebuild_is_finished(catalog: Catalog) -> None:
    catalog.require({"words a passage": "170", "cleaner": "1"})
    catalog.require({"words a passage": "170", "cleaner": "1"})
    with pytest.raises(IndexMismatch, match=r"passage 170, cleaner 1; .*now say words a passage 100, .*rebuild"):
        catalog.require({"words a passage": "100", "cleaner": "1"})
    catalog.put([item()])

    def interrupted(article: Article) -> list[tuple[int, int]]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.rechunk(str, interrupted, {"words a passage": "100", "cleaner": "1"})
    for words in ("170", "100"):
        with pytest.raises(IndexMismatch, match="not finished"):
            catalog.require({"words a passage": words, "cleaner": "1"})
    catalog.rechunk(str, lambda article: SPANS, {"words a passage": "100", "cleaner": "1"})
    catalog.require({"words a passage": "100", "cleaner": "1"})


def test_a_catalog_is_told_from_one_made_anew(tmp_path: Path) -> None:
    assert Catalog(tmp_path / "a").identity == Catalog(tmp_path / "a").identity != Catalog(tmp_path / "b").identity


def test_a_file_that_is_no_catalog_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"no database" * 500)
    with pytest.raises(BadInput, match=r"catalog\.db cannot be opened"):
        Catalog(tmp_path)


def test_a_catalog_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    from sqlalchemy import text

    catalog = Catalog(tmp_path)
    with catalog._database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadInput, match="newer version"):
        Catalog(tmp_path)


def test_the_migrations_make_the_tables_that_the_code_has(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from assistant.catalog import database, tables

    assert ScriptDirectory(str(database._MIGRATIONS)).get_current_head() == tables.HEAD
    with Catalog(tmp_path)._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


OPEN = """
import sys, pathlib
from assistant.catalog.store import Catalog
catalog = Catalog(pathlib.Path(sys.argv[1]))
print(catalog.identity, "alembic" in sys.modules)
"""


def test_processes_that_open_a_fresh_home_at_once_agree_and_a_current_one_imports_no_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0].split() for process in processes]
    assert len({answer[0] for answer in answers}) == 1
    again = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert again == [answers[0][0], "False"]


def test_writers_take_turns_and_sequences_have_no_gaps(tmp_path: Path) -> None:
    def write(writer: int) -> None:
        own = Catalog(tmp_path)
        for number in range(25):
            own.put([item(f"{writer}.{number}"), item("shared", f"{TEXT} {writer} {number}")])

    Catalog(tmp_path)
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    catalog = Catalog(tmp_path)
    assert [change.sequence for change in catalog.changes(0, 1_000)] == list(range(1, 201))
    assert catalog.article("shared").source.version == 100


def test_a_writer_that_waits_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.catalog.database._BUSY_SECONDS", 0.2)
    first, second = Catalog(tmp_path), Catalog(tmp_path)
    with first._database.writing(), pytest.raises(HomeBusy, match="try again"):
        second.put([item()])
    assert first.coverage().articles == 0
