"""Who asserts a sentence, and how carefully, by the words of news."""

from __future__ import annotations

import re

_VERB = r"(?:said|says|told|announced|claimed|denied|confirmed|warned|insisted|argued|wrote|stated|added|alleged)"
_NAME = r"(?:[A-Z][\w’'.-]+(?: (?:of|the|and|for))?(?: [A-Z][\w’'.-]+){0,4})"
_GROUP = (
    r"(?:[Oo]fficials|[Pp]olice|[Pp]rosecutors|[Aa]uthorities|[Rr]esearchers|[Ss]cientists|[Oo]rganisers|[Cc]ritics)"
)
_AFTER = re.compile(rf"\b({_NAME}|{_GROUP})\s+{_VERB}\b")
_BEFORE = re.compile(rf"\b[Aa]ccording to ({_NAME}|(?:the )?{_GROUP}|(?:the |a |an )[\w’' -]{{3,40}}?)(?=[,.;]|$)")
_HEDGE = re.compile(
    r"\b(?:alleged(?:ly)?|reportedly|accus(?:ed|es|ing)|claim(?:ed|s)?|suspected|denied|denies|appear(?:s|ed)? to|"
    r"might|may have|could have|unconfirmed|purported(?:ly)?|preliminary|estimated|believed to)\b",
    re.IGNORECASE,
)


def speaker(sentence: str) -> str:
    """The person, body or group that a sentence attributes its content to; empty where it names none."""
    match = _AFTER.search(sentence) or _BEFORE.search(sentence)
    return match.group(1).strip() if match else ""


def hedge(sentence: str) -> str:
    """The first word that keeps a sentence from being a plain fact ("allegedly", "accused"); empty where none does."""
    match = _HEDGE.search(sentence)
    return match.group(0).lower() if match else ""
