"""A small corpus of invented articles with cases over it, and homes that need no model."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.bootstrap import Home
from assistant.errors import ModelUnavailable
from assistant.models.hashing import HashingEmbedder
from assistant.ports import Limits, Message, Vectors

TOWNS = (
    "Arlen Brack Corvey Dunmore Elli Farrow Gessel Harnow Istrel Jorvik Kelling Lomond Marsk Norwell Ostry Pell".split()
)
PEOPLE = "Lund Hill Okoro Vance Petrov Silva Marsh Tanaka Weber Costa Ngata Quist Reyes Solberg Thorne Ulrich".split()


def write_data(folder: Path, copies: int = 3) -> Path:
    """Articles into ``folder/news`` and 4 cases for each into ``folder/cases.jsonl``: who, how much, what was not, and
    one that no article answers. Returns the cases' path."""
    news = folder / "news"
    news.mkdir(parents=True, exist_ok=True)
    lines = []
    for index, (town, person) in enumerate((t, p) for t in TOWNS for p in PEOPLE[:copies]):
        cost, name = 11 + 3 * index, f"{town.lower()}-{person.lower()}"
        told = [
            f"Engineer {person} of {town} presented the new harbour plan for {town} to the council on Monday.",
            f"The {town} harbour plan by {person} will cost {cost} million euros over ten years.",
            f"The {town} council did not reject the harbour plan of {person} and asked no further questions.",
        ]
        head = f"---\nid: {name}\ntitle: Harbour plan of {person} in {town}\noutlet: Courier\ndate: 2024-05-03\n---\n\n"
        (news / f"{name}.md").write_text(head + " ".join(told) + "\n", encoding="utf-8")
        asked = (
            ("who", f"Which engineer named {person} presented the harbour plan for {town}?", person, told[0]),
            ("cost", f"How many million euros will the {town} harbour plan by {person} cost?", str(cost), told[1]),
            ("not", f"Did the {town} council reject the harbour plan of {person}?", "not reject", told[2]),
        )
        for kind, question, answer, quote in asked:
            lines.append({
                "id": f"{name}-{kind}", "question": question, "answers": [answer], "wrong_answers": ["999"],
                "gold_article_ids": [name], "gold_quotes": [quote], "tags": [kind],
            })  # fmt: skip
        lines.append({
            "id": f"{name}-none", "question": f"Why was the opera singer Zubrowska {index} banned from Mars?",
            "answerable": False, "tags": ["none"],
        })  # fmt: skip
    path = folder / "cases.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


class SlowEmbedder(HashingEmbedder):
    """Takes 20 ms for a question, so that a run can be killed in its middle."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        time.sleep(0.02)
        return super().embed_questions(texts)


class FlakyChat:
    """Implements `ChatModel`: quotes the first passage it is given; out of reach for every third question by its
    length, until it is ``mended``."""

    name = "flaky"
    mended = False

    def stream(self, messages: Sequence[Message], limits: Limits) -> Iterator[str]:
        prompt = messages[-1].content
        if not self.mended and len(prompt) % 3 == 0:
            raise ModelUnavailable("The model is away; ask again.")
        found = re.search(r"\[1\] \([^)]*\) (.*)", prompt)
        yield f"{found[1]} [1]" if found else "NOT IN THE SOURCES"


def hashing(home: Home) -> None:
    """Give a home an embedder that needs no model."""
    vars(home)["embedder"] = HashingEmbedder()


def slow(home: Home) -> None:
    """The same, slowly."""
    vars(home)["embedder"] = SlowEmbedder()


if __name__ == "__main__":
    import sys

    from evals import run

    run(f"jsonl:{sys.argv[1]}", sys.argv[2], options={"articles": sys.argv[3]}, prepare=slow)
