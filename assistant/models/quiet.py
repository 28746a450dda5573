"""Loading weights: without talking about it, and one model at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

# While transformers loads a model, its logging and its number format are settings of the whole process: two models
# loaded at the same time got weights of both formats ("mat1 and mat2 must have the same dtype").
_one_at_a_time = RLock()


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Keep transformers from drawing progress bars and giving advice inside the block: it would stand in an answer."""
    from transformers.utils import logging

    with _one_at_a_time:
        verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()
