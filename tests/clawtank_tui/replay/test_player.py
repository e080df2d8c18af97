"""Locks: what is due follows the clock and the viewer's wishes, and every moment is shown once, in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.replay.player import SPEEDS, Passage, Player
from support.clock import ManualClock

TIMES_S = (0.0, 1.0, 1.0, 4.0, 10.0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def player(clock: ManualClock) -> Player:
    """A player that shows what is there at the beginning."""
    player = Player(TIMES_S, clock)
    assert player.advance() == Passage(0, 1)
    return player


def shown(player: Player) -> int:
    player.advance()
    return player.progress.shown


def test_moments_fall_due_at_their_own_pace(player: Player, clock: ManualClock) -> None:
    assert player.due_in_s() == 1.0
    clock.advance(0.999)
    assert player.advance() == Passage(1, 1)
    clock.advance(0.001)
    assert player.advance() == Passage(1, 3)
    assert player.due_in_s() == 3.0
    clock.advance(60)
    assert player.advance() == Passage(3, 5)
    assert (player.due_in_s(), player.progress.over, player.progress.position_s) == (None, True, 10.0)


def test_speed_changes_what_is_to_come_and_not_what_was(player: Player, clock: ManualClock) -> None:
    clock.advance(2)
    player.set_speed(4)
    assert player.progress.position_s == 2
    assert (player.due_in_s(), shown(player)) == (0, 3)
    assert player.due_in_s() == 0.5
    clock.advance(0.5)
    assert (player.progress.position_s, shown(player)) == (4, 4)


def test_faster_and_slower_walk_the_speeds_and_stop_at_their_ends(player: Player) -> None:
    for expected in (*SPEEDS[3:], SPEEDS[-1]):
        player.faster()
        assert player.progress.speed == expected
    for expected in (*reversed(SPEEDS[:-1]), SPEEDS[0]):
        player.slower()
        assert player.progress.speed == expected
    player.set_speed(3)
    player.slower()
    assert player.progress.speed == 2


def test_pausing_stops_time_and_resuming_goes_on_where_it_stood(player: Player, clock: ManualClock) -> None:
    clock.advance(0.5)
    player.toggle()
    clock.advance(1000)
    assert (player.due_in_s(), player.progress.position_s, shown(player)) == (None, 0.5, 1)
    player.toggle()
    assert player.due_in_s() == 0.5
    clock.advance(0.5)
    assert shown(player) == 3


def test_a_step_pauses_and_shows_exactly_one_more_or_one_less(player: Player, clock: ManualClock) -> None:
    player.step(1)
    assert (player.advance(), player.progress.position_s, player.progress.playing) == (
        Passage(1, 2),
        1.0,
        False,
    )
    player.step(1)
    assert player.advance() == Passage(2, 3)
    player.step(1)
    assert (player.advance(), player.progress.position_s) == (Passage(3, 4), 4.0)
    player.step(-1)
    assert (player.advance(), player.progress.position_s) == (Passage(0, 3, afresh=True), 1.0)
    for _ in range(9):
        player.step(-1)
    assert (player.advance(), player.progress.position_s) == (Passage(0, 0, afresh=True), 0.0)
    for _ in range(9):
        player.step(1)
    assert (shown(player), player.progress.over) == (5, True)
    clock.advance(1000)
    assert player.advance() == Passage(5, 5)


def test_seeking_ahead_shows_what_lies_between(player: Player, clock: ManualClock) -> None:
    player.seek_by(5)
    assert (player.advance(), player.due_in_s()) == (Passage(1, 4), 5.0)
    player.toggle()
    player.seek_by(100)
    assert (player.advance(), player.progress.playing, player.progress.over) == (Passage(4, 5), False, True)


def test_seeking_back_begins_the_picture_again(player: Player, clock: ManualClock) -> None:
    clock.advance(5)
    player.advance()
    player.seek_by(-3)
    assert (player.advance(), player.progress.position_s) == (Passage(0, 3, afresh=True), 2.0)
    clock.advance(2)
    assert player.advance() == Passage(3, 4)
    player.seek_by(-100)
    assert (player.advance(), player.due_in_s()) == (Passage(0, 1, afresh=True), 1.0)


def test_seeking_back_over_nothing_changes_no_picture(player: Player, clock: ManualClock) -> None:
    clock.advance(3)
    player.advance()
    player.seek_by(-1)
    assert player.advance() == Passage(3, 3)


def test_at_the_end_playing_begins_again(player: Player, clock: ManualClock) -> None:
    player.seek_to_end()
    assert (shown(player), player.progress.over) == (5, True)
    player.toggle()
    assert (player.advance(), player.progress.playing) == (Passage(0, 1, afresh=True), True)
    clock.advance(1)
    assert shown(player) == 3


def test_going_back_from_the_end_plays_on(player: Player, clock: ManualClock) -> None:
    clock.advance(100)
    player.advance()
    player.seek_by(-7)
    assert (shown(player), player.due_in_s()) == (3, 1.0)


def test_an_empty_recording_is_over() -> None:
    player = Player((), ManualClock())
    player.step(1)
    assert (player.advance(), player.due_in_s(), player.progress.over) == (Passage(0, 0), None, True)


WISHES = st.one_of(
    st.tuples(st.just("wait"), st.floats(0, 20)),
    st.tuples(st.just("seek_by"), st.floats(-20, 20)),
    st.tuples(st.just("step"), st.integers(-2, 2).filter(bool)),
    st.tuples(st.sampled_from(["toggle", "faster", "slower", "seek_to_end"]), st.none()),
)


@given(st.lists(st.floats(0, 10), max_size=8).map(sorted), st.lists(WISHES, max_size=20))
def test_whatever_is_asked_the_picture_is_the_recording_up_to_the_position(
    times_s: list[float], wishes: list[tuple[str, float | None]]
) -> None:
    clock = ManualClock()
    player = Player(times_s, clock)
    picture: list[int] = []
    for wish, value in wishes:
        if wish == "wait":
            clock.advance(value or 0)
        elif value is None:
            getattr(player, wish)()
        else:
            getattr(player, wish)(value)
        passage = player.advance()
        if passage.afresh:
            picture.clear()
        picture += range(passage.start, passage.end)
        progress = player.progress

        assert picture == list(range(progress.shown))
        assert all(at_s <= progress.position_s for at_s in times_s[: progress.shown])
        assert all(at_s >= progress.position_s for at_s in times_s[progress.shown :])
        assert 0 <= progress.position_s <= progress.length_s
        due_in_s = player.due_in_s()
        assert due_in_s is None or due_in_s >= 0
        assert (due_in_s is None) == (progress.over or not progress.playing)
