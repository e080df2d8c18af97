"""How an agent's hook hands its events over: at once if the relay answers at once, else by way of the disk.

An agent waits for its hooks. So there is one short time for everything, names and connections included; what
was not answered by then is left in the data directory and goes along with the next hook. Only events in the
spectator's shape get here, and each has an id: whatever is sent twice is shown once.

No HTTP library: importing one takes longer than the rest of the hook.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False  # importing it costs
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from typing import Any

MOST_KEPT = 500
"""Batches that wait for a relay at most; the oldest go first."""
TITLE_LENGTH = 200
_AT_ONCE = 256 * 1024
"""Bytes of waiting batches that are sent at once."""
_FOR_GOOD = (400, 401, 403, 404, 413)
_SENT = (200, 422)


class HookFailed(Exception):
    """A hook cannot do what it was asked to; the text says why and quotes nothing."""


class Address:
    """Where a relay is, and what opens its door."""

    def __init__(self, url: str, token: str, authority: str = "", *, own: bool = False) -> None:
        """Take the parts.

        Args:
            url: `http://`, `https://`, `ws://` or `wss://`.
            token: A publish token of the room, or the operator's.
            authority: A file of certificate authorities; empty for the system's.
            own: It is this machine's own relay, whatever name is in its certificate.

        Raises:
            HookFailed: If the address is none, or the token would travel in clear to another host.
        """
        # By hand: `urllib.parse` would take longer than anything else in here.
        scheme, _, rest = url.partition("://")
        place = rest.partition("/")[0]
        host, colon, port = place.rpartition(":")
        if not colon or "]" in port:
            host, port = place, ""
        self.secure = scheme in ("https", "wss")
        self.place, self.host = place, host.strip("[]")
        self.port = int(port) if port.isdecimal() else 443 if self.secure else 80
        self.token, self.authority, self.own = token, authority, own
        if (
            scheme not in ("http", "https", "ws", "wss")
            or not self.host
            or not (port + "0").isdecimal()
            or "@" in place
        ):
            raise HookFailed("this is not a relay's address: write it like https://relay.example")
        if not self.secure and not own and self.host not in ("127.0.0.1", "localhost", "::1"):
            raise HookFailed("the token would travel unencrypted: use an https:// or wss:// address")


class Outbox:
    """The events of one room that are on their way to one relay."""

    def __init__(self, directory: str, now_ns: Callable[[], int]) -> None:
        """Bind the directory where batches wait; it is made when the first one has to.

        Args:
            directory: One room's, for one relay.
            now_ns: Nanoseconds since the Unix epoch; batches wait in this order.
        """
        self._directory = directory
        self._now_ns = now_ns

    def deliver(self, address: Address | None, room: str, events: list[Any], within_s: float) -> str:
        """Send what waits, then these events; keep them if that fails. Return why a relay refused them.

        Args:
            address: The relay; None if there is none now.
            room: The room's id.
            events: In the spectator's shape, each with an id and a time.
            within_s: How long the caller waits for it.
        """
        waiting = self._waiting()
        sending: dict[str, str] = {}
        size = 0
        for name in waiting:
            batch = self._read(name)
            size += len(batch)
            if size > _AT_ONCE and sending:
                break
            sending[name] = batch
        # Never out of order: what is new waits behind what could not go along this time.
        late = len(sending) < len(waiting)
        lines = [*sending.values(), *([] if late else map(json.dumps, events))]
        answer = _in_time(lambda: _post(address, room, lines), within_s) if address else None
        settled = answer is not None and answer[0] in (*_SENT, *_FOR_GOOD)
        if late or not settled:
            self._keep(events, waiting)
        if not settled or answer is None:
            return ""
        for name in sending:
            _remove(os.path.join(self._directory, name))
        return "" if answer[0] in _SENT else answer[1]

    def _waiting(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._directory) if name.endswith(".jsonl"))
        except OSError:
            return []

    def _read(self, name: str) -> str:
        try:
            with open(os.path.join(self._directory, name), encoding="utf-8") as stream:
                return stream.read().strip()
        except OSError:
            return ""  # another hook has sent it meanwhile

    def _keep(self, events: list[Any], waiting: list[str]) -> None:
        """Write a batch as a file of its own, whole or not at all: hooks run side by side."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        for name in waiting[: max(0, len(waiting) + 1 - MOST_KEPT)]:
            _remove(os.path.join(self._directory, name))
        name = os.path.join(self._directory, f"{self._now_ns():020}-{os.urandom(4).hex()}")
        descriptor = os.open(name + ".part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("".join(json.dumps(_clean(event)) + "\n" for event in events))
        os.replace(name + ".part", name + ".jsonl")


def _clean(event: dict[str, Any]) -> dict[str, Any]:
    """Screen a task's title before it touches the disk, as the relay will again; all else is ours already."""
    if "title" not in event:
        return event
    from relay.screen.clean import clean

    return {**event, "title": clean(event["title"], TITLE_LENGTH)}


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return  # another hook was first


def _in_time(work: Callable[[], tuple[int, str]], within_s: float) -> tuple[int, str] | None:
    """Run something that no timeout of its own bounds (looking up a name, say); None if it takes longer."""
    import threading

    answer: list[tuple[int, str]] = []

    def run() -> None:
        try:
            answer.append(work())
        except (OSError, ValueError):
            return  # nobody there, or nobody who speaks HTTP: no answer

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(within_s)
    return answer[0] if answer else None


def _post(address: Address, room: str, lines: list[str]) -> tuple[int, str]:
    """Post JSON Lines; return the status and the relay's sentence."""
    import socket

    body = "\n".join(lines).encode(errors="surrogatepass")
    head = (
        f"POST /rooms/{room}/events HTTP/1.1\r\nHost: {address.place}\r\n"
        f"Authorization: Bearer {address.token}\r\nContent-Type: application/x-ndjson\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((address.host, address.port), timeout=10) as plain:
        wire = _tls(address).wrap_socket(plain, server_hostname=address.host) if address.secure else plain
        with wire:
            wire.sendall(head.encode("ascii") + body)
            answer = b""
            while part := wire.recv(65536):
                answer += part
    top, _, content = answer.partition(b"\r\n\r\n")
    try:
        sentence = str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        sentence = ""
    return int(top.split(b" ", 2)[1]), sentence


def _tls(address: Address) -> ssl.SSLContext:
    import ssl

    context = ssl.create_default_context(cafile=address.authority or None)
    # Read from its own directory: the name in it may well not be this machine's.
    context.check_hostname = not address.own
    return context
