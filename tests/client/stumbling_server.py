"""A small real HTTP server that does not do what it should: it says 503, dies in the middle, sends on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """What it sends; ``cut`` ends the connection so many bytes before the end of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


DEAD = None
"""It closes the connection without a word."""
EMPTY_LIST = Reply(body=json.dumps({"d": {"Copyright": "", "DataSources": []}}).encode())


@dataclass
class Request:
    """What it got."""

    method: str
    target: str
    body: bytes
    at_s: float


@dataclass
class Stumbling:
    """The running server; its script is used up reply by reply, and the last one goes on."""

    url: str
    script: list[Reply | None]
    requests: list[Request] = field(default_factory=list)


@contextmanager
def stumbling_server(*script: Reply | None) -> Iterator[Stumbling]:
    """Run it until the block is left."""
    state = Stumbling("", list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.requests.append(Request(self.command, self.path, body, time.monotonic()))
            reply = state.script.pop(0) if len(state.script) > 1 else state.script[0]
            self.close_connection = reply is None or reply.cut > 0
            if reply is None:
                return
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) - reply.cut])

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  what they are called

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
