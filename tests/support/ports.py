"""Loopback ports: one that is free, one that is taken."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port that was free a moment ago.

    Prefer port 0 and reading back what was bound: this is for an address that must be known before
    its server runs.
    """
    with socket.create_server((LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def busy_port() -> Iterator[int]:
    """Hold a port that somebody listens on and nobody answers."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]
