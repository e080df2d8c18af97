"""Locks: how many watch, by the definition of each figure, and who holds a seat meanwhile."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.audience.presence import JOIN_RATE_S, PEAK_MS, SEAT_S, Audience, PeakWindow
from support.clock import NOON_MS, ManualClock

DAY_S = PEAK_MS / 1000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def audience(clock: ManualClock) -> Audience:
    return Audience("room", clock)


def enter(audience: Audience, *ids: str, state: str = "anonymous", resumed: bool = False) -> None:
    for id in ids:
        audience.enter(id, state, resumed=resumed)


def leave(audience: Audience, *ids: str, clean: bool = True) -> None:
    for id in ids:
        audience.leave(id, clean=clean)


# -- the count -------------------------------------------------------------------------------------


def test_an_empty_room_has_every_figure(audience: Audience):
    assert audience.presence() == {
        "room_id": "room",
        "total_spectators": 0,
        "anonymous_count": 0,
        "registered_count": 0,
        "recent_peak": 0,
        "join_rate": 0,
    }


def test_verified_counts_as_registered(audience: Audience):
    enter(audience, "a", "b")
    enter(audience, "c", state="registered")
    enter(audience, "d", state="verified")
    presence = audience.presence()
    assert (presence["anonymous_count"], presence["registered_count"]) == (2, 2)
    assert presence["total_spectators"] == audience.watching == 4


def test_two_windows_of_one_viewer_count_once(audience: Audience):
    enter(audience, "a", "a", state="registered")
    assert (audience.watching, audience.connections("a"), audience.seats_taken) == (1, 2, 1)
    assert audience.presence()["join_rate"] == 1
    leave(audience, "a")
    assert audience.watching == 1
    leave(audience, "a")
    assert audience.watching == 0
    assert not audience.seated("a")


def test_a_viewer_that_becomes_somebody_moves_between_the_counts(audience: Audience):
    enter(audience, "a")
    enter(audience, "a", state="registered", resumed=True)
    leave(audience, "a")
    assert audience.presence()["registered_count"] == 1
    leave(audience, "a")
    presence = audience.presence()
    assert (presence["registered_count"], presence["anonymous_count"]) == (0, 0)


# -- seats -----------------------------------------------------------------------------------------


def test_a_clean_farewell_frees_the_seat_at_once(audience: Audience):
    enter(audience, "a")
    leave(audience, "a", clean=True)
    assert (audience.watching, audience.seats_taken) == (0, 0)


def test_a_cut_connection_lowers_the_count_at_once_and_keeps_the_seat_for_a_while(
    audience: Audience, clock: ManualClock
):
    enter(audience, "a")
    leave(audience, "a", clean=False)
    clock.advance(SEAT_S - 1)
    audience.sweep()
    assert (audience.watching, audience.seats_taken, audience.seated("a")) == (0, 1, True)
    clock.advance(1)
    audience.sweep()
    assert (audience.seats_taken, audience.seated("a")) == (0, False)


def test_who_comes_back_in_time_takes_no_second_seat(audience: Audience, clock: ManualClock):
    enter(audience, "a")
    leave(audience, "a", clean=False)
    enter(audience, "a", resumed=True)
    clock.advance(10 * SEAT_S)
    audience.sweep()
    assert (audience.watching, audience.seats_taken) == (1, 1)


def test_a_seat_with_a_window_left_is_not_swept(audience: Audience, clock: ManualClock):
    enter(audience, "a", "a")
    leave(audience, "a", clean=False)
    clock.advance(10 * SEAT_S)
    audience.sweep()
    assert audience.connections("a") == 1


# -- joins -----------------------------------------------------------------------------------------


def test_join_rate_is_the_joins_of_the_last_minute(audience: Audience, clock: ManualClock):
    for number in range(12):
        enter(audience, f"v{number}")
        clock.advance(1)
    assert audience.presence()["join_rate"] == 12
    clock.advance(JOIN_RATE_S - 12)
    assert audience.presence()["join_rate"] == 11
    clock.advance(JOIN_RATE_S)
    assert audience.presence()["join_rate"] == 0


def test_resumes_are_no_joins(audience: Audience):
    enter(audience, "a")
    leave(audience, "a", clean=False)
    enter(audience, "a", resumed=True)
    assert audience.presence()["join_rate"] == 1


def test_a_step_of_the_calendar_changes_no_rate(audience: Audience, clock: ManualClock):
    enter(audience, "a")
    clock.step_calendar(3600)
    assert audience.presence()["join_rate"] == 1
    clock.step_calendar(-7200)
    assert audience.presence()["join_rate"] == 1


# -- peaks -----------------------------------------------------------------------------------------


def test_recent_peak_is_the_highest_total_of_a_day(audience: Audience, clock: ManualClock):
    people = [f"v{number}" for number in range(20)]
    enter(audience, *people)
    leave(audience, *people[5:])
    assert audience.presence()["recent_peak"] == 20
    clock.advance(DAY_S)
    assert audience.presence()["recent_peak"] == 20
    clock.advance(1)
    assert audience.presence()["recent_peak"] == 5
    assert audience.highest_ever == 20


def test_a_total_that_lasted_counts_from_its_end(audience: Audience, clock: ManualClock):
    enter(audience, "a", "b")
    clock.advance(3 * DAY_S)
    leave(audience, "a")
    clock.advance(DAY_S - 1)
    assert audience.presence()["recent_peak"] == 2


STEPS = st.lists(st.tuples(st.integers(0, PEAK_MS), st.integers(0, 5)), min_size=1, max_size=30)


@given(STEPS)
def test_the_peak_is_that_of_a_plain_search(steps: list[tuple[int, int]]):
    window, now_ms, value = PeakWindow(), NOON_MS, 0
    held: list[tuple[int, int]] = []  # (until, value)
    for passed_ms, following in steps:
        now_ms += passed_ms
        window.ended(value, now_ms)
        held.append((now_ms, value))
        value = following
        expected = max([value, *(v for until, v in held if until >= now_ms - PEAK_MS)])
        assert window.highest(value, now_ms) == expected
        assert window.highest_ever == max(v for _, v in held)
        assert len(window.spans) <= 6  # of equal values only the latest counts


def test_coming_and_going_all_day_keeps_no_more_than_the_peaks(audience: Audience, clock: ManualClock):
    for _ in range(200):
        enter(audience, "a", "b")
        clock.advance(1)
        leave(audience, "a", "b")
    assert len(audience.peaks()["spans"]) <= 3


def test_peaks_survive_a_restart_and_nothing_of_anybody_does(audience: Audience, clock: ManualClock):
    enter(audience, "a", "b", "c")
    leave(audience, "a")
    saved = json.loads(json.dumps(audience.peaks()))
    assert set(saved) == {"spans", "highest_ever"}
    assert not any(name in json.dumps(saved) for name in ('"a"', '"b"', '"c"'))
    clock.advance(60)
    again = Audience("room", clock, saved)
    assert (again.watching, again.highest_ever) == (0, 3)
    assert again.presence()["recent_peak"] == 3
    clock.advance(DAY_S)
    assert again.presence()["recent_peak"] == 0
    assert again.highest_ever == 3


def test_a_peak_that_still_lasts_is_kept_as_one(audience: Audience, clock: ManualClock):
    enter(audience, "a", "b")
    again = Audience("room", clock, audience.peaks())
    assert (again.presence()["recent_peak"], again.highest_ever) == (2, 2)


def test_saving_changes_nothing(audience: Audience, clock: ManualClock):
    enter(audience, "a", "b")
    leave(audience, "b")
    before = audience.presence()
    assert audience.peaks() == audience.peaks()
    assert audience.presence() == before
