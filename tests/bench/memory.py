"""What a viewer costs a server in memory: at rest, under load, and ten thousand of them.

    PYTHONPATH=tests python -m bench.memory --rounds 3

Resident memory of the server beyond what it took before the first viewer came, divided by the viewers. What
the kernel holds for a connection is not in it, for nobody.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from statistics import median

from bench import peers
from bench.peers import RELAY, RELAY_DEFLATE, Peer
from bench.rounds import Rounds, take_turns
from bench.table import Target, machine, markdown, verdicts
from bench.usage import Usage
from bench.viewers import Incomplete, allow_files, viewers
from bench.work import publish

PEERS = (
    RELAY,
    RELAY_DEFLATE,
    peers.NCHAN,
    peers.BROADCAST,
    peers.BROADCAST_DEFLATE,
    peers.NODE_WS,
    peers.NODE_WS_DEFLATE,
)
OURS = (RELAY, RELAY_DEFLATE)
MANY = 10_000
RATE = 20.0
LOAD_S = 3.0
SETTLE_S = 1.5


@dataclass(frozen=True)
class Run:
    """One peer in one round: KiB for each viewer, at rest and after a time of events."""

    idle_kib: float
    loaded_kib: float


def measure(peer: Peer, count: int, rate: float = RATE, seconds: float = LOAD_S) -> Run:
    """Run one peer once.

    Raises:
        Incomplete: If a viewer missed an event or got one twice.
    """
    events = max(round(rate * seconds), 1)
    with peer.start() as server:
        usage = Usage(server.pid)
        publish(server, 100, 20)
        before_kib = usage.resident_kib()
        with viewers(server, peer, count) as crowd:
            time.sleep(SETTLE_S)
            idle_kib = usage.resident_kib() - before_kib
            crowd.reset()
            publish(server, rate, events)
            crowd.expect(events)
            loaded_kib = usage.resident_kib() - before_kib
    return Run(idle_kib / count, loaded_kib / count)


def report(measured: Rounds[Run], many_mb: float | None) -> str:
    """Return the tables."""
    rows: list[list[str | float | None]] = []
    for peer, runs in measured.runs.items():
        if not runs:
            rows.append([f"{peer.name}: {measured.why_not[peer]}", None, None])
            continue
        rows.append([peer.name, median(run.idle_kib for run in runs), median(run.loaded_kib for run in runs)])
    idle = median(run.idle_kib for run in measured.runs[RELAY])
    loaded = median(run.loaded_kib for run in measured.runs[RELAY_DEFLATE])
    aims = [
        Target("an idle viewer", idle, 10, "KiB"),
        Target("a viewer under load, with compression", loaded, 20, "KiB"),
        Target(f"{MANY:,} idle viewers, over the base", many_mb, 150, "MB"),
    ]
    return f"{markdown(['server', 'KiB/idle viewer', 'KiB/viewer under load'], rows)}\n\n{verdicts(aims)}"


def measure_many() -> float | None:
    """Return the MB that ten thousand take; None where so many files may not be open."""
    try:
        allow_files(MANY)
    except SystemExit as error:
        print(error, "\n")
        return None
    with RELAY.start() as server:
        usage = Usage(server.pid)
        publish(server, 100, 20)
        before_kib = usage.resident_kib()
        with viewers(server, RELAY, MANY):
            time.sleep(SETTLE_S)
            return (usage.resident_kib() - before_kib) * 1024 / 1e6


def compare(count: int, rounds: int) -> str:
    """Measure; return this part of the report.

    Raises:
        Incomplete: If our relay lost or repeated anything.
    """
    allow_files(count)
    measured = take_turns(PEERS, rounds, lambda peer: measure(peer, count), OURS)
    load = f"{count:,} viewers, then {RATE:g} events/s for {LOAD_S:g} s, in each of {rounds} rounds"
    return f"{load}; {machine()}\n\n{report(measured, measure_many())}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.memory", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-n", type=int, default=1000, help="viewers (default 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="of all peers (default 3)")
    parser.add_argument("--quick", action="store_true", help="20 viewers of each, once: completeness only")
    asked = parser.parse_args()
    try:
        if asked.quick:
            measured = take_turns(PEERS, 1, lambda peer: measure(peer, 20, 100, 0.2), OURS)
            print(
                "every event came from", ", ".join(peer.name for peer, runs in measured.runs.items() if runs)
            )
        else:
            print(compare(asked.n, asked.rounds))
    except Incomplete as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
