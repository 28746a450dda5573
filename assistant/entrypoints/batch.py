"""Answering a file of records: resumable, parallel, one answer a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from assistant.bootstrap import Home
from assistant.errors import AssistantError, BadInput
from assistant.records import parse_request, record_id, to_dict


def answer_records(home: Home, source: Path, target: Path, workers: int, console: Console) -> int:
    """Answer every record of ``source`` (JSON lines) that has no answer in ``target`` yet; returns how many failed.

    A record that cannot be read or answered gives ``{id, error: {code, message}}`` and the rest goes on.
    """
    done = (
        {form["id"] for _, form in _lines(target) if "id" in form and "error" not in form} if target.exists() else set()
    )
    records = [(record_id(form, str(number)), form) for number, form in _lines(source)]
    waiting = [(name, form) for name, form in records if name not in done]
    failed = 0
    _cut_half_line(target)
    with target.open("a", encoding="utf-8") as file, ThreadPoolExecutor(workers) as pool:
        results = pool.map(lambda item: _answer(home, *item), waiting)
        for form in track(results, "answering", total=len(waiting), console=console):
            file.write(json.dumps(form, ensure_ascii=False) + "\n")
            file.flush()
            failed += "error" in form
    console.print(
        f"{len(waiting) - failed} answered, {len(records) - len(waiting)} were there already, {failed} failed"
    )
    return failed


def _answer(home: Home, name: str, form: dict[str, Any]) -> dict[str, Any]:
    try:
        if "\0error" in form:
            raise BadInput(form["\0error"])
        return {"id": name, **to_dict(home.assistant.ask(parse_request(form, name=f"record {name}")))}
    except AssistantError as error:
        return {"id": name, "error": {"code": error.code, "message": str(error)}}


def _cut_half_line(path: Path) -> None:
    """Cut off the line that an interrupted run left unfinished, so that the next answer starts a line of its own."""
    if path.exists() and not (data := path.read_bytes()).endswith(b"\n"):
        with path.open("rb+") as file:
            file.truncate(data.rfind(b"\n") + 1)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file with their line numbers; a half-written last line (an interrupted run) is left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from error
    for number, line in enumerate(text.split("\n"), 1):  # splitlines() also splits at U+2028, inside a string
        if line.strip():
            try:
                form = json.loads(line)
            except ValueError:
                form = {"\0error": f"Line {number} of {path.name} is not JSON."}
            yield number, form if isinstance(form, dict) else {"\0error": f"Line {number} is not a JSON object."}
