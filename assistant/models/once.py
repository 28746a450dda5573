"""A value that is costly to make, made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Makes its value on first use, in whichever thread comes first; the others wait for it.

    Where making it raises, every waiting and later caller tries again: a server that was down may be up.
    (``functools.cached_property`` has taken no lock since Python 3.12, and would load weights twice.)
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:
        return bool(self._made)

    def get(self) -> T:
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    def replace(self, value: T) -> None:
        """Use this value from now on."""
        with self._lock:
            self._made[:] = [value]
