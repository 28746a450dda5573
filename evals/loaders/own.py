"""Our sample cases and a user's own: JSON lines of our record, a CSV of questions and answers, a BEIR folder."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from assistant.errors import BadInput
from assistant.ingest.extract import from_fields
from assistant.ingest.identity import identity
from assistant.ingest.items import files_in
from assistant.types import Request
from evals.loaders.library import Library, read_library
from evals.loaders.reading import Entry, Gold, Part, Reading, Row, entries, half_of, locate, read_lines
from evals.records import Case, Malformed, parse_case


@dataclass(frozen=True, slots=True)
class _Given:
    """A case and what its record says beyond it."""

    case: Case
    stand_alone: str


def read_sample(cases: Path, corpus: Path) -> Reading:
    """The sample cases over the bundled corpus: ``sample.jsonl``, else the files in ``parts``. Half B is the sealed
    cases."""
    whole = cases / "sample.jsonl"
    files = [whole] if whole.exists() else sorted((cases / "parts").glob("*.jsonl"))
    library = read_library([corpus])

    def found() -> Iterator[Entry | Malformed]:
        for file in files:
            make = partial(_entry, library=library, folder=corpus, by_seal=True)
            yield from _cases(file, make)

    return Reading((*files, *files_in(corpus)), found(), (corpus,))


def read_jsonl(path: Path, *, articles: Path | None = None) -> Reading:
    """Cases of our record, over the articles of a file or folder or over the documents that each brings.

    ``gold_article_ids`` may name ``file:PATH`` within the folder. Quotes are resolved where there are articles or
    documents to find them in.
    """
    origins = (articles,) if articles else ()
    library = read_library(origins) if articles else None
    make = partial(_entry, library=library, folder=articles or path.parent, by_seal=False)
    return Reading((path, *_files(articles)), _cases(path, make), origins)


def read_csv(path: Path, *, articles: Path | None = None) -> Reading:
    """Questions of a CSV with the columns ``question`` and ``answer``, and if wanted ``id``, ``wrong_answer`` and
    ``answerable`` (yes, no). Spellings of one answer are separated by "|". A question without an answer says
    ``answerable`` no."""
    return Reading((path, *_files(articles)), _csv_entries(path), (articles,) if articles else ())


def read_beir(folder: Path, *, split: str = "") -> Reading:
    """A folder in the form of BEIR (Thakur et al., NeurIPS 2021): ``corpus.jsonl``, ``queries.jsonl``,
    ``qrels/SPLIT.tsv`` (default: test, else the only one). Documents with a score over 0 are gold."""
    corpus, queries, qrels = folder / "corpus.jsonl", folder / "queries.jsonl", _qrels(folder, split)
    if missing := [path for path in (corpus, queries) if not path.is_file()]:
        raise BadInput(f"The folder {folder.name} has no {missing[0].name}, so it is no BEIR data set.")
    return Reading((corpus, queries, qrels), _beir_entries(corpus, queries, qrels), (corpus,))


def _cases(path: Path, make: Callable[[_Given], Iterable[Entry]]) -> Iterator[Entry | Malformed]:
    for row in read_lines(path, dict):
        if isinstance(row, Malformed):
            yield row
            continue
        try:
            given = _Given(parse_case(row.value, row.where), str(row.value.get("stand_alone") or ""))
        except BadInput as error:
            yield Malformed(row.where, str(error))
        else:
            yield from entries([Row(row.where, given)], make)


def _entry(given: _Given, *, library: Library | None, folder: Path, by_seal: bool) -> Iterator[Entry]:
    case, names = given.case, given.case.gold_article_ids
    texts: dict[str, str] = {}
    if case.request.documents:
        texts = {d.id or str(n): d.text for n, d in enumerate(case.request.documents, 1)}
    elif library:
        names = tuple(library.resolve(name, folder) for name in names)
        texts = {name: library.texts[name] for name in names}
    checked = bool(case.request.documents) or library is not None
    cluster = names[0] if names else case.id
    places = locate(case.gold_quotes, texts) if checked else ()
    half: Part = ("report" if case.sealed else "tune") if by_seal else half_of(cluster)
    gold = Gold(places, stand_alone=given.stand_alone, cluster=cluster)
    yield Entry(replace(case, gold_article_ids=names), gold, half)


def _csv_entries(path: Path) -> Iterator[Entry | Malformed]:
    try:
        table = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    except UnicodeDecodeError as error:
        raise BadInput(f"The file {path.name} is not in UTF-8 ({error.reason}); save it as such.") from error
    columns = {(name or "").strip().lower(): name for name in table.fieldnames or ()}
    if missing := [name for name in ("question", "answer") if name not in columns]:
        raise BadInput(f"The file {path.name} has no column {missing[0]!r}; its first line should name the columns.")
    for values in table:
        where = f"{path.name}:{table.line_num}"
        cells = {key: str(values.get(name) or "").strip() for key, name in columns.items()}
        yield from entries([Row(where, {**cells, "line": str(table.line_num)})], _csv_entry)


def _csv_entry(cells: Mapping[str, str]) -> Iterator[Entry]:
    answerable = cells.get("answerable", "").lower() not in ("no", "false", "0")
    answers = _spellings(cells["answer"])
    if not cells["question"]:
        raise BadInput("'question': it is empty.")
    if answerable and not answers:
        raise BadInput("'answer': it is empty; where the articles hold no answer, put no in a column 'answerable'.")
    name = cells.get("id") or cells["line"]
    case = Case(
        name,
        Request(cells["question"]),
        answers=answers if answerable else (),
        wrong_answers=_spellings(cells.get("wrong_answer", "")),
        answerable=answerable,
    )
    yield Entry(case, Gold(cluster=name), half_of(name))


def _spellings(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _beir_entries(corpus: Path, queries: Path, qrels: Path) -> Iterator[Entry | Malformed]:
    ids, bad = _beir_ids(corpus)
    yield from bad
    gold, bad = _beir_gold(qrels, ids)
    yield from bad

    def make(row: dict[str, Any]) -> Iterator[Entry]:
        name, text = str(row.get("_id") or ""), row.get("text")
        if not name:
            raise BadInput("'_id': it is missing.")
        if not isinstance(text, str) or not text.strip():
            raise BadInput("'text': it should be the question.")
        if name in gold:
            case = Case(name, Request(text), gold_article_ids=tuple(gold[name]), tags=("beir", qrels.stem))
            yield Entry(case, Gold(cluster=gold[name][0]), half_of(gold[name][0]))

    yield from entries(read_lines(queries, dict), make)


def _beir_ids(corpus: Path) -> tuple[dict[str, str], list[Malformed]]:
    """BEIR's ids to those that ingestion gives, which are places where it does not know the field ``_id``."""
    ids: dict[str, str] = {}
    bad: list[Malformed] = []
    for row in read_lines(corpus, dict):
        if isinstance(row, Malformed):
            bad.append(row)
        elif not row.value.get("_id") or not isinstance(row.value.get("text"), str):
            field = "_id" if not row.value.get("_id") else "text"
            bad.append(Malformed(row.where, f"The record at {row.where} is not valid at {field!r}: it is missing."))
        else:
            stated = from_fields(row.value, row.value["text"])
            place = f"{corpus.absolute().parent.name}/{corpus.name}#{row.where.rpartition(':')[2]}"
            ids[str(row.value["_id"])] = identity(stated.explicit_id, stated.url, place)
    return ids, bad


def _beir_gold(qrels: Path, ids: Mapping[str, str]) -> tuple[dict[str, list[str]], list[Malformed]]:
    gold: dict[str, list[str]] = defaultdict(list)
    bad: list[Malformed] = []
    for number, line in enumerate(qrels.read_text(encoding="utf-8").splitlines(), 1):
        cells = line.split("\t")
        if not line.strip() or (number == 1 and cells[-1].strip() == "score"):
            continue
        where = f"{qrels.name}:{number}"
        if len(cells) != 3 or not _is_number(cells[2]):
            bad.append(
                Malformed(where, f"The line at {where} is not valid at 'score': give query, document and score.")
            )
        elif float(cells[2]) > 0:
            if cells[1] in ids:
                gold[cells[0]].append(ids[cells[1]])
            else:
                message = f"The line at {where} is not valid at 'corpus-id': no document {cells[1]!r} is in the corpus."
                bad.append(Malformed(where, message))
    return dict(gold), bad


def _qrels(folder: Path, split: str) -> Path:
    there = {path.stem: path for path in sorted((folder / "qrels").glob("*.tsv"))}
    name = split or ("test" if "test" in there else next(iter(there), "") if len(there) == 1 else "")
    if name not in there:
        listed = ", ".join(there) or "none"
        raise BadInput(f"The folder {folder.name} has no qrels {name!r} (there are: {listed}); choose one with split.")
    return there[name]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _files(articles: Path | None) -> list[Path]:
    if articles is None:
        return []
    if not articles.exists():
        raise BadInput(f"There are no articles at {str(articles)!r}; check the spelling.")
    return files_in(articles) if articles.is_dir() else [articles]
