"""Judging: what is asked is asked once, what was asked before is looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path

from assistant.errors import BadInput
from evals.calibration import Calibration, Scorer, calibrate
from evals.datasets import Gold, Half, Judgement
from evals.judging.files import Judged, JudgedCase, read_calibration, write_calibration, write_judged
from evals.judging.load import same_model
from evals.judging.material import Material, answer_hash, material
from evals.judging.port import THRESHOLD, Judge, Pair, key_of
from evals.judging.shares import Share, shares
from evals.judging.store import Store, open_store
from evals.runs import Run
from evals.support import sentences

BATCH = 32
"""Pairs judged between two writes: what is lost when a judge is stopped."""
Verdicts = dict[Pair, float | None]
Advance = Callable[[str], None]


class Known:
    """Looks judgements up; what is not there is ``wanted``, in order, and unknown for now."""

    def __init__(self, verdicts: Verdicts) -> None:
        self._verdicts = verdicts
        self.wanted: dict[Pair, None] = {}

    def __call__(self, pair: Pair) -> bool | None:
        if pair not in self._verdicts:
            self.wanted[pair] = None
            return None
        score = self._verdicts[pair]
        return None if score is None else score >= THRESHOLD


def judge_run(run: Run, judge: Judge, home: Path, *, force: bool = False, advance: Advance = lambda _: None) -> Judged:
    """Judge a run's answers into its folder; judgements are kept in ``home``.

    Raises `BadInput` where the judge is the model that answered, unless forced (it favours its own: Panickssery et al.,
    NeurIPS 2024), and `ModelUnavailable` where it cannot be reached; what is judged by then is kept.
    """
    own = same_model(judge.model, str(run.manifest["model"]))
    if own and not force:
        raise BadInput(f"{judge.model} wrote the answers of {run.folder}; choose another judge, or --force.")
    shown = {
        case.id: found
        for case in run.cases
        if (result := run.results.get(case.id)) and (found := material(case, run.gold.get(case.id, Gold()), result))
    }
    with open_judgements(home) as store:
        scores, verdicts = _scored(shown, lambda wanted: judge_all(judge, wanted, store, advance))
    cases = {name: JudgedCase(answer_hash(run.results[name]), found) for name, found in scores.items()}
    prompt_ids = tuple(text for text in (judge.prompt_id("entails"), judge.prompt_id("nuggets")) if text)
    unscored = sum(score is None for score in verdicts.values())
    calibration = read_calibration(home, judge)
    judged = Judged(judge.identity, prompt_ids, own, calibration, len(verdicts), unscored, cases)
    write_judged(run.folder, judged)
    return judged


def _scored(
    shown: Mapping[str, Material], judged: Callable[[Iterable[Pair]], Verdicts]
) -> tuple[dict[str, dict[str, Share]], Verdicts]:
    """The scores by case, and all judgements that they rest on. What one judgement makes needful is asked in the next
    round; three rounds are the most."""
    verdicts: Verdicts = {}
    while True:
        ask = Known(verdicts)
        scores = {name: shares(found, ask) for name, found in shown.items()}
        if not ask.wanted:
            return scores, verdicts
        verdicts |= judged(ask.wanted)


def open_judgements(home: Path) -> AbstractContextManager[Store]:
    """The store of a home."""
    return open_store(home / "evals" / "judging" / "judgements.sqlite")


def judge_all(judge: Judge, pairs: Iterable[Pair], store: Store, advance: Advance = lambda _: None) -> Verdicts:
    """Each pair judged, or as it was judged before. ``advance`` is called with ``judged``, ``known`` or ``unscored``
    for each."""
    keys = {pair: key_of(judge, pair) for pair in pairs}
    known = store.known(keys.values())
    found: Verdicts = {pair: known[key] for pair, key in keys.items() if key in known}
    for _ in found:
        advance("known")
    waiting = (pair for pair in keys if pair not in found)
    while batch := list(islice(waiting, BATCH)):
        scores = dict(zip(batch, judge.entails(batch), strict=True))
        store.keep(judge.identity, {keys[pair]: score for pair, score in scores.items() if score is not None})
        for score in scores.values():
            advance("unscored" if score is None else "judged")
        found |= scores
    return found


def calibrate_judge(
    judge: Judge, home: Path, half: Half, limit: int | None = None, advance: Advance = lambda _: None
) -> Calibration:
    """A judge's agreement with people, kept in ``home`` for its reports. Raises as `calibrate` and `Judge.entails`."""
    with open_judgements(home) as store:
        made = calibrate(half, scorer_of(judge, store, advance), limit)
    write_calibration(home, judge, made)
    return made


def scorer_of(judge: Judge, store: Store, advance: Advance = lambda _: None) -> Scorer:
    """A judge as `calibrate` takes it: the mean over a claim's sentences, as a run is judged sentence by sentence; None
    where a sentence is unscored."""

    def scores(judgements: Sequence[Judgement]) -> list[float | None]:
        asked = [[Pair(j.source, text) for text in sentences(j.claim)] for j in judgements]
        verdicts = judge_all(judge, dict.fromkeys(pair for pairs in asked for pair in pairs), store, advance)
        return [_mean([verdicts[pair] for pair in pairs]) for pairs in asked]

    return scores


def _mean(scores: Sequence[float | None]) -> float | None:
    given = [score for score in scores if score is not None]
    return sum(given) / len(given) if given and len(given) == len(scores) else None
