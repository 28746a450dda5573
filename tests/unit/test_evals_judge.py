"""Judges: what any of them keeps to, and what a chat model and a cross-encoder are each asked."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.openai_server import Handler, OpenAIServer

from assistant.errors import BadInput, ModelUnavailable
from assistant.models.chat import load_chat_model
from assistant.models.embeddings import builtin_folder
from assistant.ports import Limits
from assistant.prompts import load_prompt
from evals.judging.chat import FEWEST, LONGEST, RETRIES, ChatJudge, read_reply, verdict_of
from evals.judging.cross_encoder import CrossEncoderJudge, entailment_index, probabilities, windows
from evals.judging.load import load_judge, same_model
from evals.judging.port import Judge, Pair, key_of
from evals.judging.words import WordsJudge

SOURCE = "Mayor Ada Lund opened the bridge on 3 May 2024. It cost 12 million euros."
PAIRS = [
    Pair(SOURCE, "It cost 12 million euros."),
    Pair(SOURCE, "The moon is made of cheese."),
    Pair(SOURCE, "Who opened it? Ada Lund", "nuggets"),
    Pair("", ""),
    Pair("\ud800 odd", "\ud800"),
]


class JudgeHandler(Handler):
    """Says yes where the statement stands in the source, word for word; certain words in it make it behave badly."""

    def _complete(self, body: dict[str, Any], gone: threading.Event) -> None:
        if "refused" in body["messages"][1]["content"]:
            self._fail(400, "We do not talk about this.")
        else:
            super()._complete(body, gone)

    def _text(self, name: str, messages: list[dict[str, str]], limits: Limits) -> Iterator[str]:
        _, premise, hypothesis, _ = re.split(r"=== [0-9a-f]{16} \w+\n?", messages[1]["content"])
        if "hesitant" in hypothesis and len(messages) == 2:
            yield "It is hard to say."
        elif "unsure" in hypothesis:
            yield from ["Yes, ", "but only ", "in part ", "and for reasons ", "that would lead ", "too far."]
        elif "thoughtful" in hypothesis:
            yield from ["<think>\nIt says so. Yes", " or no?\n</th", "ink>\n\n", "**No**"]
        else:
            yield "Yes." if hypothesis.strip() in premise or "hesitant" in hypothesis else "no"


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(0, None) as found:
        found.RequestHandlerClass = JudgeHandler
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def address(server: OpenAIServer) -> str:
    return f"http://127.0.0.1:{server.server_port}/v1"


def save_cross_encoder(folder: Path, labels: list[str]) -> Path:
    """Two small layers with weights of chance and the built-in model's vocabulary."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    shape = BertConfig(
        vocab_size=30522, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)},
    )  # fmt: skip
    BertForSequenceClassification(shape).save_pretrained(folder)
    AutoTokenizer.from_pretrained(builtin_folder()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def three_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_cross_encoder(tmp_path_factory.mktemp("nli"), ["contradiction", "ENTAILMENT", "neutral"])


@pytest.fixture(scope="module")
def one_label(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_cross_encoder(tmp_path_factory.mktemp("one"), ["LABEL_0"])


@pytest.fixture(params=["words", "chat", "three_labels", "one_label"])
def judge(request: pytest.FixtureRequest) -> Judge:
    if request.param == "words":
        return load_judge("words")
    if request.param == "chat":
        return load_judge("openai:echo", address(request.getfixturevalue("server")))
    return load_judge(f"cross-encoder:{request.getfixturevalue(request.param)}")


def test_every_judge_gives_one_share_a_pair_the_same_each_time_and_takes_odd_texts(judge: Judge) -> None:
    found = judge.entails(PAIRS)
    assert len(found) == len(PAIRS)
    assert all(score is not None and 0 <= score <= 1 for score in found)
    assert judge.entails(PAIRS) == found
    assert judge.entails(PAIRS[::-1]) == pytest.approx(found[::-1], abs=1e-5)
    assert judge.entails([]) == []


def test_every_judge_is_named_without_a_path_and_makes_keys_of_all_that_a_judgement_rests_on(judge: Judge) -> None:
    assert judge.model
    assert judge.model in judge.identity or isinstance(judge, WordsJudge)
    assert str(Path("/tmp")) not in judge.identity
    keys = {key_of(judge, pair) for pair in [*PAIRS, Pair("a", "b c"), Pair("a b", "c"), Pair("", "a")]}
    assert len(keys) == len(PAIRS) + 3
    assert key_of(judge, PAIRS[0]) == key_of(judge, Pair(*(PAIRS[0].premise, PAIRS[0].hypothesis)))
    assert key_of(judge, PAIRS[0]) != key_of(CrossEncoderJudge("somebody/else"), PAIRS[0])


def test_a_chat_model_says_yes_or_no_or_is_asked_again_and_the_rest_is_unscored(server: OpenAIServer) -> None:
    judge = load_judge("openai:echo", address(server), workers=1)
    assert judge.entails([Pair("a b", "a"), Pair("a b", "c")]) == [1, 0]
    assert judge.entails([Pair("a", "thoughtful")]) == [0]
    before = server.counts["requests"]
    assert judge.entails([Pair("a", "hesitant")]) == [1]
    assert server.counts["requests"] == before + 2
    last = [(m["role"], m["content"]) for m in server.last["body"]["messages"]]
    assert [role for role, _ in last] == ["system", "user", "assistant", "user"]
    assert last[2:] == [("assistant", "It is hard to say."), ("user", load_prompt("judge_again").user)]
    before = server.counts["requests"]
    assert judge.entails([Pair("a", "unsure")]) == [None]
    assert server.counts["requests"] == before + 1 + RETRIES


def test_a_judge_without_a_key_says_where_its_own_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "JUDGE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelUnavailable, match="set OPENAI_API_KEY or JUDGE_API_KEY"):
        load_judge("openai:gpt-x").entails(PAIRS)


def test_the_key_and_address_of_the_model_that_answers_are_never_used(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_CHAT__API_KEY", "of-the-writer")
    monkeypatch.setenv("OPENAI_API_KEY", "of-openai")
    load_judge("openai:echo", address(server)).entails(PAIRS[:1])
    assert not {"of-the-writer", "of-openai"} & set(server.last["authorization"].split())
    monkeypatch.setenv("JUDGE_API_KEY", "of-the-judge")
    load_judge("openai:echo", address(server)).entails(PAIRS[:1])
    assert server.last["authorization"] == "Bearer of-the-judge"


def test_a_refused_pair_is_unscored_and_a_server_that_is_away_ends_it(
    server: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    judge = load_judge("openai:echo", address(server))
    assert judge.entails([Pair("a", "a"), Pair("a", "refused"), Pair("a", "b")]) == [1, None, 0]
    assert judge.entails([Pair("a", "refused")]) == [None]
    assert "refused the request" in caplog.text
    away = ChatJudge(load_chat_model("openai:echo", base_url="http://127.0.0.1:9/v1", timeout=2, retries=0))
    assert away.entails([Pair("a", "a")]) == [None]
    with pytest.raises(ModelUnavailable, match=r"cannot be reached.* --base-url"):
        away.entails([Pair("a", str(n)) for n in range(FEWEST)])


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("yes", 1), ("No.", 0), (" **YES** \n", 1), ('"no"', 0), ("", None), ("yes no", None), ("Yes, but", None),
        ("nope", None), ("The answer is yes.", None), ("1", None), ("yesno", None),
    ],
)  # fmt: skip
def test_only_one_word_is_a_verdict(reply: str, verdict: float | None) -> None:
    assert verdict_of(reply) == verdict


def test_a_reply_that_goes_on_is_not_read_to_its_end() -> None:
    read: list[str] = []

    def endless() -> Iterator[str]:
        while True:
            read.append("word ")
            yield "word "

    assert verdict_of(read_reply(endless())) is None
    assert len(read) < LONGEST
    assert read_reply(["<think>yes", " and on " * 100]) == ""


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_can_close_its_fence_or_fill_in_a_variable(premise: str, hypothesis: str) -> None:
    from evals.judging.chat import _messages

    system, user = _messages(Pair(f"{premise} $hypothesis", hypothesis))
    fence = re.search(r"begin with (=== [0-9a-f]{16})", system.content)
    assert fence
    assert user.content.count(fence[1]) == 3
    assert "$hypothesis" in user.content


def test_the_probability_of_entailment_by_hand() -> None:
    three = probabilities([[0.0, np.log(2), 0.0], [1000.0, 0.0, 0.0]], 1)
    assert three.tolist() == pytest.approx([2 / 4, 0])
    assert probabilities([0.0, np.log(3)], 0).tolist() == pytest.approx([1 / 2, 3 / 4])
    assert probabilities([[0.0]], 0).tolist() == [0.5]
    assert np.isnan(probabilities([[np.nan, 0.0]], 1)).all()


@pytest.mark.parametrize(
    ("labels", "index"),
    [
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 1),
        ({0: "ENTAILMENT", 1: "NEUTRAL", 2: "CONTRADICTION"}, 0),
        ({0: "not_entailment", 1: "entailment"}, 1),
        ({0: "LABEL_0"}, 0),
        ({0: "LABEL_0", 1: "LABEL_1"}, None),
    ],
)
def test_the_output_that_means_entailment_is_found_by_its_name(labels: dict[int, str], index: int | None) -> None:
    assert entailment_index(labels) == index


def test_a_cross_encoder_reads_its_own_label_and_the_best_window(three_labels: Path, tmp_path: Path) -> None:
    found = CrossEncoderJudge(str(three_labels)).entails([PAIRS[0]])[0]
    other = save_cross_encoder(tmp_path / "other", ["entailment", "neutral", "contradiction"])
    again = CrossEncoderJudge(str(other)).entails([PAIRS[0]])[0]
    assert found is not None
    assert again is not None
    assert found != pytest.approx(again)  # the same weights, another output
    long = " ".join(f"The council of town {n} met again on Monday and talked about roads." for n in range(60))
    judge = CrossEncoderJudge(str(three_labels))
    each = judge.entails([Pair(window, "It met.") for window in windows(long)])
    assert judge.entails([Pair(long, "It met.")])[0] == pytest.approx(max(score or 0 for score in each))


def test_windows_by_hand() -> None:
    text = "One two. Three four. Five six. Seven eight."
    assert windows(text, 8) == [text]
    assert windows(text, 4) == ["One two. Three four.", "Three four. Five six.", "Five six. Seven eight."]
    assert windows(text, 1) == ["One two.", "Three four.", "Five six.", "Seven eight."]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(1, 12))
def test_windows_hold_every_sentence_and_are_no_longer_than_they_may_be(lengths: list[int], words: int) -> None:
    told = [" ".join([f"S{n}", *["w"] * (length - 1)]) + "." for n, length in enumerate(lengths)]
    found = windows(" ".join(told), words)
    assert all(any(sentence in window for window in found) for sentence in told)
    assert all(len(w.split()) <= max(words, max(lengths)) for w in found)


def test_what_is_no_judge_is_one_sentence(tmp_path: Path) -> None:
    for name in ("gpt", "openai:", ":x", ""):
        with pytest.raises(BadInput, match="no judge"):
            load_judge(name)
    for name in (str(tmp_path), "no-such-owner/no-such-model"):
        with pytest.raises(ModelUnavailable, match="cannot be loaded") as caught:
            CrossEncoderJudge(name).entails(PAIRS)
        assert "\n" not in str(caught.value)
    unnamed = save_cross_encoder(tmp_path / "unnamed", ["LABEL_0", "LABEL_1"])
    with pytest.raises(ModelUnavailable, match="none named 'entailment'"):
        CrossEncoderJudge(str(unnamed)).entails(PAIRS)


def test_judges_of_one_name_are_told_apart_by_where_they_are(tmp_path: Path) -> None:
    assert load_judge("openai:x", "http://a/v1").identity != load_judge("openai:x", "http://b/v1").identity
    first, second = tmp_path / "1" / "m.gguf", tmp_path / "2" / "m.gguf"
    for path in (first, second):
        path.parent.mkdir()
        path.write_text(str(path))
    assert load_judge(f"local:{first}").identity != load_judge(f"local:{second}").identity
    assert load_judge(f"local:{first}").model == "local:m.gguf"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("openai:gpt-x", "openai:gpt-x", True),
        ("openrouter:openai/GPT-x", "openai:gpt-x", True),
        ("openai:gpt-x", "openai:gpt-y", False),
        ("words", "", False),
        ("openai:gpt-x", "", False),
    ],
)
def test_one_model_is_known_by_any_providers_name(a: str, b: str, same: bool) -> None:
    assert same_model(a, b) is same
