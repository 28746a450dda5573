"""Reading web pages and pieces of HTML."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from assistant.errors import Unreadable
from assistant.ingest.decode import decode
from assistant.ingest.extract import Extract
from assistant.ingest.identity import canonical_url

# Elements that no reader of the page sees. Text hidden this way is where instructions to language models are planted.
_HIDDEN = etree.XPath(
    "//comment() | //script[not(@type='application/ld+json')] | //style | //template | //noscript | //iframe | //svg"
    " | //*[@hidden] | //*[translate(@aria-hidden, 'TRUE', 'true') = 'true'] | //input[@type='hidden']"
)
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d]*[1-9])", re.I
)
_BLOCKS = frozenset("p h2 h3 h4 h5 h6 li blockquote pre td th figcaption dt dd".split())
_ASIDE = frozenset("nav header footer aside form button select figure figcaption".split())
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_DATE_NAMES = (
    "article:published_time", "og:article:published_time", "datepublished", "article.published", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "pubdate", "publishdate", "publish-date",
    "publication_date", "date", "cxenseparse:recs:publishtime",
)  # fmt: skip
_LEAST = 25  # words; less from trafilatura is no article but a caption or a notice, and the fallback is asked


def read_html(raw: bytes, url: str = "", charset: str = "") -> Extract:
    """A page's article by trafilatura, with its metadata; hidden elements are removed before anything is read.

    ``url`` is the address the page came from. A canonical address is believed only for the same host, or where the
    page came from a file: else any page could pass itself off as another outlet's article.
    """
    declared = _CHARSET.search(raw[:4096])
    tree = _parse(decode(raw, charset or (declared[1].decode("ascii", "replace") if declared else "")))
    meta = _meta(tree)
    linked = [item for item in _json_ld(tree) if _is_article(item)]
    published = [item.get("datePublished") for item in linked]
    published += [*(meta.get(name) for name in _DATE_NAMES), *_times(tree)]
    _remove_hidden(tree)
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what is wrong is said once, by us
    page = trafilatura.bare_extraction(
        html.tostring(tree, encoding="unicode"), url=url or None, with_metadata=True, include_comments=False
    )
    text = str(page.text or "") if page else ""
    if len(text.split()) < _LEAST:
        text = _paragraph_text(tree)
    headings = [_text(heading) for heading in tree.iterfind(".//h1")]
    titles = (meta.get("og:title"), str(page.title or "") if page else "", *headings, tree.findtext(".//title"))
    return Extract(
        text=text,
        title=next((title for title in titles if title and title.strip()), ""),
        outlet=meta.get("og:site_name") or next((_name(item.get("publisher")) for item in linked), ""),
        url=_own_address(tree, meta, url),
        byline=(str(page.author or "").replace("; ", ", ") if page else "") or meta.get("author", ""),
        published=tuple(value for value in published if value),
        kind=_kind(linked),
        section=meta.get("article:section", ""),
        language=tree.get("lang") or "",
    )


def text_of(markup: str) -> str:
    """The text of a piece of HTML such as a feed's entry: one block a paragraph, nothing hidden."""
    if not re.search(r"<(?:p|br|div|li|h\d)\b[^>]*>", markup, re.I):
        return html.fromstring(f"<div>{markup}</div>").text_content() if re.search(r"<\w|&\w+;", markup) else markup
    tree = _parse(f"<html><body>{markup}</body></html>")
    _remove_hidden(tree)
    for element in tree.iter("br"):
        element.tail = "\n" + (element.tail or "")
    for element in tree.iter(*_BLOCKS, "div"):
        element.tail = "\n\n" + (element.tail or "")
        element.text = "\n\n" + (element.text or "")
    return str(tree.text_content())


def _parse(text: str) -> html.HtmlElement:
    try:
        # lxml refuses text that declares an encoding; it is decoded already.
        return html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", "")))
    except (etree.ParserError, ValueError) as error:
        raise Unreadable("The page is empty or is no HTML; there is nothing to read.") from error


def _remove_hidden(tree: html.HtmlElement) -> None:
    styled = [element for element in tree.iter() if _HIDING_STYLE.search(str(element.get("style") or ""))]
    for element in [*_HIDDEN(tree), *styled]:
        if element is not tree and element.getparent() is not None:
            element.drop_tree()


def _meta(tree: html.HtmlElement) -> dict[str, str]:
    """Meta tags by property, name or itemprop in lower case; of several, the first."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            if element.get(attribute) and (element.get("content") or "").strip():
                found.setdefault(element.get(attribute).strip().lower(), element.get("content").strip())
    return found


def _json_ld(tree: html.HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() == "application/ld+json":
            try:
                yield from _objects(json.loads(script.text_content()))
            except (ValueError, RecursionError):
                continue


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item
            yield from _objects(item.get("@graph", []))


def _is_article(item: dict[str, Any]) -> bool:
    return bool(re.search(r"Article|Posting|PressRelease", str(item.get("@type", ""))))


def _kind(linked: list[dict[str, Any]]) -> str:
    """The kinds that schema.org has a type for."""
    types = " ".join(str(item.get("@type", "")) for item in linked)
    kinds = {
        "PressRelease": "press_release",
        "OpinionNewsArticle": "opinion",
        "AnalysisNewsArticle": "analysis",
        "LiveBlogPosting": "live_blog",
    }
    return next((kind for name, kind in kinds.items() if name in types), "")


def _name(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value.get("name") or "") if isinstance(value, dict) else str(value or "")


def _times(tree: html.HtmlElement) -> Iterator[str]:
    """The dates of ``time`` elements in the article, outside asides."""
    for element in tree.iterfind(".//article//time"):
        if not any(parent.tag == "aside" for parent in element.iterancestors()):
            yield element.get("datetime") or _text(element)


def _own_address(tree: html.HtmlElement, meta: dict[str, str], url: str) -> str:
    links = [link.get("href") or "" for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    for candidate in filter(None, map(canonical_url, (*links, meta.get("og:url", "")))):
        host, _, path = candidate.split("//", 1)[1].partition("/")
        if path and (not url or canonical_url(url).split("//", 1)[1].partition("/")[0] == host):
            return candidate
    return url


def _paragraph_text(tree: html.HtmlElement) -> str:
    """The fallback: the paragraphs and headings of the article element, else of the page, outside navigation."""
    root = max(tree.iterfind(".//article"), key=lambda found: len(_text(found)), default=tree)
    blocks = (element for element in root.iter("p", "h2", "h3", "blockquote", "li") if isinstance(element.tag, str))
    return "\n".join(_text(block) for block in blocks if not any(up.tag in _ASIDE for up in block.iterancestors()))


def _text(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
