"""N viewers in one process, each a bare socket: they read, count, answer pings, and cost little themselves.

An event is recognised by `MARK`, of which every published event holds exactly one; so it does not matter
how a server wraps events or how many it puts into a frame. Run by `fanout`, spoken to in lines:

    → (started)          ← {"connected": N, "seconds": S}
    → reset              ← {}                                    forget what was counted so far
    → expect M TIMEOUT   ← {"events", "complete", "frames", "bytes", "closed"}

`complete` counts the viewers that got exactly M events since the reset.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
import time
import zlib
from collections.abc import Iterator, Mapping

MARK = b"benchmarked"
IN_FLIGHT = 64
"""Handshakes begun and not yet answered, at most."""
CONNECT_S = 120.0

_TEXT, _BINARY, _CONTINUATION, _CLOSE, _PING = 1, 2, 0, 8, 9
_COMPRESSED = 0x40
_DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
_REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
)


class Sink:
    """One viewer."""

    __slots__ = ("bytes", "events", "frames", "inflate", "rest", "socket", "upgraded")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.rest = b""
        self.upgraded = False
        self.inflate: zlib._Decompress | None = None
        self.events = self.frames = self.bytes = 0

    def feed(self, data: bytes) -> None:
        """Count the whole frames in what arrived; keep the beginning of the next."""
        self.bytes += len(data)
        data = self.rest + data if self.rest else data
        if not self.upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return
            status = head.split(b"\r\n", 1)[0]
            if b" 101 " not in status:
                raise ConnectionError(f"handshake refused: {status.decode(errors='replace')}")
            self.upgraded = True
            if b"permessage-deflate" in head.lower():
                self.inflate = zlib.decompressobj(-15)
        at = 0
        for opcode, compressed, start, end in frames(data):
            at = end
            if opcode in (_TEXT, _BINARY, _CONTINUATION):
                self.frames += 1
                if compressed and self.inflate:
                    self.events += self.inflate.decompress(data[start:end] + b"\0\0\xff\xff").count(MARK)
                else:
                    self.events += data.count(MARK, start, end)
            elif opcode == _PING:
                self.socket.send(bytes([0x8A, 0x80 | (end - start), 0, 0, 0, 0]) + data[start:end])
            elif opcode == _CLOSE:
                raise ConnectionError("closed by the server")
        self.rest = data[at:]


def frames(data: bytes) -> Iterator[tuple[int, bool, int, int]]:
    """Walk the whole frames in a buffer. Yields (opcode, compressed, start and end of the payload)."""
    at, have = 0, len(data)
    while have - at >= 2:
        first, size, start = data[at], data[at + 1], at + 2
        if size == 126:
            size, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
        elif size == 127:
            size, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
        at = start + size
        if at > have:
            return
        yield first & 15, bool(first & _COMPRESSED), start, at


class Crowd:
    """All the viewers, and the selector they share with the line to `fanout`."""

    def __init__(self, port: int, path: str, deflate: bool) -> None:
        self._port = port
        self._request = _REQUEST.format(path=path, port=port, extra=_DEFLATE if deflate else "").encode()
        self._selector = selectors.DefaultSelector()
        self._sinks: list[Sink] = []
        self._closed = 0

    def connect(self, count: int, greeted: bool) -> float:
        """Open `count` connections, `IN_FLIGHT` at a time; return the seconds until the last was upgraded.

        Args:
            count: How many.
            greeted: Whether the server sends each a first message, which is waited for too.
        """
        started_s = time.perf_counter()
        while True:
            upgraded = sum(sink.upgraded for sink in self._sinks)
            if upgraded == count:
                break
            for _ in range(min(IN_FLIGHT - (len(self._sinks) - upgraded), count - len(self._sinks))):
                self._open()
            self._turn(1.0)
            self._check(started_s)
        seconds = time.perf_counter() - started_s
        while greeted and any(not sink.frames for sink in self._sinks):
            self._turn(1.0)
            self._check(started_s)
        return seconds

    def _check(self, started_s: float) -> None:
        if self._closed or time.perf_counter() - started_s > CONNECT_S:
            raise SystemExit(f"{len(self._sinks)} viewers begun, {self._closed} refused or lost")

    def _open(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.setblocking(False)
        connection.send(self._request)
        sink = Sink(connection)
        self._sinks.append(sink)
        self._selector.register(connection, selectors.EVENT_READ, sink)

    def _turn(self, timeout_s: float) -> bool:
        """Read what has arrived; say whether `fanout` has something to say."""
        spoken = False
        for key, _ in self._selector.select(timeout_s):
            sink = key.data
            if sink is None:
                spoken = True
                continue
            try:
                data = sink.socket.recv(65536)
                if not data:
                    raise ConnectionError("the server went away")
                sink.feed(data)
            except BlockingIOError:
                continue
            except ConnectionError as error:
                self._closed += 1
                self._selector.unregister(sink.socket)
                print(error, file=sys.stderr)
        return spoken

    def serve(self) -> None:
        """Obey `fanout` until it closes the line."""
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            if not self._turn(60.0):
                continue
            match sys.stdin.readline().split():
                case ["reset"]:
                    for sink in self._sinks:
                        sink.events = sink.frames = sink.bytes = 0
                    say({})
                case ["expect", events, timeout_s]:
                    say(self._expect(int(events), float(timeout_s)))
                case _:
                    return

    def _expect(self, events: int, timeout_s: float) -> dict[str, int]:
        deadline_s = time.perf_counter() + timeout_s
        self._selector.unregister(sys.stdin)
        while time.perf_counter() < deadline_s and any(sink.events < events for sink in self._sinks):
            self._turn(0.1)
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        return {
            "events": sum(sink.events for sink in self._sinks),
            "complete": sum(sink.events == events for sink in self._sinks),
            "frames": sum(sink.frames for sink in self._sinks),
            "bytes": sum(sink.bytes for sink in self._sinks),
            "closed": self._closed,
        }


def say(answer: Mapping[str, float]) -> None:
    """Answer in one line."""
    print(json.dumps(answer), flush=True)


def main() -> None:
    """Connect, then obey."""
    parser = argparse.ArgumentParser(description="Read-only viewers for a benchmark.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("-n", type=int, required=True)
    parser.add_argument("--deflate", action="store_true")
    parser.add_argument("--greeted", action="store_true")
    arguments = parser.parse_args()
    crowd = Crowd(arguments.port, arguments.path, arguments.deflate)
    seconds = crowd.connect(arguments.n, arguments.greeted)
    say({"connected": arguments.n, "seconds": seconds})
    crowd.serve()


if __name__ == "__main__":
    main()
