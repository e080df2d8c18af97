"""N viewers in one process, each a bare socket: they read, count, answer pings, and cost little themselves.

This is what `programs/sink.c` is where there is no C compiler; it keeps up with some 20,000 deliveries a
second. An event is recognised by `MARK`, of which every published event holds exactly one; so it does not
matter how a server wraps events or how many it puts into a frame. Run by `viewers`, spoken to in lines:

    → (started)          ← {"connected", "seconds", "p50_ms", "p95_ms", "p99_ms"}          the handshakes
    → reset              ← {}                                    forget what was counted so far
    → expect M TIMEOUT   ← {"events", "complete", "frames", "bytes", "closed", "seconds",
                            "p50_ms", "p95_ms", "p99_ms"}

`complete` counts the viewers that got exactly M events since the reset. The eight digits after the mark say
when the event was published: microseconds of the monotonic clock, which come round every 100 s.
"""

from __future__ import annotations

import argparse
import json
import re
import selectors
import socket
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MARK = b"benchmarked "
STAMP_TURN = 100_000_000
IN_FLIGHT = 64
"""Handshakes begun and not yet answered, at most."""
CONNECT_S = 120.0

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
_COMPRESSED = 0x40
_DATED = re.compile(re.escape(MARK) + rb"([0-9]{8})")
_DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
_DATED_BYTES = len(MARK) + 8
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
)


class Sink:
    """One viewer."""

    __slots__ = (
        "began_s",
        "bytes",
        "end",
        "events",
        "first_us",
        "frames",
        "fresh",
        "inflate",
        "last_us",
        "late_us",
        "measured",
        "rest",
        "socket",
        "stalls",
        "upgraded",
    )

    def __init__(self, connection: socket.socket, *, stalls: bool) -> None:
        self.socket = connection
        self.stalls = stalls
        self.began_s = time.perf_counter()
        self.late_us: list[int] = []
        self.measured = False
        self.fresh = False
        self.rest = b""
        self.end = b""
        self.upgraded = False
        self.inflate: zlib._Decompress | None = None
        self.events = self.frames = self.bytes = 0
        self.first_us = self.last_us = 0

    def feed(self, data: bytes, hello: str) -> None:
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
            self.late_us.append(round((time.perf_counter() - self.began_s) * 1e6))
            if b"permessage-deflate" in head.lower():
                self.inflate = zlib.decompressobj(-15)
            self.fresh = b"server_no_context_takeover" in head.lower()
            if hello:
                self._say(TEXT, hello.encode())
        at = 0
        for opcode, compressed, start, end in frames(data):
            at = end
            if opcode in (TEXT, BINARY, CONTINUATION):
                self.frames += 1
                payload = data[start:end]
                if compressed and self.inflate:
                    payload = self.inflate.decompress(payload + b"\0\0\xff\xff")
                    if self.fresh:
                        self.inflate = zlib.decompressobj(-15)
                self._count(payload)
            elif opcode == PING:
                self._say(PONG, data[start:end])
            elif opcode == CLOSE:
                raise ConnectionError("closed by the server")
        self.rest = data[at:]

    def _count(self, payload: bytes) -> None:
        now_us = time.monotonic_ns() // 1000
        payload = self.end + payload  # some servers (NATS) cut where they like
        self.end = payload[1 - _DATED_BYTES :]
        for stamp in _DATED.findall(payload):
            self.first_us, self.last_us = self.first_us or now_us, now_us
            self.events += 1
            if self.measured:  # what a newcomer is told of the past is not late
                self.late_us.append((now_us - int(stamp)) % STAMP_TURN)

    def _say(self, opcode: int, payload: bytes) -> None:
        self.socket.send(bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload)

    def forget(self) -> None:
        """Forget what was counted, and begin."""
        self.measured = True
        self.events = self.frames = self.bytes = self.first_us = self.last_us = 0
        self.late_us.clear()


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
    """All the viewers, and the selector they share with the line to whoever asks."""

    def __init__(self, port: int, path: str, rooms: int, *, deflate: bool, hello: str, stalled: int) -> None:
        self._port = port
        self._path, self._rooms = path, rooms
        self._extra = _DEFLATE if deflate else ""
        self._hello = hello
        self._stalled = stalled
        self._selector = selectors.DefaultSelector()
        self._sinks: list[Sink] = []
        self._closed = 0

    def connect(self, count: int, *, greeted: bool) -> dict[str, float]:
        """Open `count` connections, `IN_FLIGHT` at a time, and those that stall; return how it went.

        Args:
            count: How many that read.
            greeted: Whether the server sends each a first message, which is waited for too.
        """
        started_s = time.perf_counter()
        count += self._stalled
        while True:
            upgraded = sum(sink.upgraded for sink in self._sinks)
            if upgraded == count:
                break
            for _ in range(min(IN_FLIGHT - (len(self._sinks) - upgraded), count - len(self._sinks))):
                self._open(stalls=len(self._sinks) >= count - self._stalled)
            self._turn(1.0)
            self._check(started_s)
        seconds = time.perf_counter() - started_s
        while greeted and any(not sink.frames for sink in self._sinks):
            self._turn(1.0)
            self._check(started_s)
        for sink in self._sinks:
            if sink.stalls:
                self._selector.unregister(sink.socket)
        return {"connected": count, "seconds": seconds} | self._latencies(self._sinks)

    def _check(self, started_s: float) -> None:
        if self._closed or time.perf_counter() - started_s > CONNECT_S:
            raise SystemExit(f"{len(self._sinks)} viewers begun, {self._closed} refused or lost")

    def _open(self, *, stalls: bool) -> None:
        connection = socket.socket()
        if stalls:
            # What a stalled one's own kernel holds is not what it costs the server.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", self._port))
        connection.setblocking(False)
        path = self._path.replace("%d", str(len(self._sinks) % self._rooms))
        connection.send(REQUEST.format(path=path, port=self._port, extra=self._extra).encode())
        sink = Sink(connection, stalls=stalls)
        self._sinks.append(sink)
        self._selector.register(connection, selectors.EVENT_READ, sink)

    def _turn(self, timeout_s: float) -> bool:
        """Read what has arrived; say whether somebody asks something."""
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
                sink.feed(data, self._hello)
            except BlockingIOError:
                continue
            except ConnectionError as error:
                self._closed += 1
                self._selector.unregister(sink.socket)
                print(error, file=sys.stderr)
        return spoken

    def serve(self) -> None:
        """Answer until the line is closed."""
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            if not self._turn(60.0):
                continue
            match sys.stdin.readline().split():
                case ["reset"]:
                    for sink in self._sinks:
                        sink.forget()
                    say({})
                case ["expect", events, timeout_s]:
                    say(self._expect(int(events), float(timeout_s)))
                case _:
                    return

    def _expect(self, events: int, timeout_s: float) -> dict[str, float]:
        healthy = [sink for sink in self._sinks if not sink.stalls]
        deadline_s = time.perf_counter() + timeout_s
        self._selector.unregister(sys.stdin)
        while time.perf_counter() < deadline_s and any(sink.events < events for sink in healthy):
            self._turn(0.1)
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        reached = [sink for sink in healthy if sink.events]
        first_us = min((sink.first_us for sink in reached), default=0)
        last_us = max((sink.last_us for sink in reached), default=0)
        return {
            "events": sum(sink.events for sink in healthy),
            "complete": sum(sink.events == events for sink in healthy),
            "frames": sum(sink.frames for sink in healthy),
            "bytes": sum(sink.bytes for sink in healthy),
            "closed": self._closed,
            "seconds": (last_us - first_us) / 1e6,
        } | self._latencies(healthy)

    @staticmethod
    def _latencies(sinks: Sequence[Sink]) -> dict[str, float]:
        late_us = sorted(us for sink in sinks for us in sink.late_us) or [0]
        last = len(late_us) - 1
        return {f"p{share}_ms": late_us[round(last * share / 100)] / 1000 for share in (50, 95, 99)}


def say(answer: Mapping[str, Any]) -> None:
    """Answer in one line."""
    print(json.dumps(answer), flush=True)


def main() -> None:
    """Connect, then answer."""
    parser = argparse.ArgumentParser(description="Read-only viewers for a benchmark.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("-n", type=int, required=True)
    parser.add_argument("--deflate", action="store_true")
    parser.add_argument("--greeted", action="store_true")
    parser.add_argument("--hello", default="")
    parser.add_argument("--stall", type=int, default=0)
    asked = parser.parse_args()
    crowd = Crowd(
        asked.port, asked.path, asked.rooms, deflate=asked.deflate, hello=asked.hello, stalled=asked.stall
    )
    say(crowd.connect(asked.n, greeted=asked.greeted))
    crowd.serve()


if __name__ == "__main__":
    main()
