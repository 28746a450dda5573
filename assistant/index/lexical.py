"""The lexical index: BM25 over stemmed words, by tantivy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

import tantivy

from assistant.index.sequence import read_sequence, write_sequence
from assistant.ports import Vectors
from assistant.text.passage import passage_text
from assistant.text.words import content_stems
from assistant.types import Chunk, Filter, HitStage, Scored, day_number

MAX_TERMS = 64
"""Distinct words of a question that are searched for, the rarest; an ordinary question has a dozen."""
TITLE_BOOST = 0.25
"""The title stands in the body too, so that it counts a quarter more. RealTimeQA 2022 (475 questions, 48,048 chunks),
an article with the answer among the first 1 / 5 / 10 / 20 chunks: .678 .861 .916 .939; without the field .672 .869 .907
.939, with 0.5 .667 .844 .897 .935. Nearly flat, and falling from 0.5 on."""
_HEAP = 64_000_000  # bytes before tantivy writes a segment, about 30,000 chunks
_SMALLEST_HEAP = 15_000_000  # tantivy refuses less
_TOKENIZER = "stems"
_Clause = tuple[tantivy.Occur, tantivy.Query]


def schema() -> tantivy.Schema:
    """The fields of a chunk. Ids need the ``raw`` tokenizer, or nothing can be deleted by them.

    Text goes in as the stems of `assistant.text.words`, so that finding, ranking and checking agree on what a word is
    ("U.S." is "US", and "us" is neither). tantivy's own English analysis finds as much: .676 .863 .907 .935 on the
    questions of `TITLE_BOOST`.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("article_id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name=_TOKENIZER, index_option="freq")
    builder.add_text_field("body", tokenizer_name=_TOKENIZER, index_option="freq")
    builder.add_text_field("outlet", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("day", indexed=True, fast=True)
    return builder.build()


class LexicalIndex:
    """Implements `DerivedIndex` and `Searcher`. ``folder`` None keeps the index in memory. Thread-safe."""

    stage: HitStage = "lexical"

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._side_file = folder.with_suffix(".sequence") if folder else None
        self._applied_here = 0
        self._seen = 0
        self._lock = Lock()

    @cached_property
    def _index(self) -> tantivy.Index:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(schema(), path=str(self._folder) if self._folder else None)
        index.register_tokenizer(_TOKENIZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        index.config_reader("manual")  # reloaded when the sequence moved, without a thread that watches files
        return index

    def applied(self) -> int:
        return read_sequence(self._side_file) if self._side_file else self._applied_here

    def recover(self) -> None:
        """Nothing to do: a tantivy commit is all or nothing."""

    def apply(self, delete: Sequence[str], chunks: Sequence[Chunk], vectors: Vectors, sequence: int) -> None:
        """See `DerivedIndex.apply`. Documents have no identity here, so that articles that are written are always
        deleted first: a crash after the commit leaves them in the index and the sequence behind."""
        articles = {*delete, *(chunk.source.article_id for chunk in chunks)}
        if articles:
            with self._lock:
                index = self._index
            writer = index.writer(_HEAP if self._folder else _SMALLEST_HEAP, 1)
            # A process killed in a commit leaves files whose names this commit would use again, and fail.
            writer.garbage_collect_files()
            for article_id in articles:
                writer.delete_documents_by_term("article_id", article_id)
            for chunk in chunks:
                writer.add_document(_document(chunk))
            writer.commit()
            writer.wait_merging_threads()
        if self._side_file:
            write_sequence(self._side_file, sequence)
        else:
            self._applied_here = sequence

    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]:
        """See `Searcher.search`. Scores are BM25's, tantivy's k1 = 1.2 and b = 0.75."""
        if not self.applied() or limit < 1:
            return []
        searcher = self._searcher()
        terms = _rarest(searcher, content_stems(question))
        if not terms:
            return []
        found = searcher.search(_query(self._index.schema, terms, admit), limit, count=False)
        return [Scored(str(searcher.doc(address)["id"][0]), float(score)) for score, address in found.hits]

    def _searcher(self) -> tantivy.Searcher:
        with self._lock:
            if (applied := self.applied()) != self._seen:
                self._index.reload()
                self._seen = applied
            return self._index.searcher()


def _rarest(searcher: tantivy.Searcher, stems: Sequence[str]) -> list[str]:
    """The distinct stems; of more than `MAX_TERMS` those that the fewest chunks hold, but some do."""
    terms = list(dict.fromkeys(stems))
    if len(terms) <= MAX_TERMS:
        return terms
    frequency = {term: searcher.doc_freq("body", term) for term in terms}
    return sorted((term for term in terms if frequency[term]), key=lambda term: frequency[term])[:MAX_TERMS]


def _query(fields: tantivy.Schema, terms: Sequence[str], admit: Filter) -> tantivy.Query:
    """Built of terms: tantivy's parser raises on ordinary questions and reads "said:" as a field."""
    should: list[_Clause] = []
    for term in terms:
        title = tantivy.Query.boost_query(tantivy.Query.term_query(fields, "title", term), TITLE_BOOST)
        should.append((tantivy.Occur.Should, tantivy.Query.term_query(fields, "body", term)))
        should.append((tantivy.Occur.Should, title))
    clauses = [(tantivy.Occur.Must, tantivy.Query.boolean_query(should))]
    # What a filter admits has the score that it would have without.
    clauses += [(tantivy.Occur.Must, tantivy.Query.const_score_query(part, 0.0)) for part in _admitted(fields, admit)]
    return tantivy.Query.boolean_query(clauses)


def _admitted(fields: tantivy.Schema, admit: Filter) -> list[tantivy.Query]:
    parts = []
    if admit.dated:  # an undated chunk has no day and lies in no range
        kind = tantivy.FieldType.Unsigned
        parts.append(tantivy.Query.range_query(fields, "day", kind, admit.since or 0, admit.until or 99991231))
    for name, values in (("outlet", admit.outlets), ("kind", admit.kinds)):
        if values:
            parts.append(tantivy.Query.term_set_query(fields, name, list(values)))
    return parts


def _document(chunk: Chunk) -> tantivy.Document:
    source = chunk.source
    document = tantivy.Document()
    document.add_text("id", chunk.id)
    document.add_text("article_id", source.article_id)
    document.add_text("title", " ".join(content_stems(source.title)))
    document.add_text("body", " ".join(content_stems(passage_text(chunk))))
    document.add_text("outlet", source.outlet.casefold())
    document.add_text("kind", source.kind)
    if source.published_at:
        document.add_unsigned("day", day_number(source.published_at))
    return document
