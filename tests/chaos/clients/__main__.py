"""The command: `python -m chaos.clients`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from bench.table import machine
from chaos.clients.kinds import Lineup, lineup
from chaos.clients.run import Result, run

_HEAD = (
    "client",
    "connections",
    "messages",
    "delivered",
    "recovered false",
    "lost",
    "repeated",
    "reordered",
    "gaps",
    "otherwise wrong",
)


def table(found: Lineup, result: Result) -> str:
    """Return a row for each client, and one for our own viewers."""
    rows: list[tuple[str, ...]] = []
    for record in result.records:
        verdict = result.verdicts[record.kind.name]
        others = verdict.altered + verdict.unasked + verdict.shown + len(record.failures)
        counts = (
            record.counts["connections"],
            record.counts["messages"],
            verdict.delivered,
            verdict.unrecovered,
            verdict.lost,
            verdict.repeated,
            verdict.reordered,
            verdict.gaps,
            others,
        )
        rows.append((record.kind.name, *(f"{count:,}" for count in counts)))
    lines = [" | ".join(row) for row in (_HEAD, *rows)]
    rule = "|---" + "|--:" * (len(_HEAD) - 1) + "|"
    skipped = [f"skipped: {reason}" for reason in found.skipped]
    return "\n".join([f"| {lines[0]} |", rule, *(f"| {line} |" for line in lines[1:]), *skipped])


def main() -> int:
    """Run once; return 1 if any client could not read something, or was not given all there was."""
    parser = argparse.ArgumentParser(
        prog="chaos.clients", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, help="draws the same tides and settings again")
    parser.add_argument("--only", help="browser, node or python")
    options = parser.parse_args()
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    found = lineup()
    kinds = [kind for kind in found.kinds if options.only in (None, kind.maker)]
    if not kinds:
        print("\n".join(["no client can run here", *found.skipped]), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory) / "data"
        result = run(kinds, options.minutes * 60, seed, data, lambda line: print(line, file=sys.stderr))
    print(table(found, result))
    print(
        f"\n{options.minutes:g} minutes, seed {seed}: {result.events:,} events, "
        f"{result.changes} changes of settings; {machine()}"
    )
    for verdict in result.verdicts.values():
        print(*verdict.examples, sep="\n", end="\n" if verdict.examples else "")
    print(*result.wrong, sep="\n")
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
