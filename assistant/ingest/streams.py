"""Bounded reading of files, packed or not: no file can fill memory or run forever."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from assistant.errors import TooLarge, Unreadable

MAX_FILE = 50_000_000  # bytes of a file that is read whole; the longest article of RealTimeQA has 0.1 MB
MAX_RECORD = 20_000_000  # bytes of one line of JSON
MAX_TOTAL = 2_000_000_000  # bytes that one packed file may unpack to; RealTimeQA's year unpacks to 53 MB
_GZIP = b"\x1f\x8b"


def read_whole(source: Path | bytes) -> bytes:
    """The content, unpacked where it is gzip.

    Raises `TooLarge` where it has more than 50 MB, `Unreadable` where it cannot be opened or unpacked.
    """
    with _opened(source) as stream:
        content = _guarded(stream, MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise TooLarge(f"The file has more than {MAX_FILE / 1e6:.0f} MB; split it, or give its articles as JSON lines.")
    return content


def read_lines(source: Path | bytes) -> Iterator[tuple[int, bytes]]:
    """(number from 1, content) of each line that is not empty, one in memory at a time.

    Raises `TooLarge` where a line has more than 20 MB or all together more than 2 GB, `Unreadable` where the content
    cannot be opened or unpacked.
    """
    total = number = 0
    with _opened(source) as stream:
        while line := _guarded(stream, MAX_RECORD + 1, line=True):
            number += 1
            total += len(line)
            if len(line) > MAX_RECORD:
                raise TooLarge(f"Line {number} has more than {MAX_RECORD / 1e6:.0f} MB; no article is that long.")
            if total > MAX_TOTAL:
                raise TooLarge(f"The file unpacks to more than {MAX_TOTAL / 1e9:.0f} GB; split it.")
            if line.strip():
                yield number, line.strip()


def count_lines(path: Path) -> int:
    """The number of lines, for a progress bar; what cannot be read counts as one."""
    try:
        return sum(1 for _ in read_lines(path))
    except (TooLarge, Unreadable):
        return 1


def _opened(source: Path | bytes) -> IO[bytes]:
    try:
        raw: IO[bytes] = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise Unreadable(f"The file cannot be opened: {error.strerror}.") from error
    start = raw.read(2)
    raw.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if start == _GZIP else raw


def _guarded(stream: IO[bytes], limit: int, *, line: bool = False) -> bytes:
    try:
        return stream.readline(limit) if line else stream.read(limit)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable("The packed file is damaged: it cannot be unpacked to its end.") from error
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror}.") from error
