"""The check that every sentence must pass before it is shown.

Without a model: labels exist, quotations stand verbatim, names and numbers stand in the cited text, nothing is denied
that the source does not deny, and enough of the content words are the source's. Content-word precision agrees with
human faithfulness ratings at Spearman .705 on MTRAG's human evaluation (DESIGN, figures); it misses negation and
swapped names and numbers, so those are checked apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.text.names import name_words
from assistant.text.numbers import number_values
from assistant.text.words import content_stems, fold, negations, words
from assistant.types import Draft, Evidence

MIN_SUPPORT = 0.6
"""Share of content words that must stand in the cited text. Half lets through sentences that add a clause of their
own; .7 drops honest paraphrases. To be fitted on tuning halves (ARCHITECTURE.md)."""
_QUOTATION = re.compile(r"[“\"«]([^”\"»]{3,})[”\"»]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a draft may be shown: with which labels and support in 0..1, or why not."""

    labels: tuple[str, ...]
    support: float
    why: str = ""


def verify(draft: Draft, evidence: Mapping[str, Evidence]) -> Verdict:
    """Check a draft against the evidence it cites; one that cites none of it, or wrongly, is re-cited to the sentence
    that supports it best, if there is one."""
    cited = tuple(label for label in dict.fromkeys(draft.labels) if label in evidence)
    if cited:
        verdict = _check(draft.text, cited, evidence)
        if not verdict.why:
            return verdict
    others = [_check(draft.text, (label,), evidence) for label in evidence if (label,) != cited]
    passing = [v for v in others if not v.why]
    if passing:
        return max(passing, key=lambda v: v.support)
    return verdict if cited else Verdict((), 0.0, "it cites no evidence and none supports it")


def _check(text: str, labels: tuple[str, ...], evidence: Mapping[str, Evidence]) -> Verdict:
    source = " ".join(evidence[label].text for label in labels)
    if _plain(text) in _plain(source):
        return Verdict(labels, 1.0)
    context = f"{source} " + " ".join(f"{evidence[i].source.title} {evidence[i].source.outlet}" for i in labels)
    why = _contradiction(text, source, context)
    support = content_precision(text, context)
    if not why and support < MIN_SUPPORT:
        why = f"only {support:.0%} of its words are in the cited text"
    return Verdict(labels, round(support, 4), why)


def _contradiction(text: str, source: str, context: str) -> str:
    """The first thing that the text says and the source does not; empty where there is none."""
    for quotation in _QUOTATION.findall(text):
        if _plain(quotation).strip(" ,.") not in _plain(source):
            return "it quotes words that are not in the cited text"
    known = set(words(context))
    swapped = [name for name in name_words(text) if name not in known]
    if swapped:
        return f"the name {swapped[0]!r} is not in the cited text"
    wrong = number_values(text) - number_values(context)
    if wrong:
        return f"the number {min(wrong):g} is not in the cited text"
    if (negations(text) > 0) != (negations(source) > 0) and content_precision(text, source) > 0.5:
        return "it denies what the cited text says, or says what it denies"
    return ""


def content_precision(text: str, source: str) -> float:
    """The share of a text's content words that stand in the source, 0..1; 1 for a text without any."""
    own = content_stems(text)
    known = set(content_stems(source))
    return sum(1 for stem in own if stem in known) / len(own) if own else 1.0


def _plain(text: str) -> str:
    return " ".join(fold(text).split())
