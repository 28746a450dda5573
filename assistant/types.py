"""The nouns, and the contract of an answer.

Frozen, slotted dataclasses without behaviour beyond what follows from their own fields. A stage returns new values
and never edits its input. The JSON form (``assistant.records``) is the same from command line, API, MCP and Python.

Offsets count Unicode code points, half-open: ``text[start:end]``. Scores are unitless and comparable only within one
stage of one question, unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Kind = Literal["report", "opinion", "analysis", "interview", "press_release", "live_blog", "unknown"]
DateOrigin = Literal["metadata", "url", "text", "unknown"]
HitStage = Literal["dense", "lexical", "fused", "ranked"]
Status = Literal["answered", "partial", "abstained"]
ReasonCode = Literal[
    "off_topic",
    "not_covered",
    "outside_dates",
    "false_premise",
    "ambiguous",
    "small_talk",
    "empty_corpus",
    "unsupported_language",
]
NoteCode = Literal["degraded", "single_source", "stale", "corrected", "undated", "date_boost", "truncated"]
Length = Literal["short", "normal", "full"]
Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text comes from. ``published_at`` is timezone-aware UTC; a source that gave only a day has 00:00."""

    article_id: str
    title: str = ""
    outlet: str = ""
    url: str = ""
    byline: str = ""
    published_at: datetime | None = None
    date_origin: DateOrigin = "unknown"
    kind: Kind = "unknown"
    language: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one article: its source and its cleaned text."""

    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of an article: whole sentences, ``article.text[start:end] == text``."""

    id: str
    source: Source
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text given with a request, answered from instead of the corpus. ``id`` defaults to its position, "1", "2", …"""

    text: str
    id: str = ""
    title: str = ""
    outlet: str = ""
    url: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A question with all that may bear on its answer.

    ``since`` and ``until`` are inclusive publication days (UTC); ``as_of`` hides later publications; ``asked_at``
    resolves "last week" and defaults to now.
    """

    question: str
    history: tuple[Turn, ...] = ()
    documents: tuple[Document, ...] = ()
    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    as_of: date | None = None
    asked_at: datetime | None = None
    length: Length = "normal"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles may be seen. Days are integers yyyymmdd, inclusive. Empty tuples and None admit everything.

    ``outlets`` are compared case-insensitively (stored case-folded).
    """

    since: int | None = None
    until: int | None = None
    outlets: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()

    def __bool__(self) -> bool:
        return self != Filter()

    @property
    def dated(self) -> bool:
        """Whether undated articles are left out."""
        return self.since is not None or self.until is not None

    def admits(self, source: Source) -> bool:
        """Whether an article of this source may be seen; an undated one never passes a filter on dates."""
        if self.dated:
            if source.published_at is None:
                return False
            day = day_number(source.published_at)
            if day < (self.since or 0) or day > (self.until or 99991231):
                return False
        if self.outlets and source.outlet.casefold() not in self.outlets:
            return False
        return not self.kinds or source.kind in self.kinds


def day_number(day: date) -> int:
    """A day as the integer yyyymmdd that both indexes store: 17 January 2025 is 20250117."""
    return day.year * 10000 + day.month * 100 + day.day


@dataclass(frozen=True, slots=True)
class Scored:
    """What an index returns: the id of a chunk and its score, higher is better."""

    chunk_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk."""

    chunk: Chunk
    score: float
    stage: HitStage


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence or a few that bear on the question: ``article.text[start:end] == text``."""

    label: str
    source: Source
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that an answerer proposes, with the labels of the evidence it cites. Nothing is shown unverified."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A verified sentence of an answer: ``answer.text[start:end] == text``, supported by the evidence it labels.

    ``support`` in 0..1. ``highlights`` are ranges of ``answer.text`` that hold the short answer, where it is certain.
    ``speaker`` and ``hedge`` say who asserts it and how carefully, as the source does; empty where it does not.
    """

    text: str
    start: int
    end: int
    labels: tuple[str, ...]
    support: float
    verdict: Literal["supported"] = "supported"
    speaker: str = ""
    hedge: str = ""
    highlights: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no answer, as a code for programs and one sentence for people."""

    code: ReasonCode
    message: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know beside the answer."""

    code: NoteCode
    message: str


@dataclass(frozen=True, slots=True)
class Stance:
    """One of several values that sources give for the same thing, with the labels of the evidence for it."""

    value: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What sources disagree about, and what each says."""

    about: str
    values: tuple[Stance, ...]


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What a stage returned (``count``) and how long it took in milliseconds."""

    name: str
    count: int
    ms: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that was not shown, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came to be. ``confidence`` in 0..1 that the evidence answers the question, and the ``signals`` that
    it is made of, each in 0..1."""

    answerer: str = ""
    model: str = ""
    confidence: float = 0.0
    signals: Mapping[str, float] = field(default_factory=dict)
    settings_id: str = ""
    prompt_ids: tuple[str, ...] = ()
    index_sequence: int = 0
    question: str = ""
    stages: tuple[StageRecord, ...] = ()
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The product. ``text`` is plain and holds only claims; Markdown and ``[1]`` are made by ``assistant.render``."""

    question: str
    status: Status
    text: str = ""
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reason: Reason | None = None
    nearest: tuple[Evidence, ...] = ()
    options: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Stage:
    """Event: a stage has finished."""

    name: str
    count: int
    ms: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """Event: a verified sentence, with the evidence it cites. What was sent once is never taken back."""

    claim: Claim
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What stands behind an answer: each searcher's ranking, the passages that passed the filter, best first (those
    whose sentences were read lead, by their best sentence), and the evidence that the answerer was given."""

    rankings: tuple[tuple[HitStage, tuple[Scored, ...]], ...] = ()
    hits: tuple[Hit, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerReady:
    """Event: the whole answer, last of a stream. ``retrieved`` is for evaluation, not part of the contract."""

    answer: Answer
    retrieved: Retrieved = field(default_factory=Retrieved)


Event = Stage | Sentence | AnswerReady


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a corpus holds: counts, the range of publication dates, and articles by outlet and by language."""

    articles: int = 0
    chunks: int = 0
    first: datetime | None = None
    last: datetime | None = None
    undated: int = 0
    outlets: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    titles: tuple[str, ...] = ()
