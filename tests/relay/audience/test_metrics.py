"""Locks: what each counter counts, and that the spec's figures follow from them by the relay's own clock."""

import pytest

from relay.audience.metrics import PRIVATE, Metrics
from relay.protocol.errors import Code
from relay.storage.contract import Kind, Record
from support.clock import NOON_MS, ManualClock
from support.operating import read_figures


@pytest.fixture
def clock() -> ManualClock:
    clock = ManualClock()
    clock.advance(1000)
    return clock


@pytest.fixture
def metrics(clock: ManualClock) -> Metrics:
    return Metrics(clock)


def rendered(metrics: Metrics) -> dict[str, float]:
    return read_figures(metrics.render().decode())


def taken(*moments: float | None) -> list[Record]:
    """Return records that were taken in at these moments; None: read back from the disk."""
    return [Record(1, Kind.EVENT, "git.commit", NOON_MS, NOON_MS, b"{}", None, at_s) for at_s in moments]


def test_what_waits_to_be_merged_waits_in_the_average_too(clock: ManualClock, metrics: Metrics):
    began_s = clock.monotonic_s()
    clock.advance(0.25)
    metrics.flushed(taken(began_s, began_s + 0.1, began_s + 0.25), viewers=1000)
    assert metrics.figures().average_latency_s == pytest.approx((0.25 + 0.15 + 0.0) / 3)
    assert rendered(metrics)["clawtank_delivery_latency_seconds_count"] == 3, "each event once"


def test_what_nobody_got_and_what_was_read_back_has_no_latency(clock: ManualClock, metrics: Metrics):
    metrics.flushed(taken(clock.monotonic_s() - 5), viewers=0)
    metrics.flushed(taken(None), viewers=3)
    assert rendered(metrics)["clawtank_delivery_latency_seconds_count"] == 0
    assert metrics.figures().average_latency_s == 0


def test_bytes_are_told_by_what_was_chosen_and_their_rate_is_of_all(clock: ManualClock, metrics: Metrics):
    metrics.sent(100, 7)
    metrics.sent(100, 2, ("batched", "low"))
    metrics.sent(50, 1, PRIVATE)
    clock.advance(10)
    now = rendered(metrics)
    sent = {name: value for name, value in now.items() if name.startswith("clawtank_sent_bytes_total")}
    assert sent == {
        'clawtank_sent_bytes_total{bandwidth="full",frequency="realtime"}': 700,
        'clawtank_sent_bytes_total{bandwidth="low",frequency="batched"}': 200,
        'clawtank_sent_bytes_total{bandwidth="full",frequency="private"}': 50,
    }
    assert now["clawtank_bandwidth_bytes_per_second"] == pytest.approx(95)


def test_only_events_that_were_taken_are_events_a_second(clock: ManualClock, metrics: Metrics):
    for outcome, count in (("accepted", 20), ("duplicate", 300), ("hidden", 300), ("rejected", 300)):
        metrics.events.labels("chat.public", outcome).inc(count)
    metrics.failed(Code.OVERLOADED)
    clock.advance(10)
    figures = metrics.figures()
    assert (figures.events_per_second, figures.error_rate) == (pytest.approx(2), pytest.approx(0.1))


def test_an_hour_ago_is_forgotten(clock: ManualClock, metrics: Metrics):
    metrics.failed(Code.INTERNAL)
    for _ in range(3):
        clock.advance(20)
        metrics.note()
    assert metrics.figures().error_rate == 0
    assert rendered(metrics)['clawtank_errors_total{code="INTERNAL"}'] == 1
