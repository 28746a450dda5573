"""Opening the catalog's database, and its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError

from assistant.catalog.tables import HEAD, meta
from assistant.errors import AssistantError, BadInput, HomeBusy

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 30
"""How long a writer waits for its turn; the longest transaction, 100 articles cut anew, takes about a second."""
_WRITERS = 6_072_025
"""PostgreSQL's advisory lock of all writers; any number, the same in every process."""


class Database:
    """SQLite in WAL mode, or PostgreSQL. Safe to share between threads; processes each open their own.

    Readers see one moment and never wait. Writers take turns from the first statement to the commit, so that a
    transaction never meets a lock halfway and no change becomes visible after one with a higher sequence number.
    """

    def __init__(self, url: URL | str) -> None:
        """Open the database and bring its tables up to date. Raises `BadInput` where it cannot be used."""
        self.url = make_url(url)
        self._engine = _engine(self.url)
        try:
            if _version(self._engine) != HEAD:
                self._migrate()
        except DatabaseError as error:
            raise _unusable(self.url, error) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing. Raises `HomeBusy` where other writers do not make way."""
        try:
            with self._engine.connect().execution_options(writing=True) as connection, connection.begin():
                if self.url.get_backend_name() == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
                yield connection
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise HomeBusy(
                    f"Another process has been writing to the catalog for over {_BUSY_SECONDS} seconds; try again."
                ) from error
            raise

    def size(self) -> int:
        """Bytes on disk."""
        if self.url.get_backend_name() == "sqlite":
            names = [f"{self.url.database}{suffix}" for suffix in ("", "-wal")]
            return sum(Path(name).stat().st_size for name in names if Path(name).exists())
        with self.reading() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def close(self) -> None:
        self._engine.dispose()

    def _migrate(self) -> None:
        """Two processes may open a fresh home at once: one makes the tables, the other waits and finds them."""
        if self.url.get_backend_name() != "sqlite":
            with self.writing() as connection:
                _upgrade(connection)
            return
        with FileLock(f"{self.url.database}.lock"):
            # Lasting, and set here only: changing the mode does not wait for other connections, it fails.
            with closing(sqlite3.connect(str(self.url.database))) as plain:
                plain.execute("PRAGMA journal_mode=WAL")
            with self.writing() as connection:
                _upgrade(connection)


def now() -> str:
    """This moment as the catalog stores moments."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # Python's own BEGIN comes too late; `_begin` says when
    connection.execute("PRAGMA foreign_keys=ON")
    # With NORMAL a power cut may take the last commits, and the indexes would be ahead of the catalog.
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return _version_of(connection)


def _version_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _upgrade(connection: Connection) -> None:
    if _version_of(connection) == HEAD:  # another process was first
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:  # a version that this program has no migration for
        raise BadInput("The catalog was written by a newer version of this program; update the program.") from error
    if connection.execute(meta.select().where(meta.c.key == "identity")).first() is None:
        connection.execute(insert(meta).values(key="identity", value=uuid4().hex))


def _unusable(url: URL, error: DatabaseError) -> AssistantError:
    name = url.render_as_string(hide_password=True)
    return BadInput(f"The catalog {name} cannot be opened ({error.orig}); move it away, or name another home.")
