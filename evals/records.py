"""Evaluation cases: a request's record with what is known of the right answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import BadInput
from assistant.records import parse_request, record_id, to_dict
from assistant.types import Request

_LISTS = ("answers", "wrong_answers", "gold_article_ids", "gold_quotes", "tags")


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its gold. ``answers`` holds the short answer first, then its aliases; empty where
    ``answerable`` is false. ``gold_quotes`` stand verbatim in the gold articles."""

    id: str
    request: Request
    answers: tuple[str, ...] = ()
    wrong_answers: tuple[str, ...] = ()
    answerable: bool = True
    gold_article_ids: tuple[str, ...] = ()
    gold_quotes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    licence: str = ""

    @property
    def sealed(self) -> bool:
        """Whether the case is reported and never looked at while tuning."""
        return "sealed" in self.tags


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is no case: where, and what is wrong with it."""

    where: str
    message: str


def parse_case(form: Mapping[str, Any], where: str) -> Case:
    """A case of its JSON form. Raises `BadInput` that names the place and the field."""
    request = parse_request(form, name=f"case at {where}")
    for field in _LISTS:
        value = form.get(field, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BadInput(f"The case at {where} is not valid at {field!r}: it should be a list of strings.")
    answerable = form.get("answerable", True)
    if not isinstance(answerable, bool):
        raise BadInput(f"The case at {where} is not valid at 'answerable': it should be true or false.")
    lists = {field: tuple(form.get(field, [])) for field in _LISTS}
    return Case(record_id(form, where), request, answerable=answerable, licence=str(form.get("licence", "")), **lists)


def read_cases(path: Path) -> Iterator[Case | Malformed]:
    """The cases of a JSONL file in order; a malformed line is reported with file, line and field, the rest goes on."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            where = f"{path.name}:{number}"
            if not line.strip():
                continue
            try:
                form = json.loads(line)
                if not isinstance(form, dict):
                    raise BadInput(f"The case at {where} is not a JSON object.")
                yield parse_case(form, where)
            except ValueError as error:
                yield Malformed(where, f"The line at {where} is not JSON ({error}).")
            except BadInput as error:
                yield Malformed(where, str(error))


def case_to_dict(case: Case) -> dict[str, Any]:
    """The inverse of `parse_case`."""
    form = {"id": case.id, **to_dict(case.request), "answerable": case.answerable, "licence": case.licence}
    return form | {field: list(getattr(case, field)) for field in _LISTS}
