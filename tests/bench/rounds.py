"""Peers take turns, round by round: how every comparison here is run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from bench.table import ratio
from bench.viewers import Incomplete

if TYPE_CHECKING:
    from bench.peers import Peer

RunT = TypeVar("RunT")


class Rounds(Generic[RunT]):
    """What was measured of each peer, a run for each round.

    Attributes:
        runs: By peer, in the order of the table; none for who is skipped.
        why_not: What a skipped peer lacks, or how one failed.
    """

    def __init__(self, runs: Mapping[Peer, list[RunT]], why_not: Mapping[Peer, str]) -> None:
        self.runs = runs
        self.why_not = why_not

    def of(self, peer: Peer, figure: Callable[[RunT], float]) -> list[float]:
        """Return a figure of each round."""
        return [figure(run) for run in self.runs.get(peer, [])]

    def ratio(self, peer: Peer, to: Peer, figure: Callable[[RunT], float]) -> float | None:
        """Return the median of the ratios within the rounds; None if one of both was not measured."""
        values, others = self.of(peer, figure), self.of(to, figure)
        return ratio(values, others) if values and len(values) == len(others) else None


def take_turns(
    peers: Sequence[Peer], rounds: int, measure: Callable[[Peer], RunT], ours: Sequence[Peer]
) -> Rounds[RunT]:
    """Measure each peer once in each round.

    A peer that loses an event is out, and said to be; a relay of ours that does ends the run.

    Raises:
        Incomplete: If ours is.
    """
    runs: dict[Peer, list[RunT]] = {peer: [] for peer in peers}
    why_not = {peer: f"skipped: {lacks}" for peer in peers if (lacks := peer.lacks())}
    for _ in range(rounds):
        for peer in peers:
            if peer in why_not:
                continue
            try:
                runs[peer].append(measure(peer))
            except Incomplete as error:
                if peer in ours:
                    raise
                print(error, file=sys.stderr)
                why_not[peer], runs[peer] = "lost events", []
    return Rounds(runs, why_not)
