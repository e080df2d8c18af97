"""What one more delivered event costs a server, and how late it comes.

    PYTHONPATH=tests python -m bench.fanout                      # the three loads, five rounds each
    PYTHONPATH=tests python -m bench.fanout 1000x20 --rounds 9 --only relay

Every round starts each server afresh. First the events go to nobody: that is ingest (for the relay HTTP,
screening and a durable commit; for most peers one read). Then the viewers come, and the same events go to
all of them; what the server uses beyond its ingest, divided by the events delivered, is the fan-out. A run
in which any viewer misses an event or gets one twice is an error, not a figure.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from statistics import median

from bench import peers
from bench.peers import PEERS, RELAY, RELAY_DEFLATE, Peer
from bench.rounds import Rounds, take_turns
from bench.table import Target, machine, markdown, verdicts
from bench.usage import Usage
from bench.viewers import Incomplete, allow_files, viewers
from bench.work import publish

OURS = (RELAY, RELAY_DEFLATE)
SETTLE_S = 0.5
"""Until the last who came in is known to be in, or has been heard (NATS has to be told what is wanted)."""
_HEAD = [
    "server", "fan-out µs/event", "× nchan", "× C floor", "× broadcast", "deliveries/s", "p50 ms", "p99 ms",
    "bytes/event", "ingest µs/event",
]  # fmt: skip


@dataclass(frozen=True)
class Load:
    """So many viewers, so many events a second, for so long; `peers` are worth the time at this load.

    Attributes:
        presence_s: Until a relay has said who is there, which it does at most once a second.
        warm_s: How much longer a server that adapts to its load is given to do so.
    """

    viewers: int
    rate: float
    seconds: float
    peers: Sequence[Peer] = PEERS
    presence_s: float = 1.0
    warm_s: float = 4.0

    @property
    def events(self) -> int:
        """How many events that is."""
        return max(round(self.rate * self.seconds), 1)

    @property
    def warm(self) -> int:
        """How many events it takes to adapt."""
        return max(round(self.rate * self.warm_s), 1)

    def __str__(self) -> str:
        return f"{self.viewers:,} viewers × {self.rate:g} events/s"


_FEW = (*OURS, peers.FLOOR, peers.NCHAN, peers.BROADCAST)
QUICK = Load(20, 100, 0.2, presence_s=0.0, warm_s=0.1)
LOADS = {
    "1000x20": Load(1000, 20, 2.0),
    "1000x200": Load(1000, 200, 2.0, _FEW),
    "5000x20": Load(5000, 20, 2.0, _FEW),
    "2000x10": Load(2000, 10, 3.0, _FEW),
}


@dataclass(frozen=True)
class Run:
    """One peer in one round; CPU times are of the server, in microseconds.

    Attributes:
        fanout_us: Per delivered event, ingest taken off.
        deliveries_s: Delivered per second.
        p50_ms: From publishing to arrival.
        p99_ms: The same, of the slowest hundredth.
        event_bytes: On the wire, per delivered event.
        ingest_us: Per published event, with nobody watching.
    """

    fanout_us: float
    deliveries_s: float
    p50_ms: float
    p99_ms: float
    event_bytes: float
    ingest_us: float


def measure(peer: Peer, load: Load) -> Run:
    """Run one peer once.

    Raises:
        Incomplete: If a viewer missed an event or got one twice.
    """
    with peer.start() as server:
        usage = Usage(server.pid)
        publish(server, 100, 20)  # first use of every path is paid here, not in a figure
        before_us = usage.cpu_us()
        publish(server, load.rate, load.events)
        ingest_us = usage.cpu_us() - before_us
        with viewers(server, peer, load.viewers) as crowd:
            time.sleep(SETTLE_S)
            if peer.adapts:
                time.sleep(load.presence_s)
                crowd.reset()
                publish(server, load.rate, load.warm)
                crowd.expect(load.warm)
            crowd.reset()
            before_us = usage.cpu_us()
            publish(server, load.rate, load.events)
            got = crowd.expect(load.events)
            used_us = usage.cpu_us() - before_us
    return Run(
        fanout_us=(used_us - ingest_us) / got.events,
        deliveries_s=got.events / max(got.seconds, 1e-6),
        p50_ms=got.p50_ms,
        p99_ms=got.p99_ms,
        event_bytes=got.bytes / got.events,
        ingest_us=ingest_us / load.events,
    )


def fanout(run: Run) -> float:
    """Return what the ratios are of."""
    return run.fanout_us


def report(measured: Rounds[Run]) -> str:
    """Return the table: medians, and the medians of the per-round ratios."""
    rows: list[list[str | float | None]] = []
    for peer, runs in measured.runs.items():
        if not runs:
            rows.append([f"{peer.name}: {measured.why_not[peer]}", *[None] * (len(_HEAD) - 1)])
            continue
        fanout_us, *others = (median(figures) for figures in zip(*map(astuple, runs), strict=True))
        to = (peers.NCHAN, peers.FLOOR, peers.BROADCAST)
        rows.append([peer.name, fanout_us, *(measured.ratio(peer, one, fanout) for one in to), *others])
    return markdown(_HEAD, rows)


def targets(name: str, measured: Rounds[Run]) -> list[Target]:
    """Return what is aimed at under a load, with compression on."""
    ours = RELAY_DEFLATE

    def most(bound: float, to: Peer) -> Target:
        return Target(f"CPU per delivery, × {to.name}", measured.ratio(ours, to, fanout), bound)

    def middle(figure: str) -> float | None:
        runs = measured.runs.get(ours)
        return median(getattr(run, figure) for run in runs) if runs else None

    match name:
        case "1000x20":
            both = (ours, peers.BROADCAST_DEFLATE)
            size, theirs = (median(measured.of(one, lambda run: run.event_bytes) or [0]) for one in both)
            return [
                most(1.0, peers.NCHAN),
                most(1.4, peers.FLOOR),
                most(0.8, peers.BROADCAST),
                most(0.25, peers.BROADCAST_DEFLATE),
                most(0.12, peers.NODE_WS_DEFLATE),
                Target(
                    "bytes per delivery, × websockets with deflate", size / theirs if theirs else None, 1.0
                ),
            ]
        case "1000x200":
            return [
                most(0.6, peers.NCHAN),
                most(0.7, peers.FLOOR),
                Target("deliveries/s", middle("deliveries_s"), 180_000, at_least=True),
                Target("99 % arrive within", middle("p99_ms"), 100, "ms"),
            ]
        case "5000x20":
            return [most(1.0, peers.NCHAN)]
        case _:
            return []


def compare(name: str, load: Load, rounds: int, only: str = "") -> str:
    """Measure one load; return its part of the report.

    Raises:
        Incomplete: If our relay lost or repeated anything.
    """
    allow_files(load.viewers)
    chosen = [peer for peer in load.peers if only in peer.name]
    measured = take_turns(chosen, rounds, lambda peer: measure(peer, load), OURS)
    title = f"{load}, {load.seconds:g} s in each of {rounds} rounds; {machine()}"
    parts = [title, report(measured)]
    parts += [verdicts(aims)] if (aims := targets(name, measured)) and not only else []
    return "\n\n".join(parts)


def check_completeness() -> str:
    """Run every peer once, small and short.

    Raises:
        Incomplete: If our relay lost or repeated anything.
    """
    measured = take_turns(PEERS, 1, lambda peer: measure(peer, QUICK), OURS)
    ran = ", ".join(peer.name for peer, runs in measured.runs.items() if runs)
    skipped = [f"\n{peer.name}: {why}" for peer, why in measured.why_not.items()]
    return f"every viewer of {ran} got every event once{''.join(skipped)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.fanout", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "loads", nargs="*", metavar="LOAD", help=f"of {', '.join(LOADS)}; default: all of them"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of all peers (default 5)")
    parser.add_argument("--only", default="", help="peers whose name holds this text")
    parser.add_argument("--quick", action="store_true", help="a few viewers, one second, completeness only")
    asked = parser.parse_args()
    try:
        if asked.quick:
            print(check_completeness())
            return
        for name in asked.loads or LOADS:
            print(compare(name, LOADS[name], asked.rounds, asked.only), end="\n\n", flush=True)
    except Incomplete as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
