"""What the chat's filter catches, what it spoils and what it costs, next to two others in the same run.

    PYTHONPATH=tests python -m bench.chat_filter [--quick] [--afresh SEED] [--show HALF] [--kinds]

The rows are those of `chat_corpus`, whose held-out half nobody tunes on. The others, `better-profanity` and a
look for each keyword in the text in small letters, get the same keywords; they know nothing of floods, links
or instructions. `better-profanity` is looked for where Python looks, and in the directory that
`BENCH_PROFANITY` names; where it is not, it is skipped.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from bench.chat_filter_cost import costs
from bench.table import Target, machine, markdown, verdicts
from chat_corpus.rows import KEYWORDS, Half
from chat_corpus.score import Corpus, FilteredRoom, Measure, Room, measured

_HARMLESS = ("decoys stopped", "technical lines stopped", "other harmless lines stopped")
_PRECISION = {
    "keywords": ("disguised keywords caught", _HARMLESS),
    "floods": ("repeats of a flood stopped", ("honest lines beside them stopped",)),
}
"""What should be stopped, and what should not, of those two."""


class _Substring:
    """Looks for each keyword in the text in small letters."""

    def stops(self, author: str, text: str, at_s: float) -> str:
        small = text.lower()
        return next((word for word in KEYWORDS if word in small), "")


class _Profanity:
    """Asks `better-profanity`, with our keywords in place of its own."""

    def __init__(self, profanity: Any) -> None:
        self._profanity = profanity

    def stops(self, author: str, text: str, at_s: float) -> str:
        return "profanity" if self._profanity.contains_profanity(text) else ""


def main() -> int:
    """Print the tables; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        prog="bench.chat_filter", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="without what it costs")
    parser.add_argument("--afresh", type=int, metavar="SEED", help="also judge rows made on the spot")
    parser.add_argument("--show", choices=[*Half, "afresh"], help="print the rows of a half that fail")
    parser.add_argument("--kinds", action="store_true", help="print what is stopped of each kind")
    options = parser.parse_args()

    corpus = Corpus.read()
    rooms: dict[str, Callable[[], Room]] = {"clawtank": FilteredRoom}
    profanity = _better_profanity()
    if profanity is not None:
        rooms["better-profanity"] = lambda: _Profanity(profanity)
    rooms["substring"] = _Substring
    parts = {"held out": corpus.of(Half.HELD_OUT), "all": corpus}
    if options.afresh is not None:
        parts["afresh"] = corpus.afresh(options.afresh)
    print(f"{len(KEYWORDS)} keywords; {machine()}\n")
    if profanity is None:
        print("better-profanity: skipped; `pip install better-profanity` adds it\n")
    results = {
        part: {name: measured(some, room) for name, room in rooms.items()} for part, some in parts.items()
    }
    for part, found in results.items():
        print(_table(part, found), end="\n\n")
    if options.kinds:
        print(_kinds(list(results["all"]["clawtank"].values())), end="\n\n")
    if options.show:
        shown = results["afresh"] if options.show == "afresh" else None
        print(_wrong(shown["clawtank"] if shown else measured(corpus.of(Half(options.show)), FilteredRoom)))

    targets = _targets(results["held out"]["clawtank"])
    if not options.quick:
        peers = {name: room for name, room in rooms.items() if room is not FilteredRoom}
        table, for_costs = costs(peers, rounds=9)
        print(table, end="\n\n")
        targets += for_costs
    print(verdicts(targets))
    return int(any(target.met is False for target in targets))


def _better_profanity() -> Any:
    if directory := os.environ.get("BENCH_PROFANITY"):
        sys.path.append(directory)
    if find_spec("better_profanity") is None:
        return None
    from better_profanity import Profanity  # type: ignore[import-not-found, unused-ignore]

    return Profanity(list(KEYWORDS))


def _table(part: str, found: dict[str, dict[str, Measure]]) -> str:
    names = list(found)
    rows: list[list[str | float | None]] = [
        [
            what,
            str(len(measure.outcomes)),
            *(f"{100 * found[name][what].share:.1f} %" for name in names),
        ]
        for what, measure in found["clawtank"].items()
    ]
    for what, (right, wrong) in _PRECISION.items():
        rows.append([f"precision, {what}", "", *(_precision(found[name], right, wrong) for name in names)])
    return markdown([part, "rows", *names], rows)


def _precision(measures: dict[str, Measure], right: str, wrong: Sequence[str]) -> str | None:
    """Return how much of what was stopped should be, if anything was."""
    good = sum(bool(outcome.rule) for outcome in measures[right].outcomes)
    bad = sum(len(measures[what].wrong) for what in wrong)
    return f"{100 * good / (good + bad):.1f} %" if good + bad else None


def _kinds(measures: Sequence[Measure]) -> str:
    rows: list[list[str | float | None]] = []
    for measure in measures:
        total = Counter(outcome.kind for outcome in measure.outcomes)
        stopped = Counter(outcome.kind for outcome in measure.outcomes if outcome.rule)
        rows += [[measure.what, kind, str(stopped[kind]), str(number)] for kind, number in total.items()]
    return markdown(["all", "kind", "stopped", "of"], rows)


def _wrong(measures: dict[str, Measure]) -> str:
    lines = []
    for measure in measures.values():
        lines += [
            f"{measure.what}: {outcome.id} {outcome.rule or 'shown'}: {outcome.text!r}"
            for outcome in measure.wrong
        ]
    return "\n".join(lines) + "\n"


def _targets(measures: dict[str, Measure]) -> list[Target]:
    def percent(what: str) -> float:
        return 100 * measures[what].share

    spoiled = sum(len(measures[what].wrong) for what in _HARMLESS)
    falsely = 100 * spoiled / sum(len(measures[what].outcomes) for what in _HARMLESS)
    return [
        Target("disguised keywords caught", percent("disguised keywords caught"), 95, "%", at_least=True),
        Target("harmless lines and decoys stopped", falsely, 0.5, "%"),
        Target("repeats of a flood stopped", percent("repeats of a flood stopped"), 94, "%", at_least=True),
        Target("honest lines beside them stopped", percent("honest lines beside them stopped"), 2, "%"),
        Target("promotion stopped", percent("promotion stopped"), 80, "%", at_least=True),
        Target("technical lines stopped", len(measures["technical lines stopped"].wrong), 0),
    ]


if __name__ == "__main__":
    sys.exit(main())
