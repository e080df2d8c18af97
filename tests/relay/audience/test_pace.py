"""Locks: a change after a quiet time is told at once; a busy room or relay thins to one update in 5 s."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from relay.audience.pace import EVERY_S, SOONEST_S, Pace


def told(seconds: range, *, busy: bool = False, pace: Pace | None = None) -> list[int]:
    """Return the seconds at which a room that changes in each of them tells so."""
    pace = pace or Pace()
    return [second for second in seconds if pace.tell(float(second), busy=busy)]


def test_the_first_change_is_told_at_once_in_a_busy_relay_too():
    assert told(range(1)) == [0]
    assert told(range(1), busy=True) == [0]


def test_a_room_that_changes_all_the_time_is_told_each_second_at_first_and_then_each_fifth():
    seconds = told(range(61))
    assert seconds[:5] == [0, 1, 2, 3, 4]
    gaps = {late - early for early, late in pairwise(seconds[8:])}
    assert gaps == {EVERY_S}


def test_after_a_quiet_time_changes_are_told_as_they_come_again():
    pace = Pace()
    told(range(60), pace=pace)
    assert told(range(100, 104), pace=pace) == [100, 101, 102, 103]


def test_a_change_now_and_then_is_never_held_back():
    pace = Pace()
    assert all(pace.tell(second, busy=False) for second in range(0, 600, 5))


def test_a_busy_relay_tells_each_fifth_second():
    assert told(range(16), busy=True) == [0, 5, 10, 15]


@given(
    st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=200),
)
def test_never_more_than_one_a_second_and_never_later_than_five(steps: list[tuple[float, bool]]):
    pace, now_s, last_s = Pace(), 100.0, 100.0 - EVERY_S
    for pause_s, busy in steps:
        now_s += pause_s
        since_s = now_s - last_s
        if pace.tell(now_s, busy=busy):
            assert since_s >= SOONEST_S - 1e-6
            last_s = now_s
        else:
            assert since_s < EVERY_S + 1e-6
