"""The command: `python -m chaos`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from chaos.run import Plan, Result, run


def table(plan: Plan, result: Result) -> str:
    """Return the table of a run."""
    verdict = result.verdict
    cells = {
        "viewers": plan.viewers,
        "cuts": result.cuts,
        "kills": result.kills,
        "resumed": verdict.resumed,
        "recovered false": verdict.unrecovered,
        "events": result.events,
        "delivered": verdict.delivered,
        "lost": verdict.lost,
        "repeated": verdict.repeated,
        "reordered": verdict.reordered,
        "gaps": verdict.gaps,
        "shown while hidden": verdict.shown,
        "of other types": verdict.unasked,
        "altered": verdict.altered,
    }
    head, rule = "| " + " | ".join(cells) + " |", "|" + "--:|" * len(cells)
    return "\n".join((head, rule, "| " + " | ".join(f"{cell:,}" for cell in cells.values()) + " |"))


def report(plan: Plan, result: Result) -> str:
    """Return all there is to say of a run."""

    def counted(counts: dict[str, int]) -> str:
        return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))

    lines = [
        table(plan, result),
        "",
        f"seed {plan.seed}, {plan.seconds:g} s; {result.changes} changes of settings, "
        f"{result.retries} calls of publishers made again",
        f"lines: {counted(result.faults)}",
        f"viewers: {counted(result.viewers)}",
        *result.verdict.examples,
        *result.wrong,
    ]
    return "\n".join(lines)


def main() -> int:
    """Run once; return 1 if anybody was wronged."""
    parser = argparse.ArgumentParser(
        prog="chaos", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="draws the same faults, kills and choices again")
    parser.add_argument("--viewers", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rate", type=float, default=15, help="events per second, on average")
    parser.add_argument("--quick", action="store_true", help="20 viewers, two kills, twenty seconds")
    quick, _ = parser.parse_known_args()
    short = {"viewers": 20, "kills": 2, "seconds": 20.0}
    parser.set_defaults(**(short if quick.quick else {"viewers": 200, "kills": 10, "seconds": 180.0}))
    options = parser.parse_args()
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    plan = Plan(options.viewers, options.kills, options.seconds, options.rate, seed)
    print(f"{plan}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as directory:
        result = run(plan, Path(directory) / "data", lambda line: print(line, file=sys.stderr))
    print(report(plan, result))
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
