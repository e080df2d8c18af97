"""The figures of the spec's `SpectatorMetrics`, from counters that only grow. Spec: Performance Monitoring.

Nothing is counted here: once a second somebody notes what the counters say, and a figure is the difference
between now and half a minute ago. So it costs nothing per event, and an idle relay's figures fall to nought.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

WINDOW_S = 30.0
"""Seconds that a figure tells of."""
_SHORTEST_S = 1.0
"""A relay that started just now is not judged by its first milliseconds."""


class Totals(NamedTuple):
    """Counters of one relay since its start.

    Attributes:
        events: Events committed.
        errors: Errors told to viewers and callers.
        sent_bytes: Bytes handed to the network.
        deliveries: Events of which the way to the viewers was timed.
        delivery_s: Seconds these took, together.
    """

    events: float = 0
    errors: float = 0
    sent_bytes: float = 0
    deliveries: float = 0
    delivery_s: float = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The spec's figures, over the last `WINDOW_S` seconds; `activeSpectators` is what the rooms say.

    Attributes:
        events_per_second: Events committed, each second.
        average_latency_s: Seconds from an event taken in to its frame written; 0 if there was none.
        error_rate: Errors told, each second.
        bandwidth_bytes_per_second: Bytes handed to the network, each second.
    """

    events_per_second: float
    average_latency_s: float
    error_rate: float
    bandwidth_bytes_per_second: float


class Recent:
    """The last half minute of some counters. Times are monotonic seconds."""

    def __init__(self, now_s: float) -> None:
        """Start at zero."""
        self._noted = deque([(now_s, Totals())])

    def note(self, now_s: float, totals: Totals) -> None:
        """Remember what the counters say now; about once a second."""
        self._forget(now_s)
        self._noted.append((now_s, totals))

    def figures(self, now_s: float, totals: Totals) -> Figures:
        """Return the figures, with what the counters say now."""
        self._forget(now_s)
        then_s, then = self._noted[0]
        passed_s = max(now_s - then_s, _SHORTEST_S)
        deliveries = totals.deliveries - then.deliveries
        return Figures(
            events_per_second=(totals.events - then.events) / passed_s,
            average_latency_s=(totals.delivery_s - then.delivery_s) / deliveries if deliveries else 0.0,
            error_rate=(totals.errors - then.errors) / passed_s,
            bandwidth_bytes_per_second=(totals.sent_bytes - then.sent_bytes) / passed_s,
        )

    def _forget(self, now_s: float) -> None:
        """Keep one that is older than the window, to measure from."""
        while len(self._noted) > 1 and self._noted[1][0] <= now_s - WINDOW_S:
            self._noted.popleft()
