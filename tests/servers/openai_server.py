"""A real OpenAI-compatible server for tests, over a local model or over none, with faults on demand.

    python tests/servers/openai_server.py [--port 0] [--local PATH]

prints its base address (``http://127.0.0.1:PORT/v1``) and serves ``POST /v1/chat/completions`` (streamed or not) and
``GET /v1/models`` in OpenAI's wire format, and ``GET /stats``. A client that goes away stops its generation and is
counted. The name of the model in a request chooses what happens:

    local           the model at PATH (needs --local)
    echo            the last user message, word by word; no torch
    slow, fast      a word every 0.1 s or every millisecond, without end
    silent          nothing, ever, until the client goes
    status-401      that status; 429 says Retry-After: 1; a 401 repeats the key it was given, as bad servers do
    flaky           500 to the first call, then like echo
    no-temperature  400 to any call with a temperature, as reasoning models do, then like echo
    drop            two pieces, then the connection is cut
    malformed       a stream of broken JSON
    html            a web page, as a wrong address gives
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from assistant.errors import Cancelled
from assistant.models.chat import LangChainChat, load_chat_model
from assistant.ports import Limits, Message

NAMES = ("local", "echo", "slow", "fast", "silent", "flaky", "no-temperature", "drop", "malformed", "html")


class OpenAIServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, local: LangChainChat | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.local = local
        self.counts: Counter[str] = Counter(requests=0, pieces=0, finished=0, cancelled=0)
        self.last: dict[str, Any] = {}


class Handler(BaseHTTPRequestHandler):
    server: OpenAIServer
    protocol_version = "HTTP/1.1"  # with chunked bodies, so that a cut connection differs from an ended answer

    def do_GET(self) -> None:
        if self.path == "/stats":
            self._json(200, {**self.server.counts, "last": self.server.last})
        elif self.path == "/v1/models":
            self._json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in NAMES]})
        else:
            self._fail(404, "no such page")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.counts.update(["requests", body["model"]])
        self.server.last = {"body": body, "authorization": self.headers.get("Authorization", "")}
        with self._watched() as gone:
            try:
                self._complete(body, gone)
                self.server.counts["finished"] += 1
            except (Cancelled, OSError):
                self.server.counts["cancelled"] += 1

    @contextmanager
    def _watched(self) -> Iterator[threading.Event]:
        """An event that is set when the client has gone."""
        gone, over = threading.Event(), threading.Event()

        def watch() -> None:
            while not over.is_set():
                readable, _, _ = select.select([self.connection], [], [], 0.05)
                try:
                    if readable and not self.connection.recv(1, socket.MSG_PEEK):
                        gone.set()
                except ConnectionResetError:
                    gone.set()
                if readable:
                    time.sleep(0.05)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield gone
        finally:
            over.set()
            thread.join()

    def _complete(self, body: dict[str, Any], gone: threading.Event) -> None:
        name = body["model"]
        if name.startswith("status-"):
            self._fail(int(name.removeprefix("status-")), f"refused {self.headers.get('Authorization', '')}")
        elif name == "flaky" and self.server.counts[name] == 1:
            self._fail(500, "try again")
        elif name == "no-temperature" and "temperature" in body:
            self._fail(400, "Unsupported value: 'temperature' does not support 0.0 with this model.")
        elif name == "html":
            self._whole(200, "text/html", b"<html><body>Welcome</body></html>")
        elif name == "malformed":
            self._begin()
            self._send(b'data: {"choices": [{"delta": {"content": "The"\n\n')
            self._send(b"")
        elif name not in NAMES or (name == "local" and self.server.local is None):
            self._fail(404, f"The model `{name}` does not exist")
        elif body.get("stream"):
            self._stream(name, body, gone)
        else:
            text = "".join(self._pieces(name, body, gone))
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self._json(200, {**_frame(name, "chat.completion"), "choices": [choice]})

    def _stream(self, name: str, body: dict[str, Any], gone: threading.Event) -> None:
        self._begin()
        for piece in self._pieces(name, body, gone):
            self._event(name, {"content": piece}, None)
        self._event(name, {}, "stop")
        self._send(b"data: [DONE]\n\n")
        self._send(b"")

    def _event(self, name: str, delta: dict[str, str], finish_reason: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        event = {**_frame(name, "chat.completion.chunk"), "choices": [choice]}
        self._send(f"data: {json.dumps(event)}\n\n".encode())

    def _pieces(self, name: str, body: dict[str, Any], gone: threading.Event) -> Iterator[str]:
        for piece in self._text(name, body["messages"], Limits(cancel=gone)):
            self.server.counts["pieces"] += 1
            yield piece

    def _text(self, name: str, messages: list[dict[str, str]], limits: Limits) -> Iterator[str]:
        if name == "local":
            assert self.server.local is not None
            yield from self.server.local.stream([Message(m["role"], m["content"]) for m in messages], limits)  # type: ignore[arg-type]
            return
        words = messages[-1]["content"].split(" ")
        while name in ("slow", "fast", "silent"):
            limits.check()
            time.sleep(0.001 if name == "fast" else 0.1)
            if name != "silent":
                yield words[0] + " "
        for i, word in enumerate(words):
            if name == "drop" and i == 2:
                self.connection.shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError
            limits.check()
            yield word if i == 0 else " " + word

    def _fail(self, status: int, message: str) -> None:
        self._json(status, {"error": {"message": message, "type": "error", "code": None}})

    def _json(self, status: int, value: object) -> None:
        self._whole(status, "application/json", json.dumps(value).encode())

    def _whole(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _send(self, chunk: bytes) -> None:
        """One chunk of a chunked body; an empty one ends it."""
        self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")

    def log_message(self, *_: Any) -> None:
        pass


def _frame(name: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-test", "object": kind, "created": int(time.time()), "model": name}


@contextmanager
def running_server(local: Path | None = None) -> Iterator[str]:
    """The server in a process of its own while the block runs; gives its base address, to use as ``base_url``."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, __file__] + (["--local", str(local)] if local else [])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def stats(base_url: str) -> dict[str, Any]:
    """What the server at this base address has counted: requests, pieces, finished, cancelled; and the last request."""
    with urllib.request.urlopen(base_url.removesuffix("/v1") + "/stats", timeout=5) as response:
        return dict(json.load(response))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--local", help="a transformers folder or a GGUF file")
    arguments = parser.parse_args()
    local = load_chat_model(f"local:{arguments.local}") if arguments.local else None
    if local:
        local.load()
    with OpenAIServer(arguments.port, local) as server:
        print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
