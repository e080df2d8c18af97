"""What one more published event costs the relay, and how long a publisher waits for its answer.

    PYTHONPATH=tests python -m bench.ingest --rounds 5

One publisher, in this process, over HTTP on loopback with kept connections, to a server of its own process;
every answer of the relay means that the events are screened and durably committed. First arrays of 100, then
posts of one event each. The peer is Starlette on uvicorn, which reads and decodes the body and does nothing
else. The relay's parts are measured in this process, one after the other, with the same events.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.ingest_load import load
from bench.others import LISTENING
from bench.peers import NO_LIMITS
from bench.table import machine, markdown, ratio
from bench.usage import Usage
from relay.clock import SystemClock
from relay.screen.screen import Visible, screen
from relay.sources.lines import split_items
from relay.sources.shapes import Mapped, to_room_event
from relay.storage.contract import Draft, Kind
from relay.storage.sqlite import SqliteStorage
from support.clients import Api
from support.relay_process import Output, RelayProcess

ROOM = "bench"
ARRAY = 100
WARM_UP = 500
MIN_EVENTS_S = 5000.0
"""Events per second of server CPU that arrays should reach."""
MAX_P50_MS = 5.0
"""What half of the single posts should take at most."""


@dataclass(frozen=True)
class Target:
    """A running server: its process, and how to post to it."""

    pid: int
    port: int
    token: str


@dataclass(frozen=True)
class Run:
    """One server in one round. CPU times are microseconds of the server's process.

    Attributes:
        array_us: Per event, in arrays.
        single_us: Per event, each in a post of its own.
        p50_ms: Half of the single posts were answered in this time, as the publisher sees it.
        p99_ms: And all but a hundredth.
    """

    array_us: float
    single_us: float
    p50_ms: float
    p99_ms: float


@contextmanager
def relay() -> Iterator[Target]:
    """Run our relay with a room of its own."""
    with tempfile.TemporaryDirectory() as directory:
        process = RelayProcess.start(Path(directory) / "data", limits=NO_LIMITS)
        try:
            with Api(process.url, process.operator_token) as operator:
                token = operator.create_room(ROOM)["publish_token"]
            yield Target(process.pid, process.port, token)
        finally:
            process.stop()


@contextmanager
def bare() -> Iterator[Target]:
    """Run the peer."""
    command = [sys.executable, "-m", "bench.bare_ingest"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listening = Output(process.stdout).search(LISTENING, 20)
        assert listening, "the peer did not start"
        try:
            yield Target(process.pid, int(listening[1]), "none")
        finally:
            process.kill()


class Publisher:
    """A program that publishes, with one kept connection."""

    def __init__(self, target: Target) -> None:
        self._connection = HTTPConnection("127.0.0.1", target.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {target.token}", "Content-Type": "application/json"}

    def post(self, body: bytes, count: int) -> float:
        """Post a body; return the seconds until its answer was read, which must accept every event."""
        began_s = time.perf_counter()
        self._connection.request("POST", f"/rooms/{ROOM}/events", body, self._headers)
        answer = self._connection.getresponse().read()
        took_s = time.perf_counter() - began_s
        assert json.loads(answer)["accepted"] == count, answer
        return took_s

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def arrays(events: Sequence[dict[str, Any]]) -> list[tuple[bytes, int]]:
    """Return the bodies of arrays, each with the number of its events."""
    parts = [events[at : at + ARRAY] for at in range(0, len(events), ARRAY)]
    return [(json.dumps(part).encode(), len(part)) for part in parts]


def measure(start: Callable[[], Any], round_: int, count: int, singles: int) -> Run:
    """Run one server once."""
    with start() as target:
        publisher, usage = Publisher(target), Usage(target.pid)
        for body, size in arrays(list(load(WARM_UP, prefix=f"warm-{round_}"))):
            publisher.post(body, size)

        bodies = arrays(list(load(count, prefix=f"array-{round_}")))
        before_us = usage.cpu_us()
        for body, size in bodies:
            publisher.post(body, size)
        array_us = usage.cpu_us() - before_us

        posts = [json.dumps(event).encode() for event in load(singles, prefix=f"single-{round_}")]
        before_us = usage.cpu_us()
        took_s = [publisher.post(body, 1) for body in posts]
        single_us = usage.cpu_us() - before_us
        publisher.close()
    cuts = quantiles(took_s, n=100)
    return Run(array_us / count, single_us / singles, cuts[49] * 1000, cuts[98] * 1000)


class _Nobody:
    """A table of names for events that name everybody themselves."""

    def learn(self, kind: str, id: str, name: str, /) -> None:
        """Forget it."""

    def name_of(self, kind: str, id: str, /) -> str | None:
        """Know nobody."""
        return None


async def parts(round_: int, count: int) -> dict[str, float]:
    """Return what the relay's parts use per event in arrays, in this process, in microseconds of CPU."""
    bodies = [body for body, _ in arrays(list(load(count, prefix=f"part-{round_}")))]
    now_ms = SystemClock().now_ms()
    used: dict[str, float] = {}

    def lap(name: str, began_s: float) -> float:
        used[name] = (time.process_time() - began_s) / count * 1e6
        return time.process_time()

    at_s = time.process_time()
    items = [split_items(body) for body in bodies]
    at_s = lap("decoding", at_s)
    mapped = [[to_room_event(item, _Nobody()) for item in some] for some in items]
    at_s = lap("mapping", at_s)
    screened = [[screen(one.event, now_ms) for one in some if isinstance(one, Mapped)] for some in mapped]
    lap("screening", at_s)
    drafts = [
        [
            Draft(Kind.EVENT, one.type, one.at_ms, one.body, str(one.publisher_id).encode())
            for one in some
            if isinstance(one, Visible)
        ]
        for some in screened
    ]
    assert sum(map(len, drafts)) == count
    with tempfile.TemporaryDirectory() as directory:
        storage = SqliteStorage(Path(directory) / "data", SystemClock())
        await storage.open_room(ROOM)
        at_s = time.process_time()
        for some in drafts:
            await storage.append(ROOM, some)
        lap("storage", at_s)
        await storage.aclose()
    return used


def report(ours: Sequence[Run], theirs: Sequence[Run], shares: Sequence[dict[str, float]]) -> str:
    """Return both tables, and the targets with what was reached."""
    head = [
        "server",
        "arrays µs/event",
        "events/s per core",
        "ratio",
        "single µs",
        "ratio",
        "p50 ms",
        "p99 ms",
    ]
    rows: list[list[str | float | None]] = []
    for name, runs in (("clawtank-relay", ours), ("Starlette, body decoded", theirs)):
        array_us, single_us = median(run.array_us for run in runs), median(run.single_us for run in runs)
        rows.append(
            [
                name, array_us, 1e6 / array_us,
                ratio([run.array_us for run in runs], [run.array_us for run in theirs]),
                single_us, ratio([run.single_us for run in runs], [run.single_us for run in theirs]),
                median(run.p50_ms for run in runs), median(run.p99_ms for run in runs),
            ]
        )  # fmt: skip
    whole_us = median(run.array_us for run in ours)
    used = {name: median(share[name] for share in shares) for name in shares[0]}
    used["HTTP, state, all else"] = max(whole_us - sum(used.values()), 0)
    table: list[list[str | float | None]] = [
        [name, value, f"{value / whole_us:.0%}"] for name, value in used.items()
    ]
    events_s, p50_ms = 1e6 / whole_us, median(run.p50_ms for run in ours)
    reached = [
        f"arrays of {ARRAY}: {events_s:,.0f} events/s per core, target {MIN_EVENTS_S:,.0f}: "
        + ("met" if events_s >= MIN_EVENTS_S else "missed"),
        f"single posts: p50 {p50_ms:.1f} ms, target {MAX_P50_MS:g}: "
        + ("met" if p50_ms <= MAX_P50_MS else "missed"),
    ]
    return "\n\n".join(
        [markdown(head, rows), markdown(["part of an array", "µs/event", "share"], table), "\n".join(reached)]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.ingest", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="of both servers (default 5)")
    parser.add_argument("--events", type=int, default=10_000, help="in arrays, each round (default 10,000)")
    parser.add_argument("--singles", type=int, default=500, help="posts of one event (default 500)")
    parser.add_argument("--quick", action="store_true", help="a few events; that each is taken, not how fast")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.events, options.singles = 1, 300, 20
    ours, theirs, shares = list[Run](), list[Run](), list[dict[str, float]]()
    for round_ in range(options.rounds):
        ours.append(measure(relay, round_, options.events, options.singles))
        theirs.append(measure(bare, round_, options.events, options.singles))
        shares.append(asyncio.run(parts(round_, options.events)))
    if options.quick:
        print("every event was taken, in arrays and alone")
        return
    size = sum(len(json.dumps(event)) for event in load(1000)) / 1000
    print(f"{options.events} events of {size:.0f} bytes, {options.rounds} rounds; {machine()}\n")
    print(report(ours, theirs, shares))


if __name__ == "__main__":
    main()
