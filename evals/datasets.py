"""Data sets of cases, by name: our sample set, the public ones under ``EVALS_DATA``, and a user's own."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, validate_call

from assistant.errors import BadInput
from assistant.resources import resource
from evals.loaders import clapnq, hotpotqa, onestopqa, own, ramdocs, realtimeqa, rgb, seed, timeqa, xquad
from evals.loaders.judgements import READERS as _JUDGEMENTS
from evals.loaders.judgements import Judgement
from evals.loaders.reading import Entry, Gold, Place, Reading, hash_of
from evals.records import Case, Malformed

__all__ = ["Dataset", "Gold", "Half", "Judgement", "Place", "counts", "judgement_names", "judgements", "load", "names"]

Half = Literal["tune", "report", "all"]
HALVES: tuple[Half, ...] = ("tune", "report", "all")

_CASES = Path(__file__).parent / "cases"
_PUBLIC: Mapping[str, Callable[..., Reading]] = {
    "realtimeqa-2022": realtimeqa.read_2022,
    "realtimeqa-2025": realtimeqa.read_2025,
    "realtimeqa-small": realtimeqa.read_small,
    "rgb": rgb.read,
    "rgb-counterfactual": rgb.read_counterfactual,
    "clapnq": clapnq.read,
    "ramdocs": ramdocs.read,
    "onestopqa": onestopqa.read,
    "hotpotqa": hotpotqa.read,
    "timeqa": timeqa.read,
    "xquad": xquad.read,
    "seed": seed.read,
}
_OWN: Mapping[str, Callable[..., Reading]] = {"beir": own.read_beir, "csv": own.read_csv, "jsonl": own.read_jsonl}


@dataclass(frozen=True, slots=True)
class Dataset:
    """Cases with what they are asked of.

    ``articles`` are the files or folders to be ingested first; empty where every case brings its own ``documents``.
    ``malformed`` are the lines that could not be read. ``data_hash`` is the sha256 over the files it was read from,
    articles included, whatever the half. ``gold`` holds, by the case's id, what is known beyond its record: gold quotes
    resolved to offsets, the parts of the answer, what it is clustered by.
    """

    name: str
    cases: tuple[Case, ...]
    articles: tuple[Path, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    data_hash: str = ""
    half: Half = "all"
    gold: Mapping[str, Gold] = field(default_factory=dict)


def names() -> tuple[str, ...]:
    """The data sets with a name; beside them ``beir:FOLDER``, ``csv:FILE`` and ``jsonl:FILE`` are read."""
    return ("sample", *_PUBLIC)


def load(name: str, half: Half = "all", **options: Any) -> Dataset:
    """Read a data set whole and keep the cases of one half.

    Options (strings are understood, too): ``rgb`` noise 0..1 or "only"; ``rgb-counterfactual`` documents "both" or
    "planted"; ``onestopqa`` level "adv", "int" or "ele"; ``beir:`` split; ``csv:`` and ``jsonl:`` articles, a path.
    Those given become part of the data set's name.

    Halves follow the README of the shared data; of the sample, the sealed cases are to be reported. Raises `BadInput`
    where there is no such data set, option or half.
    """
    if half not in HALVES:
        raise BadInput(f"There is no half {half!r}; choose tune, report or all.")
    reading = _read(name, options)
    kept: dict[str, Entry] = {}
    malformed: list[Malformed] = []
    halves: set[str] = set()
    seen: set[str] = set()
    for entry in reading.entries:
        if isinstance(entry, Malformed):
            malformed.append(entry)
        elif entry.case.id in seen:
            message = f"Two cases of {name} have the id {entry.case.id!r} in the field 'id'; the later is left out."
            malformed.append(Malformed(name, message))
        else:
            seen.add(entry.case.id)
            halves.add(entry.half)
            if half in ("all", entry.half):
                kept[entry.case.id] = entry
    if halves and not kept:
        raise BadInput(f"{name} has no cases in the half {half!r}: it is there to {halves.pop()} on.")
    return Dataset(
        name=" ".join([name, *(f"{key}={value}" for key, value in sorted(options.items()))]),
        cases=tuple(entry.case for entry in kept.values()),
        articles=reading.articles,
        malformed=tuple(malformed),
        data_hash=hash_of(reading.files),
        half=half,
        gold={name: entry.gold for name, entry in kept.items()},
    )


def counts(name: str, **options: Any) -> dict[str, int]:
    """How many cases a data set has in each half (``tune``, ``report``, ``all``), and how many lines are
    ``malformed``."""
    found = dict.fromkeys((*HALVES, "malformed"), 0)
    for entry in _read(name, options).entries:
        if isinstance(entry, Malformed):
            found["malformed"] += 1
        else:
            found[entry.half] += 1
            found["all"] += 1
    return found


def judgement_names() -> tuple[str, ...]:
    """The sets of human judgements."""
    return tuple(_JUDGEMENTS)


def judgements(name: str, half: Half = "all") -> tuple[Judgement, ...]:
    """Human judgements of claims against sources. What cannot be read is logged as a warning and left out.

    Raises `BadInput` where there is no such set.
    """
    if name not in _JUDGEMENTS:
        raise BadInput(f"There are no judgements {name!r}; choose one of {', '.join(_JUDGEMENTS)}.")
    try:
        return tuple(found for found in _readable(_JUDGEMENTS[name](_data())) if half in ("all", found.half))
    except FileNotFoundError as error:
        raise BadInput(f"The judgements {name!r} are not whole: {error.filename} is missing.") from error


def _readable(found: Iterable[Judgement | Malformed]) -> Iterator[Judgement]:
    for item in found:
        if isinstance(item, Malformed):
            logging.getLogger(__name__).warning(item.message)
        else:
            yield item


def _read(name: str, options: Mapping[str, Any]) -> Reading:
    kind, colon, path = name.partition(":")
    if name == "sample":
        return _call(own.read_sample, name, options, _CASES, resource("corpus"))
    if name in _PUBLIC:
        return _call(_PUBLIC[name], name, options, _data())
    if colon and kind in _OWN:
        if not Path(path).expanduser().exists():
            raise BadInput(f"There is no {path!r}, which the data set {name!r} names; check the spelling.")
        return _call(_OWN[kind], name, options, Path(path).expanduser())
    known = ", ".join((*names(), *(f"{kind}:PATH" for kind in _OWN)))
    raise BadInput(f"There is no data set {name!r}; choose one of {known}.")


def _call(reader: Callable[..., Reading], name: str, options: Mapping[str, Any], *given: Path) -> Reading:
    try:
        reading: Reading = validate_call(reader)(*given, **options)
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(str(part) for part in first["loc"][:1])
        raise BadInput(f"The data set {name!r} does not take the option {option!r} so: {first['msg']}.") from error
    except FileNotFoundError as error:
        raise BadInput(f"The data set {name!r} is not whole: {error.filename} is missing.") from error
    if missing := [file for file in reading.files if not file.is_file()]:
        raise BadInput(f"The data set {name!r} is not whole: {missing[0]} is missing.")
    return reading


def _data() -> Path:
    folder = Path(os.environ.get("EVALS_DATA", ""))
    if not os.environ.get("EVALS_DATA") or not folder.is_dir():
        raise BadInput("The public data is not here; set EVALS_DATA to the folder that holds it.")
    return folder


if __name__ == "__main__":  # python -m evals.datasets: the counts of every set
    for _name in names():
        print(f"{_name:<20}", "  ".join(f"{key} {value}" for key, value in counts(_name).items()))
    for _name in judgement_names():
        print(f"{_name:<20}", "  ".join(f"{half} {len(judgements(_name, half))}" for half in HALVES), " judgements")
