"""What people judged of sentences against their sources: for calibrating scorers of support."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Annotated, Literal

from pydantic import Field

from assistant.errors import BadInput
from evals.loaders.reading import Part, Row, T, half_of, read_items, read_lines
from evals.records import Malformed

ASPECTS = ("faithfulness", "completeness", "appropriateness", "naturalness")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A claim, the texts it should rest on, and what people found.

    ``label``: whether the sources support it; None where people gave ratings instead. ``ratings``: the mean by
    aspect, 1 (no) to 4 (yes). ``agreement``: the share of judges who say yes, None where it is not given. ``cluster``
    names the article, question or conversation that dependent judgements share, which is also what halves them.
    """

    id: str
    claim: str
    sources: tuple[str, ...]
    label: bool | None = None
    ratings: Mapping[str, float] = field(default_factory=dict)
    agreement: float | None = None
    cluster: str = ""
    tags: tuple[str, ...] = ()
    licence: str = ""

    @property
    def source(self) -> str:
        """All sources as one text."""
        return "\n\n".join(self.sources)

    @property
    def half(self) -> Part:
        return half_of(self.cluster)


@dataclass(frozen=True, slots=True)
class _Attribution:
    id: str
    question: str
    claim: str
    references: list[str]
    attribution_label: Literal["attributable", "not attributable"]
    src_dataset: str


@dataclass(frozen=True, slots=True)
class _Response:
    response: Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class _Sentence:
    sentence: str
    responses: Annotated[list[_Response], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class _Summary:
    article: str
    summary_sentences: list[_Sentence]


@dataclass(frozen=True, slots=True)
class _Document:
    document_id: str
    text: str


@dataclass(frozen=True, slots=True)
class _Task:
    task_id: str
    contexts: list[_Context]


@dataclass(frozen=True, slots=True)
class _Context:
    document_id: str


@dataclass(frozen=True, slots=True)
class _Rating:
    value: float


@dataclass(frozen=True, slots=True)
class _Evaluation:
    task_id: str
    model_id: str
    model_response: str
    annotations: dict[str, dict[str, _Rating]]


Found = Iterator[Judgement | Malformed]


def read_attributionbench(data: Path) -> Found:
    """1,198 (claim, references) pairs, half of them attributable (Li et al., AttributionBench, ACL 2024 Findings).
    Claims of one question share references, so the question halves them."""
    rows = read_lines(data / "attributionbench" / "dev_all_subset_balanced.jsonl", _Attribution)
    yield from _judgements(rows, _attribution)


def read_qags(data: Path, part: str) -> Found:
    """Summary sentences with three answers to "is this consistent with the article?" (Wang et al., QAGS, ACL 2020);
    the label is the majority. ``part`` is ``cnndm`` (714 sentences) or ``xsum`` (239)."""
    rows = read_lines(data / "qags" / f"mturk_{part}.jsonl", _Summary)
    yield from _judgements(rows, partial(_qags, part=part))


def read_mtrag(data: Path) -> Found:
    """477 answers of three writers to 159 turns of 20 conversations, rated by three people (Katsis et al., MTRAG,
    2025). The tag is the writer; ``reference`` is a person. Content-word precision agrees with the mean faithfulness at
    Spearman .70 over the 318 answers of the two models, .64 over all. Nine turns have no source."""
    path = data / "mtrag_human_eval" / "reference_subset_with_human_evaluations.json"
    texts: dict[str, str] = {}
    contexts: dict[str, list[str]] = {}
    for document in read_items(path, _Document, "documents"):
        if isinstance(document, Malformed):
            yield document
        else:
            texts[document.value.document_id] = document.value.text
    for task in read_items(path, _Task, "tasks"):
        if isinstance(task, Malformed):
            yield task
        else:
            contexts[task.value.task_id] = [context.document_id for context in task.value.contexts]
    make = partial(_mtrag, texts=texts, contexts=contexts)
    yield from _judgements(read_items(path, _Evaluation, "evaluations"), make)


READERS: Mapping[str, Callable[[Path], Found]] = {
    "attributionbench": read_attributionbench,
    "qags-cnndm": partial(read_qags, part="cnndm"),
    "qags-xsum": partial(read_qags, part="xsum"),
    "mtrag": read_mtrag,
}


def _judgements(rows: Iterable[Row[T] | Malformed], make: Callable[[T, str], Iterable[Judgement]]) -> Found:
    for row in rows:
        if isinstance(row, Malformed):
            yield row
            continue
        try:
            yield from make(row.value, row.where)
        except BadInput as error:
            yield Malformed(row.where, f"The record at {row.where} is not valid at {error}")


def _attribution(row: _Attribution, where: str) -> Iterator[Judgement]:
    yield Judgement(
        row.id,
        row.claim,
        tuple(row.references),
        label=row.attribution_label == "attributable",
        cluster=row.question,
        tags=(row.src_dataset,),
        licence="none given: test only",
    )


def _qags(row: _Summary, where: str, part: str) -> Iterator[Judgement]:
    for number, sentence in enumerate(row.summary_sentences):
        share = sum(answer.response == "yes" for answer in sentence.responses) / len(sentence.responses)
        yield Judgement(
            f"{where}/{number}",
            sentence.sentence,
            (row.article,),
            label=share > 0.5,
            agreement=share,
            cluster=row.article,
            licence="none given: test only",
        )


def _mtrag(
    row: _Evaluation, where: str, texts: Mapping[str, str], contexts: Mapping[str, list[str]]
) -> Iterator[Judgement]:
    if row.task_id not in contexts:
        raise BadInput(f"'task_id': there is no task {row.task_id!r}.")
    given: dict[str, list[float]] = defaultdict(list)
    for aspect in ASPECTS:
        for rating in row.annotations.get(aspect, {}).values():
            given[aspect].append(rating.value)
    if missing := [name for name in contexts[row.task_id] if name not in texts]:
        raise BadInput(f"'contexts': there is no document {missing[0]!r}.")
    yield Judgement(
        f"{row.task_id}/{row.model_id}",
        row.model_response,
        tuple(texts[name] for name in contexts[row.task_id]),
        ratings={aspect: mean(values) for aspect, values in given.items()},
        cluster=row.task_id.split("<::>")[0],
        tags=(row.model_id,),
        licence="Apache-2.0",
    )
