"""What a reader should know beside an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from assistant.ports import Corpus
from assistant.text.dates import DateRange
from assistant.text.words import words
from assistant.types import Evidence, Filter, Note

STALE_AFTER = timedelta(days=30)
"""A question about "now" answered from reports more than a month old may be out of date."""
_NOW = frozenset("now current currently latest today still newest recent recently".split())


class Answered(Protocol):
    """What the notes look at of the state of a question."""

    @property
    def question(self) -> str: ...
    @property
    def corpus(self) -> Corpus: ...
    @property
    def admit(self) -> Filter: ...
    @property
    def asked_at(self) -> datetime: ...
    @property
    def dates(self) -> tuple[DateRange, ...]: ...
    @property
    def cited(self) -> tuple[Evidence, ...]: ...
    @property
    def notes(self) -> tuple[Note, ...]: ...


def notes_of(state: Answered) -> tuple[Note, ...]:
    """The notes so far and those that follow from the evidence, the filter and the dates."""
    found = list(state.notes)
    if state.admit.dated and (undated := state.corpus.coverage().undated):
        plural = "s" if undated != 1 else ""
        found.append(
            Note("undated", f"{undated} article{plural} without a known date left out by the filter on dates.")
        )
    if state.dates:
        named = ", ".join(f"“{r.text.strip()}” ({r.since} to {r.until})" for r in state.dates)
        found.append(Note("date_boost", f"Articles published near {named} were preferred."))
    return (*found, *_of_evidence(state.cited, state))


def _of_evidence(cited: Sequence[Evidence], state: Answered) -> list[Note]:
    found = []
    if cited and len({e.source.outlet or e.source.article_id for e in cited}) == 1:
        found.append(Note("single_source", "All of this comes from one source."))
    if changed := [e.label for e in cited if e.source.version > 1]:
        found.append(Note("corrected", f"The article of [{changed[0]}] has changed since it was first stored."))
    moments = [e.source.published_at for e in cited if e.source.published_at]
    if moments and _NOW & set(words(state.question)) and state.asked_at - max(moments) > STALE_AFTER:
        found.append(Note("stale", f"The newest report cited is of {max(moments):%-d %B %Y}."))
    return found
