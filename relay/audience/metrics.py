"""Figures for the operator, in Prometheus form. Spec: Performance Monitoring. Never a label per viewer.

What happens is counted here as it happens; what is so at a moment (viewers, lag, what waits) is set by
`relay.service.figures` when somebody asks. `docs/operations.md` explains each figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from relay.audience.figures import Figures, Recent, Totals

if TYPE_CHECKING:
    from prometheus_client.metrics import MetricWrapperBase

    from relay.clock import Clock
    from relay.protocol.errors import Code
    from relay.storage.contract import Record

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, that nothing here reads
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

Labels = tuple[str, str]
"""What somebody is sent: frequency, bandwidth. A handful in all."""
REALTIME: Labels = ("realtime", "full")
PRIVATE: Labels = ("private", "full")
"""Of what is written to one viewer alone, whatever it chose: handshakes, welcomes, answers."""
_DELIVERY = ["frequency", "bandwidth"]


class Metrics:
    """Counters of one relay, in a registry of their own."""

    def __init__(self, clock: Clock) -> None:
        """Start at zero."""
        self._clock = clock
        self._recent = Recent(clock.monotonic_s())
        self._sent: dict[Labels, Counter] = {}
        self._failed: dict[Code, Counter] = {}
        self._processing_of: dict[str, Histogram] = {}
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.connections = Counter(
            "clawtank_connections", "Spectator connections admitted", ["room"], registry=registry
        )
        self.active = Gauge(
            "clawtank_active_spectators", "Viewers connected now", ["room"], registry=registry
        )
        self.open = Gauge(
            "clawtank_open_connections",
            "Connections open now, by what they chose",
            _DELIVERY,
            registry=registry,
        )
        self.lagging = Gauge(
            "clawtank_lagging_connections",
            "Connections that are not live: they catch up from the log, or are served from it alone",
            registry=registry,
        )
        self.streams = Gauge(
            "clawtank_live_streams", "Different streams that are encoded, over all rooms", registry=registry
        )
        self.events = Counter(
            "clawtank_events", "Published events by outcome", ["type", "outcome"], registry=registry
        )
        self.processing = Histogram(
            "clawtank_event_processing_seconds",
            "From an event read to its record handed to the log",
            ["type"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.latency = Histogram(
            "clawtank_delivery_latency_seconds",
            "From an event taken in to its frame handed to the network, for those who watch in real time",
            buckets=_SECONDS,
            registry=registry,
        )
        self.bytes_sent = Counter(
            "clawtank_sent_bytes", "Bytes handed to the network for viewers", _DELIVERY, registry=registry
        )
        self.errors = Counter(
            "clawtank_errors", "Errors sent to viewers and callers", ["code"], registry=registry
        )
        self.shed = Counter(
            "clawtank_shed",
            "Newcomers, calls and publishers sent away before any work was done for them",
            ["what"],
            registry=registry,
        )
        self.messages = Counter("clawtank_viewer_messages", "Messages from viewers", registry=registry)
        self.lag = Gauge(
            "clawtank_event_loop_lag_seconds", "How late the relay's timers are, smoothed", registry=registry
        )
        self.intake_bytes = Gauge(
            "clawtank_intake_bytes", "Bytes of requests that are not stored yet", registry=registry
        )
        self.intake_calls = Gauge(
            "clawtank_intake_calls", "Calls and chat messages that are not stored yet", registry=registry
        )
        self._events_per_second = Gauge(
            "clawtank_events_per_second", "Events stored each second, over half a minute", registry=registry
        )
        self._average_latency = Gauge(
            "clawtank_average_latency_seconds",
            "Seconds from an event taken in to its frame written, on average over half a minute",
            registry=registry,
        )
        self._error_rate = Gauge(
            "clawtank_error_rate", "Errors told each second, over half a minute", registry=registry
        )
        self._bandwidth = Gauge(
            "clawtank_bandwidth_bytes_per_second",
            "Bytes handed to the network each second, over half a minute",
            registry=registry,
        )

    def sent(self, size: int, viewers: int, labels: Labels = REALTIME) -> None:
        """Count one write of `size` bytes to each of `viewers`, who chose to be sent what `labels` say."""
        counter = self._sent.get(labels)
        if counter is None:  # kept: finding it among its siblings takes longer than counting
            counter = self._sent[labels] = self.bytes_sent.labels(*labels)
        counter.inc(size * viewers)

    def processed(self, kind: str, took_s: float) -> None:
        """Observe what one event of a type took until its record was handed to the log."""
        series = self._processing_of.get(kind)
        if series is None:
            series = self._processing_of[kind] = self.processing.labels(kind)
        series.observe(took_s)

    def flushed(self, records: Sequence[Record], viewers: int) -> None:
        """Observe how long records took that were just written to so many viewers in real time."""
        if viewers:
            now_s = self._clock.monotonic_s()
            for record in records:
                if record.taken_s is not None:
                    self.latency.observe(now_s - record.taken_s)

    def failed(self, code: Code) -> None:
        """Count an error that is told to a viewer or a caller."""
        counter = self._failed.get(code)
        if counter is None:
            counter = self._failed[code] = self.errors.labels(code.value)
        counter.inc()

    def note(self) -> None:
        """Remember what the counters say; about once a second."""
        self._recent.note(self._clock.monotonic_s(), self._totals())

    def figures(self) -> Figures:
        """Return the spec's figures as they are now."""
        return self._recent.figures(self._clock.monotonic_s(), self._totals())

    def render(self) -> bytes:
        """Return the text form that Prometheus scrapes."""
        figures = self.figures()
        self._events_per_second.set(figures.events_per_second)
        self._average_latency.set(figures.average_latency_s)
        self._error_rate.set(figures.error_rate)
        self._bandwidth.set(figures.bandwidth_bytes_per_second)
        return generate_latest(self.registry)

    def _totals(self) -> Totals:
        return Totals(
            events=_sum(self.events, "_total", outcome="accepted"),
            errors=_sum(self.errors, "_total"),
            sent_bytes=_sum(self.bytes_sent, "_total"),
            deliveries=_sum(self.latency, "_count"),
            delivery_s=_sum(self.latency, "_sum"),
        )


def _sum(metric: MetricWrapperBase, suffix: str, **labels: str) -> float:
    """Add up the series of a metric that have these labels."""
    return sum(
        sample.value
        for family in metric.collect()
        for sample in family.samples
        if sample.name.endswith(suffix) and labels.items() <= sample.labels.items()
    )
