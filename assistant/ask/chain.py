"""The flow of one question, as steps that take a state and return the next, passing their events through.

question → screen → rewrite → retrieve → fuse → rank → evidence → [none: abstain] → generate → verify → Answer
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from assistant.ask import attribution, evidence, ranking, retrieve, screen
from assistant.ask.candidates import candidates
from assistant.ask.evidence import Signals
from assistant.ask.filters import filter_of
from assistant.ask.fuse import Fusion, Ranking
from assistant.ask.highlights import highlights
from assistant.ask.notes import notes_of
from assistant.ask.quote import QuotingAnswerer
from assistant.ask.ranking import Ranked
from assistant.ask.verify import verify
from assistant.errors import DeadlineExceeded, ModelUnavailable
from assistant.ports import Answerer, Brief, Corpus, Embedder, Limits, Ranker, Rewriter
from assistant.text.dates import DateRange, date_ranges
from assistant.types import (
    Answer,
    AnswerReady,
    Claim,
    Dropped,
    Event,
    Evidence,
    Filter,
    Hit,
    Note,
    Reason,
    Request,
    Retrieved,
    Sentence,
    Span,
    Stage,
    StageRecord,
    Trace,
)

SENTENCES = {"short": 1, "normal": 3, "full": 6}
WORDS = {"short": 30, "normal": 60, "full": 150}
"""Length of an answer: three quotes and 60 words are what a reader takes in at a glance (issue 5)."""


@dataclass(frozen=True, slots=True)
class Options:
    """The numbers of one question; their defaults and reasons stand in `assistant.settings.Retrieval`."""

    candidates: int = 50
    passages: int = 10
    evidence: int = 6
    fusion: Fusion = field(default_factory=Fusion)
    abstain_below: float = 0.25
    settings_id: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the steps work with."""

    embedder: Embedder
    answerer: Answerer
    rewriter: Rewriter
    options: Options
    ranker: Ranker | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that is known of a question so far."""

    request: Request
    corpus: Corpus
    limits: Limits
    asked_at: datetime
    question: str = ""
    admit: Filter = field(default_factory=Filter)
    dates: tuple[DateRange, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    hits: tuple[Hit, ...] = ()
    ranked: tuple[Ranked, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    signals: Signals = field(default_factory=Signals)
    confidence: float = 0.0
    reason: Reason | None = None
    claims: tuple[Claim, ...] = ()
    cited: tuple[Evidence, ...] = ()
    text: str = ""
    partial: bool = False
    answerer: Answerer | None = None
    notes: tuple[Note, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    stages: tuple[StageRecord, ...] = ()


Steps = Generator[Event, None, State]


def run(request: Request, corpus: Corpus, parts: Parts, limits: Limits) -> Iterator[Event]:
    """Answer a request: stages and sentences as they come, then `AnswerReady`.

    Raises `BadInput` for a request that cannot be read, `Cancelled` and `DeadlineExceeded` (unless sentences are
    already shown: then the answer is ``partial``).
    """
    state = State(
        request, corpus, limits, request.asked_at or datetime.now(UTC), question=screen.checked(request.question)
    )
    state = replace(state, admit=filter_of(request))
    for name, step in (
        ("screen", _screen),
        ("rewrite", _rewrite),
        ("retrieve", _retrieve),
        ("fuse", _fuse),
        ("rank", _rank),
        ("evidence", _evidence),
    ):
        if state.reason is None:
            limits.check()
            state = yield from _timed(name, step, state, parts)
    if state.reason is None:
        state = yield from _write(state, parts)
    yield AnswerReady(_answer(state, parts), Retrieved(state.rankings, state.hits, state.evidence))


def _timed(name: str, step: Callable[[State, Parts], tuple[State, int]], state: State, parts: Parts) -> Steps:
    started = time.perf_counter()
    state, count = step(state, parts)
    record = StageRecord(name, count, round(1000 * (time.perf_counter() - started), 2))
    yield Stage(record.name, record.count, record.ms)
    return replace(state, stages=(*state.stages, record))


def _screen(state: State, parts: Parts) -> tuple[State, int]:
    coverage = state.corpus.coverage()
    reason = screen.small_talk(state.question, coverage)
    if reason is None and not coverage.articles:
        reason = Reason("empty_corpus", screen.describe(coverage))
    if reason is None:
        reason = screen.unsupported_language(state.question, parts.embedder.languages)
    return replace(state, reason=reason), coverage.articles


def _rewrite(state: State, parts: Parts) -> tuple[State, int]:
    question = parts.rewriter.rewrite(state.question, state.request.history, state.limits)
    dates = tuple(date_ranges(question, state.asked_at.date()))
    return replace(state, question=question, dates=dates), len(state.request.history)


def _retrieve(state: State, parts: Parts) -> tuple[State, int]:
    rankings = tuple(retrieve.search(state.corpus, state.question, state.admit, parts.options.candidates))
    return replace(state, rankings=rankings), sum(len(ranking) for _, ranking in rankings)


def _fuse(state: State, parts: Parts) -> tuple[State, int]:
    options = parts.options
    preference = retrieve.Preference(state.dates, state.asked_at.date())
    hits = retrieve.fused_hits(state.corpus, state.rankings, state.admit, options.fusion, preference)
    return replace(state, hits=tuple(hits)), len(hits)


def _rank(state: State, parts: Parts) -> tuple[State, int]:
    read, rest = state.hits[: parts.options.passages], state.hits[parts.options.passages :]
    ranked = ranking.rank(state.question, candidates(read), parts.embedder, parts.ranker)
    hits = ranking.by_best_sentence(read, ranked)
    return replace(state, hits=(*hits, *rest), ranked=tuple(ranked)), len(ranked)


def _evidence(state: State, parts: Parts) -> tuple[State, int]:
    chosen = evidence.choose(state.ranked, parts.options.evidence)
    signals = evidence.signals(state.question, chosen, _similarity(state.rankings))
    confidence = evidence.confidence(signals) if chosen else 0.0
    state = replace(state, evidence=evidence.evidence_of(chosen), signals=signals, confidence=confidence)
    if confidence < parts.options.abstain_below:
        state = replace(state, reason=_why_not(state, parts))
    return state, len(chosen)


def _similarity(rankings: Sequence[Ranking]) -> float:
    """The cosine of the most similar passage; 0 where vectors were not searched."""
    return max((ranking[0].score for stage, ranking in rankings if stage == "dense" and ranking), default=0.0)


def _why_not(state: State, parts: Parts) -> Reason:
    """Why the evidence does not do, told apart by what would change with other filters."""
    if state.admit.dated:
        undated = replace(state.admit, since=None, until=None)
        free = replace(state, admit=undated, reason=None)
        for step in (_retrieve, _fuse, _rank):
            free, _ = step(free, parts)
        chosen = evidence.choose(free.ranked, parts.options.evidence)
        other = evidence.signals(free.question, chosen, _similarity(free.rankings))
        if chosen and evidence.confidence(other) >= parts.options.abstain_below:
            return Reason(
                "outside_dates",
                "The articles that bear on this were published outside the dates asked for; widen the dates.",
            )
    if not state.evidence:
        return Reason("not_covered", "No article passes the filters asked for; loosen them.")
    if state.signals.similarity < 0.25 and state.signals.coverage < 0.34:
        return Reason("off_topic", "None of the articles is about this; the nearest passages are shown.")
    return Reason("not_covered", "The articles do not hold an answer to this; the nearest passages are shown.")


def _write(state: State, parts: Parts) -> Steps:
    """Sentences by the answerer, each verified before it is shown; the quoted answer where none survives."""
    started = time.perf_counter()
    state = yield from _sentences(replace(state, answerer=parts.answerer), parts.answerer)
    if not state.claims and not isinstance(parts.answerer, QuotingAnswerer):
        quoting = QuotingAnswerer()
        state = yield from _sentences(replace(state, answerer=quoting), quoting)
        if not any(note.code == "degraded" for note in state.notes):
            message = "No sentence of the language model was supported by the sources; they are quoted instead."
            state = replace(state, notes=(*state.notes, Note("degraded", message)))
    record = StageRecord("generate", len(state.claims), round(1000 * (time.perf_counter() - started), 2))
    yield Stage(record.name, record.count, record.ms)
    return replace(state, stages=(*state.stages, record))


def _sentences(state: State, answerer: Answerer) -> Steps:
    length = state.request.length
    brief = Brief(state.question, state.evidence, f"{state.asked_at:%-d %B %Y}", SENTENCES[length], WORDS[length])
    try:
        for draft in answerer.write(brief, state.limits):
            verdict = verify(draft, {e.label: e for e in state.evidence})
            if verdict.why:
                state = replace(state, dropped=(*state.dropped, Dropped(draft.text, verdict.why)))
                continue
            state, sentence = _shown(state, draft.text, verdict.labels, verdict.support)
            yield sentence
    except ModelUnavailable as error:
        message = f"{error} The sources are quoted instead." if not state.claims else str(error)
        state = replace(state, partial=bool(state.claims), notes=(*state.notes, Note("degraded", message)))
    except DeadlineExceeded:
        if not state.claims:
            raise
        state = replace(state, partial=True)
    return state


def _shown(state: State, text: str, labels: tuple[str, ...], support: float) -> tuple[State, Sentence]:
    """The state with one more claim; evidence is numbered anew in the order in which it is first cited."""
    by_label = {e.label: e for e in state.evidence}
    places = {(e.source.article_id, e.start): e for e in state.cited}
    shown: list[Evidence] = []
    for label in labels:
        item = by_label[label]
        key = (item.source.article_id, item.start)
        places.setdefault(key, replace(item, label=str(len(places) + 1)))
        shown.append(places[key])
    start = len(state.text) + bool(state.text)
    claim = Claim(
        text,
        start,
        start + len(text),
        tuple(e.label for e in shown),
        support,
        speaker=attribution.speaker(text),
        hedge=attribution.hedge(text),
        highlights=tuple(Span(start + s.start, start + s.end) for s in highlights(state.question, text)),
    )
    whole = f"{state.text} {text}" if state.text else text
    state = replace(state, claims=(*state.claims, claim), cited=tuple(places.values()), text=whole)
    return state, Sentence(claim, tuple(shown))


def _answer(state: State, parts: Parts) -> Answer:
    answerer = state.answerer or parts.answerer
    trace = Trace(
        answerer=answerer.name,
        model=answerer.model,
        confidence=state.confidence,
        settings_id=parts.options.settings_id,
        prompt_ids=answerer.prompt_ids,
        index_sequence=state.corpus.sequence,
        question=state.question,
        signals=evidence.as_numbers(state.signals),
        stages=state.stages,
        dropped=state.dropped,
    )
    if not state.claims:
        reason = state.reason or Reason("not_covered", "No sentence could be supported by the articles.")
        nearest = () if reason.code in ("small_talk", "empty_corpus", "unsupported_language") else state.evidence[:3]
        return Answer(
            state.request.question, "abstained", reason=reason, nearest=nearest, notes=notes_of(state), trace=trace
        )
    return Answer(
        state.request.question,
        "partial" if state.partial else "answered",
        state.text,
        state.claims,
        state.cited,
        notes=notes_of(state),
        trace=trace,
    )
