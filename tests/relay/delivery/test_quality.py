"""Locks: quality goes down soon and comes back late, for what it is said to; a steady load never flaps."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.delivery.quality import (
    BUSY,
    LATE_S,
    LEVELS,
    WRITES,
    Activity,
    Ladder,
    Load,
    wanted_by_relay,
    wanted_by_room,
)


def watch(events_of_each_second: list[int]) -> list[int]:
    """Return the level of a room after each second."""
    activity, ladder, levels = Activity(), Ladder(), []
    for second, events in enumerate(events_of_each_second):
        activity.second(events, events)
        load = Load(activity.events_s, activity.frames_s, viewers=1, lagging=0)
        levels.append(ladder.step(*wanted_by_room(load), float(second)))
    return levels


def changes(levels: list[int]) -> int:
    return sum(a != b for a, b in zip([0, *levels], levels, strict=False))


def test_a_thousand_events_a_minute_are_merged_and_one_change_brings_realtime_back():
    levels = watch([17] * 60 + [0] * 40)
    assert levels[:5] == [0] * 5
    assert levels[12:60] == [1] * 48
    assert levels[-1] == 0
    assert changes(levels) == 2


def test_a_burst_is_no_busy_room():
    assert watch([200] + [0] * 30) == [0] * 31


@pytest.mark.parametrize("events", [5, 8, 9, 10, 11, 12, 20])
def test_a_load_about_the_threshold_does_not_flap(events: int):
    uneven = [events + (-3, 3)[second % 2] for second in range(300)]
    assert changes(watch(uneven)) <= 1


@given(st.lists(st.integers(0, 60), max_size=200))
def test_between_two_changes_down_and_up_lies_a_while(events: list[int]):
    levels = watch(events)
    falls = [second for second in range(1, len(levels)) if levels[second] < levels[second - 1]]
    assert all(later - sooner >= 10 for sooner, later in pairwise(falls))
    assert set(levels) <= {0, 1}


def step(ladder: Ladder, wanted: int, enough: int, seconds: int, start: int) -> int:
    for second in range(start, start + seconds):
        ladder.step(wanted, enough, float(second))
    return start + seconds


def test_it_falls_at_once_to_the_most_that_was_wanted_meanwhile():
    ladder = Ladder()
    at = step(ladder, 4, 4, 3, 0)
    assert ladder.level == 4
    at = step(ladder, 0, 1, 5, at)
    at = step(ladder, 0, 2, 1, at)
    step(ladder, 0, 0, 10, at)
    assert ladder.level == 2


LOUD = Load(events_s=20, frames_s=20, viewers=5000, lagging=0)


def test_what_all_rooms_write_together_is_bounded():
    assert wanted_by_relay([LOUD], 0, 0)[0] == 2
    assert wanted_by_relay([Load(20, 20, 100, 0)] * 50, 0, 0)[0] == 2
    assert wanted_by_relay([Load(20, 20, 1000, 0)], 0, 0) == (0, 0)
    assert wanted_by_relay([Load(200, 200, 1000, 0)], 0, 0)[0] == 1


def test_a_late_loop_counts_if_fan_out_keeps_it_busy():
    busy, quiet = [Load(20, 20, 1000, 0)], [Load(1, 1, 10, 0)]
    assert wanted_by_relay(busy, LATE_S, 1)[0] == 2
    assert wanted_by_relay(quiet, 10 * LATE_S, 1)[0] == 0
    # What is left of it once it is thinned out is not what keeps the loop busy, and nothing to go back for.
    assert wanted_by_relay(busy, 10 * LATE_S, 2) == (0, 2)
    # A little late is no reason to go on, and none to go back.
    assert wanted_by_relay(busy, LATE_S / 2, 2) == (0, 2)


def test_those_who_cannot_keep_up_merge_a_room_and_no_more():
    assert wanted_by_room(Load(0, 0, 100, 60)) == (1, 1)
    assert wanted_by_room(Load(0, 0, 100, 5)) == (0, 0)
    assert wanted_by_room(Load(0, 0, 100, 20)) == (0, 1)
    ladder = Ladder()
    step(ladder, *wanted_by_room(Load(50, 50, 100, 1000)), 600, 0)
    assert ladder.level == 1, "who stops reading slows nobody who reads on"


@given(
    st.floats(0, 1000), st.floats(0, 1000), st.integers(0, 50_000), st.floats(0, 2), st.sampled_from(range(5))
)
def test_more_load_never_asks_for_less(
    events_s: float, frames_s: float, viewers: int, lag_s: float, level: int
):
    load = Load(events_s, frames_s, viewers, 0)
    more = Load(events_s * 2 + 1, frames_s * 2 + 1, viewers * 2, 0)
    assert wanted_by_room(more)[0] >= wanted_by_room(load)[0]
    assert wanted_by_relay([more], lag_s, level)[0] >= wanted_by_relay([load], lag_s, level)[0]
    for wanted, enough in (wanted_by_room(load), wanted_by_relay([load], lag_s, level)):
        assert 0 <= wanted <= enough < len(LEVELS)


def test_the_levels_are_those_that_are_documented():
    assert [level.interval_ms for level in LEVELS] == [0, 65, 250, 1000, 5000]
    assert [level.quality for level in LEVELS] == ["realtime", "merged", "merged", "merged", "batched"]
    assert (BUSY, WRITES) == (10, 40_000)
