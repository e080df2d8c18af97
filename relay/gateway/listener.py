"""What is asked of the system before anybody is served: a bound socket, and as many files as viewers need."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket

BACKLOG = 2048
"""Connections that may wait to be accepted."""
_FILES = 1 << 20
"""More open files are not asked for: programs exist that count them, and a source may run one."""


class CannotListen(Exception):
    """The address cannot be listened on; the sentence says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket.

    Raises:
        CannotListen: If the port is taken or the address is not this machine's.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # With its protocol named: asyncio turns Nagle's algorithm off only on sockets that say they are TCP.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise CannotListen(
            f"{host} is not an address of this machine: {error.strerror}. Choose one with --host."
        ) from error
    try:
        if hasattr(socket, "SO_REUSEPORT"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # At once, so that whoever reads that we listen can come: uvicorn takes over a moment later.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(
                f"Port {port} on {host} is in use."
                " Stop what listens there, or choose another with --port (0 picks a free one)."
            ) from error
        raise CannotListen(
            f"{host}:{port} cannot be listened on: {error.strerror}. Choose another with --host or --port."
        ) from error
    listener.setblocking(False)
    return listener


def allow_files() -> int:
    """Let this process open as many files as it may ask for; return how many, 0 where nobody says.

    Each viewer is one. What a shell allows at first (1,024, often) is a default from another time.
    """
    try:
        import resource
    except ImportError:  # Windows
        return 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 0
    wanted = _FILES if hard == resource.RLIM_INFINITY else max(soft, min(hard, _FILES))
    with contextlib.suppress(OSError, ValueError):  # macOS names no end and allows less
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


def url_of(listener: socket.socket, *, secure: bool, reachable: bool = False) -> str:
    """Return the address of what listens, as `http://HOST:PORT`.

    Args:
        listener: The bound socket.
        secure: Whether it speaks TLS.
        reachable: Name an address of this machine where the socket listens on all of them.
    """
    scheme = "https" if secure else "http"
    host, port = listener.getsockname()[:2]
    if reachable and ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1" if listener.family is socket.AF_INET else "::1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
