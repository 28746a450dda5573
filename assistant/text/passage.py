"""The text of a passage as it is embedded and indexed."""

from __future__ import annotations

from datetime import datetime

from assistant.types import Chunk


def passage_text(chunk: Chunk) -> str:
    """The chunk's text under a line with its title and a line with its outlet and date, where it has them.

    A question names the event ("the treaty signed in January") while a passage deep in the article may not; the
    lines above carry what the whole article is about into each of its passages.
    """
    source = chunk.source
    head = ", ".join(part for part in (source.outlet, _day(source.published_at)) if part)
    return "\n".join(part for part in (source.title, head, chunk.text) if part)


def _day(published: datetime | None) -> str:
    """In words, as questions have it: 17 January 2025."""
    return f"{published.day} {published:%B %Y}" if published else ""
