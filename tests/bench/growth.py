"""Whether a delivery costs the same however many viewers and rooms there are.

    PYTHONPATH=tests python -m bench.growth --rounds 3

The number of deliveries is about the same at every size, so the events become fewer as the viewers become
more; what the relay does for viewers whom nothing is sent (pings, upkeep) is measured first and taken off,
and so is ingest. For rooms, a thousand viewers watch a busy one, and as many others sit in 1 to 499 quiet
ones, so that only the number of rooms differs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median

from bench.peers import RELAY_DEFLATE, ROOM, relay
from bench.table import Target, machine, markdown, ratio, verdicts
from bench.usage import Usage
from bench.viewers import Incomplete, allow_files, viewers
from bench.work import publish

SECONDS = 4.0
SETTLE_S = 1.5
WATCHING, ELSEWHERE = 1000, 998
BASE = 1
"""The size that the others are held against: the second of each list."""


@dataclass(frozen=True)
class Size:
    """So many viewers of the busy room at so many events a second; so many others in so many other rooms."""

    viewers: int
    rate: float
    elsewhere: int = 0
    rooms: int = 0

    def __str__(self) -> str:
        rooms = f" of {self.rooms + 1} rooms" if self.rooms else ""
        return f"{self.viewers + self.elsewhere:,} viewers{rooms}, {self.rate:g} events/s"


BY_VIEWERS = (Size(100, 100), Size(1000, 20), Size(5000, 5), Size(10_000, 3))
BY_ROOMS = (
    Size(WATCHING, 20, ELSEWHERE, 1),
    Size(WATCHING, 20, ELSEWHERE, 49),
    Size(WATCHING, 20, ELSEWHERE, 499),
)


def measure(size: Size, seconds: float = SECONDS) -> float:
    """Run the relay once; return the CPU microseconds of one delivery.

    Raises:
        Incomplete: If a viewer missed an event or got one twice.
    """
    events = max(round(size.rate * seconds), 1)
    others = [f"other-{number}" for number in range(size.rooms)]
    with relay([ROOM, *others]) as server:
        usage = Usage(server.pid)
        publish(server, 100, 20)
        before_us = usage.cpu_us()
        publish(server, size.rate, events)
        ingest_us = usage.cpu_us() - before_us
        quiet = (
            viewers(server, RELAY_DEFLATE, size.elsewhere, path="/spectate/other-%d", rooms=size.rooms)
            if size.rooms
            else nullcontext()
        )
        with quiet, viewers(server, RELAY_DEFLATE, size.viewers) as crowd:
            time.sleep(SETTLE_S)
            before_us = usage.cpu_us()
            time.sleep(seconds)
            idle_us = usage.cpu_us() - before_us
            crowd.reset()
            before_us = usage.cpu_us()
            publish(server, size.rate, events)
            got = crowd.expect(events)
            used_us = usage.cpu_us() - before_us
    return (used_us - ingest_us - idle_us) / got.events


def compare(rounds: int) -> str:
    """Measure; return this part of the report.

    Raises:
        Incomplete: If our relay lost or repeated anything.
    """
    parts = [f"{SECONDS:g} s at each size in each of {rounds} rounds, with compression; {machine()}"]
    aims = []
    for what, sizes in (("viewers", BY_VIEWERS), ("rooms", BY_ROOMS)):
        allow_files(max(size.viewers + size.elsewhere for size in sizes))
        turns = [[measure(size) for size in sizes] for _ in range(rounds)]
        costs = list(zip(*turns, strict=True))
        changes = [ratio(cost, costs[BASE]) for cost in costs]
        parts.append(_table(sizes, costs, changes))
        furthest = max(abs(change - 1) for change in changes)
        aims.append(Target(f"cost per delivery as {what} grow, away from the middle by", furthest, 0.15))
    return "\n\n".join([*parts, verdicts(aims)])


def _table(sizes: Sequence[Size], costs: Sequence[Sequence[float]], changes: Sequence[float]) -> str:
    rows: list[list[str | float | None]]
    rows = [
        [str(size), median(cost), change] for size, cost, change in zip(sizes, costs, changes, strict=True)
    ]
    return markdown(["size", "µs/delivery", f"× {sizes[BASE]}"], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="of all sizes (default 3)")
    parser.add_argument("--quick", action="store_true", help="one small size: completeness only")
    asked = parser.parse_args()
    try:
        if asked.quick:
            measure(Size(20, 100, 20, 5), 0.2)
            print("every viewer got every event once")
        else:
            print(compare(asked.rounds))
    except Incomplete as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
