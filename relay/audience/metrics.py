"""Figures for the operator, in Prometheus form. Spec: Performance Monitoring. Never a label per viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

if TYPE_CHECKING:
    from relay.clock import Clock

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, that nothing here reads
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """Counters of one relay, in a registry of their own."""

    def __init__(self, clock: Clock) -> None:
        """Start at zero."""
        self._clock = clock
        self.registry = CollectorRegistry()
        self.connections = Counter(
            "clawtank_connections", "Spectator connections admitted", ["room"], registry=self.registry
        )
        self.active = Gauge(
            "clawtank_active_spectators", "Viewers connected now", ["room"], registry=self.registry
        )
        self.events = Counter(
            "clawtank_events", "Published events by outcome", ["type", "outcome"], registry=self.registry
        )
        self.processing = Histogram(
            "clawtank_event_processing_seconds",
            "From an event read to its record handed to the log",
            ["type"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.latency = Histogram(
            "clawtank_delivery_latency_seconds",
            "From commit to the frame handed to the network",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.bytes_sent = Counter(
            "clawtank_sent_bytes", "Bytes of frames handed to the network", registry=self.registry
        )
        self.errors = Counter(
            "clawtank_errors", "Errors sent to viewers and callers", ["code"], registry=self.registry
        )
        self.messages = Counter("clawtank_viewer_messages", "Messages from viewers", registry=self.registry)

    def sent(self, size: int, viewers: int, label: str = "") -> None:
        """Count one write of `size` bytes to each of `viewers`."""
        self.bytes_sent.inc(size * viewers)

    def flushed(self, logged_ms: int, viewers: int) -> None:
        """Observe the time from commit to write of one record."""
        if viewers:
            self.latency.observe(max(0, self._clock.now_ms() - logged_ms) / 1000)

    def render(self) -> bytes:
        """Return the text form that Prometheus scrapes."""
        return generate_latest(self.registry)
