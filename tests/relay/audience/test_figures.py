"""Locks: the spec's figures tell of the last half minute, whenever somebody asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.audience.figures import WINDOW_S, Figures, Recent, Totals


def steady(seconds: int, per_s: Totals, recent: Recent | None = None) -> Recent:
    """Note counters that grow by so much each second."""
    recent = recent or Recent(0.0)
    for second in range(1, seconds + 1):
        recent.note(float(second), Totals(*(value * second for value in per_s)))
    return recent


PER_S = Totals(events=10, errors=2, sent_bytes=3000, deliveries=10, delivery_s=0.5)


def after(seconds: float) -> Totals:
    return Totals(*(value * seconds for value in PER_S))


def test_a_steady_relay_shows_what_happens_each_second():
    for seconds in (2, 10, 60, 600):
        figures = steady(seconds, PER_S).figures(seconds, after(seconds))
        assert figures == Figures(
            pytest.approx(10), pytest.approx(0.05), pytest.approx(2), pytest.approx(3000)
        )


def test_an_idle_relay_falls_to_nought_within_the_window():
    recent = steady(60, PER_S)
    for second in range(61, 92):
        recent.note(float(second), after(60))
    assert recent.figures(91.0, after(60)) == Figures(0, 0, 0, 0)


def test_a_burst_is_spread_over_the_window():
    recent = steady(60, Totals())
    assert recent.figures(60.0, Totals(events=300)).events_per_second == pytest.approx(10)


def test_the_average_weighs_each_delivery_alike():
    recent = Recent(0.0)
    recent.note(1.0, Totals(deliveries=99, delivery_s=0.99))
    assert recent.figures(2.0, Totals(deliveries=100, delivery_s=1.99)).average_latency_s == 0.0199


def test_the_first_moment_exaggerates_nothing():
    assert Recent(0.0).figures(0.001, Totals(events=5)).events_per_second == 5


def test_what_was_long_ago_does_not_count():
    assert steady(60, PER_S).figures(60 + WINDOW_S, after(60)).events_per_second == 0


@given(st.lists(st.tuples(st.floats(0.01, 40), st.integers(0, 100)), min_size=1, max_size=60))
def test_no_figure_is_below_nought_or_above_the_busiest_moment(steps: list[tuple[float, int]]):
    recent, now_s, events = Recent(0.0), 0.0, 0
    for passed_s, more in steps:
        now_s, events = now_s + passed_s, events + more
        figures = recent.figures(now_s, Totals(events=events))
        assert 0 <= figures.events_per_second <= events
        recent.note(now_s, Totals(events=events))
