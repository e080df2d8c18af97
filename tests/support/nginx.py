"""nginx before a relay, as the README sets it up; for machines that have it, and anybody who may run it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from support import readme
from support.clients import WAIT_S
from support.ports import LOOPBACK, free_port

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
_FENCE = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
_AROUND = """
daemon off;
master_process off;
pid {work}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    {snippet}
}}
"""
"""What a package's own nginx.conf has around the server, for a process without rights that leaves nothing."""


def snippet() -> str:
    """Return the configuration that the README shows."""
    block = _FENCE.match(readme.after("nginx"))
    assert block, "README.md should have a ```nginx block under <!-- nginx -->"
    return block[1]


@contextmanager
def nginx_before(relay_url: str, work: Path) -> Iterator[str]:
    """Run nginx as the README says, but for its port, directory and relay; yield its address."""
    assert NGINX is not None
    port = free_port()
    relay = urlsplit(relay_url).netloc
    replaced = {
        "/var/cache/nginx/clawtank": f"{work}/cache",
        "listen 80;": f"listen {LOOPBACK}:{port};",
        "http://127.0.0.1:8787;": f"http://{relay};",
    }
    configuration = snippet()
    for theirs, ours in replaced.items():
        assert theirs in configuration
        configuration = configuration.replace(theirs, ours)
    work.mkdir()
    file = work / "nginx.conf"
    file.write_text(_AROUND.format(work=work, snippet=configuration))
    log = work / "stderr"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [NGINX, "-p", str(work), "-e", "stderr", "-c", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        _wait_until_it_listens(process, port, log)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            socket.create_connection((LOOPBACK, port), timeout=WAIT_S).close()
            return
        except OSError:
            running = process.poll() is None and time.monotonic() < deadline
            assert running, f"nginx does not listen\n{log.read_text()}"
            time.sleep(0.02)
