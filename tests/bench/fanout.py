"""What one more delivered event, one more handshake and one more idle viewer cost a server.

    PYTHONPATH=tests python -m bench.fanout -n 1000 --rate 20 --seconds 10 --rounds 3

Every round starts each server afresh. First the events go to nobody: that is ingest (for the relay HTTP,
screening and a durable commit; for the peer one read). Then N viewers connect, and the same events go to
all of them; what the server's process uses beyond its ingest, divided by the events delivered, is the
fan-out. A run in which any viewer misses an event or gets one twice is an error, not a figure.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from statistics import median
from typing import Any

import psutil

from bench.peers import PEERS, REFERENCE, Peer, Server
from bench.sinks import MARK
from bench.table import machine, markdown, ratio

SETTLE_S = 1.5
"""After joining, before measuring: presence goes out at most once a second."""
SPARE_FILES = 200
_WORDS = """
fix add relay parser room event retry agent task merge branch deploy cache queue timeout review handle error
socket client reconnect backoff index search update docs build commit push lint type schema rename race lock
async stream buffer limit budget report summary plan step done the of to for when and with
"""


class Incomplete(Exception):
    """Not every viewer got every event exactly once."""


@dataclass(frozen=True)
class Run:
    """One peer in one round. CPU times are microseconds of the server's process.

    Attributes:
        fanout_us: Per delivered event, ingest taken off.
        ingest_us: Per published event, with nobody watching.
        handshake_us: Per viewer that joined.
        handshakes_s: Viewers joined per second.
        viewer_kib: Resident memory per idle viewer.
        event_bytes: On the wire, per delivered event.
    """

    fanout_us: float
    ingest_us: float
    handshake_us: float
    handshakes_s: float
    viewer_kib: float
    event_bytes: float


class Usage:
    """What a process has used."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    def cpu_us(self) -> float:
        """Return user and system time so far."""
        times = self._process.cpu_times()
        return (times.user + times.system) * 1e6

    def resident_kib(self) -> float:
        """Return the resident set now."""
        return float(self._process.memory_info().rss) / 1024


class Viewers:
    """The process with the sinks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def hear(self, timeout_s: float) -> dict[str, Any]:
        """Read its next answer."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise Incomplete("the viewers gave no answer")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, question: str, timeout_s: float) -> dict[str, Any]:
        """Say a line and read the answer."""
        assert self._process.stdin is not None
        print(question, file=self._process.stdin, flush=True)
        return self.hear(timeout_s)


@contextmanager
def viewers(server: Server, peer: Peer, count: int) -> Iterator[Viewers]:
    """Run the sinks in a process of their own; they go when the `with` ends."""
    options = (["--deflate"] if peer.deflate else []) + (["--greeted"] if peer.greeted else [])
    where = ["--port", str(server.port), "--path", server.path, "-n", str(count)]
    command = [sys.executable, "-m", "bench.sinks", *where, *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Viewers(process)
        finally:
            process.kill()


def events(count: int) -> list[dict[str, Any]]:
    """Return chat of about 300 bytes an event, the same every time."""
    words, draw = _WORDS.split(), random.Random(7)
    return [
        {
            "type": "chat.public",
            "author": f"agent-{number % 9}",
            "author_type": "agent",
            "content": f"{MARK.decode()} {number} " + " ".join(draw.choices(words, k=28)),
        }
        for number in range(count)
    ]


def publish(server: Server, batch: Sequence[dict[str, Any]], rate: float) -> None:
    """Publish at a steady rate; one late event does not delay the next."""
    started_s = time.perf_counter()
    for number, event in enumerate(batch):
        time.sleep(max(started_s + number / rate - time.perf_counter(), 0))
        server.publish(event)


def measure(peer: Peer, count: int, rate: float, seconds: float) -> Run:
    """Run one peer once.

    Raises:
        Incomplete: If a viewer missed an event or got one twice.
    """
    batch = events(max(round(rate * seconds), 1))
    with peer.start() as server:
        usage = Usage(server.pid)
        publish(server, batch[:20], rate)  # first use of every path is paid here, not in a figure
        before_us = usage.cpu_us()
        publish(server, batch, rate)
        ingest_us = usage.cpu_us() - before_us

        before_us, before_kib = usage.cpu_us(), usage.resident_kib()
        with viewers(server, peer, count) as crowd:
            joined = crowd.hear(180)
            time.sleep(SETTLE_S)
            joining_us, joined_kib = usage.cpu_us() - before_us, usage.resident_kib() - before_kib
            crowd.ask("reset", 10)
            before_us = usage.cpu_us()
            publish(server, batch, rate)
            got = crowd.ask(f"expect {len(batch)} 30", 60)
            used_us = usage.cpu_us() - before_us
    if got["complete"] != count or got["closed"]:
        raise Incomplete(
            f"{peer.name}: {got['complete']} of {count} viewers got each of {len(batch)} events once: {got}"
        )
    return Run(
        fanout_us=(used_us - ingest_us) / got["events"],
        ingest_us=ingest_us / len(batch),
        handshake_us=joining_us / count,
        handshakes_s=count / joined["seconds"],
        viewer_kib=joined_kib / count,
        event_bytes=got["bytes"] / got["events"],
    )


def report(runs: dict[Peer, list[Run]]) -> str:
    """Return the table: medians, and the median of the per-round ratios to `websockets.broadcast`."""
    reference = [run.fanout_us for run in runs.get(REFERENCE, [])]
    head = [
        "server", "fan-out µs/event", "ratio", "ingest µs/event", "handshake µs", "handshakes/s",
        "KiB/idle viewer", "bytes/event",
    ]  # fmt: skip
    rows: list[list[str | float | None]] = []
    for peer, measured in runs.items():
        if not measured:
            rows.append([peer.name, "skipped: not installed", *[None] * (len(head) - 2)])
            continue
        middle = {field.name: median(getattr(run, field.name) for run in measured) for field in fields(Run)}
        against = ratio([run.fanout_us for run in measured], reference) if reference else None
        fanout_us, *others = middle.values()
        rows.append([peer.name, fanout_us, against, *others])
    return markdown(head, rows)


def allow_files(count: int) -> None:
    """Let this process and its children open as many sockets as there are viewers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise SystemExit(
                f"{count} viewers need {needed} open files, {hard} are allowed here. Try a smaller -n."
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.fanout", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-n", type=int, default=1000, help="viewers (default 1000)")
    parser.add_argument("--rate", type=float, default=20, help="events per second (default 20)")
    parser.add_argument("--seconds", type=float, default=10, help="of publishing, each time (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="of all peers (default 3)")
    parser.add_argument(
        "--only", help="peers whose name holds this text; the ratio needs websockets.broadcast"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few viewers, one short round, completeness only"
    )
    options = parser.parse_args()
    if options.quick:
        options.n, options.rate, options.seconds, options.rounds = 20, 20, 1, 1
    allow_files(options.n)
    runs: dict[Peer, list[Run]] = {
        peer: [] for peer in PEERS if not options.only or options.only in peer.name
    }
    try:
        for _ in range(options.rounds):
            for peer, measured in runs.items():
                if peer.installed:
                    measured.append(measure(peer, options.n, options.rate, options.seconds))
    except Incomplete as error:
        raise SystemExit(str(error)) from None
    load = (
        f"{options.n} viewers, {options.rate:g} events/s for {options.seconds:g} s, {options.rounds} rounds"
    )
    print(f"{load}; {machine()}\n")
    if options.quick:
        print(f"every viewer of {', '.join(peer.name for peer in runs)} got every event once")
    else:
        print(report(runs))


if __name__ == "__main__":
    main()
