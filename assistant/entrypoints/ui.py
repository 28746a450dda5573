"""The first chat page: a question box, the answer as it comes, its sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import gradio

from assistant import render
from assistant.bootstrap import Home
from assistant.errors import AssistantError
from assistant.records import parse_request
from assistant.types import AnswerReady, Evidence, Sentence, Stage


def create_page(home: Home) -> gradio.Blocks:
    """The page over one home, to be mounted beside the API."""

    def respond(message: str, history: list[dict[str, Any]]) -> Iterator[str]:
        shown = ""
        turns = [{"role": turn["role"], "content": _plain(turn["content"])} for turn in history]
        try:
            request = parse_request({"question": message, "history": turns}, name="question")
            if not home.readiness()["ready"]:
                yield "The models are loading; the answer follows in a few seconds …"
            for event in home.assistant.stream(request):
                match event:
                    case Stage() if not shown:
                        yield f"{event.name}: {event.count} …"
                    case Sentence():
                        shown = f"{shown}\n\n{render.escape(event.claim.text)}".strip()
                        yield shown
                    case AnswerReady():
                        yield render.as_markdown(event.answer, _page)
        except AssistantError as error:
            yield render.escape(str(error))

    with gradio.Blocks(title="news-assistant", analytics_enabled=False) as page:
        gradio.ChatInterface(
            respond,
            title="Ask the news",
            description="Answers are sentences of the stored articles, each with its source.",
            concurrency_limit=8,
        )
    page.queue(default_concurrency_limit=8)
    return page


def _page(evidence: Evidence) -> str:
    """The address of an article's page on this server."""
    return f"/articles/{quote(evidence.source.article_id, safe='')}"


def _plain(content: Any) -> str:
    """The text of a message of Gradio's history, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content if isinstance(part, dict))
