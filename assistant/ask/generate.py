"""Answers by a chat model: the prompt, and its stream cut into sentences with the labels they cite."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from assistant.ask.rewrite import depends_on_history, stand_alone
from assistant.errors import ModelUnavailable
from assistant.ports import Brief, ChatModel, Limits, Message
from assistant.prompts import load_prompt
from assistant.text.names import name_words
from assistant.text.sentences import sentences
from assistant.text.words import words
from assistant.types import Draft, Evidence, Turn

NOT_IN_SOURCES = "NOT IN THE SOURCES"
MAX_ANSWER = 4_000
"""Characters read of one answer; a model that goes on is cut off."""
_UNFINISHED_LABEL = re.compile(r"\s*\[[\d\s,;]*$")
_LABELS = re.compile(r"\s*\[(\d+(?:\s*[,;]\s*\d+)*)\]")
_MARKUP = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+|\*\*|__|^#+\s*", re.MULTILINE)


class ChatAnswerer:
    """Implements the port `Answerer` with any `ChatModel`."""

    name = "chat"

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        self._prompt = load_prompt("answer")

    @property
    def model(self) -> str:
        return self._chat.name

    @property
    def prompt_ids(self) -> tuple[str, ...]:
        return (self._prompt.id,)

    def write(self, brief: Brief, limits: Limits) -> Iterator[Draft]:
        """Drafts as the model writes them; none where it says that the sources do not hold the answer."""
        # A random fence for each request: text inside an article cannot close it.
        fence = f"=== passages {secrets.token_hex(4)} ==="
        system, user = self._prompt.render(
            fence=fence,
            asked_on=brief.asked_on,
            evidence="\n".join(_passage(e) for e in brief.evidence),
            question=brief.question,
            sentences=str(brief.sentences),
        )
        pieces = self._chat.stream((Message("system", system), Message("user", user)), limits)
        for count, draft in enumerate(drafts(pieces), 1):
            if NOT_IN_SOURCES.casefold() in draft.text.casefold():
                return
            yield draft
            if count >= brief.sentences:
                return


class ChatRewriter:
    """Implements the port `Rewriter`: the model's wording where it is sound, else the rules'."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        self._prompt = load_prompt("rewrite")

    def rewrite(self, question: str, history: Sequence[Turn], limits: Limits) -> str:
        ruled = stand_alone(question, history)
        if not history or not depends_on_history(question):
            return ruled
        conversation = "\n".join(f"{turn.role}: {turn.content}" for turn in history[-6:])
        system, user = self._prompt.render(conversation=conversation, question=question)
        try:
            text = "".join(self._chat.stream((Message("system", system), Message("user", user)), limits))
        except ModelUnavailable:
            return ruled
        line = next((line.strip() for line in text.splitlines() if line.strip()), "")
        known = set(words(f"{conversation} {question}"))
        sound = 3 <= len(line) <= 300 and line.endswith("?") and all(n in known for n in name_words(line))
        return line if sound else ruled


def drafts(pieces: Iterable[str]) -> Iterator[Draft]:
    """Sentences out of a stream of text, each with the labels that stand in or right after it ("… percent. [1]").

    A sentence is given out when the next one has begun, so that a label after its full stop is still read.
    """
    buffer = ""
    seen = 0
    for piece in pieces:
        buffer += piece
        seen += len(piece)
        *done, buffer = _split(buffer)
        yield from (draft for text in done if (draft := _draft(text)))
        if seen > MAX_ANSWER:
            break
    yield from (draft for text in _split(buffer) if (draft := _draft(text)))


def _split(text: str) -> list[str]:
    """The text cut before each sentence, labels after a full stop kept with the sentence they close."""
    starts = [span.start for span in sentences(text)][1:]
    cuts = [start for start in starts if not any(p.match(text, start) for p in (_LABELS, _UNFINISHED_LABEL))]
    edges = [0, *cuts, len(text)]
    return [text[a:b] for a, b in pairwise(edges)] if text else [""]


def _draft(text: str) -> Draft | None:
    labels = tuple(dict.fromkeys(label for group in _LABELS.findall(text) for label in re.findall(r"\d+", group)))
    plain = " ".join(_MARKUP.sub("", _LABELS.sub("", text)).split())
    return Draft(plain, labels) if any(c.isalnum() for c in plain) else None


def _passage(evidence: Evidence) -> str:
    source = evidence.source
    day = f", {source.published_at:%-d %B %Y}" if source.published_at else ""
    # A bracketed number inside an article must not look like one of our labels.
    text = re.sub(r"\[(\d+)\]", r"(\1)", evidence.text)
    return f"[{evidence.label}] ({source.outlet or 'unknown outlet'}{day}) {text}"
