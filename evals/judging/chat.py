"""A chat model as a judge: one word, yes or no, for each pair."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce

from assistant.errors import ModelUnavailable
from assistant.models.hashing import well_formed
from assistant.ports import ChatModel, Limits, Message
from assistant.prompts import load_prompt
from evals.judging.port import Pair, Task

logger = logging.getLogger(__name__)

RETRIES = 2
"""How often a reply that is neither yes nor no is asked for again. Calls that fail are made again by the chat model."""
LONGEST = 40
"""Characters read of a reply: one that is longer is no yes or no."""
FEWEST = 3
"""So many pairs, and none of them reached the model: it is away. One that a server refuses may be about its text."""
_REMEDIES = (("ASSISTANT_CHAT__API_KEY", "JUDGE_API_KEY"), ("chat.base_url", "--base-url"), ("chat.model", "--judge"))
"""What a person can do about a judge, where the sentence speaks of the chat model that answers."""
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_WORD = re.compile(r"\W*(yes|no)\W*", re.IGNORECASE)


class ChatJudge:
    """Implements the port `Judge` with any `ChatModel`. ``where`` tells apart models of one name: an address, or a hash
    of weights."""

    def __init__(self, chat: ChatModel, where: str = "", workers: int = 4) -> None:
        self._chat, self._where, self._workers = chat, where, workers

    @property
    def model(self) -> str:
        return self._chat.name

    @property
    def identity(self) -> str:
        return f"{self._chat.name} {self._where}".strip()

    def prompt_id(self, task: Task) -> str:
        return load_prompt(f"judge_{task}").id

    def entails(self, pairs: Sequence[Pair]) -> list[float | None]:
        """1 for yes, 0 for no, None for a reply that is neither and for a call that failed.

        Raises `ModelUnavailable` where every one of some pairs failed.
        """
        with ThreadPoolExecutor(self._workers) as pool:
            found = list(pool.map(self._tried, pairs))
        failed = [item for item in found if isinstance(item, ModelUnavailable)]
        if len(failed) == len(found) >= FEWEST:
            raise failed[0]
        for error in failed:
            logger.warning("not judged: %s", error)
        return [None if isinstance(item, ModelUnavailable) else item for item in found]

    def _tried(self, pair: Pair) -> float | ModelUnavailable | None:
        try:
            return self._judged(pair)
        except ModelUnavailable as error:
            return ModelUnavailable(reduce(lambda text, words: text.replace(*words), _REMEDIES, str(error)))

    def _judged(self, pair: Pair) -> float | None:
        messages = _messages(pair)
        for _ in range(1 + RETRIES):
            reply = read_reply(self._chat.stream(messages, Limits()))
            if (verdict := verdict_of(reply)) is not None:
                return verdict
            messages = [*messages, Message("assistant", reply), Message("user", load_prompt("judge_again").user)]
        return None


def read_reply(pieces: Iterable[str]) -> str:
    """What a model says beside its ``<think>…</think>``; one that goes on is cut off."""
    text = said = ""
    for piece in pieces:
        text += piece
        said = _THOUGHT.sub("", text).strip()
        if len(said) > LONGEST:
            break
    return said


def verdict_of(reply: str) -> float | None:
    """1 for yes, 0 for no, whatever its case and punctuation; None for anything else, also "yes, but"."""
    match = _WORD.fullmatch(reply)
    return float(match[1].casefold() == "yes") if match else None


def _messages(pair: Pair) -> list[Message]:
    # Made of the texts, so that a text cannot hold it and the same pair is always asked in the same words.
    premise, hypothesis = well_formed(pair.premise), well_formed(pair.hypothesis)
    digest = hashlib.sha256(f"{premise}\0{hypothesis}".encode()).hexdigest()
    prompt = load_prompt(f"judge_{pair.task}")
    system, user = prompt.render(fence=f"=== {digest[:16]}", premise=premise, hypothesis=hypothesis)
    return [Message("system", system), Message("user", user)]
