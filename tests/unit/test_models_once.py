"""A value that is made once, whoever asks first."""

from __future__ import annotations

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.models.once import Once


def test_threads_that_ask_together_get_one_value() -> None:
    calls = itertools.count(1)

    def make() -> int:
        time.sleep(0.05)
        return next(calls)

    once = Once(make)
    assert not once.ready
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: once.get(), range(8))) == [1] * 8
    assert once.ready
    assert next(calls) == 2


def test_a_failure_is_tried_again_and_a_value_can_be_replaced() -> None:
    outcomes = iter([OSError("down"), "up"])

    def make() -> str:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    once = Once(make)
    with pytest.raises(OSError, match="down"):
        once.get()
    assert not once.ready
    assert once.get() == "up"
    once.replace("replaced")
    assert once.get() == "replaced"
