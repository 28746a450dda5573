"""What a request lets the assistant see."""

from __future__ import annotations

from datetime import date

from assistant.errors import BadInput
from assistant.types import Filter, Request, day_number


def filter_of(request: Request) -> Filter:
    """The filter of a request: ``until`` and ``as_of`` are both upper bounds, outlets are compared case-folded.

    Raises `BadInput` where no article could pass it.
    """
    until = _earliest(request.until, request.as_of)
    if request.since and until and request.since > until:
        raise BadInput(f"Nothing lies between {request.since} and {until}; give a range whose start is before its end.")
    return Filter(
        since=day_number(request.since) if request.since else None,
        until=day_number(until) if until else None,
        outlets=tuple(sorted({outlet.strip().casefold() for outlet in request.outlets if outlet.strip()})),
        kinds=tuple(sorted(set(request.kinds))),
    )


def _earliest(*days: date | None) -> date | None:
    known = [day for day in days if day is not None]
    return min(known) if known else None
