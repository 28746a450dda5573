"""The first HTTP API: ``POST /v1/ask``, ``GET /healthz``, ``GET /articles/{id}``, and the chat page at ``/``."""

from __future__ import annotations

import asyncio
import html
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from assistant import render
from assistant.bootstrap import Home
from assistant.errors import AssistantError, BadInput, TooLarge
from assistant.records import event_to_dict, parse_request, to_dict
from assistant.types import Event


def create_app(home: Home) -> FastAPI:
    """The application over one home; while it runs it applies the home's changes to the indexes."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with home.applier():
            yield

    app = FastAPI(title="news-assistant", version="1", lifespan=lifespan)

    @app.exception_handler(AssistantError)
    async def problem(request: Request, error: AssistantError) -> JSONResponse:
        return JSONResponse({"error": {"code": error.code, "message": str(error)}}, error.http_status)

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        return {"status": "ok", **home.readiness()}

    @app.post("/v1/ask")
    async def ask(request: Request) -> Response:
        form = await _body(request, home.settings.server.max_body_bytes)
        question = parse_request(form, name="request body")
        deadline = time.monotonic() + home.settings.server.question_seconds
        cancel = threading.Event()
        if form.get("stream") is True or "text/event-stream" in request.headers.get("accept", ""):
            events = home.assistant.stream(question, deadline=deadline, cancel=cancel)
            return StreamingResponse(_server_sent(request, events, cancel), media_type="text/event-stream")
        answer = await asyncio.to_thread(home.assistant.ask, question, deadline=deadline, cancel=cancel)
        return JSONResponse(to_dict(answer))

    @app.get("/articles/{article_id:path}", response_class=HTMLResponse)
    def article(article_id: str) -> str:
        found = home.catalog.article(article_id)
        paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in found.text.split("\n") if p.strip())
        title, line = html.escape(found.source.title), html.escape(render.citation(found.source))
        return (
            f"<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            f"<title>{title}</title>"
            f"<body style='max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.1rem/1.6 serif'>"
            f"<h1>{title}</h1><p><em>{line}</em></p>{paragraphs}"
        )

    return app


async def _body(request: Request, limit: int) -> dict[str, Any]:
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > limit:
            raise TooLarge(f"The request body is over {limit:,} bytes; send less.")
    try:
        form = json.loads(data)
    except ValueError as error:
        raise BadInput('The request body is not JSON; send an object such as {"question": "…"}.') from error
    if not isinstance(form, dict):
        raise BadInput('The request body is not a JSON object; send one such as {"question": "…"}.')
    return form


async def _server_sent(request: Request, events: Iterator[Event], cancel: threading.Event) -> AsyncIterator[str]:
    """The events of an answer as server-sent events; a client that has gone away cancels the work."""
    try:
        while (event := await asyncio.to_thread(next, events, None)) is not None:
            name, data = event_to_dict(event)
            yield f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
            if await request.is_disconnected():
                break
    except AssistantError as error:
        form = {"code": error.code, "message": str(error)}
        yield f"event: error\ndata: {json.dumps(form, ensure_ascii=False)}\n\n"
    finally:
        cancel.set()


def run_server(home: Home, host: str, port: int) -> None:
    """Serve until interrupted. The page answers at once; models and indexes load behind it."""
    import gradio
    import uvicorn

    from assistant.entrypoints.ui import create_page

    app = gradio.mount_gradio_app(create_app(home), create_page(home), path="/", ssr_mode=False)
    home.load_in_background()
    uvicorn.run(app, host=host, port=port, log_level="info")
