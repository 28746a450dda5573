"""Finding the items in what the user named: a file, a folder, an address of a page or of a feed."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import AssistantError, Unreadable
from assistant.ingest.article import FORMATS
from assistant.ingest.clean import CLEANER_VERSION
from assistant.ingest.decode import decode
from assistant.ingest.extract import Extract
from assistant.ingest.feeds import is_feed, read_feed
from assistant.ingest.fetch import FetchOptions, fetch
from assistant.ingest.identity import canonical_url
from assistant.ingest.streams import count_lines, read_lines, read_whole

_CONTAINERS = frozenset({".json", ".jsonl", ".ndjson", ".xml", ".rss", ".atom"})
_NOT_ARTICLES = ("readme", "provenance", "license", "changelog")
_MEDIA = {
    "application/pdf": ".pdf", "application/json": ".json", "application/x-ndjson": ".jsonl",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx", "text/plain": ".txt",
    "text/markdown": ".md", "text/html": ".html", "application/xhtml+xml": ".html",
}  # fmt: skip
_HOPELESS = 20  # bad lines in a row at the start of a file: it is no JSON lines at all


@dataclass(frozen=True, slots=True)
class RawItem:
    """One article as it was found, not yet read.

    ``key`` names the place: a path, path#id (path#line where a record has neither id nor address) or address.
    ``fingerprint`` changes when the content or the cleaner does. ``place`` is the path as it is on every machine;
    ``name`` tells the format by its ending; ``hints`` is what a feed says about a page.
    """

    key: str
    origin: str
    fingerprint: str
    place: str
    raw: bytes
    name: str
    url: str = ""
    charset: str = ""
    hints: Extract | None = None


@dataclass(frozen=True, slots=True)
class Unfound:
    """What could not be taken in, and why; ``whole`` where more items may have been behind it."""

    key: str
    reason: str
    whole: bool = True


Found = RawItem | Unfound


def is_address(origin: str) -> bool:
    """Whether the user named an address rather than a path."""
    return "://" in origin


def canonical_origin(origin: str) -> str:
    """The origin as it is stored: an address as it is, a path made absolute, so that the same one is recognised."""
    return origin.strip() if is_address(origin) else _readable(os.path.abspath(os.path.expanduser(origin)))


def find_items(origin: str, options: FetchOptions) -> Iterator[Found]:
    """Everything in one origin, in a fixed order; what cannot be read comes as `Unfound`, and the rest goes on."""
    named = canonical_origin(origin)
    if is_address(origin):
        yield from _from_address(named, options)
        return
    path = Path(os.path.abspath(os.path.expanduser(origin)))
    if not path.exists():
        yield Unfound(named, "There is no such file or folder; check the spelling.")
    elif path.is_dir():
        for file in files_in(path):
            place = f"{path.name}/{file.relative_to(path).as_posix()}"
            yield from _from_file(file, named, _readable(place), options)
    else:
        yield from _from_file(path, named, _readable(f"{path.parent.name}/{path.name}".lstrip("/")), options)


def count_items(origins: list[str]) -> int | None:
    """How many items there will be, for a progress bar; None where an address is among the origins."""
    if any(map(is_address, origins)):
        return None
    paths = [Path(os.path.abspath(os.path.expanduser(origin))) for origin in origins]
    files = [file for path in paths for file in (files_in(path) if path.is_dir() else [path])]
    return sum(count_lines(file) if _suffix(file.name) in (".jsonl", ".ndjson") else 1 for file in files)


def files_in(folder: Path) -> list[Path]:
    """The files of known formats in a folder and its folders, sorted; hidden ones and READMEs are left out."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            known = _suffix(name) in FORMATS or _suffix(name) in _CONTAINERS
            if known and not name.startswith(".") and not name.lower().startswith(_NOT_ARTICLES):
                found.append(Path(parent, name))
    return sorted(found)


def _from_file(path: Path, origin: str, place: str, options: FetchOptions) -> Iterator[Found]:
    key = _readable(str(path))
    if not path.is_file():
        yield Unfound(key, "It is neither a file nor a folder.")
        return
    yield from _guarded(_expanded(path, _bare(path.name), key, origin, place, options), key)


def _from_address(url: str, options: FetchOptions) -> Iterator[Found]:
    yield from _guarded(_page(url, url, None, options), url)


def _page(url: str, origin: str, hints: Extract | None, options: FetchOptions) -> Iterator[Found]:
    page = fetch(url, options)
    name = _bare(PurePosixPath(urlsplit(page.url).path).name)
    suffix = _MEDIA.get(page.media_type, _suffix(name) or ".html")
    if hints is None and is_feed(page.content):
        suffix = ".xml"
    place = canonical_url(page.url)
    if suffix in _CONTAINERS:
        yield from _expanded(page.content, f"page{suffix}", url, origin, place, options)
        return
    print_ = fingerprint(page.content, suffix)
    yield RawItem(url, origin, print_, place, page.content, f"page{suffix}", page.url, page.charset, hints)


def _expanded(
    source: Path | bytes, name: str, key: str, origin: str, place: str, options: FetchOptions
) -> Iterator[Found]:
    """The items of one file or page: itself, or the records and entries it holds."""
    suffix = _suffix(name)
    if suffix in (".jsonl", ".ndjson"):
        yield from _records(read_lines(source), key, origin, place)
    elif suffix == ".json":
        yield from _records(enumerate(_elements(read_whole(source)), 1), key, origin, place)
    elif suffix in _CONTAINERS:
        yield from _entries(read_whole(source), key, origin, place, options)
    else:
        raw = read_whole(source)
        yield RawItem(key, origin, fingerprint(raw, suffix), place, raw, name)


def _records(lines: Iterator[tuple[int, bytes]], key: str, origin: str, place: str) -> Iterator[Found]:
    """One item a record. Its key holds its own id or address, so that a line put in above it changes nothing."""
    seen: Counter[str] = Counter()
    bad: list[Unfound] = []  # held back until it is clear that the file is JSON lines at all
    for number, raw in lines:
        try:
            name = _record_name(raw) or str(number)
        except (ValueError, RecursionError, AssistantError):
            bad.append(Unfound(f"{key}#{number}", f"Line {number} is not a JSON object; correct or delete it."))
            if len(bad) >= _HOPELESS and not seen:
                raise Unreadable(f"The file is not JSON lines: none of its first {_HOPELESS} is an object.") from None
            continue
        yield from bad
        bad.clear()
        seen[name] += 1
        place_key = f"{key}#{name}" + (f"~{seen[name]}" if seen[name] > 1 else "")
        yield RawItem(place_key, origin, fingerprint(raw, ".json"), f"{place}#{number}", raw, "record.json")
    yield from bad


def _entries(content: bytes, key: str, origin: str, place: str, options: FetchOptions) -> Iterator[Found]:
    for entry in read_feed(content):
        name = f"{key}#{entry.name}"
        if entry.record:
            print_ = fingerprint(entry.record, ".json")
            yield RawItem(name, origin, print_, f"{place}#{entry.name}", entry.record, "record.json")
        elif entry.link:
            yield from _guarded(_page(entry.link, origin, entry.hints, options), entry.link)
        else:
            yield Unfound(name, "The entry has neither a text nor a link.", whole=False)


def fingerprint(raw: bytes, suffix: str) -> str:
    """sha256 of the content, its format and the cleaner's version: equal means that reading again gives the same."""
    return hashlib.sha256(f"{CLEANER_VERSION}\0{suffix}\0".encode() + raw).hexdigest()


def _guarded(found: Iterator[Found], key: str) -> Iterator[Found]:
    """Whatever stops an origin's file from being read stops only that file."""
    try:
        yield from found
    except AssistantError as error:
        yield Unfound(key, str(error))
    except Exception as error:  # a file that breaks a reader in a way nobody foresaw
        yield Unfound(key, f"It cannot be read ({type(error).__name__}: {str(error)[:120]}).")


def _elements(raw: bytes) -> Iterator[bytes]:
    """The records of a JSON file: an object, a list of objects, or {"articles": [objects]}."""
    try:
        value = json.loads(decode(raw))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The file is not valid JSON ({str(error)[:80]}).") from error
    if isinstance(value, dict) and isinstance(value.get("articles"), list):
        value = value["articles"]
    yield from (json.dumps(item).encode() for item in (value if isinstance(value, list) else [value]))


def _record_name(raw: bytes) -> str:
    record: Any = json.loads(decode(raw))
    if not isinstance(record, dict):
        raise ValueError("not an object")
    named = next((record[field] for field in ("id", "article_id", "guid", "url", "link") if record.get(field)), "")
    return " ".join(str(named).split()) if isinstance(named, str | int) else ""


def _bare(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name


def _suffix(name: str) -> str:
    return PurePosixPath(_bare(name).lower()).suffix


def _readable(path: str) -> str:
    """A path fit to be stored and shown: names that are not UTF-8 keep what can be read of them."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
