"""Every table of `docs/performance.md` that compares us with others, one after another, as Markdown.

    PYTHONPATH=tests python -m bench.all > tables.md       # about 35 minutes on two quiet cores

What fails is said where its table would be, and the others are still measured.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from bench import bandwidth, chatters, fanout, growth, handshake, ingest, memory, stalled
from bench.viewers import Incomplete


def main() -> int:
    """Print the tables; return 1 if one could not be made."""
    parser = argparse.ArgumentParser(
        prog="bench.all", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="of each comparison of CPU time (default 5)")
    rounds = parser.parse_args().rounds
    parts: list[tuple[str, Callable[[], str]]] = [
        *((f"Fan-out: {load}", _fanout(name, rounds)) for name, load in fanout.LOADS.items()),
        ("Handshakes", lambda: handshake.compare(1000, rounds)),
        ("Memory", lambda: memory.compare(1000, 2)),
        ("Stalled readers", lambda: stalled.compare(100, 1000, 2)),
        ("A crowd that writes", lambda: chatters.compare(500, 5, min(rounds, 3))),
        ("Growth", lambda: growth.compare(min(rounds, 3))),
        ("Bandwidth", bandwidth.compare),
        ("Ingest", lambda: ingest.compare(rounds)),
    ]
    failed = 0
    for title, measure in parts:
        began_s = time.monotonic()
        try:
            text = measure()
        except (Incomplete, SystemExit) as error:
            failed, text = 1, f"**failed**: {error}"
        print(f"## {title}\n\n{text}\n", flush=True)
        print(f"{title}: {time.monotonic() - began_s:.0f} s", file=sys.stderr)
    return failed


def _fanout(name: str, rounds: int) -> Callable[[], str]:
    return lambda: fanout.compare(name, fanout.LOADS[name], rounds)


if __name__ == "__main__":
    sys.exit(main())
