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

from bench.table import machine, markdown
from relay.screen.redact import RULES, redact
from support.harmless import harmless
from support.leaks import Leak, leaks, survives

MAX_ORDINARY_US = 60.0
MAX_HOSTILE_MS = 5.0
MAX_RATIO = 2.2
SEEDS = (
    "a",
    "a.",
    "@",
    "a@",
    "a@a.",
    "a-",
    "É",
    "/",
    "/Users/",
    "/home/a'",
    "C:\\Users\\a ",
    "sk-",
    "sk-a",
    "eyJ-",
    "eyJa.",
    "basic ",
    "bearer a",
    "authorization: ",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "ghp_",
    "xoxb-a",
    "\u200b",
    "a\u200d",
    "\x1b[",
    "\x1b[0;",
    "password=",
    "password: a ",
    "token is ",
    "://",
    "://a:",
    "--token ",
    "mysql ",
    "login a ",
    "a\n",
    "  at a\n",
    "A=\n",
    "10.",
    "fe80:",
    "a.b-",
    "<think>",
    "$ a\n",
    "%2",
    "%41",
    "&amp;",
    "\\u0041",
    "\\",
    "@@ -1 +1 @@\n",
    "+a\n",
    "#0 a\n",
    "cookie: ",
    "a.local",
    "\\\\a\\",
    "abandon ",
    "12:00:00 a\n",
    "Error\n",
    "ghp_\n",
    "-u a:",
    "user a ",
    "<password>",
    "{'key': '",
    "ｓ",
    "1.",
)


def main() -> int:
    """Print the tables; return 1 if a bound is not met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round; what it costs is not judged")
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
        rows.append(["detect-secrets: skipped, not installed", None, None, None, None, None, None])
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

    hostile = sorted((_hostile(seed, rounds) for seed in SEEDS), reverse=True)
    shown: list[list[str | float | None]] = [[repr(seed), short, ratio] for short, ratio, seed in hostile[:8]]
    steepest = max(hostile, key=lambda one: one[1])
    shown.append([f"steepest: {steepest[2]!r}", *steepest[:2]])
    print(markdown(["slowest strings", "4,000 characters, ms", "8,000 / 4,000"], shown))
    if quick:
        return 0
    slow = hostile[0][0] > MAX_HOSTILE_MS or steepest[1] > MAX_RATIO or ours[-1] > MAX_ORDINARY_US
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


def _hostile(seed: str, rounds: int) -> tuple[float, float, str]:
    """Return the milliseconds of 4,000 characters and the ratio of twice as many: best of the rounds."""
    short, long = ((seed * (size // len(seed) + 1))[:size] for size in (4000, 8000))
    redact(short)
    pairs = [(_took_s(lambda: redact(short)), _took_s(lambda: redact(long))) for _ in range(rounds)]
    best = min(one for one, _ in pairs)
    return best * 1e3, min(two for _, two in pairs) / best, seed


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
