"""Variants of the product: settings, searchers and arms to compare, read from ``variants.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.ask.assistant import Assistant
from assistant.errors import BadInput
from assistant.ports import Corpus, Searcher
from assistant.settings import Settings, load_settings
from assistant.types import Chunk, Coverage, Document, HitStage

VARIANTS = Path(__file__).parent / "variants.toml"


class Variant(BaseModel):
    """See ``variants.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str = ""
    settings: Mapping[str, Mapping[str, Any]] = {}
    searchers: tuple[HitStage, ...] = ()
    arm: Literal["full", "oracle", "closed_book"] = "full"


def load_variant(name: str, path: Path = VARIANTS) -> Variant:
    """Raises `BadInput` where there is no such variant, or it is not valid."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    if name not in tables:
        raise BadInput(f"There is no variant {name!r} in {path.name}; it has {', '.join(tables)}.")
    try:
        return Variant(name=name, **tables[name])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadInput(f"The variant {name!r} in {path.name} is not valid at {place}: {first['msg']}.") from error


def settings_of(variant: Variant) -> Settings:
    """The settings that are served, with what the variant changes. Raises `BadInput` for one that is not valid."""
    served = load_settings()
    changed = {
        section: getattr(served, section).model_dump() | {key: _found(value) for key, value in values.items()}
        for section, values in variant.settings.items()
        if hasattr(served, section)
    }
    if unknown := set(variant.settings) - set(changed):
        raise BadInput(f"The variant {variant.name!r} sets {min(unknown)!r}, which is no section of the settings.")
    return load_settings(home=served.home, **changed)


def _found(value: Any) -> Any:
    """A value with the place of a package's weights filled in. Raises `BadInput` where it is not installed."""
    match = re.search(r"\{package:(\w+)\}", value) if isinstance(value, str) else None
    if not match:
        return value
    spec = find_spec(match[1])  # found, not imported: its import needs packages that are not installed
    weights = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not weights:
        raise BadInput(f"The package {match[1]} with its weights is not installed; `make test-all` installs it.")
    return value.replace(match[0], str(weights[0]))


def restricted(assistant: Assistant, stages: Sequence[HitStage]) -> Assistant:
    """The assistant with only these searchers; itself where none is named."""
    if not stages:
        return assistant

    def index_documents(documents: Sequence[Document]) -> Corpus:
        return _Some(assistant.index_documents(documents), stages)

    return Assistant(_Some(assistant.corpus, stages), index_documents, assistant.parts)


class _Some:
    """Implements the port `Corpus` with some of another's searchers."""

    def __init__(self, corpus: Corpus, stages: Sequence[HitStage]) -> None:
        self._corpus, self._stages = corpus, stages

    @property
    def searchers(self) -> Sequence[Searcher]:
        return [searcher for searcher in self._corpus.searchers if searcher.stage in self._stages]

    @property
    def sequence(self) -> int:
        return self._corpus.sequence

    def chunks(self, ids: Sequence[str]) -> Mapping[str, Chunk]:
        return self._corpus.chunks(ids)

    def coverage(self) -> Coverage:
        return self._corpus.coverage()
