"""What watching takes of a line: bytes per event and per hour, of a realistic day, on a real socket.

    PYTHONPATH=tests python -m bench.bandwidth                 # every pace, on a wound clock
    PYTHONPATH=tests python -m bench.bandwidth --real 60       # and a minute in real time, next to it

The relay and its viewers share a loop whose clock goes to the next timer when nothing is left to read, so an
hour takes seconds and every byte is real: frames with their headers, keepalives, pings, and the presence of
viewers who come and go. The day is made from a seed (`support.workday`); nobody says anything twice.
"""

from __future__ import annotations

import argparse
import asyncio
import lzma
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.table import Target, machine, markdown, verdicts
from support.lines import Day, Wish, watch_workday
from support.wound_loop import WoundTraffic

PLAIN = "no compression"
LIVE = "live"
BATCHED = "batches of 30 s"
LOW = "low bandwidth"
WISHES = {
    PLAIN: Wish(deflate=False),
    LIVE: Wish(),
    BATCHED: Wish({"frequency": "batched", "interval_s": "30"}),
    LOW: Wish({"low_bandwidth": "true"}),
}


@dataclass(frozen=True)
class Pace:
    """A row of the spec's table: the busiest of its events a minute, and the most that an hour may take."""

    name: str
    per_minute: float
    minutes: float
    most_kb: float


PACES = (
    Pace("low", 5, 30, 50),
    Pace("medium", 30, 15, 500),
    Pace("high", 200, 6, 2000),
    Pace("peak", 500, 4, 10_000),
)


def watch(per_minute: float, minutes: float, *, wound: bool = True, seed: int = 7) -> Day:
    """Watch a day, and check that each line brought every event in order.

    Raises:
        SystemExit: If one did not.
    """
    loop = WoundTraffic if wound else asyncio.SelectorEventLoop
    with tempfile.TemporaryDirectory() as directory, asyncio.Runner(loop_factory=loop) as runner:
        work = watch_workday(
            Path(directory) / "data", WISHES, per_minute=per_minute, minutes=minutes, seed=seed
        )
        day = runner.run(work)
    for name, line in day.lines.items():
        seqs = [event["seq"] for event in line.events]
        # A thin line leaves statuses out; the rest has to be there.
        due = [event["seq"] for event in day.lines[PLAIN].events if name != LOW or _stays(event["type"])]
        got = [event["seq"] for event in line.events if name != LOW or _stays(event["type"])]
        if len(day.lines[PLAIN].events) != day.published or got != due or seqs != sorted(set(seqs)):
            raise SystemExit(f"{name}: {len(seqs)} of {day.published} events came, or not in order")
    return day


def _stays(kind: str) -> bool:
    return kind != "agent.status_change"


def per_event(day: Day, name: str) -> float:
    """Return the bytes of a line for each event of the day."""
    return day.lines[name].bytes / day.published


def compression(day: Day) -> tuple[str, list[Target]]:
    """Return the table of ways to send one day, and what is aimed at."""
    plain = day.lines[PLAIN]
    xz = len(lzma.compress(b"\n".join(plain.messages), preset=9)) / day.published
    raw = per_event(day, PLAIN)
    rows: list[list[str | float | None]] = [
        [name, per_event(day, name), f"{per_event(day, name) / raw:.0%}", per_event(day, name) / xz]
        for name in WISHES
    ]
    rows.append(["`xz -9` of all of it at once", xz, f"{xz / raw:.0%}", 1.0])
    aims = [
        Target("live, of raw JSON", per_event(day, LIVE) / raw, 0.33),
        Target("live, × `xz -9`", per_event(day, LIVE) / xz, 2.0),
        Target("batches of 30 s, of raw JSON", per_event(day, BATCHED) / raw, 0.25),
    ]
    return markdown(["30 events/min", "bytes/event", "of raw JSON", "× `xz -9`"], rows), aims


def hours(days: Mapping[Pace, Day]) -> tuple[str, list[Target]]:
    """Return the spec's table with our figures, and what is aimed at: a third less, by a thin line half."""
    rows: list[list[str | float | None]] = []
    aims = []
    for pace, day in days.items():
        kb = {name: day.lines[name].hourly / 1000 for name in (LIVE, BATCHED, LOW)}
        rows.append([f"{pace.name}, {pace.per_minute:g} events/min", pace.most_kb, *kb.values()])
        aims.append(Target(f"{pace.name}, live", kb[LIVE], pace.most_kb * 2 / 3, "KB/h"))
        aims.append(Target(f"{pace.name}, low bandwidth", kb[LOW], pace.most_kb / 2, "KB/h"))
    head = ["activity", "spec, KB/h", LIVE, BATCHED, LOW]
    return markdown(head, rows), aims


def compare() -> str:
    """Measure; return this part of the report."""
    days = {pace: watch(pace.per_minute, pace.minutes) for pace in PACES}
    ways, aims = compression(days[PACES[1]])
    table, more = hours(days)
    what = ", ".join(f"{pace.minutes:g} min at {pace.per_minute:g}" for pace in PACES)
    return "\n\n".join([f"A working day, {what} events/min; {machine()}", ways, table, verdicts(aims + more)])


def real(seconds: float) -> str:
    """Return a table of one stretch of the day in real time, next to the same on the wound clock."""
    minutes = seconds / 60
    wound, waited = watch(200, minutes), watch(200, minutes, wound=False)
    rows: list[list[str | float | None]] = [
        [
            name,
            per_event(wound, name),
            per_event(waited, name),
            per_event(waited, name) / per_event(wound, name),
        ]
        for name in WISHES
    ]
    return markdown([f"{seconds:g} s at 200/min, bytes/event", "wound", "real time", "ratio"], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.bandwidth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--real", type=float, default=0, metavar="SECONDS", help="also in real time, for so long"
    )
    parser.add_argument("--quick", action="store_true", help="one minute, completeness only")
    asked = parser.parse_args()
    if asked.quick:
        day = watch(60, 1)
        print(f"every line brought all of {day.published} events")
        return
    print(compare())
    if asked.real:
        print(f"\n{real(asked.real)}")


if __name__ == "__main__":
    main()
