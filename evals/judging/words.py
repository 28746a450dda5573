"""The judge that is no model: shared words."""

from __future__ import annotations

from collections.abc import Sequence

from evals.judging.port import Pair, Task
from evals.support import support


class WordsJudge:
    """Implements the port `Judge` with `evals.support`: free and the same everywhere, but blind to meaning. It shows
    what a model adds, and stands in for one in tests."""

    model = "words"
    identity = "words-1"

    def prompt_id(self, task: Task) -> str:
        return ""

    def entails(self, pairs: Sequence[Pair]) -> list[float | None]:
        """The share of words and phrases in the premise."""
        return [support(pair.hypothesis, pair.premise).score for pair in pairs]
