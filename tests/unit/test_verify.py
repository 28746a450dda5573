"""The check that keeps unsupported sentences from being shown, and what feeds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask.asked import asked_for, holds
from assistant.ask.attribution import hedge, speaker
from assistant.ask.generate import drafts
from assistant.ask.quote import QuotingAnswerer
from assistant.ask.verify import content_precision, verify
from assistant.ports import Brief, Limits
from assistant.types import Draft, Evidence, Source


def _evidence(label: str, text: str, score: float = 0.5) -> Evidence:
    return Evidence(label, Source("a", "Bridge opens", "The Harbour Courier"), text, 0, len(text), score)


BRIDGE = _evidence(
    "1", "Mayor Ada Lund opened the 420-metre bridge on Friday, and no toll will be charged, officials said."
)
FERRY = _evidence("2", "The ferry, which carried 3,000 passengers a day, stopped in March 2021.")
BOTH = {"1": BRIDGE, "2": FERRY}


@pytest.mark.parametrize(
    "text",
    [
        "Mayor Ada Lund opened the 420-metre bridge on Friday, and no toll will be charged, officials said.",
        "Ada Lund opened the 420-metre bridge and no toll will be charged.",
        "Officials said “no toll will be charged” on the bridge.",
    ],
)
def test_what_the_source_says_is_supported(text: str) -> None:
    verdict = verify(Draft(text, ("1",)), BOTH)
    assert (verdict.why, verdict.labels) == ("", ("1",))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Mayor Eva Lund opened the 420-metre bridge, and no toll will be charged.", "eva"),
        ("Mayor Ada Lund opened the 640-metre bridge, and no toll will be charged.", "640"),
        ("Mayor Ada Lund opened the 420-metre bridge on Friday, and a toll will be charged, officials said.", "denies"),
        ("Officials said “every driver will pay” on the bridge, where no toll will be charged.", "quotes"),
        ("The bridge has no lights because copper thieves stole cables worth fortunes.", "words"),
    ],
)
def test_a_lie_is_dropped_with_its_reason(text: str, why: str) -> None:
    assert why in verify(Draft(text, ("1",)), BOTH).why


@pytest.mark.parametrize("labels", [(), ("7",), ("1",)])
def test_a_sentence_is_cited_to_what_supports_it(labels: tuple[str, ...]) -> None:
    verdict = verify(Draft("The ferry carried 3,000 passengers a day.", labels), BOTH)
    assert (verdict.why, verdict.labels) == ("", ("2",))


@given(st.text(max_size=80))
def test_support_is_a_share(text: str) -> None:
    assert 0 <= content_precision(text, BRIDGE.text) <= 1
    assert content_precision(text, text) == 1


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_streamed_sentences_do_not_depend_on_how_the_stream_is_cut(cuts: list[int]) -> None:
    text = "The bridge opened on Friday. [1] No toll is charged [2]. It cost $4.5 million [1, 2].\nThat is all."
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(text[at : at + cut])
        at += cut
    found = list(drafts([*pieces, text[at:]]))
    assert [d.labels for d in found] == [("1",), ("2",), ("1", "2"), ()]
    assert [d.text for d in found] == [
        "The bridge opened on Friday.", "No toll is charged.", "It cost $4.5 million.", "That is all.",
    ]  # fmt: skip


def test_quotes_are_few_short_and_verbatim() -> None:
    long = _evidence("3", "word " * 70, 0.49)
    brief = Brief("q", (BRIDGE, long, FERRY), "1 May 2022")
    assert [d.text for d in QuotingAnswerer().write(brief, Limits())] == [BRIDGE.text, FERRY.text]


def test_speakers_and_hedges_are_read_off() -> None:
    assert speaker("The plant is safe, according to Rosatom, and on time.") == "Rosatom"
    assert speaker("Officials said the road was closed.") == "Officials"
    assert hedge("Kyiv accused Tehran of sending drones.") == "accused"
    assert (speaker("The road was closed."), hedge("The road was closed.")) == ("", "")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who opened the bridge?", "person"),
        ("When did the ferry stop?", "date"),
        ("How many passengers did it carry?", "number"),
        ("Where was the treaty signed?", "place"),
        ("Why was it closed?", "reason"),
        ("What did the mayor say?", "quotation"),
        ("What is a ferry?", "other"),
    ],
)
def test_the_kind_of_thing_asked_for(question: str, kind: str) -> None:
    assert asked_for(question) == kind


def test_a_sentence_holds_a_thing_only_if_it_is_new() -> None:
    assert holds(FERRY.text, "number", "How many passengers did the ferry carry?")
    assert not holds("The 420-metre bridge is long.", "number", "How long is the 420-metre bridge?")
