"""What is so at this moment, for the operator: set when somebody asks, because nobody asks often."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.service.relay import Relay


def render(relay: Relay) -> bytes:
    """Return all figures of a relay as they are now, in Prometheus form."""
    metrics = relay.metrics
    for room in relay.rooms():
        metrics.active.labels(room.id).set(room.audience.watching)
    metrics.streams.set(sum(room.hub.streams for room in relay.rooms()))
    watchers = [watcher for some in relay.watchers.values() for watcher in some]
    metrics.open.clear()
    for labels, count in Counter(watcher.delivery for watcher in watchers).items():
        metrics.open.labels(*labels).set(count)
    metrics.lagging.set(sum(watcher.lagging for watcher in watchers))
    metrics.lag.set(relay.load.lag_s)
    metrics.intake_bytes.set(relay.intake.held)
    metrics.intake_calls.set(relay.intake.calls)
    return metrics.render()
