"""Questions that need no search: too long, empty, a greeting, about the corpus, in a language that cannot be read."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from assistant.errors import BadInput, TooLarge
from assistant.text.words import STOP_WORDS, fold, words
from assistant.types import Coverage, Reason

MAX_QUESTION = 4_000
"""Characters. The embedding model reads 256 word pieces, about 1,200 characters; beyond three times that, most of a
question would be ignored silently."""

_GREETING = re.compile(
    r"(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|thank you(?: (?:very|so) much)?|bye|"
    r"thanks(?: a lot)?|goodbye|ok(?:ay)?|cheers|how are you(?: doing)?|nice to meet you|who are you|what are you|"
    r"what is your name|are you (?:a )?(?:human|robot|bot|ai|real))"
    r"(?: (?:there|all|everyone|again|today|friend))?[\s,.!?]*)+"
)
_ABOUT_CORPUS = re.compile(
    r"what (?:can|could|do) you (?:answer|do|know|cover|tell me|help(?: me)? with|have)(?: about)?|"
    r"(?:what|which|how many) (?:articles|sources|outlets|topics|news|newspapers) (?:do|can|are|have|is) "
    r"(?:you|there|in)\b.{0,40}|what is in (?:the|your|this) (?:corpus|collection|archive|index)|"
    r"what can i ask(?: you)?(?: about)?|help(?: me get started)?"
)
_LATIN = re.compile(r"[a-zà-öø-ÿ]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1cff\u2c00-\ua7ff\ua8e0-\uabff\uac00-\ufaff\U00020000-\U0003ffff]")


def checked(question: str) -> str:
    """The question without surrounding white space; `BadInput` where it is empty, `TooLarge` where it is endless."""
    question = " ".join(question.split())
    if not any(c.isalnum() for c in question):
        raise BadInput('The question is empty; write one in words, such as "Who signed the treaty?".')
    if len(question) > MAX_QUESTION:
        raise TooLarge(
            f"The question has {len(question):,} characters and at most {MAX_QUESTION:,} are read; "
            "ask a shorter one and give long texts as documents."
        )
    return question


def small_talk(question: str, coverage: Coverage) -> Reason | None:
    """The reply to a greeting or to a question about the corpus itself, from what it covers."""
    plain = fold(question).strip(" ?!.")
    if _GREETING.fullmatch(plain):
        return Reason("small_talk", f"Hello. I answer questions from the articles I hold. {describe(coverage)}")
    if _ABOUT_CORPUS.fullmatch(plain):
        return Reason("small_talk", describe(coverage))
    return None


def describe(coverage: Coverage) -> str:
    """What a corpus holds, in two or three sentences."""
    if not coverage.articles:
        return "No articles are stored yet; add some with `assistant ingest PATH`."
    span = ""
    if coverage.first and coverage.last:
        span = f" published from {coverage.first:%-d %B %Y} to {coverage.last:%-d %B %Y}"
    top = sorted(coverage.outlets.items(), key=lambda item: (-item[1], item[0]))[:6]
    outlets = ", ".join(f"{name} ({count})" for name, count in top if name)
    more = len(coverage.outlets) - len(top)
    text = f"I hold {coverage.articles:,} article{'s' if coverage.articles != 1 else ''}{span}."
    if outlets:
        text += f" Outlets: {outlets}{f' and {more} more' if more > 0 else ''}."
    if coverage.titles:
        text += " You could ask about: " + "; ".join(f"“{title}”" for title in coverage.titles[:3]) + "."
    return text


def unsupported_language(question: str, languages: frozenset[str]) -> Reason | None:
    """Why a question cannot be read by the embedding model, None where it can or where that is not certain.

    ``languages`` are ISO 639-1 codes, empty for every language. Short questions are hard to tell apart, so a
    language is only refused when the script is another one, or when no English function word stands in a question
    of four words or more and the classifier is sure.
    """
    if not languages or "en" not in languages:
        return None
    folded = fold(question)
    latin, other = len(_LATIN.findall(folded)), len(_OTHER_SCRIPT.findall(folded))
    tokens = words(question)
    foreign = other > latin
    if not foreign and len(tokens) >= 4 and not any(t in STOP_WORDS for t in tokens if t not in _SHARED):
        foreign = _surely_not_english(question)
    if not foreign:
        return None
    return Reason(
        "unsupported_language",
        "The question does not seem to be in English, the only language that the embedding model reads; "
        "ask in English, or set up a multilingual model with `assistant config set embedding.model NAME`.",
    )


# Spelt like English function words in other European languages.
_SHARED = frozenset("""a an as at de die do in me no on so was were will per us all many i he""".split())


def _surely_not_english(question: str) -> bool:
    language, probability = _identifier().classify(question)
    # Below .9, English headlines and lists of names are common; a letter or mark beyond ASCII makes up for it.
    return bool(language != "en" and (probability > 0.9 or (probability > 0.5 and not question.isascii())))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(str(MODEL_DIR / MODEL_FILE), norm_probs=True)
