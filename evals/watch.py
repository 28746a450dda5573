"""A chat model that is watched while it answers: how often it is called, how much it reads and writes, if it fails.

When its model is out of reach the assistant quotes its sources instead and says so. To a reader that is an answer; to
an evaluation of the model it is none, so a run counts it as an error.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.errors import ModelUnavailable
from assistant.ports import ChatModel, Limits, Message


@dataclass(slots=True)
class Watch:
    """What happened in one thread since it was last asked. ``words`` read and written: tokens are about 4/3 of them."""

    calls: int = 0
    words: int = 0
    failure: str = ""


class WatchedChat:
    """Implements the port `ChatModel` around another."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        self._threads = threading.local()

    @property
    def name(self) -> str:
        return self._chat.name

    def stream(self, messages: Sequence[Message], limits: Limits) -> Iterator[str]:
        watch = self._current()
        watch.calls += 1
        written = ""
        try:
            for piece in self._chat.stream(messages, limits):
                written += piece
                yield piece
        except ModelUnavailable as error:
            watch.failure = str(error)
            raise
        finally:
            watch.words += len(" ".join([*(message.content for message in messages), written]).split())

    def take(self) -> Watch:
        """What happened in this thread since the last call of this method."""
        watch = self._current()
        self._threads.watch = Watch()
        return watch

    def _current(self) -> Watch:
        watch: Watch | None = getattr(self._threads, "watch", None)
        if watch is None:
            watch = self._threads.watch = Watch()
        return watch
