"""Prompts are files: ``prompts/NAME.md``, with front matter and ``$variables``, never strings in code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from string import Template

import frontmatter

from assistant.resources import resource


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt. ``id`` is ``name@hash`` of the file's content, so that an answer's trace names the exact wording."""

    id: str
    system: str
    user: str

    def render(self, **variables: str) -> tuple[str, str]:
        """(system, user) with every ``$variable`` filled in; raises KeyError for one that is missing.

        Values are inserted as they are: a ``$`` inside an article is text, never a variable.
        """
        return Template(self.system).substitute(variables), Template(self.user).substitute(variables)


@cache
def load_prompt(name: str) -> Prompt:
    """Read ``prompts/{name}.md``: front matter, a system part, a line ``---user---``, a user part."""
    raw = (resource("prompts") / f"{name}.md").read_text(encoding="utf-8")
    body = frontmatter.loads(raw).content
    system, _, user = body.partition("---user---")
    digest = hashlib.sha256(raw.encode()).hexdigest()[:12]
    return Prompt(id=f"{name}@{digest}", system=system.strip(), user=user.strip())
