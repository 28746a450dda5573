"""Chat models that fail: every failure is one sentence that says what to do, shows no key, and comes in time."""

from __future__ import annotations

import subprocess
import sys
import time
import traceback
from collections.abc import Iterator

import pytest
from servers.openai_server import running_server, stats

from assistant.errors import BadInput, ModelUnavailable
from assistant.models.chat import LangChainChat, load_chat_model
from assistant.ports import Limits, Message

QUESTION = [Message("user", "one two three four")]
KEY = "sk-abcdefgh12345678"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as base_url:
        yield base_url


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def failure(model: LangChainChat, pieces: int = 0) -> str:
    """The message of the `ModelUnavailable` that comes after so many pieces."""
    got: list[str] = []
    with pytest.raises(ModelUnavailable) as caught:
        got.extend(model.stream(QUESTION, Limits()))
    message = str(caught.value)
    assert len(got) == pieces
    assert "\n" not in message
    assert message.endswith(".")
    assert KEY not in "".join(traceback.format_exception(caught.value))
    return message


@pytest.mark.parametrize("name", ["gpt-5", "openai:", ":x", ""])
def test_a_name_without_provider_or_model_is_bad_input(name: str) -> None:
    with pytest.raises(BadInput, match="'openai:NAME'"):
        load_chat_model(name)


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("openai:gpt-x", "", "OPENAI_API_KEY or ASSISTANT_CHAT__API_KEY"),
        ("anthropic:claude-x", "", "ANTHROPIC_API_KEY"),
        ("perplexity:sonar", KEY, "pip install langchain-perplexity"),
        ("nobody:x", "", "no provider 'nobody'"),
        ("local:/no/such/model.gguf", "", "no model at /no/such/model.gguf"),
    ],
)
def test_what_is_not_set_up_says_how_to_set_it_up(name: str, key: str, expected: str) -> None:
    model = load_chat_model(name, api_key=key)
    assert not model.ready
    assert expected in failure(model)


@pytest.mark.parametrize(
    ("name", "pieces", "expected"),
    [
        ("status-401", 0, "set ASSISTANT_CHAT__API_KEY"),
        ("status-400", 0, "refused the request (400"),
        ("status-404", 0, "no model 'status-404'"),
        ("status-429", 0, "429"),
        ("status-500", 0, "failed (500)"),
        ("status-503", 0, "failed (503)"),
        ("drop", 2, "broke off"),
        ("malformed", 0, "not a chat completion"),
        ("html", 0, "not a chat completion"),
    ],
)
def test_a_failing_server_is_explained(server: str, name: str, pieces: int, expected: str) -> None:
    model = load_chat_model(f"openai:{name}", base_url=server, api_key=KEY, timeout=5, retries=0)
    assert expected in failure(model, pieces)


def test_a_server_that_is_not_there_is_explained(server: str) -> None:
    for base_url in ("http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1", "nonsense"):
        assert base_url in failure(load_chat_model("openai:echo", base_url=base_url, timeout=5, retries=0))


def test_a_silent_server_is_given_up_after_the_timeout_not_after_every_retry(server: str) -> None:
    started = time.monotonic()
    assert "nothing for 1 s" in failure(load_chat_model("openai:silent", base_url=server, timeout=1, retries=3))
    assert time.monotonic() - started < 3


def test_a_call_that_fails_before_its_first_piece_is_made_again(server: str) -> None:
    assert "".join(load_chat_model("openai:flaky", base_url=server).stream(QUESTION, Limits())) == QUESTION[0].content
    started = time.monotonic()
    failure(load_chat_model("openai:status-429", base_url=server, retries=1))
    assert time.monotonic() - started >= 1  # as Retry-After says


def test_a_model_that_takes_no_temperature_is_asked_without(server: str) -> None:
    model = load_chat_model("openai:no-temperature", base_url=server)
    assert "".join(model.stream(QUESTION, Limits())) == QUESTION[0].content
    before = stats(server)["requests"]
    list(model.stream(QUESTION, Limits()))
    assert stats(server)["requests"] == before + 1  # it has learnt


def test_a_server_of_ones_own_needs_no_key_and_never_gets_openais(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    list(load_chat_model("openai:echo", base_url=server, temperature=0.5, max_tokens=77).stream(QUESTION, Limits()))
    last = stats(server)["last"]
    assert KEY not in last["authorization"]
    assert last["body"]["temperature"] == 0.5
    assert last["body"]["max_completion_tokens"] == 77
    list(load_chat_model("openai:echo", base_url=server, api_key="mine").stream(QUESTION, Limits()))
    assert stats(server)["last"]["authorization"] == "Bearer mine"


def test_the_key_shows_nowhere(server: str) -> None:
    model = load_chat_model("openai:status-400", base_url=server, api_key=KEY)
    assert KEY not in repr(model._options) + repr(vars(model))
    failure(model)


def test_making_a_chat_model_imports_nothing_heavy_and_a_pending_answer_does_not_hold_up_the_end(server: str) -> None:
    code = f"""
import sys, threading, time
from assistant.models.chat import load_chat_model
from assistant.ports import Limits, Message
model = load_chat_model("openai:slow", base_url={server!r})
print([name for name in ("torch", "langchain", "langchain_core", "openai") if name in sys.modules])
stream = model.stream([Message("user", "hello")], Limits())
print(next(stream))
"""
    started = time.monotonic()
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert result.stdout.split() == ["[]", "hello"]
    assert result.stderr == ""
    assert time.monotonic() - started < 20
