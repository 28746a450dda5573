"""Chat models by name, through LangChain: how each provider's is made, and what its failures mean for a reader."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LOCAL = "local"
# Providers that cannot be asked without a key, and the variable that their LangChain package reads it from.
_KEY_VARIABLES = {
    "anthropic": "ANTHROPIC_API_KEY",
    "cohere": "COHERE_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "perplexity": "PPLX_API_KEY",
    "together": "TOGETHER_API_KEY",
    "xai": "XAI_API_KEY",
}
_CONNECT_SECONDS = 10.0  # a SYN is repeated after 1, 3 and 7 s; a server that is there has answered by then
_PLACEHOLDER_KEY = "none"  # the client insists on a key; servers of one's own mostly do not


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """How a chat model is reached and what it may write. Seconds, tokens; ``api_key`` is never shown.

    ``timeout`` is the longest wait for a server's next piece, ``retries`` how often a failed call is made again before
    its first piece.
    """

    provider: str
    model: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    temperature: float = 0.0
    max_tokens: int = 400
    timeout: float = 60.0
    retries: int = 2

    @property
    def name(self) -> str:
        """``provider:model``; of a local model only the file's name, because readers see it in traces and notes."""
        return f"{self.provider}:{Path(self.model).name if self.provider == LOCAL else self.model}"


def make_chat_model(options: ChatOptions) -> BaseChatModel:
    """LangChain's model for these options. Nothing is sent yet.

    Raises `ModelUnavailable` for an unknown provider, a package that is missing, or a key that is not set.
    """
    _require_key(options)
    from langchain.chat_models import init_chat_model

    try:
        model = init_chat_model(options.model, model_provider=options.provider, **_arguments(options))
    except ImportError as error:
        package = re.search(r"requires the (\S+) package", str(error))
        missing = package[1] if package else f"langchain-{options.provider.replace('_', '-')}"
        raise ModelUnavailable(
            f"The model {options.name} needs the package {missing}; run `pip install {missing}`."
        ) from error
    except Exception as error:
        if "Unsupported provider" in str(error):
            raise ModelUnavailable(
                f"There is no provider {options.provider!r}; set chat.model to "
                "'openai:NAME', 'anthropic:NAME', 'ollama:NAME', … or 'local:PATH'."
            ) from None
        raise ModelUnavailable(explain(error, options)) from None
    return model  # type: ignore[no-any-return]


def explain(error: Exception, options: ChatOptions, begun: bool = False) -> str:
    """One sentence on why a call failed (``begun``: after its first piece) and what to do, without the key.

    Providers' packages share no classes of errors, but all carry the HTTP status, and name timeouts and connections so.
    """
    name, where = options.name, options.base_url or f"{options.provider}'s own address"
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    kinds = " ".join(kind.__name__ for kind in type(error).__mro__)
    if status in (401, 403):
        variable = "" if options.base_url else _KEY_VARIABLES.get(options.provider, "")
        key = "ASSISTANT_CHAT__API_KEY" + (f" or {variable}" if variable else "")
        return f"The key for {name} was refused ({status}); set {key} to a valid one."
    if status == 404:
        return f"There is no model {options.model!r} at {where} (404); check chat.model and chat.base_url."
    if status == 429:
        return f"{name} takes no more questions now (429: rate limit or quota); wait a minute or raise the limit."
    if isinstance(status, int) and status >= 500:
        return f"The server of {name} failed ({status}); ask again later."
    if isinstance(status, int) and status >= 400:
        return f"{name} refused the request ({status}: {_said(error, options)}); check the chat settings."
    if "Timeout" in kinds:
        return waited_in_vain(options)
    if "Connect" in kinds or "Transport" in kinds:
        if begun:
            return f"The connection to {name} broke off in the middle of the answer; ask again."
        return f"{name} cannot be reached at {where}; check that it runs, and chat.base_url."
    if "JSONDecode" in kinds or "No generation chunks" in str(error):  # the latter is LangChain's, for an empty stream
        return f"{where} answered {name} with something that is not a chat completion; check chat.base_url."
    return f"{name} failed ({type(error).__name__}: {_said(error, options)}); check the chat settings."


def waited_in_vain(options: ChatOptions) -> str:
    """The sentence for a server that is silent for too long."""
    return f"{options.name} sent nothing for {options.timeout:g} s; ask again later or raise chat.timeout."


def refuses_temperature(error: Exception) -> bool:
    """Whether a model takes no temperature: reasoning models answer 400 to any but their own."""
    return getattr(error, "status_code", None) == 400 and "temperature" in str(error)


def _require_key(options: ChatOptions) -> None:
    variable = _KEY_VARIABLES.get(options.provider)
    if variable and not (options.api_key or options.base_url or os.environ.get(variable)):
        raise ModelUnavailable(f"{options.name} needs a key; set {variable} or ASSISTANT_CHAT__API_KEY.")


def _arguments(options: ChatOptions) -> dict[str, Any]:
    """The keyword arguments for the provider's class; most share names, Ollama's does not."""
    arguments: dict[str, Any] = {"temperature": options.temperature}
    if options.base_url:
        arguments["base_url"] = options.base_url
    if options.provider == "ollama":
        return {**arguments, "num_predict": options.max_tokens, "client_kwargs": {"timeout": options.timeout}}
    arguments |= {"max_tokens": options.max_tokens, "timeout": options.timeout, "max_retries": options.retries}
    if options.api_key:
        arguments["api_key"] = options.api_key
    elif options.base_url and options.provider in _KEY_VARIABLES:
        arguments["api_key"] = _PLACEHOLDER_KEY  # or the provider's variable would be read, and its key sent elsewhere
    if options.provider == "openai":
        from openai import Timeout

        arguments["timeout"] = Timeout(options.timeout, connect=min(options.timeout, _CONNECT_SECONDS))
        if options.base_url:  # servers that are compatible know the older of OpenAI's two interfaces
            arguments["use_responses_api"] = False
    return arguments


def _said(error: Exception, options: ChatOptions) -> str:
    text = " ".join(str(error).split())
    for key in (options.api_key, os.environ.get(_KEY_VARIABLES.get(options.provider, ""))):
        text = text.replace(key, "…") if key else text
    return re.sub(r"\b(sk|key|Bearer)[-_ ][\w-]{8,}", "…", text)[:200].rstrip(".")
