"""The clients' programs, each run for the length of a `with`: told what to watch, and listened to."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

from chaos.clients.kinds import browser, node

_HERE = Path(__file__).parent
_END_S = 20.0
_QUIET = (
    "--headless",
    "--no-sandbox",  # with one it would not run as root, or in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--no-first-run",
    "--remote-debugging-port=0",  # a headless browser ends when its page is loaded, but for this
)

Task = dict[str, Any]
Take = Callable[[bytes], None]


@contextmanager
def node_program(task: Task, take: Take) -> Iterator[None]:
    """Run the viewers of node's `ws`."""
    program = node()
    assert program is not None
    with _program([program, str(_HERE / "node.mjs")], task, take):
        yield


@contextmanager
def python_program(task: Task, take: Take) -> Iterator[None]:
    """Run the viewers of Python's `websockets`."""
    with _program([sys.executable, str(_HERE / "python_client.py")], task, take):
        yield


@contextmanager
def browser_program(task: Task, take: Take) -> Iterator[None]:
    """Run a browser on a page that asks for its task where it came from, and posts what it was given."""
    program = browser()
    assert program is not None
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), _page(task, take)) as server,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        command = [program, *_QUIET, f"--user-data-dir={profile}", address]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
        try:
            yield
        finally:
            process.terminate()
            process.wait(_END_S)
            server.shutdown()


PROGRAMS: Mapping[str, Callable[[Task, Take], AbstractContextManager[None]]] = {
    "browser": browser_program,
    "node": node_program,
    "python": python_program,
}


@contextmanager
def _program(command: list[str], task: Task, take: Take) -> Iterator[None]:
    """Run a program: one line in, many out."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
        reader = threading.Thread(target=_each, args=(process.stdout, take), daemon=True)
        reader.start()
        try:
            yield
        finally:
            process.kill()
            reader.join()


def _each(stream: IO[bytes], take: Take) -> None:
    for line in stream:
        if line.endswith(b"\n"):  # the last may be half a line: the program is ended in the middle
            take(line)


def _page(task: Task, take: Take) -> type[BaseHTTPRequestHandler]:
    document = (_HERE / "browser.html").read_bytes()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/task":
                self._answer(json.dumps(task).encode(), "application/json")
            else:
                self._answer(document, "text/html")

        def do_POST(self) -> None:
            take(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(b"", "text/plain")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    return Page
