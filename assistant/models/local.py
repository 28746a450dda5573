"""A language model on this machine as a LangChain chat model.

Importing this module imports torch and transformers (4 s). LangChain's own ChatHuggingFace cannot be stopped, and
cannot read a tokenizer out of a GGUF file.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr
from transformers import AutoModelForCausalLM, AutoTokenizer, TextStreamer

from assistant.errors import ModelUnavailable
from assistant.models.processor import intra_op_threads, native_bfloat16
from assistant.models.quiet import quiet_loading

# What a generation sends: a piece of text, None at its end, or the exception that ended it.
_Emit = Callable[[str | Exception | None], object]


class _StopError(Exception):
    """Raised inside a model's layers to end a generation that nobody reads any more; never leaves this module."""


class LocalChatModel(BaseChatModel):
    """A causal language model of transformers, answering one question at a time; others wait for their turn.

    It is stopped between any two of its layers, in reading the prompt as in writing (0.2 s with 1,500 tokens on two
    cores), by closing the iterator or cancelling the task that reads from it.
    """

    path: str
    temperature: float | None = 0.0
    max_tokens: int = 400
    _tokenizer: Any = PrivateAttr()
    _weights: Any = PrivateAttr()
    _turn: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _stop: threading.Event | None = PrivateAttr(default=None)  # of the generation whose turn it is

    def __init__(self, tokenizer: Any, weights: Any, **fields: Any) -> None:
        super().__init__(**fields)
        self._tokenizer, self._weights = tokenizer, weights
        for modules in (module for module in weights.modules() if isinstance(module, torch.nn.ModuleList)):
            for layer in modules:
                layer.register_forward_pre_hook(self._check_stop)

    @property
    def _llm_type(self) -> str:
        return "local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"path": self.path, "temperature": self.temperature, "max_tokens": self.max_tokens}

    @property
    def context_tokens(self) -> int | None:
        """How many tokens of prompt and answer together the model reads."""
        return getattr(self._weights.config.get_text_config(), "max_position_embeddings", None)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages, stop, run_manager, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        pieces: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        with self._generating(messages, stop, pieces.put):
            while (piece := pieces.get()) is not None:
                yield _chunk(piece)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        pieces: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        with self._generating(messages, stop, lambda piece: loop.call_soon_threadsafe(pieces.put_nowait, piece)):
            while (piece := await pieces.get()) is not None:
                yield _chunk(piece)

    @contextmanager
    def _generating(self, messages: list[BaseMessage], stop: list[str] | None, emit: _Emit) -> Iterator[None]:
        """Generate in a thread while the block runs; leaving it stops the generation."""
        if stop:
            raise ModelUnavailable("A local model takes no stop sequences; cut its answer instead.")
        ended = threading.Event()

        def generate() -> None:
            with suppress(RuntimeError):  # the reader's event loop is closed: nobody reads any more
                try:
                    self._write(messages, ended, emit)
                except _StopError:
                    return
                except Exception as error:
                    emit(error)
                else:
                    emit(None)

        threading.Thread(target=generate, name="local-chat-model", daemon=True).start()
        try:
            yield
        finally:
            ended.set()

    def _write(self, messages: list[BaseMessage], ended: threading.Event, emit: _Emit) -> None:
        inputs = self._prompt(messages)
        length = inputs["input_ids"].shape[1]
        room = (self.context_tokens or length + self.max_tokens) - length
        if room <= 0:
            raise ModelUnavailable(
                f"The prompt has {length} tokens, but {Path(self.path).name} reads {self.context_tokens}; "
                "lower retrieval.evidence or take a model that reads more."
            )
        sampling = {"do_sample": True, "temperature": self.temperature} if self.temperature else {"do_sample": False}
        while not self._turn.acquire(timeout=0.05):
            if ended.is_set():
                raise _StopError
        try:
            self._stop = ended
            with intra_op_threads():
                self._weights.generate(
                    **inputs,
                    **sampling,
                    max_new_tokens=min(self.max_tokens, room),
                    streamer=_Streamer(self._tokenizer, emit),
                )
        finally:
            self._turn.release()

    def _check_stop(self, *_: Any) -> None:
        if self._stop is not None and self._stop.is_set():
            raise _StopError

    def _prompt(self, messages: list[BaseMessage]) -> Any:
        """Token ids of the messages in the model's own chat template; what they quote cannot forge a turn."""
        special = {token.content for token in self._tokenizer.added_tokens_decoder.values() if token.special}
        turns = [
            {"role": turn["role"], "content": _defused(turn["content"], special)}
            for turn in convert_to_openai_messages(messages)
        ]
        if not self._tokenizer.chat_template:
            text = "".join(f"{turn['role']}: {turn['content']}\n\n" for turn in turns) + "assistant:"
            return self._tokenizer(text, return_tensors="pt").to(self._weights.device)
        try:
            return self._template(turns)
        except Exception:  # jinja's TemplateError, or whatever a template raises: some take no system message
            return self._template(_without_system(turns))

    def _template(self, turns: Sequence[dict[str, str]]) -> Any:
        return self._tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(self._weights.device)


def load_local_model(path: str, temperature: float = 0.0, max_tokens: int = 400) -> LocalChatModel:
    """The language model in a transformers folder or a GGUF file; bfloat16 where the processor has instructions for it.

    GGUF weights are unpacked: 98 MB of SmolLM2-135M take 20 s, most of it parsing, and 1 GB at the peak; bfloat16 then
    writes about twice as fast as float32 on two cores. Temperature 0 always takes the likeliest token. Code that a
    folder may hold is never run. Raises `ModelUnavailable`: no such path, a package is missing, or no language model.
    """
    place = Path(path).expanduser()
    if not place.exists():
        raise ModelUnavailable(f"There is no model at {path}; set chat.model to 'local:' and a folder or a GGUF file.")
    where: dict[str, Any] = {"pretrained_model_name_or_path": str(place)}
    if place.is_file():
        where = {"pretrained_model_name_or_path": str(place.parent), "gguf_file": place.name}
    where |= {"local_files_only": True, "trust_remote_code": False}
    dtype = torch.bfloat16 if native_bfloat16() else torch.float32
    try:
        with quiet_loading():
            tokenizer = AutoTokenizer.from_pretrained(**where)
            weights = AutoModelForCausalLM.from_pretrained(**where, dtype=dtype)
    except ImportError as error:
        raise ModelUnavailable(
            f"The model at {path} needs more packages ({_first_line(error)}); run `pip install news-assistant[gguf]`."
        ) from error
    except Exception as error:  # whatever a file that is not a model may raise
        raise ModelUnavailable(
            f"The model at {path} cannot be loaded ({_first_line(error)}); "
            "it must be a transformers folder or a GGUF file."
        ) from error
    weights.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    if weights.generation_config.pad_token_id is None:
        weights.generation_config.pad_token_id = tokenizer.eos_token_id
    if not temperature:  # the model's own sampling settings would only be warned about
        weights.generation_config.update(temperature=None, top_p=None, top_k=None)
    model = LocalChatModel(tokenizer, weights, path=str(place), temperature=temperature, max_tokens=max_tokens)
    model.profile = {"max_input_tokens": model.context_tokens} if model.context_tokens else None
    return model


class _Streamer(TextStreamer):  # type: ignore[misc]
    """Sends text as soon as it is whole words."""

    def __init__(self, tokenizer: Any, emit: _Emit) -> None:
        super().__init__(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self._emit = emit

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        if text:
            self._emit(text)


def _chunk(piece: str | Exception) -> ChatGenerationChunk:
    if isinstance(piece, Exception):
        raise piece
    return ChatGenerationChunk(message=AIMessageChunk(content=piece))


def _defused(text: str, special: set[str]) -> str:
    """The text with the model's control tokens ("<|im_end|>") broken up by a space, so that they are read as text."""
    for token in special:
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def _without_system(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """The turns with system messages put before the first user message, for templates that know none."""
    system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
    first, *rest = [turn for turn in turns if turn["role"] != "system"]
    return [{"role": first["role"], "content": f"{system}\n\n{first['content']}"}, *rest]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
