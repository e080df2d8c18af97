"""Locks: a limit is exact, the wait it tells is enough and not much more, and memory stays bounded."""

import copy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.rooms import rates
from relay.rooms.rates import SlidingWindow, TokenBuckets

# Eighths of a second: sums of them are exact in floating point, so the model needs no tolerance.
PAUSES = st.integers(0, 20 * 8).map(lambda eighths: eighths / 8)


# -- sliding windows -------------------------------------------------------------------------------


def test_the_first_so_many_pass_and_the_next_waits():
    window = SlidingWindow(3, 60)
    for at_s in (0.0, 1.0, 2.0):
        assert window.wait_ms("a", at_s) == 0
        window.hit("a", at_s)
    assert window.wait_ms("a", 2.0) == 58_001
    assert window.wait_ms("a", 59.999) > 0
    assert window.wait_ms("a", 60.0) == 0
    assert window.wait_ms("b", 2.0) == 0


def test_who_is_refused_and_comes_again_too_soon_does_not_wait_longer_for_it():
    window = SlidingWindow(2, 60)
    window.hit("a", 0.0), window.hit("a", 1.0)
    wait_ms = window.wait_ms("a", 5.0)
    window.hit("a", 5.0), window.hit("a", 6.0)
    assert window.wait_ms("a", 5.0 + wait_ms / 1000) == 0


@given(st.lists(PAUSES, max_size=60), st.integers(1, 5), st.integers(1, 30))
def test_never_more_than_the_limit_in_any_window_and_the_wait_is_enough(
    pauses: list[float], limit: int, window_s: int
):
    window = SlidingWindow(limit, window_s)
    passed: list[float] = []
    now_s = 0.0
    for pause_s in pauses:
        now_s += pause_s
        free = sum(at_s > now_s - window_s for at_s in passed) < limit
        wait_ms = window.wait_ms("a", now_s)
        assert (wait_ms == 0) == free
        if wait_ms:
            assert copy.deepcopy(window).wait_ms("a", now_s + (wait_ms - 2) / 1000) > 0
            assert copy.deepcopy(window).wait_ms("a", now_s + wait_ms / 1000) == 0
        window.hit("a", now_s)
        if free:
            passed.append(now_s)


def test_a_limit_of_nothing_is_no_limit_and_no_memory():
    window = SlidingWindow(0, 60)
    for _ in range(1000):
        window.hit("a", 0.0)
    assert window.wait_ms("a", 0.0) == 0
    assert not window._hits


def test_the_key_idle_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "MAX_KEYS", 3)
    window = SlidingWindow(2, 60)
    for key in "abcad":
        window.hit(key, 0.0)
    assert window.wait_ms("a", 1.0) > 0
    assert list(window._hits) == ["c", "a", "d"]


# -- token buckets ---------------------------------------------------------------------------------


def test_a_burst_at_once_then_a_steady_rate():
    buckets = TokenBuckets()

    def take(now_s: float) -> int:
        return buckets.take("a", now_s, per_minute=60, burst=3)

    assert [take(0.0) for _ in range(3)] == [0, 0, 0]
    assert take(0.0) == 1001
    assert take(1.0) == 0
    assert take(1.0) > 0
    assert [take(100.0) for _ in range(4)].count(0) == 3  # it never holds more than the burst


def test_keys_do_not_share():
    buckets = TokenBuckets()
    assert buckets.take("a", 0.0, per_minute=1, burst=1) == 0
    assert buckets.take("a", 0.0, per_minute=1, burst=1) > 0
    assert buckets.take("b", 0.0, per_minute=1, burst=1) == 0


@given(st.lists(st.tuples(PAUSES, st.integers(1, 4)), max_size=60), st.integers(1, 240), st.integers(1, 6))
@example([(0.0, 3), (7.125, 1)], 8, 1)  # the wait is a whole number of milliseconds, less what floats lose
def test_never_more_than_burst_and_rate_together_and_the_wait_is_enough(
    takes: list[tuple[float, int]], per_minute: int, burst: int
):
    buckets = TokenBuckets()
    now_s, passed = 0.0, 0
    for pause_s, cost in takes:
        now_s += pause_s
        wait_ms = buckets.take("a", now_s, per_minute=per_minute, burst=burst, cost=cost)
        if not wait_ms:
            passed += cost
            # What goes over the burst in one take is a debt, paid before the next one.
            assert passed <= burst + now_s * per_minute / 60 + max(0, cost - burst) + 1e-6
        else:
            later, later_s = copy.deepcopy(buckets), now_s + wait_ms / 1000
            assert later.take("a", later_s, per_minute=per_minute, burst=burst, cost=cost) == 0


def test_more_than_a_burst_at_once_passes_when_full_and_is_paid_later():
    buckets = TokenBuckets()
    assert buckets.take("a", 0.0, per_minute=60, burst=10, cost=40) == 0
    assert buckets.take("a", 0.0, per_minute=60, burst=10) == pytest.approx(31_001, abs=1)


def test_a_rate_of_nothing_is_no_limit():
    buckets = TokenBuckets()
    assert [buckets.take("a", 0.0, per_minute=0, burst=0) for _ in range(100)] == [0] * 100


def test_a_refusal_takes_nothing():
    buckets = TokenBuckets()
    buckets.take("a", 0.0, per_minute=60, burst=1)
    for tenth in range(1, 10):
        assert buckets.take("a", tenth / 10, per_minute=60, burst=1) > 0
    assert buckets.take("a", 1.01, per_minute=60, burst=1) == 0


def test_buckets_are_bounded_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "MAX_KEYS", 3)
    buckets = TokenBuckets()
    for key in "abcad":
        buckets.take(key, 0.0, per_minute=1, burst=2)
    assert list(buckets._spent) == ["c", "a", "d"]
