"""Answers for people: plain text, Markdown. The ``[1]`` of a citation is made here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from assistant.types import Answer, Claim, Evidence, Source


def citation(source: Source) -> str:
    """``outlet, date, title``, with what is known of them."""
    day = f"{source.published_at:%-d %B %Y}" if source.published_at else "date unknown"
    return ", ".join(part for part in (source.outlet or "unknown outlet", day, source.title) if part)


def as_text(answer: Answer) -> str:
    """An answer as it is printed in a terminal: sentences with ``[n]``, then the numbered sources, then the notes."""
    lines: list[str] = []
    if answer.status == "abstained":
        assert answer.reason is not None
        lines.append(answer.reason.message)
        lines += [f"  near: “{e.text}” ({citation(e.source)})" for e in answer.nearest]
    else:
        lines += [_sentence(claim, answer) for claim in answer.claims]
        lines += [f"  {line}" for line in sources(answer.evidence)]
    lines += [f"  note: {note.message}" for note in answer.notes if note.code != "date_boost"]
    return "\n".join(lines)


def as_markdown(answer: Answer, link: Callable[[Evidence], str] | None = None) -> str:
    """The same as Markdown, all that comes from articles escaped. ``link`` gives the address of a source."""
    if answer.status == "abstained":
        assert answer.reason is not None
        parts = [escape(answer.reason.message)]
        parts += [f"> {escape(e.text)}  \n> — {_linked(e, citation(e.source), link)}" for e in answer.nearest]
        return "\n\n".join(parts)
    parts = [escape(_sentence(claim, answer), keep_labels=True) for claim in answer.claims]
    parts.append("\n".join(f"- \\[{e.label}\\] {_linked(e, citation(e.source), link)}" for e in answer.evidence))
    parts += [f"*{escape(note.message)}*" for note in answer.notes]
    return "\n\n".join(parts)


def _linked(evidence: Evidence, text: str, link: Callable[[Evidence], str] | None) -> str:
    return f"[{escape(text)}]({link(evidence)})" if link else escape(text)


def sources(evidence: Iterable[Evidence]) -> list[str]:
    """``[1] outlet, date, title`` for each piece of evidence."""
    return [f"[{e.label}] {citation(e.source)}" for e in evidence]


def escape(text: str, *, keep_labels: bool = False) -> str:
    """Text that Markdown and HTML show as it is."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", escaped)
    return re.sub(r"\\\[(\d+)\\\]", r"[\1]", escaped) if keep_labels else escaped


def _sentence(claim: Claim, answer: Answer) -> str:
    labels = "".join(f"[{label}]" for label in claim.labels)
    if answer.trace.answerer != "quote":
        return f"{claim.text} {labels}"
    source = next(e.source for e in answer.evidence if e.label == claim.labels[0])
    day = f", {source.published_at:%-d %B %Y}" if source.published_at else ""
    quoted = claim.text if claim.text[:1] in '“"' else f"“{claim.text}”"
    return f"{source.outlet or source.title or 'A document'}{day}: {quoted} {labels}"
