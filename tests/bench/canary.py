"""The canary property at full length: 100,000 events with a marker wherever nobody named a place for it.

    PYTHONPATH=tests python -m bench.canary [--events 100000] [--seed 1]

The events are of every shape and go in every way. The marker must be in no byte that leaves the relay:
sockets, pages, welcomes, the terminal client, log, metrics, answers, database. The suite does it with fewer.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.table import machine
from support.canary_run import run


def main() -> int:
    """Run once; return 1 if the marker came out anywhere, or an outlet could not be searched."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began_s = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        result = run(Path(directory), arguments.events, arguments.seed)
    took_s = time.perf_counter() - began_s
    print(machine())
    print(f"{sum(result.events.values()):,} events in {took_s:.0f} s, seed {arguments.seed}")
    for title, counted in (("shapes", result.events), ("outcomes", result.outcomes)):
        print(f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in sorted(counted.items())))
    print(f"outlets that hold the marker: {', '.join(sorted(result.leaks)) or 'none'}")
    print(f"outlets in which the search is blind: {', '.join(sorted(result.blind)) or 'none'}")
    return 1 if result.leaks or result.blind else 0


if __name__ == "__main__":
    sys.exit(main())
