"""Settings: ``ASSISTANT_HOME/config.toml``, then ``.env``, then the environment, in rising priority.

A setting ``chat.model`` is ``[chat] model = "…"`` in config.toml and ``ASSISTANT_CHAT__MODEL`` in the environment.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from typing import Any, Literal

import platformdirs
import tomlkit
from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from assistant.errors import BadInput

HOME_VARIABLE = "ASSISTANT_HOME"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Embedding(_Section):
    """Which model turns texts into vectors."""

    model: str = Field("builtin", description="'builtin' (all-MiniLM-L6-v2 from its wheel), or a name or a path")
    dtype: str = Field("bfloat16", description="for passages: float32 or bfloat16; bfloat16 is 1.7 times as fast here")


class Chat(_Section):
    """Which language model writes answers; none: answers are quotations."""

    model: str = Field("", description="'openai:NAME', 'anthropic:NAME', 'ollama:NAME', …, or 'local:PATH'")
    base_url: str = Field("", description="address of an OpenAI-compatible server")
    api_key: SecretStr = Field(SecretStr(""), description="default: the provider's own variable")
    temperature: float = Field(0.0, ge=0, le=2, description="0: the likeliest words; answers should be repeatable")
    max_tokens: int = Field(400, ge=16, le=8192, description="length of one answer; 400 tokens are about 300 words")
    timeout: float = Field(60.0, gt=0, description="seconds to wait for a server's next piece")
    retries: int = Field(2, ge=0, le=5, description="how often a failed call is made again")


class Chunking(_Section):
    """How articles are cut into passages."""

    words: int = Field(170, ge=40, le=400, description="about 230 word pieces: what MiniLM was trained to read (256)")


class Index(_Section):
    """Where the vectors are kept."""

    chroma_url: str = Field("", description="a Chroma server such as http://127.0.0.1:8001; none: files in the home")


class Retrieval(_Section):
    """How much is looked at for one question."""

    candidates: int = Field(50, ge=1, le=500, description="chunks taken from each index")
    passages: int = Field(10, ge=1, le=100, description="chunks kept after fusion; the answer is in the top 10 for .84")
    evidence: int = Field(6, ge=1, le=20, description="sentences given to the answerer")
    fusion: Literal["convex", "rrf"] = Field(
        "convex", description="how both rankings become one: convex combination of scores, or reciprocal rank fusion"
    )
    dense_share: float = Field(
        0.4, ge=0, le=1, description="convex: weight of vectors, words have the rest; .3 to .5 alike"
    )
    rrf_k: int = Field(60, ge=1, description="rrf: the constant, Cormack et al., SIGIR 2009")
    recency: float = Field(
        0.5,
        ge=0,
        le=5,
        description="by how much a passage of the day asked gains, where the question names no day; .3 to 1 alike",
    )
    abstain_below: float = Field(
        0.25,
        ge=0,
        le=1,
        description="confidence below which it keeps silent: of the tuning sample .77 of the answerable are answered, "
        "of the others .60 are not",
    )


class Ranking(_Section):
    """Which cross-encoder reads question and sentence together to order the evidence; none: vectors and words do."""

    model: str = Field("builtin", description="'builtin' (ours, from the package), or a cross-encoder's name or path")


class Server(_Section):
    """Where ``assistant serve`` listens, and what it takes."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    max_body_bytes: int = Field(10_000_000, description="a request with 100 long articles has about 2 MB")
    question_seconds: float = Field(120.0, gt=0, description="time allowed for one question")


class Settings(BaseSettings):
    """All settings. Unknown names are refused, so that a misspelt one is noticed."""

    model_config = SettingsConfigDict(
        env_prefix="ASSISTANT_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("news-assistant", appauthor=False)))
    embedding: Embedding = Embedding()
    chat: Chat = Chat()
    chunking: Chunking = Chunking()
    index: Index = Index()
    retrieval: Retrieval = Retrieval()
    ranking: Ranking = Ranking()
    server: Server = Server()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, toml_file=config_path(_home(init_settings)))
        return (init_settings, env_settings, dotenv_settings, toml)

    @property
    def settings_id(self) -> str:
        """A hash of every setting that may change an answer, 12 hex digits; the API key is not part of it."""
        sections = {"embedding", "chat", "chunking", "retrieval", "ranking"}
        relevant = self.model_dump_json(include=sections, exclude={"chat": {"api_key"}})
        return hashlib.sha256(relevant.encode()).hexdigest()[:12]


def config_path(home: Path) -> Path:
    """Where a home keeps its configuration."""
    return home / "config.toml"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; keyword arguments win over everything.

    Raises `BadInput` with the names of what is wrong.
    """
    if overrides.get("home"):
        overrides["home"] = Path(overrides["home"]).expanduser()
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise BadInput(_explain(error)) from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"config.toml is not valid TOML ({error}); correct it or delete it.") from error


def set_value(home: Path, name: str, value: str) -> Settings:
    """Write one setting such as ``chat.model`` into the home's config.toml, after checking that it is valid."""
    section, _, key = name.partition(".")
    if section not in Settings.model_fields or section == "home" or not key:
        raise BadInput(f"There is no setting {name!r}; `assistant config show` lists them.")
    path = config_path(home)
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    document.setdefault(section, tomlkit.table())[key] = _parsed(value)
    try:
        Settings.model_fields[section].annotation.model_validate(document.unwrap()[section])  # type: ignore[union-attr]
    except ValidationError as error:
        raise BadInput(_explain(error, prefix=section)) from error
    home.mkdir(parents=True, exist_ok=True)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return load_settings(home=home)


def _home(init_settings: PydanticBaseSettingsSource) -> Path:
    """The home decides which config.toml is read, so it is looked up before the other settings."""
    named = init_settings().get("home") or os.environ.get(HOME_VARIABLE) or dotenv_values(".env").get(HOME_VARIABLE)
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("news-assistant", appauthor=False))


def _parsed(value: str) -> Any:
    try:
        return tomlkit.value(value)
    except Exception:  # not a TOML literal: an ordinary string, written without quotes
        return value


def _explain(error: ValidationError, prefix: str = "") -> str:
    where = (prefix,) if prefix else ()
    parts = [f"{'.'.join(str(part) for part in where + e['loc'])}: {e['msg']}" for e in error.errors()]
    return f"The settings are not valid ({'; '.join(parts)}); correct config.toml, .env or the environment."
