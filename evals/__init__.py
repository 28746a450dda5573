"""The evaluation harness: ``from evals import run, score, compare``.

    answers = run("sample", "runs/today", half="tune")     # asks the object that is served, one stored line a case
    scores = score(answers)                                # from stored answers alone
    print(scores["right"], compare("runs/yesterday", answers)["right"].verdict)

On the command line: ``python -m evals --help``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evals.comparison import Comparison, compare
    from evals.runs import Run, run
    from evals.scoring import Scores, score

__all__ = ["Comparison", "Run", "Scores", "compare", "run", "score"]
_HOMES = {"Run": "runs", "run": "runs", "Scores": "scoring", "score": "scoring"}


def __getattr__(name: str) -> Any:
    """The public names, imported when first used: a reader of cases needs none of this."""
    from importlib import import_module

    if name in __all__:
        return getattr(import_module(f"evals.{_HOMES.get(name, 'comparison')}"), name)
    raise AttributeError(f"module 'evals' has no attribute {name!r}")
