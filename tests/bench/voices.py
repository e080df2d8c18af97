"""N viewers in one process that write, each at its own pace, and count what becomes of what they wrote.

They are told the relay's answers apart by the beginning of each message and parse none of them but the
welcome: what they read is the whole room's chat, for each of them. Spoken to in lines:

    → [TOKEN, ...]       ← {"connected", "seconds"}       one voice for each; an empty token is nobody
    → talk RATE          ← {}                             messages a second of each; 0: as many as it may
    → hush TIMEOUT       ← {"tried", "shown", "held", "refused", "delivered", "closed", "seconds",
                            "p50_ms", "p95_ms", "p99_ms"}

`refused` counts by code. `delivered` are the chat messages that reached all voices together. The times are
from writing a message until its author learns what became of it. `hush` waits until every message that was
tried is answered.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import re
import selectors
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

from bench.sinks import CLOSE, CONNECT_S, IN_FLIGHT, PING, PONG, REQUEST, TEXT, frames, say
from bench.work import WORDS

_KIND = re.compile(rb'\{"id":"[^"]*","type":"spectator\.([a-z_]+)"')
_REF = re.compile(rb'"ref":"([0-9]+)"')
_CODE = re.compile(rb'"code":"([A-Z_]+)"')
_HELD = b'"kind":"message_held"'
_EXCLAMATIONS = ("gg", "lol", "nice", "wow", "+1", "ship it")
_MOST_AT_ONCE = 50
"""Messages written in one turn, between two looks at what has arrived."""


class Voice:
    """One viewer that writes.

    Attributes:
        per_minute: What it may write; 0 until it was welcomed.
        asked_s: When what is not answered yet was written, by its `id`.
    """

    __slots__ = ("asked_s", "draw", "latest", "number", "per_minute", "rest", "socket", "upgraded")

    def __init__(self, connection: socket.socket, number: int) -> None:
        self.socket = connection
        self.number = number
        self.draw = random.Random(number)
        self.upgraded = False
        self.per_minute = 0
        self.rest = b""
        self.latest = ""
        self.asked_s: dict[int, float] = {}

    def words(self) -> str:
        """Return the next thing to say: mostly news, at times an exclamation, a link, a name, a repeat."""
        chance = self.draw.random()
        if chance < 0.05 and self.latest:
            return self.latest
        if chance < 0.15:
            return self.draw.choice(_EXCLAMATIONS)
        said = " ".join(self.draw.choices(WORDS, k=self.draw.randint(4, 14)))
        if chance < 0.17:
            said += f" https://example.org/{self.draw.randrange(1000)}"
        elif chance < 0.20:
            said += f" @viewer-{self.draw.randrange(500)}"
        self.latest = said
        return said

    def send(self, opcode: int, payload: bytes) -> None:
        """Write a masked frame, whole or not at all: the buffers are far larger than any.

        Raises:
            BlockingIOError: If the relay reads too slowly to take it now.
        """
        size = len(payload)
        length = bytes((0x80 | size,)) if size < 126 else bytes((0x80 | 126,)) + size.to_bytes(2, "big")
        self.socket.send(bytes((0x80 | opcode,)) + length + b"\0\0\0\0" + payload)


class Choir:
    """All the voices, and the selector they share with the line to whoever asks."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._selector = selectors.DefaultSelector()
        self._voices: list[Voice] = []
        self._due: list[tuple[float, int]] = []
        self._every_s: list[float] = []
        self._closed = self._sent = 0
        self._began_s = 0.0
        self._forget()

    def _forget(self) -> None:
        self._tried = self._shown = self._held = self._delivered = 0
        self._refused: Counter[str] = Counter()
        self._waited_ms: list[float] = []

    def connect(self, tokens: Sequence[str]) -> dict[str, Any]:
        """Open a connection for each token and wait for the welcomes; return how it went."""
        started_s = time.perf_counter()
        rest = deque(tokens)
        while (welcomed := sum(voice.per_minute > 0 for voice in self._voices)) < len(tokens):
            for _ in range(min(IN_FLIGHT - (len(self._voices) - welcomed), len(rest))):
                self._open(rest.popleft())
            self._turn(1.0)
            if self._closed or time.perf_counter() - started_s > CONNECT_S:
                raise SystemExit(f"{len(self._voices)} voices begun, {self._closed} refused or lost")
        return {"connected": len(tokens), "seconds": time.perf_counter() - started_s}

    def _open(self, token: str) -> None:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        extra = f"Authorization: Bearer {token}\r\n" if token else ""
        connection.send(REQUEST.format(path=self._path, port=self._port, extra=extra).encode())
        voice = Voice(connection, len(self._voices))
        self._voices.append(voice)
        self._selector.register(connection, selectors.EVENT_READ, voice)

    # -- the conversation ----------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer until the line is closed."""
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            wait_s = self._due[0][0] - time.perf_counter() if self._due else 60.0
            spoken = self._turn(max(wait_s, 0.0))
            self._write_what_is_due()
            if not spoken:
                continue
            match sys.stdin.readline().split():
                case ["talk", rate]:
                    self._talk(float(rate))
                    say({})
                case ["hush", timeout_s]:
                    say(self._hush(float(timeout_s)))
                case _:
                    return

    def _talk(self, rate: float) -> None:
        self._forget()
        self._began_s = time.perf_counter()
        self._every_s = [1 / rate if rate else 60 / voice.per_minute for voice in self._voices]
        draw = random.Random(11)
        self._due = [
            (self._began_s + every_s * draw.random(), number) for number, every_s in enumerate(self._every_s)
        ]
        heapq.heapify(self._due)

    def _hush(self, timeout_s: float) -> dict[str, Any]:
        self._due = []
        now_s = time.perf_counter()
        seconds, deadline_s = now_s - self._began_s, now_s + timeout_s
        self._selector.unregister(sys.stdin)
        while time.perf_counter() < deadline_s and any(voice.asked_s for voice in self._voices):
            self._turn(0.1)
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        waited_ms = sorted(self._waited_ms) or [0.0]
        last = len(waited_ms) - 1
        return {
            "tried": self._tried,
            "shown": self._shown,
            "held": self._held,
            "refused": self._refused,
            "delivered": self._delivered,
            "closed": self._closed,
            "seconds": seconds,
        } | {f"p{share}_ms": waited_ms[round(last * share / 100)] for share in (50, 95, 99)}

    def _write_what_is_due(self) -> None:
        now_s = time.perf_counter()
        for _ in range(_MOST_AT_ONCE):
            if not self._due or self._due[0][0] > now_s:
                return
            due_s, number = self._due[0]
            heapq.heapreplace(self._due, (due_s + self._every_s[number], number))
            self._write(self._voices[number])

    def _write(self, voice: Voice) -> None:
        self._sent += 1
        said = {"message": voice.words()}
        message = {"id": str(self._sent), "type": "spectator.chat_message", "data": said}
        try:
            voice.send(TEXT, json.dumps(message).encode())
        except BlockingIOError:
            return  # not tried: somebody behind a full line cannot write either
        except ConnectionError as error:
            self._lose(voice, error)
            return
        voice.asked_s[self._sent] = time.perf_counter()
        self._tried += 1

    # -- what comes in -------------------------------------------------------------------------------

    def _turn(self, timeout_s: float) -> bool:
        """Read what has arrived; say whether somebody asks something."""
        spoken = False
        for key, _ in self._selector.select(timeout_s):
            voice = key.data
            if voice is None:
                spoken = True
                continue
            try:
                data = voice.socket.recv(1 << 18)
                if not data:
                    raise ConnectionError("the server went away")
                self._feed(voice, data)
            except BlockingIOError:
                continue
            except ConnectionError as error:
                self._lose(voice, error)
        return spoken

    def _lose(self, voice: Voice, error: ConnectionError) -> None:
        self._closed += 1
        self._selector.unregister(voice.socket)
        voice.socket.close()
        voice.asked_s.clear()
        self._due = [due for due in self._due if due[1] != voice.number]
        heapq.heapify(self._due)
        print(error, file=sys.stderr)

    def _feed(self, voice: Voice, data: bytes) -> None:
        data = voice.rest + data
        if not voice.upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                voice.rest = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                raise ConnectionError(f"handshake refused: {head.decode(errors='replace')}")
            voice.upgraded = True
        at = 0
        for opcode, _, start, end in frames(data):
            at = end
            if opcode == TEXT:
                self._hear(voice, data, start, end)
            elif opcode == PING:
                voice.send(PONG, data[start:end])
            elif opcode == CLOSE:
                raise ConnectionError("closed by the server")
        voice.rest = data[at:]

    def _hear(self, voice: Voice, data: bytes, start: int, end: int) -> None:
        kind = _KIND.match(data, start, end)
        match kind and kind[1]:
            case b"chat_message":
                self._delivered += 1
                self._shown += self._is_answer(voice, data, start, end)
            case b"error" if self._is_answer(voice, data, start, end):
                code = _CODE.search(data, start, end)
                self._refused[code[1].decode() if code else "?"] += 1
            case b"notice" if _HELD in data[start:end]:
                self._held += self._is_answer(voice, data, start, end)
            case b"welcome":
                welcome = json.loads(data[start:end])["data"]
                voice.per_minute = welcome["limits"]["chat_messages_per_minute"]
            case _:
                pass  # activity, presence: for those who watch

    def _is_answer(self, voice: Voice, data: bytes, start: int, end: int) -> bool:
        ref = _REF.search(data, start, end)
        asked_s = voice.asked_s.pop(int(ref[1]), None) if ref else None
        if asked_s is None:
            return False
        self._waited_ms.append((time.perf_counter() - asked_s) * 1000)
        return True


def main() -> None:
    """Connect, then answer."""
    parser = argparse.ArgumentParser(description="Viewers that write, for a benchmark.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    asked = parser.parse_args()
    choir = Choir(asked.port, asked.path)
    say(choir.connect(json.loads(sys.stdin.readline())))
    choir.serve()


if __name__ == "__main__":
    main()
