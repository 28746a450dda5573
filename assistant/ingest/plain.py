"""Reading plain text and Markdown, with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from assistant.errors import Unreadable
from assistant.ingest.extract import Extract, from_fields

# A line of this part of the longest comes near it: the next word, of up to 20 letters in lines of 70, did not fit.
_NEAR = 0.7


def read_text(text: str) -> Extract:
    """Plain text. Lines that an editor broke at a fixed width are joined again."""
    extract = _front_matter(text)
    return from_fields({}, unwrap(text)) if extract is None else from_fields(extract[0], unwrap(extract[1]))


def read_markdown(text: str) -> Extract:
    """Markdown, as the plain text a reader sees: no markup, link targets, images, HTML tags or HTML comments."""
    fields, body = _front_matter(text) or ({}, text)
    return from_fields(fields, "\n\n".join(_blocks(body)))


def unwrap(text: str) -> str:
    """Join lines that were broken at a fixed width into their paragraphs.

    A text is taken to be so broken where no line has more than 140 characters and a quarter of the lines run on: the
    next line begins in lower case. A line that does not come near the longest ends its paragraph.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    pairs = [(line.rstrip(), after.strip()) for line, after in pairwise(lines) if line.strip() and after.strip()]
    width = max((len(line) for line, _ in pairs), default=0)
    running_on = sum(after[0].islower() for _, after in pairs)
    if not 40 <= width <= 140 or 4 * running_on < len(pairs):
        return text
    joined: list[list[str]] = []
    for line, before in zip(lines, ["", *lines], strict=False):
        if len(before.rstrip()) < _NEAR * width or not line.strip() or line.startswith(("  ", "\t")):
            joined.append([line.strip()])
        elif re.search(r"[^\W\d_]-$", joined[-1][-1]) and line.strip()[:1].islower():
            joined[-1][-1:] = [joined[-1][-1][:-1], line.strip()]
        else:
            joined[-1] += [" ", line.strip()]
    return "\n".join("".join(parts) for parts in joined)


def _front_matter(text: str) -> tuple[dict[str, Any], str] | None:
    if not text.lstrip("\ufeff").startswith("---"):
        return None
    import frontmatter
    import yaml

    try:
        fields, body = frontmatter.parse(text.lstrip("\ufeff"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(getattr(error, "problem", "") or error).split("\n")[0]
        raise Unreadable(
            f"The front matter is not valid YAML ({reason}); correct what stands between '---'."
        ) from error
    return fields, body


def _blocks(text: str) -> Iterator[str]:
    """The text of each Markdown block; numbers and bullets of lists are kept."""
    from markdown_it import MarkdownIt

    mark = ""
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "list_item_open":
            mark = f"{token.info}{token.markup} " if token.info else "- "
        elif token.type in ("code_block", "fence"):
            yield token.content
        elif token.type == "inline":
            inline = "".join(
                " " if child.type in ("softbreak", "hardbreak") else child.content
                for child in token.children or ()
                if child.type in ("text", "code_inline", "softbreak", "hardbreak", "text_special")
            )
            yield mark + inline
            mark = ""
