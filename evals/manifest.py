"""What a run was made with: enough to make it again, and to refuse to mix it with another."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import assistant
from assistant.errors import BadInput
from assistant.resources import resource
from evals.datasets import Dataset
from evals.homes import file_hash
from evals.results import read_json
from evals.variants import Variant

if TYPE_CHECKING:
    from assistant.bootstrap import Home

Manifest = Mapping[str, Any]
_IDENTITY = (
    "data", "selection", "variant", "settings_id", "prompt_ids", "model", "embedding", "ranker", "corpus_hash", "code",
)  # fmt: skip
"""What must be the same when a run is taken up again; the commit may move where the code does not."""


def make_manifest(
    dataset: Dataset, selection: Mapping[str, Any], variant: Variant, home: Home, corpus_hash: str
) -> dict[str, Any]:
    """The manifest of a run that begins now."""
    parts = home.assistant.parts
    settings = home.settings.model_dump(mode="json", exclude={"home": True, "chat": {"api_key"}, "server": True})
    now = datetime.now(UTC)
    return {
        "data": {
            "name": dataset.name,
            "half": dataset.half,
            "hash": dataset.data_hash,
            "cases": len(dataset.cases),
            "malformed": [line.message for line in dataset.malformed],
        },
        "selection": dict(selection),
        "variant": variant.model_dump(mode="json"),
        "settings": settings,
        "settings_id": home.settings.settings_id,
        "prompt_ids": list(parts.answerer.prompt_ids),
        "answerer": parts.answerer.name,
        "model": parts.answerer.model,
        "embedding": home.embedder.identity,
        "ranker": home.ranker.identity if home.ranker else "",
        "corpus_hash": corpus_hash,
        "code": code_hash(),
        "git": git_state(),
        "packages": {d.name: d.version for d in sorted(distributions(), key=lambda d: d.name.lower())},
        "python": sys.version.split()[0],
        "machine": platform.machine(),
        "asked_at": now.replace(hour=0, minute=0, second=0, microsecond=0).isoformat(),
        "started": now.isoformat(timespec="seconds"),
    }


def take_up(path: Path, manifest: dict[str, Any]) -> Manifest:
    """The stored manifest of a run that is taken up again, or this one, stored.

    Raises `BadInput` where the stored one was made with something else: answers of two makes are no run.
    """
    if not path.exists():
        path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return manifest
    stored: dict[str, Any] = read_json(path)
    for field in _IDENTITY:
        if stored.get(field) != manifest[field]:
            raise BadInput(
                f"{path.parent} holds a run with other {field.replace('_', ' ')}; choose another folder, or --fresh."
            )
    return stored


def code_hash() -> str:
    """A hash of the product: its modules and its prompts, those of the evaluation's judge left out."""
    package = Path(assistant.__file__).parent
    prompts = [path for path in resource("prompts").glob("*.md") if not path.name.startswith("judge_")]
    return file_hash([*sorted(package.rglob("*.py")), *sorted(prompts)])[:16]


def git_state() -> dict[str, str | bool]:
    """The commit of this checkout and whether its files differ from it; "" outside of git."""

    def git(*arguments: str) -> str:
        command = ["git", "--no-optional-locks", *arguments]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
