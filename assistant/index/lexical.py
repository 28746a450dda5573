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
from assistant.text.words import STOP_WORDS
from assistant.types import Chunk, Filter, HitStage, Scored, day_number

MAX_TERMS = 64
"""Distinct words of a question that are searched for; more only cost time."""
TITLE_BOOST = 0.5
"""The title also stands in the body, so that it counts half again. Not yet tuned."""
_HEAP = 64_000_000  # bytes; tantivy refuses less than 15 MB a thread


def schema() -> tantivy.Schema:
    """The fields of a chunk; ids need the ``raw`` tokenizer, or they cannot be deleted by."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("article_id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name="en_stem")
    builder.add_text_field("body", tokenizer_name="en_stem")
    builder.add_text_field("outlet", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("day", indexed=True, fast=True)
    return builder.build()


class LexicalIndex:
    """Implements `DerivedIndex` and `Searcher`. ``folder`` None keeps the index in memory."""

    stage: HitStage = "lexical"

    def __init__(self, folder: Path | None) -> None:
        self._side_file = folder.with_suffix(".sequence") if folder else None
        self._folder = folder
        self._seen = -1
        self._lock = Lock()

    @cached_property
    def _index(self) -> tantivy.Index:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        return tantivy.Index(schema(), path=str(self._folder) if self._folder else None)

    def applied(self) -> int:
        return read_sequence(self._side_file) if self._side_file else 0

    def apply(self, delete: Sequence[str], chunks: Sequence[Chunk], vectors: Vectors, sequence: int) -> None:
        writer = self._index.writer(_HEAP, 1)
        for article_id in {*delete, *(chunk.source.article_id for chunk in chunks)}:
            writer.delete_documents("article_id", article_id)
        for chunk in chunks:
            writer.add_document(_document(chunk))
        writer.commit()
        writer.wait_merging_threads()
        if self._side_file:
            write_sequence(self._side_file, sequence)

    def search(self, question: str, admit: Filter, limit: int) -> list[Scored]:
        terms = self._terms(question)
        if not terms:
            return []
        with self._lock:
            if (applied := self.applied()) != self._seen or self._side_file is None:
                self._index.reload()
                self._seen = applied
            searcher = self._index.searcher()
        query = self._query(terms, admit)
        hits = searcher.search(query, limit).hits
        return [Scored(str(searcher.doc(address)["id"][0]), float(score)) for score, address in hits]

    def _terms(self, question: str) -> list[str]:
        """The question's words as the index has them. Queries are built of terms: tantivy's parser raises on ordinary
        questions and reads "said:" as a field."""
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        analyzer = analyzer.filter(tantivy.Filter.remove_long(40)).filter(tantivy.Filter.lowercase())
        plain = [word for word in analyzer.build().analyze(question) if word not in STOP_WORDS]
        stemmer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("English")).build()
        return list(dict.fromkeys(stemmed for word in plain for stemmed in stemmer.analyze(word)))[:MAX_TERMS]

    def _query(self, terms: Sequence[str], admit: Filter) -> tantivy.Query:
        fields = self._index.schema
        should = [(tantivy.Occur.Should, tantivy.Query.term_query(fields, "body", term)) for term in terms]
        for term in terms:
            title = tantivy.Query.term_query(fields, "title", term)
            should.append((tantivy.Occur.Should, tantivy.Query.boost_query(title, TITLE_BOOST)))
        clauses = [(tantivy.Occur.Must, tantivy.Query.boolean_query(should))]
        if admit.dated:
            low, high = admit.since or 0, admit.until or 99991231
            day = tantivy.Query.range_query(fields, "day", tantivy.FieldType.Unsigned, low, high)
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(day, 0.0)))
        for name, values in (("outlet", admit.outlets), ("kind", admit.kinds)):
            if values:
                among = tantivy.Query.term_set_query(fields, name, list(values))
                clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(among, 0.0)))
        return tantivy.Query.boolean_query(clauses)


def _document(chunk: Chunk) -> tantivy.Document:
    source = chunk.source
    document = tantivy.Document()
    document.add_text("id", chunk.id)
    document.add_text("article_id", source.article_id)
    document.add_text("title", source.title)
    document.add_text("body", passage_text(chunk))
    document.add_text("outlet", source.outlet.casefold())
    document.add_text("kind", source.kind)
    if source.published_at:
        document.add_unsigned("day", day_number(source.published_at))
    return document
