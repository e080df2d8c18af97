"""A relay's HTTP side that answers what a test tells it to, and notes what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from support.ports import LOOPBACK

Answer = Callable[[str, str, Any], tuple[int, Any]]
"""Method, path and body to status and JSON."""


@dataclass
class Answering:
    """What went over the line.

    Attributes:
        url: Where to ask.
        asked: Method, path and body of each request, in order.
    """

    url: str
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def bodies(self) -> list[Any]:
        """The bodies alone."""
        return [body for _, _, body in self.asked]


@contextmanager
def answering(answer: Answer) -> Iterator[Answering]:
    """Listen on a loopback port until the test is over."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            relay.asked.append((self.command, self.path, body))
            status, said = answer(self.command, self.path, body)
            text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _serve

        def log_message(self, format: str, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer((LOOPBACK, 0), Handler) as server:
        relay = Answering(f"http://{LOOPBACK}:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown()
            thread.join()
