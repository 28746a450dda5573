"""Answers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.render import as_markdown, as_text, escape
from assistant.types import Answer, Claim, Evidence, Note, Reason, Source, Trace

SOURCE = Source("a", "Bridge opens", "The Harbour Courier", published_at=datetime(2024, 5, 3, tzinfo=UTC))
EVIDENCE = Evidence("1", SOURCE, "The bridge opened.", 0, 18, 1.0)
ANSWERED = Answer(
    "q", "answered", "The bridge opened.", (Claim("The bridge opened.", 0, 18, ("1",), 1.0),), (EVIDENCE,),
    notes=(Note("single_source", "One source."),), trace=Trace(answerer="quote"),
)  # fmt: skip
ABSTAINED = Answer("q", "abstained", reason=Reason("not_covered", "Not there."), nearest=(EVIDENCE,))


def test_a_quoted_answer_names_outlet_and_date_and_lists_its_sources() -> None:
    assert as_text(ANSWERED).splitlines() == [
        "The Harbour Courier, 3 May 2024: “The bridge opened.” [1]",
        "  [1] The Harbour Courier, 3 May 2024, Bridge opens",
        "  note: One source.",
    ]


def test_an_abstention_gives_its_reason_and_what_is_near() -> None:
    assert as_text(ABSTAINED).startswith("Not there.\n  near: “The bridge opened.”")


def test_sources_are_links_where_they_can_be_opened() -> None:
    page = MarkdownIt().render(as_markdown(ANSWERED, lambda evidence: f"/articles/{evidence.source.article_id}"))
    assert '[1] <a href="/articles/a">The Harbour Courier, 3 May 2024, Bridge opens</a>' in page


@given(
    st.text(alphabet=st.characters(exclude_categories=("C", "Z")) | st.sampled_from("<>[]()*_`!#&$\\~|"), max_size=60)
)
def test_markdown_shows_what_articles_say_as_it_is(text: str) -> None:
    page = MarkdownIt().renderInline(escape(f"x{text}x"))
    assert not any(tag in page for tag in ("<a ", "<img", "<em>", "<strong>", "<code>", "<script"))
