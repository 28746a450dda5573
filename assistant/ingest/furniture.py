"""Which lines of an article's text are furniture of the page it stood on: what readers skip and search must not find.

Every rule looks at one line: its words, its shape and its length. An article *about* newsletters, cookies or
advertising is made of sentences, and no rule here takes an ordinary sentence: each wants the wording of a call to the
reader, a line without a full stop, or a line made of nothing but button names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.ingest import wording

# Longest line that can be furniture, in words and in characters; the longest in RealTimeQA 2022 (a privacy notice) has
# 52 and 313.
LONGEST = 60
_LONGEST_CHARACTERS = 600
# How many lines after "Comments" are looked at to tell whether they are readers' comments.
_COMMENT_LINES = 20

_PLAIN = str.maketrans("‘’“”«»\u2011", '\'\'""""-')
_LEAD = re.compile(r"^[\s\-–—•*►▶●·|>»\[(]+")
_MINUTES = re.compile(r"\(?\d+ ?min(?:utes?|s)?\b\)?")
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.…!?。][\"')\]]*$")
_REPORTED = re.compile(r"\b(?:said|says|told|wrote|according to)\b|,\"|\?\"")
_BOX = re.compile(r"\b(?:your inbox|newsletter|promotional|privacy policy|terms of (?:use|service))\b")
_BOX_HEADING = re.compile(r"(?:sign up|subscribe|register) (?:for|to)\b")
_NAMED = re.compile(r"[^\s:]{2,30}(?: [^\s:]{1,20})?:\s")
_CALLS = (
    wording.BUTTONS, wording.ADVERTISING, wording.COOKIES, wording.NEWSLETTER, wording.SUBSCRIPTION, wording.CONTACT,
    wording.READ_ON,
)  # fmt: skip


@lru_cache(maxsize=4096)
def plain(line: str) -> str:
    """The line as the rules read it: typographic quotes made plain, bullets at its start dropped, lower case."""
    return _LEAD.sub("", line.translate(_PLAIN)).strip().rstrip(")]").lower()


def ends_like_a_sentence(line: str) -> bool:
    """Whether a line closes with the punctuation of a sentence; headlines in lists do not."""
    return bool(_SENTENCE_END.search(line.translate(_PLAIN)))


def is_furniture(line: str) -> bool:
    """Whether a stripped line, wherever it stands, is navigation, sharing, advertising, a consent or newsletter box, a
    call to subscribe or to follow, a link to another story, a photo credit or a notice of rights."""
    count = line.count(" ") + 1
    if count > LONGEST or len(line) > _LONGEST_CHARACTERS or line.startswith(('"', "“", "”", "‘", "«", "„")):
        return False
    folded = plain(line)
    if not folded:
        return len(line) > 1 and set(line) <= set(">»|•►")
    if any(pattern.fullmatch(folded) for pattern in _CALLS):
        return not _REPORTED.search(folded)
    if wording.LINK.fullmatch(folded):
        return count <= 28 and not folded.endswith((".", '."', ".'"))
    if count <= 30 and (wording.CREDIT.fullmatch(folded) or wording.RIGHTS.fullmatch(folded)):
        return not _REPORTED.search(folded)
    return count <= 14 and _is_button_row(folded)


def is_box_text(line: str) -> bool:
    """Whether a line may describe a newsletter or an app. Such wording is common in articles too, so that it counts
    only beside a line that is surely furniture, or after the article's end."""
    if line.count(" ") >= 40 or len(line) > _LONGEST_CHARACTERS:
        return False
    folded = plain(line)
    return bool(_BOX.search(folded)) and not _REPORTED.search(folded)


def is_box_heading(line: str) -> bool:
    """Whether a line may head a newsletter box ("Sign up for Essential California"): furniture beside such lines."""
    heads = line.count(" ") < 10 and _BOX_HEADING.match(plain(line))
    return bool(heads) and not ends_like_a_sentence(line)


def opens_tail(line: str) -> bool:
    """Whether a line heads a list of other stories ("More to Read", "Most popular")."""
    return line.count(" ") < 7 and bool(wording.TAIL.fullmatch(plain(line).rstrip(":»> ")))


def opens_comments(line: str, following: Sequence[str]) -> bool:
    """Whether a line heads readers' comments: it counts or invites them, or lines "name: words" follow it."""
    folded = plain(line) + (")" if line.endswith(")") else "")
    if line.count(" ") >= 7 or not wording.COMMENTS.fullmatch(folded):
        return False
    looked_at = following[:_COMMENT_LINES]
    named = sum(bool(_NAMED.match(other)) for other in looked_at)
    return bool(wording.COUNTED.match(folded)) or (bool(looked_at) and 2 * named >= len(looked_at))


def _is_button_row(folded: str) -> bool:
    folded = _MINUTES.sub("", folded)
    found = _WORD.findall(folded)
    if len(found) < 2 or ends_like_a_sentence(folded) or any(character.isdigit() for character in folded):
        return False
    if all(word in wording.SHARING for word in found):
        return found[0] == "share" or sum(word in wording.NETWORKS for word in found) >= 2
    if all(word in wording.CONSENT for word in found):
        return found[0] in {"accept", "allow", "reject", "decline", "manage", "cookie", "cookies"}
    items = set(found) - {"and", "in", "up"}
    return len(items) >= 3 and all(word in wording.SECTIONS for word in items)
