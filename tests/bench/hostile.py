"""Strings that could make redaction slow, taken from what its rules look for, and what they cost.

A rule works hardest on what almost matches it. So each gate, each beginning of an example, each line of a
block and each delimiter is repeated until 4,000 characters are full, alone, beside others and inside others.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from relay.screen.block_kinds import BLOCKS, TAGGED
from relay.screen.redact import RULES, redact

SIZE = 4000
DELIMITERS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \n\t"
SEEDS = (
    "a",
    "a.",
    "@",
    "a@",
    "a@a.",
    "a-",
    "\xc9",
    "/",
    "a\n",
    "a \n",
    "-a",
    "A ",
    "1.",
    "0",
    "ab1 ",
    "\u5317",
    "\U0001f642",
    "e\u0301",
    "/Users/",
    "/home/a'",
    "/home/\n",
    "C:\\Users\\a ",
    "\\\\a\\",
    "~/",
    "a/b",
    "\x1b[",
    "\x1b[0;",
    "\x1b]",
    "\x1b",
    "\x9b",
    "\u200b",
    "a\u200d",
    "\x00",
    "\u202e",
    "\uff53",
    "\U0001d42c",
    "\xe9\u200b",
    "%2",
    "%41",
    "%25",
    "%2541",
    "&amp;",
    "&#65;",
    "&#x41;",
    "&a",
    "\\u0041",
    "\\u00",
    "\\/",
    "\\",
    "password=",
    "password: a ",
    "password for a b ",
    "token is ",
    "key=",
    "a_key=",
    "\u043f\u0430\u0440\u043e\u043b",
    "\u5bc6\u7801\u662f",
    "://",
    "://a:",
    "://a:b@",
    "--token ",
    "-password ",
    "mysql ",
    "mysql -",
    "login a ",
    "-u a:",
    "user a ",
    "<password>",
    "<think>",
    "<thinking>a",
    "[thinking]",
    "{'key': '",
    '{"A":"',
    "{'A': 'a',",
    '"type":"thinking"',
    "10.",
    "10.0.0.1",
    "fe80:",
    "fd00:",
    "a.b-",
    "a.local",
    "a.internal.",
    "sk-",
    "sk-a",
    "eyJ-",
    "eyJa.",
    "ghp_\n",
    "abandon ",
    "abandon,",
    "abandon\n",
    "12:00:00 a\n",
    "Error\n",
    "A=\n",
    "A=a\n\n",
    "#0 a\n",
    "#0 a(\n",
    "0 a 0x\n",
    "  at a\n",
    "  at a(\n",
    "@@ -1 +1 @@\n",
    "+a\n",
    "--- a\n",
    "$ a\n",
    "<<<<<<< \n",
    "a@http://a:1\n",
    "a.rb:1:in \n",
    "AKIA0123456789ABCDEF ",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "cookie: ",
    "bearer a",
    "123-456 ",
)


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """What a repeated string costs.

    Attributes:
        short_ms: CPU time for 4,000 characters of it.
        ratio: What twice as many cost, divided by that.
        seed: What is repeated.
    """

    short_ms: float
    ratio: float
    seed: str


def seeds() -> list[str]:
    """Return what is repeated, the same ones in every run."""
    rng = random.Random(5)
    gates = [gate for rule in RULES for gate in rule.gates] + [
        gate for block in BLOCKS for gate in block.gates
    ]
    examples = [rule.goes for rule in RULES] + [block.goes for block in BLOCKS] + [tag.goes for tag in TAGGED]
    beginnings = [example[:length] for example in examples for length in (8, 24)]
    lines = [f"{line}\n" for example in examples for line in example.split("\n")]
    beside = [f"{gate}{sign}" for gate in gates for sign in ("=", " a", "\n")]
    pairs = [one + other for one in DELIMITERS for other in DELIMITERS]
    simple = [*SEEDS, *gates, *beginnings, *lines, *beside, *pairs]
    mixed = ["".join(rng.choices(simple, k=rng.randint(2, 6))) for _ in range(400)]
    nested = [
        one + other + one[::-1]
        for one, other in zip(rng.choices(pairs, k=200), rng.choices(gates, k=200), strict=True)
    ]
    return list(dict.fromkeys(seed for seed in (*simple, *mixed, *nested) if seed))


def worst(rounds: int, keep: int = 10) -> tuple[list[Cost], Cost]:
    """Return the slowest strings, slowest first, and the one whose cost grows fastest.

    One look at all of them finds the candidates; only these are measured for good.

    Args:
        rounds: How often a candidate is measured; the fastest counts, since nothing makes a run too fast.
        keep: How many of the slowest.
    """
    looks = [_measured(seed, 2) for seed in seeds()]
    candidates = {
        cost.seed
        for cost in (
            *sorted(looks, reverse=True)[: 3 * keep],
            *sorted(looks, key=lambda cost: cost.ratio, reverse=True)[: 3 * keep],
        )
    }
    costs = sorted((_measured(seed, rounds) for seed in candidates), reverse=True)
    # A disturbed measurement of the short one, or of both, looks like a steep one; patience tells them apart.
    steep = sorted(costs, key=lambda cost: cost.ratio, reverse=True)[:keep]
    again = [_measured(cost.seed, 5 * rounds) for cost in steep]
    return costs[:keep], max(again, key=lambda cost: cost.ratio)


def repeated(seed: str, size: int) -> str:
    """Return `size` characters of a seed."""
    return (seed * (size // len(seed) + 1))[:size]


def _measured(seed: str, rounds: int) -> Cost:
    short, long = repeated(seed, SIZE), repeated(seed, 2 * SIZE)
    least = [min(times) for times in zip(*_runs(short, long, rounds), strict=True)]
    return Cost(least[0] * 1e3, least[1] / least[0], seed)


def _runs(short: str, long: str, rounds: int) -> Iterator[tuple[float, float]]:
    for _ in range(rounds):
        yield took_s(short), took_s(long)


def took_s(text: str) -> float:
    """Return the CPU seconds that redacting a text takes."""
    began = time.process_time()
    redact(text)
    return time.process_time() - began
