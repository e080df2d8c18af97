"""The process with the viewers, and how one talks to it. `sinks` and `programs/sink.c` are its two kinds."""

from __future__ import annotations

import json
import resource
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.native import native

if TYPE_CHECKING:
    from bench.peers import Peer, Server

SPARE_FILES = 200


class Incomplete(Exception):
    """Not every viewer got every event exactly once."""


@dataclass(frozen=True)
class Got:
    """What the viewers counted since the last reset, those that stall left out.

    Attributes:
        events: Delivered, over all viewers.
        complete: Viewers that got each of them.
        frames: Data frames, over all viewers.
        bytes: On the wire, over all viewers, whatever it was.
        closed: Connections that ended.
        seconds: From the first event that arrived to the last.
        p50_ms: Median time from publishing to arrival; 0 if no event was dated.
        p95_ms: What one in twenty exceeds.
        p99_ms: What one in a hundred exceeds.
    """

    events: int
    complete: int
    frames: int
    bytes: int
    closed: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Joined:
    """How the handshakes went; `p50_ms` and so on are theirs."""

    connected: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Conversation:
    """Questions and answers of a line each with a process of ours, and what it is called."""

    def __init__(self, process: subprocess.Popen[str], name: str) -> None:
        self._process = process
        self.name = name

    def ask(self, question: str, timeout_s: float) -> dict[str, Any]:
        """Ask, and return the answer.

        Raises:
            Incomplete: If there is none in time.
        """
        assert self._process.stdin is not None
        print(question, file=self._process.stdin, flush=True)
        return self.hear(timeout_s)

    def hear(self, timeout_s: float) -> dict[str, Any]:
        """Return what it says next.

        Raises:
            Incomplete: If it says nothing in time.
        """
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise Incomplete(f"{self.name}: the viewers gave no answer")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Viewers:
    """The viewers of one server, all in one process.

    Attributes:
        joined: How they came in.
    """

    def __init__(self, conversation: Conversation, count: int) -> None:
        self._conversation = conversation
        self._count = count
        self.joined = Joined(**conversation.hear(180))

    def reset(self) -> None:
        """Let them forget what they have counted."""
        self._conversation.ask("reset", 10)

    def expect(self, events: int, timeout_s: float = 30.0) -> Got:
        """Wait until each has got so many events since the reset.

        Raises:
            Incomplete: If one has not in time, or has got more.
        """
        got = Got(**self._conversation.ask(f"expect {events} {timeout_s}", timeout_s + 30))
        if got.complete != self._count or got.closed:
            each = f"{got.complete} of {self._count} viewers got each of {events} events once"
            raise Incomplete(f"{self._conversation.name}: {each}: {got}")
        return got


@contextmanager
def viewers(
    server: Server, peer: Peer, count: int, *, stalled: int = 0, path: str = "", rooms: int = 1
) -> Iterator[Viewers]:
    """Let viewers in; they go when the `with` ends.

    Args:
        server: Where to.
        peer: What kind of server that is.
        count: How many that read.
        stalled: How many more that stop reading once they are in.
        path: Where to, if not where the server says; `%d` stands for the number of a room.
        rooms: How many rooms they are spread over in turn.
    """
    allow_files(count + stalled)
    program = native("sink", "-lz")
    command = [str(program)] if program else [sys.executable, "-m", "bench.sinks"]
    command += ["--port", str(server.port), "--path", path or server.path, "--rooms", str(rooms)]
    command += ["-n", str(count), "--stall", str(stalled)]
    command += ["--deflate"] if peer.deflate else []
    command += ["--greeted"] if peer.greeted else []
    command += ["--hello", peer.hello] if peer.hello else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Viewers(Conversation(process, peer.name), count)
        finally:
            process.kill()


def allow_files(count: int) -> None:
    """Let this process and its children open so many sockets; the servers must be started after that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise SystemExit(
                f"{count} viewers need {needed} open files, {hard} are allowed here. Try fewer viewers."
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
