"""The main job over a real home: real catalog, real Chroma, real tantivy, the real embedding model."""

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

import pytest
from fastapi.testclient import TestClient
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import END, START, StateGraph
from typer.testing import CliRunner

from assistant.ask.runnable import as_retriever, as_runnable
from assistant.bootstrap import Home
from assistant.entrypoints.api import create_app
from assistant.entrypoints.cli import app
from assistant.errors import BadInput, IndexMismatch, TooLarge
from assistant.records import to_dict
from assistant.resources import resource
from assistant.settings import load_settings
from assistant.types import Answer, AnswerReady, Document, Request, Sentence

QUESTION = "Who signed the comprehensive strategic partnership treaty between Russia and Iran?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(load_settings(home=tmp_path_factory.mktemp("home")))
    assert home.ingest([str(resource("corpus") / "eurasia")]).rejected == ()
    home.apply()
    return home


def _timeless(answer: Answer) -> Answer:
    stages = tuple(replace(stage, ms=0.0) for stage in answer.trace.stages)
    return replace(answer, trace=replace(answer.trace, stages=stages))


def test_a_question_is_answered_with_citations_that_can_be_opened(home: Home) -> None:
    answer = home.assistant.ask(QUESTION)
    assert answer.status == "answered"
    assert "Putin" in answer.text
    for claim in answer.claims:
        assert answer.text[claim.start : claim.end] == claim.text
        assert set(claim.labels) <= {item.label for item in answer.evidence}
    for item in answer.evidence:
        article = home.catalog.article(item.source.article_id, item.source.version)
        assert article.text[item.start : item.end] == item.text


def test_what_the_corpus_does_not_hold_is_met_with_silence_and_a_reason(home: Home) -> None:
    answer = home.assistant.ask("What is the recipe for sourdough bread?")
    assert (answer.status, answer.text, answer.claims) == ("abstained", "", ())
    assert answer.reason is not None
    assert answer.reason.code in ("off_topic", "not_covered")
    assert answer.nearest


def test_the_stream_ends_with_the_answer_that_its_sentences_make(home: Home) -> None:
    *events, last = home.assistant.stream(QUESTION)
    assert isinstance(last, AnswerReady)
    assert tuple(event.claim for event in events if isinstance(event, Sentence)) == last.answer.claims != ()


@pytest.mark.parametrize("outlet", ["Meridian Wire", "Prairie Dispatch"])
def test_a_filter_holds_in_evidence_and_in_what_is_near(home: Home, outlet: str) -> None:
    answer = home.assistant.ask(Request(QUESTION, outlets=(outlet,)))
    shown = (*answer.evidence, *answer.nearest)
    assert {item.source.outlet for item in shown} == {outlet}


def test_documents_given_with_a_request_are_answered_from_instead(home: Home) -> None:
    text = "The mayor opened the bridge on Friday. The bridge cost 4 million euros and took three years to build."
    answer = home.assistant.ask(Request("How much did the bridge cost?", documents=(Document(text),)))
    assert answer.status == "answered"
    assert [text[item.start : item.end] for item in answer.evidence] == [item.text for item in answer.evidence]


def test_unchanged_changed_and_removed_articles(home: Home, tmp_path: Path) -> None:
    before = home.catalog.last_sequence()
    assert set(home.ingest([str(resource("corpus") / "eurasia")]).counts) == {"unchanged"}
    assert home.catalog.last_sequence() == before
    path = tmp_path / "story.md"
    story = (
        "---\nid: story\ntitle: Lake\noutlet: The Harbour Courier\n---\n\nThe lake holds {} fish, wardens said today.\n"
    )
    for count, outcome, version in ((300, "added", 1), (500, "updated", 2)):
        path.write_text(story.format(count), encoding="utf-8")
        assert home.ingest([str(path)]).counts == {outcome: 1}
        assert home.catalog.article("story").source.version == version
        home.apply()
        assert str(count) in home.assistant.ask("How many fish does the lake hold?").text
    assert "300" in home.catalog.article("story", 1).text
    home.catalog.remove(["story"])  # the indexes still hold it, the answer does not
    answer = home.assistant.ask("How many fish does the lake hold?")
    assert all(item.source.article_id != "story" for item in (*answer.evidence, *answer.nearest))
    home.apply()


def test_the_api_and_the_command_line_give_the_equal_answer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = to_dict(_timeless(home.assistant.ask(QUESTION)))
    client = TestClient(create_app(home))
    monkeypatch.setenv("ASSISTANT_HOME", str(home.settings.home))
    printed = CliRunner().invoke(app, ["ask", QUESTION, "--json"])
    for form in (client.post("/v1/ask", json={"question": QUESTION}).json(), json.loads(printed.stdout)):
        for stage in form["trace"]["stages"]:
            stage["ms"] = 0.0
        assert form == expected
    events = client.post("/v1/ask", json={"question": QUESTION, "stream": True}).text
    assert [line for line in events.splitlines() if line.startswith("event: ")][-1] == "event: answer"


@pytest.mark.parametrize(("body", "status"), [("{", 400), ("[]", 400), ('{"question": ""}', 400)])
def test_bad_input_gets_a_status_and_one_sentence(home: Home, body: str, status: int) -> None:
    answer = TestClient(create_app(home)).post("/v1/ask", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith(".")


def test_an_article_is_a_readable_page_and_an_unknown_one_is_not_found(home: Home) -> None:
    client = TestClient(create_app(home))
    assert "the outlet is invented" in client.get("/articles/eurasia-treaty-signed-wire").text
    assert client.get("/articles/none").status_code == 404


def test_empty_and_endless_questions_and_an_empty_corpus(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        home.assistant.ask("  ")
    with pytest.raises(TooLarge):
        home.assistant.ask("a" * 100_000)
    empty = Home(load_settings(home=tmp_path)).assistant.ask(QUESTION)
    assert empty.reason is not None
    assert empty.reason.code == "empty_corpus"


def test_a_model_that_cannot_be_reached_gives_the_quoted_answer_and_says_so(home: Home) -> None:
    chat = {"model": "openai:any", "base_url": "http://127.0.0.1:9/v1", "timeout": 5, "retries": 0}
    answer = Home(load_settings(home=home.settings.home, chat=chat)).assistant.ask(QUESTION)
    assert answer.text == home.assistant.ask(QUESTION).text
    assert answer.trace.answerer == "quote"
    assert [note.code for note in answer.notes].count("degraded") == 1


def test_an_index_made_with_other_settings_is_refused(home: Home) -> None:
    other = load_settings(home=home.settings.home, chunking={"words": 100})
    with pytest.raises(IndexMismatch, match=r"170.*100.*rebuild"):
        Home(other).assistant.ask(QUESTION)


def test_langchain_programs_get_a_chain_and_a_retriever(home: Home) -> None:
    chain = as_runnable(home.assistant)
    whole = chain.invoke({"input": QUESTION})
    assert whole["answer"] == whole["result"]["text"] != ""
    assert whole["context"][0].metadata["label"] == "1"
    assert "".join(piece.get("answer", "") for piece in chain.stream(QUESTION)) == whole["answer"]
    assert [one["answer"] for one in chain.batch([QUESTION, QUESTION])] == [whole["answer"]] * 2
    history = [HumanMessage(QUESTION), AIMessage(whole["answer"])]
    followed = chain.invoke({"input": "When was it signed?", "chat_history": history})
    assert "treaty" in followed["result"]["trace"]["question"]
    documents = as_retriever(home.assistant, limit=4).invoke(QUESTION)
    assert len(documents) == 4
    assert all(document.metadata["article_id"] for document in documents)


def test_the_chain_is_asynchronous_too(home: Home) -> None:
    async def both() -> tuple[str, str]:
        chain = as_runnable(home.assistant)
        pieces = [piece async for piece in chain.astream(QUESTION)]
        return (await chain.ainvoke(QUESTION))["answer"], "".join(piece.get("answer", "") for piece in pieces)

    whole, streamed = asyncio.run(both())
    assert whole == streamed != ""


def test_the_chain_is_a_node_of_a_graph(home: Home) -> None:
    class State(TypedDict, total=False):
        input: str
        answer: str
        context: list[Any]
        result: dict[str, Any]

    graph = StateGraph(State)
    graph.add_node("news", as_runnable(home.assistant))
    graph.add_edge(START, "news")
    graph.add_edge("news", END)
    assert "Putin" in graph.compile().invoke({"input": QUESTION})["answer"]


def test_each_stage_is_a_callback_span(home: Home) -> None:
    class Names(BaseCallbackHandler):
        def __init__(self) -> None:
            self.names: list[str] = []

        def on_chain_start(self, serialized: Any, inputs: Any, *, name: str = "", **kwargs: Any) -> None:
            self.names.append(name)

    seen = Names()
    as_runnable(home.assistant).invoke(QUESTION, {"callbacks": [seen]})
    assert seen.names == ["NewsAssistant", "screen", "rewrite", "retrieve", "fuse", "rank", "evidence", "generate"]


def test_the_example_of_the_readme_runs(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(home.settings.home))
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    printed = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=120)
    assert printed.returncode == 0, printed.stderr
    assert "Putin" in printed.stdout
