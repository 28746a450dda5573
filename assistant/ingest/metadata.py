"""Title, outlet, language and kind of an article, from what its format states and from its own words."""

from __future__ import annotations

import re
from typing import cast, get_args

from assistant.ingest.identity import host_of
from assistant.types import Kind

_KINDS = frozenset(get_args(Kind))
_SUFFIX = re.compile(r"^(?P<title>.{8,}?)\s+(?P<mark>[|–—-]|::|»)\s+(?P<outlet>[^|]{2,40})$")
_SCRAP = re.compile(r"\s+\|\s+\S{0,12} ?(?:\.\.\.|…)$")  # "… | CNN ...": a title cut short by a search page

# Words of an address or section name, and of a title's beginning, that tell the kind.
_PATH_KINDS: tuple[tuple[Kind, str], ...] = (
    ("live_blog", r"live(?:blog|-blog|-news|-updates?|-updates-\S+)?|liveticker"),
    ("opinion", r"opinions?|columns?|columnists?|commentisfree|editorials?|op-?eds?|voices|views|comment|letters"),
    ("opinion", r"meinung|kommentar"),
    ("analysis", r"analysis|explainers?|in-depth|deep-dives?"),
    ("interview", r"interviews?|q-?and-?a"),
    ("press_release", r"press-?releases?|news-releases?|prnewswire|pressemitteilung(?:en)?"),
)  # fmt: skip
_TITLE_KINDS: tuple[tuple[Kind, str], ...] = (
    ("live_blog", r"^live(?: updates?| blog)?\s*[:|–-]|\blive (?:updates|blog|ticker)\b|\bas it happened\b"),
    ("opinion", r"^(?:opinions?|op-?ed|editorial|column|commentary|comment|letters?|kommentar|meinung)\s*[:|–-]"),
    ("opinion", r"\|\s*(?:opinion|column|editorial)\s*$"),
    ("interview", r"^(?:an? )?interview\b.{0,40}[:|–-]|^q ?(?:&|and) ?a\s*[:|–-]"),
    ("press_release", r"^(?:press|news|media) release\b|^pressemitteilung\b"),
    ("analysis", r"^(?:news )?analysis\s*[:|–-]|^explain(?:ed|er)\s*[:|–-]|[|:]\s*analysis\b.{0,16}$"),
)  # fmt: skip
_RELEASE = re.compile(r"^\W*for immediate release\b|^\W*embargoed until\b", re.IGNORECASE | re.MULTILINE)


def title_and_suffix(title: str, outlet: str, url: str) -> tuple[str, str]:
    """A title without the outlet's name at its end, and that name: "… | CNN Business" on cnn.com.

    After "|" any one to four capitalised words are a name; after a dash only what the outlet or the host confirms,
    since titles have dashes of their own.
    """
    title = _SCRAP.sub("", title).strip()
    match = _SUFFIX.match(title)
    if not match:
        return title, ""
    name = match["outlet"].strip()
    known = _squeezed(name) and (_squeezed(name) in _squeezed(outlet + host_of(url)) or _confirmed(name, outlet, url))
    named = match["mark"] == "|" and len(name.split()) <= 4 and all(word[0].isupper() for word in name.split())
    return (match["title"].strip(), name) if known or named else (title, "")


def choose_outlet(stated: str, header: str, suffix: str, url: str) -> str:
    """The outlet: as stated, else the URL's host, else as the text's header names it, else the title's suffix.

    A filter by outlet needs one name for all articles of an outlet. The host is that; only a quarter of one outlet's
    titles bear a suffix (RealTimeQA 2022, cnn.com), in five spellings, and the header of a page often names the agency.
    """
    return stated or host_of(url) or header or suffix


def choose_kind(stated: str, *, title: str, section: str, url: str, text: str, dated: bool, byline: str) -> Kind:
    """The kind: as stated where it is one of ours, else by the words of title, section, address and opening.

    Where nothing tells, an article with a date and a byline is a ``report``, the plain case of news; others stay
    ``unknown``.
    """
    named = stated.strip().lower().replace(" ", "_").replace("-", "_")
    if named in _KINDS:
        return cast(Kind, named)
    for kind, pattern in _TITLE_KINDS:
        if re.search(pattern, title, re.IGNORECASE):
            return kind
    if _RELEASE.search(text[:300]):
        return "press_release"
    path = url.split("//", 1)[-1].partition("/")[2]
    parts = (*re.split(r"[/?#]", path.lower()), section.lower().replace(" ", "-"), named.replace("_", "-"))
    for kind, pattern in _PATH_KINDS:
        if any(re.fullmatch(pattern, part) for part in parts):
            return kind
    return "report" if dated and byline else "unknown"


def choose_language(stated: str, text: str) -> str:
    """ISO 639-1 code: as stated ("en-US" is en), else detected by py3langid on 40 characters or more, else ""."""
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_]\w+)*", stated.strip())
    if match:
        return match[1].lower()
    if len(text) < 40:
        return ""
    from py3langid import classify  # loads its model, 0.5 s

    return str(classify(text[:1000])[0])


def _confirmed(name: str, outlet: str, url: str) -> bool:
    """Whether the suffix begins with the outlet's name or the host's: "CNN Business" on cnn.com, "USA TODAY"."""
    label = host_of(url).split(".")[0]
    return any(len(known) >= 3 and _squeezed(name).startswith(known) for known in (_squeezed(outlet), _squeezed(label)))


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
