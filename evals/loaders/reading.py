"""What all readers share: rows of files with their place, gold resolved to offsets, and the two halves."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from assistant.errors import BadInput
from assistant.text.sentences import sentences
from assistant.types import Document
from evals.records import Case, Malformed

T = TypeVar("T")
U = TypeVar("U")
Part = Literal["tune", "report"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gold quote stands: ``text[start:end]`` of that article or given document. A quote that stands in several
    has a place for each, all with the same ``quote``, its index in the case's ``gold_quotes``."""

    quote: int
    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gold:
    """What a data set knows of a case beyond the record.

    ``quotes`` are the gold quotes resolved to offsets; ``wrong_quotes`` are passages that mislead (OneStopQA's
    distractors), numbered on their own. ``parts``: where a whole answer has several parts, the spellings of each; ()
    where any one of the case's ``answers`` is whole. ``stand_alone`` is a follow-up question said on its own.
    ``cluster`` names the article, question or conversation that dependent cases share.
    """

    quotes: tuple[Place, ...] = ()
    wrong_quotes: tuple[Place, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    stand_alone: str = ""
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case, its gold, and the half it belongs to."""

    case: Case
    gold: Gold
    half: Part


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader gives. ``entries`` is read once; ``files`` are all that the cases and articles rest on."""

    files: tuple[Path, ...]
    entries: Iterable[Entry | Malformed]
    articles: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """One record of a file and where it stands: "file:line", or "file[index]" in a file that is one JSON value."""

    where: str
    value: T


def half_of(key: str) -> Part:
    """Half A, to tune on, where the first byte of the key's sha256 is even, else half B, to report on. The key is the
    id of the article, passage or document, else of the question."""
    return "report" if hashlib.sha256(key.encode()).digest()[0] % 2 else "tune"


def read_lines(path: Path, kind: type[T]) -> Iterator[Row[T] | Malformed]:
    """The rows of a file of JSON lines, packed or not."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            where = f"{path.name}:{number}"
            if line.strip():
                try:
                    value = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
                except ValueError as error:
                    yield Malformed(where, f"The line at {where} is not JSON ({error}).")
                else:
                    yield _row(where, value, kind)


def read_items(path: Path, kind: type[T], within: str = "") -> Iterator[Row[T] | Malformed]:
    """The items of a JSON file that is one list, or of the list in its field ``within``."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        yield Malformed(path.name, f"The file {path.name} is not JSON ({error}).")
        return
    items = value.get(within) if within and isinstance(value, dict) else value
    if not isinstance(items, list):
        yield Malformed(
            path.name, f"The file {path.name} is not valid at {within or 'its top'!r}: it should be a list."
        )
        return
    for index, item in enumerate(items):
        yield _row(f"{path.name}[{index}]", item, kind)


def spread(
    rows: Iterable[Row[T] | Malformed], parts: Callable[[T], Iterable[tuple[str, U]]]
) -> Iterator[Row[U] | Malformed]:
    """Rows of the parts of rows, (name, part), so that a part that is wrong leaves the others alone."""
    for row in rows:
        if isinstance(row, Malformed):
            yield row
        else:
            yield from (Row(f"{row.where}.{name}", part) for name, part in parts(row.value))


def entries(
    rows: Iterable[Row[T] | Malformed], make: Callable[[T], Iterable[Entry | Malformed]]
) -> Iterator[Entry | Malformed]:
    """The entries of each row. A row that cannot be one is reported with its place, and the rest goes on."""
    for row in rows:
        if isinstance(row, Malformed):
            yield row
            continue
        try:
            yield from make(row.value)
        except BadInput as error:
            yield Malformed(row.where, f"The record at {row.where} is not valid at {error}")


def locate(quotes: Sequence[str], texts: Mapping[str, str]) -> tuple[Place, ...]:
    """Every place of every quote in the texts, by their ids.

    Raises `BadInput` (for `entries`: the message begins with the field) where a quote stands in none of them.
    """
    places = [
        Place(index, name, start, start + len(quote))
        for index, quote in enumerate(quotes)
        for name, text in texts.items()
        for start in _starts(quote, text)
    ]
    found = {place.quote for place in places}
    if missing := [index for index in range(len(quotes)) if index not in found]:
        raise BadInput(
            f"'gold_quotes.{missing[0]}': the quote ({quotes[missing[0]][:60]!r} …) does not stand verbatim in "
            f"{', '.join(texts) or 'any article, since none is named'}."
        )
    return tuple(places)


def place_of(quote: int, document: Document, start: int, end: int) -> Place:
    """The place of a span, white space at its ends left out. Raises `BadInput` where it is outside the document."""
    if not 0 <= start < end <= len(document.text) or not document.text[start:end].strip():
        raise BadInput(f"'evidence': the span {start}..{end} is empty or outside its text of {len(document.text)}.")
    text = document.text[start:end]
    return Place(quote, document.id, start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip()))


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole sentences that a span of the text touches."""
    touched = [span for span in sentences(text) if span.start < end and start < span.end]
    return (min(start, touched[0].start), max(end, touched[-1].end)) if touched else (start, end)


def quoted(places: Sequence[Place], document: Document) -> tuple[str, ...]:
    """The text at each place of one document."""
    return tuple(document.text[place.start : place.end] for place in places)


def hash_of(files: Sequence[Path]) -> str:
    """The sha256 over the names and contents of files, whatever their order."""
    digests = sorted((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files)
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _row(where: str, value: Any, kind: type[T]) -> Row[T] | Malformed:
    try:
        typed: T = _adapter(cast(Any, kind)).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "its top"
        return Malformed(where, f"The record at {where} is not valid at {field!r}: {first['msg']}.")
    return Row(where, typed)


def _starts(quote: str, text: str) -> Iterator[int]:
    start = text.find(quote) if quote else -1
    while start >= 0:
        yield start
        start = text.find(quote, start + 1)
