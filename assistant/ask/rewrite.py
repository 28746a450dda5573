"""Follow-up questions made to stand alone, with no model: the missing subject is carried over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.names import name_words, names
from assistant.text.words import STOP_WORDS, content_stems, fold, stem, words
from assistant.types import Turn

_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|hers|his|its|their|them|this|that|these|those|there|then|the (?:same|former|latter|"
    r"country|company|deal|treaty|agreement|president|minister|event|team|city|attack|storm|law|vote|match))\b"
)
_CONTINUES = re.compile(r"^(?:and|but|so|or|also|what about|how about|what else|why|when|where|who|how)\b")
_SWAPS = re.compile(
    r"^(?:and |but |so )?(?:what|how) about (?P<new>.+)|^(?:and|but) (?:in|for|on|at|with) (?P<rest>.+)"
)
_CHANGES_TOPIC = re.compile(r"^(?:(?:new|another) (?:question|topic)|changing (?:the )?(?:subject|topic))\b")


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """The question with the subject of the conversation, where it needs one; otherwise unchanged.

    The reader's earlier questions are folded one into the next, so that a subject survives several follow-ups; people
    and places that the last answer named are added for a pronoun.
    """
    subject = ""
    for turn in history:
        if turn.role == "user" and turn.content.strip():
            subject = _carry_over(" ".join(turn.content.split()), subject)
    carried = _carry_over(question, subject)
    if carried != question and _PRONOUN.search(fold(question)):
        carried = _with_answer_names(carried, history)
    return carried


def depends_on_history(question: str) -> bool:
    """Whether a question lacks a subject of its own: a pronoun, a bare question word, "what about …"."""
    plain = fold(question).strip(" ?!.")
    if _CHANGES_TOPIC.match(plain):
        return False
    own_names = name_words(question[:1].lower() + question[1:])
    content = content_stems(question)
    if _SWAPS.match(plain) or len(content) <= 1:
        return True
    if _PRONOUN.search(plain) and len(own_names) <= 1:
        return True
    return not own_names and bool(_CONTINUES.match(plain)) and len(content) <= 3


def _carry_over(question: str, subject: str) -> str:
    """``question`` after a turn whose stand-alone form was ``subject``."""
    if not subject or not depends_on_history(question):
        return question
    swap = _SWAPS.match(fold(question).strip(" ?!."))
    if swap:  # "What about France?": the old question, asked of something else
        new = question[swap.start("new") if swap["new"] else swap.start("rest") :].strip(" ?!.")
        kept = _without_names(subject) if names(new) else subject
        return f"{kept.rstrip(' ?!.')} {new}?"
    known = set(content_stems(question))
    missing = [w for w in _subject_words(subject) if stem(fold(w)) not in known]
    return f"{question.rstrip(' ?!.')} ({' '.join(missing)})?" if missing else question


def _subject_words(subject: str) -> list[str]:
    """The words of a question that say what it is about, as written, in order, without repeats."""
    kept: dict[str, None] = {}
    for word in re.findall(r"[\w’'.-]*\w", subject):
        if any(w not in STOP_WORDS for w in words(word)):
            kept.setdefault(word)
    return list(kept)


def _without_names(subject: str) -> str:
    for name in names(subject):
        subject = subject.replace(name, " ")
    return " ".join(subject.split())


def _with_answer_names(question: str, history: Sequence[Turn]) -> str:
    last = next((t.content for t in reversed(history) if t.role == "assistant" and t.content.strip()), "")
    known = set(name_words(question))
    fresh = [name for name in dict.fromkeys(names(last)) if not known & set(name_words(name))]
    return f"{question.rstrip(' ?!.')} ({', '.join(fresh[:2])})?" if fresh else question
