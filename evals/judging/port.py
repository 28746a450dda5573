"""What is asked of a judge, as a protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Task = Literal["entails", "nuggets"]
"""``entails``: a source says what a sentence says. ``nuggets``: an answer tells a fact. To a chat model each is a
prompt of its own, ``prompts/judge_TASK.md``; to a model that reads nothing but the two texts they are the same."""
THRESHOLD = 0.5
"""From here on a pair counts as entailed: the likelier of the two."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Whether all that ``hypothesis`` says follows from ``premise``."""

    premise: str
    hypothesis: str
    task: Task = "entails"


class Judge(Protocol):
    """``model`` names the language model or cross-encoder, as a run names its own; ``identity`` also its weights or
    where it is reached: what another identity judged is judged anew."""

    @property
    def model(self) -> str: ...
    @property
    def identity(self) -> str: ...
    def prompt_id(self, task: Task) -> str:
        """``name@hash`` of the prompt that is used; "" where there is none."""
        ...

    def entails(self, pairs: Sequence[Pair]) -> list[float | None]:
        """How sure it is of each pair, 0..1; None where it gave no judgement, which is never a 0.

        Raises `ModelUnavailable` where it cannot be loaded or reached at all.
        """
        ...


def key_of(judge: Judge, pair: Pair) -> str:
    """The sha256 of all that a judgement rests on: the judge, its prompt and both texts."""
    parts = (judge.identity, judge.prompt_id(pair.task), pair.premise, pair.hypothesis)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
