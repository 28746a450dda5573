"""Chat models behind our port: any model that LangChain reaches, as a stream that can be stopped at any moment.

The core is synchronous, and so is the port. Below it the model is read by an asyncio task on one background thread,
because a task that waits for a server can be cancelled at once, whatever the provider (in connecting, between pieces,
in the pause before a retry), and then closes its connection, so that the server stops too. A thread blocked in a
socket cannot be.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, BadInput, ModelUnavailable
from assistant.models.once import Once
from assistant.models.providers import (
    LOCAL,
    ChatOptions,
    explain,
    make_chat_model,
    refuses_temperature,
    waited_in_vain,
)
from assistant.ports import Limits, Message

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.05  # how soon a cancelled question is noticed while the model is silent
_ENDED = object()


class LangChainChat:
    """Implements `assistant.ports.ChatModel`. Making one imports and loads nothing; the first use does, once."""

    def __init__(self, options: ChatOptions, make: Callable[[ChatOptions], BaseChatModel]) -> None:
        self._options = options
        self._model = Once(lambda: make(options))

    @property
    def name(self) -> str:
        return self._options.name

    @property
    def ready(self) -> bool:
        """Whether the model is made (and a local one in memory)."""
        return self._model.ready

    def load(self) -> None:
        """Make the model now. Raises `ModelUnavailable`: no such provider, package, key or file."""
        self._model.get()

    @property
    def context_tokens(self) -> int | None:
        """How many tokens the model reads, where it says; loads it."""
        profile = self._model.get().profile or {}
        return profile.get("max_input_tokens")

    def stream(self, messages: Sequence[Message], limits: Limits) -> Iterator[str]:
        """Pieces of text as they arrive, none empty. Closing the iterator stops the model.

        Raises `ModelUnavailable` (cannot be made or reached, failed, broke off, or was silent for ``timeout``
        seconds), `Cancelled` or `DeadlineExceeded`, the last two within 0.1 s even while the model is silent.
        """
        limits.check()
        pieces: queue.SimpleQueue[object] = queue.SimpleQueue()
        closed = threading.Event()
        task = asyncio.run_coroutine_threadsafe(self._read(messages, pieces, closed), _background.get())
        patience = None if self._options.provider == LOCAL else self._options.timeout
        heard, written = time.monotonic(), 0
        try:
            # A server that ignores the limit is stopped here: a piece is at least one token.
            while written < self._options.max_tokens:
                limits.check()
                try:
                    piece = pieces.get(timeout=_POLL_SECONDS)
                except queue.Empty:
                    if patience and time.monotonic() - heard > patience:
                        raise ModelUnavailable(waited_in_vain(self._options)) from None
                    continue
                if piece is _ENDED:
                    return
                if isinstance(piece, Exception):
                    raise self._as_ours(piece, begun=written > 0)
                if piece:
                    yield str(piece)
                    written += 1
                heard = time.monotonic()
        finally:
            closed.set()
            task.cancel()

    async def _read(
        self, messages: Sequence[Message], pieces: queue.SimpleQueue[object], closed: threading.Event
    ) -> None:
        """Put the pieces of an answer into the queue, then `_ENDED` or the exception that ended it."""
        turns = [(message.role, message.content) for message in messages]
        begun = False
        try:
            model = await asyncio.to_thread(self._model.get)
            try:
                async with aclosing(model.astream(turns)) as chunks:  # type: ignore[type-var]
                    async for chunk in chunks:
                        # `asyncio.wait_for` of Python 3.11, which LangChain reads with, swallows a cancellation that
                        # comes together with a chunk (one in ten here); the server would go on to the end.
                        if closed.is_set():
                            return
                        begun = True
                        pieces.put(chunk.text)
            except Exception as error:
                if begun or not refuses_temperature(error) or getattr(model, "temperature", None) is None:
                    raise
                self._model.replace(model.model_copy(update={"temperature": None}))
                await self._read(messages, pieces, closed)
                return
            pieces.put(_ENDED)
        except Exception as error:
            pieces.put(error)

    def _as_ours(self, error: Exception, begun: bool) -> AssistantError:
        if isinstance(error, AssistantError):
            return error
        logger.debug("%s failed with %s", self._options.name, type(error).__name__)
        return ModelUnavailable(explain(error, self._options, begun))


def load_chat_model(
    model: str,
    *,
    base_url: str = "",
    api_key: str = "",
    temperature: float = 0.0,
    max_tokens: int = 400,
    timeout: float = 60.0,
    retries: int = 2,
) -> LangChainChat:
    """The chat model of this name, not yet made.

    ``model`` is ``provider:NAME`` with a provider of LangChain's `init_chat_model`, or ``local:PATH`` for a
    transformers folder or a GGUF file. ``openai:NAME`` with ``base_url`` is any OpenAI-compatible server; it gets
    ``api_key`` or none, never the key in OPENAI_API_KEY. See `ChatOptions` for the rest. Raises `BadInput` for a name
    without provider.
    """
    provider, _, name = model.partition(":")
    if not provider or not name:
        raise BadInput(
            f"The chat model {model!r} names no provider; write it as 'openai:NAME', 'ollama:NAME', … or 'local:PATH'."
        )
    options = ChatOptions(provider, name, base_url, api_key, temperature, max_tokens, timeout, retries)
    return LangChainChat(options, _make_local if provider == LOCAL else make_chat_model)


def _make_local(options: ChatOptions) -> BaseChatModel:
    from assistant.models.local import load_local_model

    return load_local_model(options.model, options.temperature, options.max_tokens)


def _start_background() -> asyncio.AbstractEventLoop:
    """One event loop for all chat models of the process: providers' clients keep connections that belong to a loop."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="chat-models", daemon=True).start()
    return loop


_background = Once(_start_background)
