"""Everything that this package raises on purpose.

    AssistantError                    exit code, HTTP status
    ├── BadInput                      2, 400   the caller's input is wrong; the message says what to do
    │   ├── TooLarge                  2, 413   the input is over a stated limit
    │   └── Unreadable                1, 422   a file or page from which no article can be read
    ├── NotFound                      1, 404   no such article
    ├── HomeBusy                      1, 409   another process holds the home's applier lock
    ├── IndexMismatch                 1, 409   the index was made with other settings; rebuild it
    ├── ModelUnavailable              1, 503   a model cannot be loaded or reached
    ├── FetchFailed                   1, 502   an address could not be fetched
    ├── DeadlineExceeded              1, 504   the time allowed for this question is over
    └── Cancelled                   130, 499   the caller gave up

Every message is one sentence for a person: what is wrong, and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class AssistantError(Exception):
    """Base of all errors; ``str(error)`` is fit to be shown."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    code: ClassVar[str] = "error"


class BadInput(AssistantError):
    exit_code = 2
    http_status = 400
    code = "bad_input"


class TooLarge(BadInput):
    http_status = 413
    code = "too_large"


class Unreadable(BadInput):
    exit_code = 1
    http_status = 422
    code = "unreadable"


class NotFound(AssistantError):
    http_status = 404
    code = "not_found"


class HomeBusy(AssistantError):
    http_status = 409
    code = "home_busy"


class IndexMismatch(AssistantError):
    http_status = 409
    code = "index_mismatch"


class ModelUnavailable(AssistantError):
    http_status = 503
    code = "model_unavailable"


class FetchFailed(AssistantError):
    http_status = 502
    code = "fetch_failed"


class DeadlineExceeded(AssistantError):
    http_status = 504
    code = "deadline_exceeded"


class Cancelled(AssistantError):
    exit_code = 130
    http_status = 499
    code = "cancelled"
