"""What readers that stop reading cost, in memory and in everybody else's time.

    PYTHONPATH=tests python -m bench.stalled --healthy 100 --stalled 1000 --rounds 3

In every round 100 viewers read, first alone, then next to 1,000 that have stopped. Compression is off, and
the events are long, so that what waits for the stalled is soon more than anyone may hold: the kernel takes
the first MB or two of each, the server the rest. The peer shows what that is without bounds, for as long as
this takes.
"""

from __future__ import annotations

import argparse
import re
import resource
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.peers import BROADCAST, RELAY, Peer
from bench.rounds import Rounds, take_turns
from bench.table import Target, machine, markdown, verdicts
from bench.usage import Usage
from bench.viewers import Incomplete, allow_files, viewers
from bench.work import publish

PEERS = (RELAY, BROADCAST)
RATE = 200.0
FILL_S = 6.0
"""Until the kernel's own buffers and the relay's are full. Twice this is less than the relay's patience."""
MEASURE_S = 4.0
WORDS = 300
"""In an event: about 2 KB."""
WARM_EVENTS = 200
_SOCKSTAT = Path("/proc/net/sockstat")


@dataclass(frozen=True)
class Run:
    """One peer in one round.

    Attributes:
        kib: The most memory of the server that a stalled reader took.
        kernel_kib: What the kernel held for it then.
        alone_ms: What 99 % of the events of the healthy arrive within, without the stalled.
        beside_ms: The same next to them, once they hold what they may.
        filling_ms: The same while they fill.
    """

    kib: float
    kernel_kib: float
    alone_ms: float
    beside_ms: float
    filling_ms: float

    @property
    def change(self) -> float:
        """How much later it comes because of them: 1.0 is no later."""
        return self.beside_ms / max(self.alone_ms, 1e-3)


def measure(
    peer: Peer, healthy: int, stalled: int, seconds: float = MEASURE_S, fill_s: float = FILL_S
) -> Run:
    """Run one peer once.

    Raises:
        Incomplete: If a healthy viewer missed an event or got one twice.
    """
    with peer.start() as server:
        usage = Usage(server.pid)
        with viewers(server, peer, healthy) as crowd:

            def p99_ms(events: int) -> float:
                crowd.reset()
                publish(server, RATE, events, WORDS)
                return crowd.expect(events, 60).p99_ms

            p99_ms(WARM_EVENTS)
            alone_ms = p99_ms(round(RATE * seconds))
            before_kib, kernel_before_kib = usage.resident_kib(), _kernel_kib()
            with viewers(server, peer, 0, stalled=stalled):
                filling_ms = p99_ms(round(RATE * fill_s))
                filled_kib = usage.resident_kib()
                beside_ms = p99_ms(round(RATE * seconds))
                most_kib = max(filled_kib, usage.resident_kib()) - before_kib
                kernel_kib = _kernel_kib() - kernel_before_kib
    return Run(most_kib / stalled, kernel_kib / stalled, alone_ms, beside_ms, filling_ms)


def _kernel_kib() -> float:
    """Return what the kernel's TCP buffers hold, of all connections; 0 where it does not say."""
    if not _SOCKSTAT.exists():
        return 0.0
    found = re.search(r"^TCP: .* mem ([0-9]+)$", _SOCKSTAT.read_text(), re.MULTILINE)
    return int(found[1]) * resource.getpagesize() / 1024 if found else 0.0


def report(measured: Rounds[Run]) -> str:
    """Return the tables."""
    head = [
        "server", "KiB/stalled reader", "KiB of the kernel", "p99 ms alone", "p99 ms beside", "change",
        "p99 ms while they fill",
    ]  # fmt: skip
    rows: list[list[str | float | None]] = []
    for peer, runs in measured.runs.items():
        if not runs:
            rows.append([f"{peer.name}: {measured.why_not[peer]}", *[None] * 6])
            continue
        figures = [
            (run.kib, run.kernel_kib, run.alone_ms, run.beside_ms, run.change, run.filling_ms) for run in runs
        ]
        rows.append([peer.name, *map(median, zip(*figures, strict=True))])
    ours = measured.runs[RELAY]
    aims = [
        Target("a stalled reader, at most", max(run.kib for run in ours), 128, "KiB"),
        Target("p99 of the healthy, × without the stalled", median(run.change for run in ours), 1.1),
    ]
    return f"{markdown(head, rows)}\n\n{verdicts(aims)}"


def compare(healthy: int, stalled: int, rounds: int) -> str:
    """Measure; return this part of the report.

    Raises:
        Incomplete: If our relay lost or repeated anything.
    """
    allow_files(healthy + stalled)
    measured = take_turns(PEERS, rounds, lambda peer: measure(peer, healthy, stalled), (RELAY,))
    load = f"{healthy} viewers, {stalled:,} stalled readers, {RATE:g} events/s, {rounds} rounds"
    return f"{load}; {machine()}\n\n{report(measured)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.stalled", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--healthy", type=int, default=100, help="viewers that read (default 100)")
    parser.add_argument("--stalled", type=int, default=1000, help="viewers that do not (default 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="of both peers (default 3)")
    parser.add_argument("--quick", action="store_true", help="a few of both, once: completeness only")
    asked = parser.parse_args()
    try:
        if asked.quick:
            measure(RELAY, 10, 10, 0.2, 0.2)
            print("every healthy viewer got every event once")
        else:
            print(compare(asked.healthy, asked.stalled, asked.rounds))
    except Incomplete as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
