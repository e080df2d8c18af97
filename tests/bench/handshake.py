"""What one more viewer that comes in costs a server.

    PYTHONPATH=tests python -m bench.handshake -n 1000 --rounds 5

The relay's handshake holds admission, a signed resume token, and a welcome with the room's state, which is
waited for; the peers' is the upgrade alone.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import astuple, dataclass
from statistics import median

from bench import peers
from bench.peers import RELAY, RELAY_DEFLATE, Peer
from bench.rounds import Rounds, take_turns
from bench.table import Target, machine, markdown, verdicts
from bench.usage import Usage
from bench.viewers import Incomplete, allow_files, viewers
from bench.work import publish

PEERS = (RELAY, RELAY_DEFLATE, peers.NODE_WS, peers.BROADCAST, peers.NCHAN)
OURS = (RELAY, RELAY_DEFLATE)
SETTLE_S = 0.3
"""What a server does once it has answered the last is the cost of coming in, too."""


@dataclass(frozen=True)
class Run:
    """One peer in one round.

    Attributes:
        cpu_us: CPU time of the server for each viewer.
        each_s: Handshakes a second, 64 of them under way at a time.
        p50_ms: From the connection to the answer.
        p99_ms: The same, of the slowest hundredth.
    """

    cpu_us: float
    each_s: float
    p50_ms: float
    p99_ms: float


def measure(peer: Peer, count: int) -> Run:
    """Run one peer once."""
    with peer.start() as server:
        usage = Usage(server.pid)
        publish(server, 100, 20)
        before_us = usage.cpu_us()
        with viewers(server, peer, count) as crowd:
            time.sleep(SETTLE_S)
            used_us = usage.cpu_us() - before_us
            joined = crowd.joined
    return Run(used_us / count, count / joined.seconds, joined.p50_ms, joined.p99_ms)


def report(measured: Rounds[Run]) -> str:
    """Return the tables."""
    rows: list[list[str | float | None]] = []
    for peer, runs in measured.runs.items():
        if not runs:
            rows.append([f"{peer.name}: {measured.why_not[peer]}", *[None] * 5])
            continue
        cpu_us, *others = (median(figures) for figures in zip(*map(astuple, runs), strict=True))
        rows.append([peer.name, cpu_us, measured.ratio(peer, peers.NODE_WS, _cpu), *others])
    table = markdown(["server", "CPU µs", "× node ws", "handshakes/s", "p50 ms", "p99 ms"], rows)
    against = measured.ratio(RELAY, peers.NODE_WS, _cpu)
    return f"{table}\n\n{verdicts([Target('CPU per handshake, × node ws', against, 1.5)])}"


def _cpu(run: Run) -> float:
    return run.cpu_us


def compare(count: int, rounds: int) -> str:
    """Measure; return this part of the report."""
    allow_files(count)
    measured = take_turns(PEERS, rounds, lambda peer: measure(peer, count), OURS)
    return f"{count:,} handshakes in each of {rounds} rounds; {machine()}\n\n{report(measured)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.handshake", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-n", type=int, default=1000, help="viewers (default 1000)")
    parser.add_argument("--rounds", type=int, default=5, help="of all peers (default 5)")
    parser.add_argument("--quick", action="store_true", help="20 viewers of each, once: do all come in?")
    asked = parser.parse_args()
    try:
        if asked.quick:
            measured = take_turns(PEERS, 1, lambda peer: measure(peer, 20), OURS)
            print("all came in to", ", ".join(peer.name for peer, runs in measured.runs.items() if runs))
        else:
            print(compare(asked.n, asked.rounds))
    except Incomplete as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
