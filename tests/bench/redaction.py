"""What redaction finds, what it spoils, and what it costs, next to `detect-secrets` in the same run.

    PYTHONPATH=tests python -m bench.redaction [--quick]

Recall is the share of leaks of which nothing can be read afterwards, false positives the share of harmless
lines that changed. The peer scans a line with its default plugins; it removes nothing, and knows no personal
data and no blocks, so its recall counts the texts in which it found anything at all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from statistics import median

from bench.hostile import seeds, worst
from bench.table import machine, markdown
from relay.screen.redact import RULES, redact
from support.harmless import harmless
from support.leaks import Leak, leaks, survives

MAX_ORDINARY_US = 60.0
MAX_HOSTILE_MS = 5.0
MAX_RATIO = 2.2


def main() -> int:
    """Print the tables; return 1 if a bound is not met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="one round, no hostile strings; what it costs is not judged"
    )
    quick = parser.parse_args().quick
    cases = list(leaks(seed=7))
    lines = list(harmless(seed=7))
    kinds = len({case.kind for case in cases})
    print(
        f"{len(cases)} leaks of {kinds} kinds, {len(lines)} harmless lines, {len(RULES)} rules; {machine()}\n"
    )

    def gone(leak: Leak) -> bool:
        return not survives(leak, redact(leak.text))

    head = ["", "secrets", "personal", "disguised", "blocks", "false positives", "µs/line"]
    rounds = 1 if quick else 9
    ours = [
        *_shares(cases, gone),
        _share(lines, lambda line: redact(line) != line),
        _cost_us(lines, redact, rounds),
    ]
    rows: list[list[str | float | None]] = [["clawtank", *(f"{share:.1%}" for share in ours[:-1]), ours[-1]]]
    if find_spec("detect_secrets") is None:
        rows.append(["detect-secrets: skipped; `pip install detect-secrets` adds it", *(None,) * 6])
    else:
        with _detect_secrets() as finds:
            shares = [
                *_shares(cases, lambda leak: any(map(finds, leak.text.split("\n")))),
                _share(lines, finds),
            ]
            rows.append(
                ["detect-secrets", *(f"{share:.1%}" for share in shares), _cost_us(lines[:100], finds, 1)]
            )
    print(markdown(head, rows), end="\n\n")

    if quick:
        return 0
    slowest, steepest = worst(rounds)
    shown: list[list[str | float | None]] = [[repr(one.seed), one.short_ms, one.ratio] for one in slowest]
    shown.append([f"steepest: {steepest.seed!r}", steepest.short_ms, steepest.ratio])
    print(f"{len(seeds())} strings tried, each repeated; the worst:\n")
    print(markdown(["slowest strings", "4,000 characters, ms", "8,000 / 4,000"], shown))
    slow = slowest[0].short_ms > MAX_HOSTILE_MS or steepest.ratio > MAX_RATIO or ours[-1] > MAX_ORDINARY_US
    print("\na bound is not met" if slow else "\nevery bound is met")
    return int(slow)


def _shares(cases: list[Leak], gone: Callable[[Leak], bool]) -> list[float]:
    total: Counter[str] = Counter(case.category for case in cases)
    found: Counter[str] = Counter(case.category for case in cases if gone(case))
    return [found[category] / total[category] for category in ("secret", "personal", "disguised", "block")]


def _share(lines: list[str], changed: Callable[[str], bool]) -> float:
    return sum(map(changed, lines)) / len(lines)


def _cost_us(lines: list[str], work: Callable[[str], object], rounds: int) -> float:
    return median(_took_s(lambda: [work(line) for line in lines]) for _ in range(rounds)) / len(lines) * 1e6


def _took_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


@contextmanager
def _detect_secrets() -> Iterator[Callable[[str], bool]]:
    from detect_secrets.core.scan import scan_line  # type: ignore[import-not-found, unused-ignore]
    from detect_secrets.settings import default_settings  # type: ignore[import-not-found, unused-ignore]

    with default_settings():
        yield lambda line: any(True for _ in scan_line(line))


if __name__ == "__main__":
    sys.exit(main())
