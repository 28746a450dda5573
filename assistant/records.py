"""The JSON form of the nouns: one record for batch asking, evaluation cases and the API, one form of an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.errors import BadInput
from assistant.types import Answer, AnswerReady, Event, Evidence, Request, Sentence, Source, Stage

_FIELDS = (
    "question", "history", "documents", "since", "until", "outlets", "kinds", "as_of", "asked_at", "length",
)  # fmt: skip


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def parse_request(record: Mapping[str, Any], *, name: str = "record") -> Request:
    """Make a request of a record. Unknown fields are ignored, ``question_date`` is read as ``asked_at``.

    Raises `BadInput` with one sentence that names the record and its first wrong field.
    """
    if not isinstance(record, Mapping):
        raise BadInput(f'The {name} is not a JSON object; send an object with at least a "question".')
    given = {field: record[field] for field in _FIELDS if record.get(field) is not None}
    if "asked_at" not in given and record.get("question_date"):
        given["asked_at"] = record["question_date"]
    for field in ("since", "until", "as_of"):
        if isinstance(given.get(field), str):
            given[field] = given[field][:10]
    for field in ("outlets", "kinds"):
        if isinstance(given.get(field), str):
            given[field] = [given[field]]
    try:
        request: Request = _adapter(Request).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "question"
        raise BadInput(f"The {name} is not valid at {where!r}: {first['msg']}.") from error
    return _aware(request)


def record_id(record: Mapping[str, Any], default: str) -> str:
    """The record's ``id`` (or RealTimeQA's ``question_id``) as text, else the default."""
    value = record.get("id", record.get("question_id"))
    return str(value) if value not in (None, "") else default


def to_dict(value: Answer | Request | Source | Evidence) -> dict[str, Any]:
    """The JSON form as Python objects; times are ISO 8601 in UTC."""
    form: dict[str, Any] = TypeAdapter(type(value)).dump_python(value, mode="json")
    return form


def answer_from_dict(form: Mapping[str, Any]) -> Answer:
    """The inverse of `to_dict` for an answer. Raises `BadInput` for what is not one."""
    try:
        answer: Answer = _adapter(Answer).validate_python(form)
    except ValidationError as error:
        raise BadInput(f"This is not an answer: {error.errors()[0]['msg']}.") from error
    return answer


def to_json(value: Answer | Request | Source) -> str:
    """The JSON form as one line of text, without escaping what is not ASCII."""
    return json.dumps(to_dict(value), ensure_ascii=False)


def event_to_dict(event: Event) -> tuple[str, dict[str, Any]]:
    """An event's name (``stage``, ``sentence``, ``answer``) and its data."""
    match event:
        case Stage():
            return "stage", {"name": event.name, "count": event.count, "ms": event.ms}
        case Sentence():
            claim = TypeAdapter(type(event.claim)).dump_python(event.claim, mode="json")
            return "sentence", {"claim": claim, "evidence": [to_dict(e) for e in event.evidence]}
        case AnswerReady():
            return "answer", to_dict(event.answer)


def parse_day(text: str, *, name: str = "date") -> date:
    """A day written YYYY-MM-DD. Raises `BadInput` naming the option it was given for."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise BadInput(f"{name} {text!r} is not a day; write it as YYYY-MM-DD.") from error


def _aware(request: Request) -> Request:
    """A time without a zone is taken as UTC."""

    def utc(moment: datetime | None) -> datetime | None:
        return moment if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)

    documents = tuple(replace(d, published_at=utc(d.published_at)) for d in request.documents)
    return replace(request, asked_at=utc(request.asked_at), documents=documents)
