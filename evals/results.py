"""What a run stores: one line a case, with all that scoring needs, so that scores come from stored answers alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from assistant.errors import BadInput
from assistant.types import Answer, Evidence

Outcome = Literal["answered", "abstained", "error", "unscored"]
"""How a case ended. ``unscored``: never asked, or there is no gold to score its answer by. Never folded together."""
OUTCOMES: tuple[Outcome, ...] = ("answered", "abstained", "error", "unscored")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was retrieved; ``article.text[start:end] == text``."""

    id: str
    article_id: str
    title: str
    start: int
    end: int
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What stands in the article at the place that an item of evidence names, and a little of what is around it.
    ``found`` is false where there is no such article."""

    before: str = ""
    text: str = ""
    after: str = ""
    found: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a case has no answer."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """One case as it was asked. ``passages`` after ranking, best first; ``rankings``: the articles that each searcher
    found, best first; ``chosen``: the evidence given to the answerer, best first; ``opened[i]`` belongs to
    ``answer.evidence[i]``. ``calls`` and ``words`` count what went to a chat model and came from it."""

    id: str
    outcome: Outcome
    seconds: float = 0.0
    answer: Answer | None = None
    error: Failure | None = None
    passages: tuple[Passage, ...] = ()
    rankings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chosen: tuple[Evidence, ...] = ()
    opened: tuple[Opened, ...] = ()
    calls: int = 0
    words: int = 0


@cache
def _adapter() -> TypeAdapter[Result]:
    return TypeAdapter(Result)


def to_line(result: Result) -> str:
    """One line of JSON."""
    return json.dumps(_adapter().dump_python(result, mode="json"), ensure_ascii=False) + "\n"


def read_results(path: Path) -> dict[str, Result]:
    """The last result of each case by its id; of a line that was half written, nothing. A missing file is empty.

    Raises `BadInput` for a whole line that is no result.
    """
    found: dict[str, Result] = {}
    if not path.exists():
        return found
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                break
            try:
                result = _adapter().validate_python(json.loads(line))
            except (ValueError, ValidationError) as error:
                raise BadInput(
                    f"Line {number} of {path} is no result of a run; delete the line, and run again."
                ) from error
            found[result.id] = result
    return found


def mend(path: Path) -> None:
    """Cut off a last line that was half written when a run was killed."""
    if path.exists():
        whole = path.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            with path.open("r+b") as file:
                file.truncate(end)


def read_json(path: Path) -> Any:
    """A JSON file of a run. Raises `BadInput` where it is missing or broken."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); is {path.parent} the folder of a run?") from error
    except ValueError as error:
        raise BadInput(f"{path} is not JSON ({error}).") from error
