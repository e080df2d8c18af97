"""Locks: the windows of a log lie side by side, are the same wherever one begins to look, and stay closed."""

from __future__ import annotations

from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.delivery.windows import (
    POSITIONS,
    SETTLED_MS,
    WINDOW_MS,
    Window,
    cell_start,
    grid_of,
    windows,
)
from relay.storage.contract import Grid, Span
from support.clock import NOON_MS

GRID = Grid(POSITIONS, WINDOW_MS, 0)
AT = NOON_MS // WINDOW_MS * WINDOW_MS


def spans(logged: list[int], start: int = 0, grid: Grid = GRID) -> list[Span]:
    """Sum up a log as the storage's contract says, from the times its records were logged at."""
    cells: dict[tuple[int, int], list[int]] = {}
    for seq, at_ms in enumerate(logged, 1):
        if seq > start:
            cell = ((seq - 1) // grid.positions, (at_ms + grid.shift_ms) // grid.period_ms)
            cells.setdefault(cell, []).append(seq)
    found = [
        Span(seqs[0], seqs[-1], max(logged[seq - 1] for seq in seqs), len(seqs), seqs[0], seqs[-1])
        for seqs in cells.values()
    ]
    return sorted(found, key=lambda span: span.first)


def stretches(found: list[Window]) -> list[tuple[int, int]]:
    return [(window.after, window.last) for window in found]


def test_a_window_ends_with_its_time_or_its_length():
    logged = [AT, AT + 29_999, AT + 30_000, *[AT + 60_000] * 1000]
    found = windows(spans(logged), GRID)
    assert stretches(found) == [(0, 2), (2, 3), (3, 500), (500, 1000), (1000, 1003)]
    assert [window.ends_ms - AT for window in found] == [30_000, 60_000, 90_000, 90_000, 90_000]
    assert [window.count for window in found] == [2, 1, 497, 500, 3]


def test_it_is_closed_when_nothing_can_come_into_it_any_more():
    (window,) = windows(spans([AT, AT]), GRID)
    assert not window.closed(2, AT + WINDOW_MS + SETTLED_MS - 1)
    assert window.closed(2, AT + WINDOW_MS + SETTLED_MS)
    assert window.closed(3, AT), "the log has gone on to the next"
    (full,) = windows(spans([AT] * POSITIONS), GRID)
    assert full.closed(POSITIONS, AT), "there is no room for another record"


def test_rooms_close_their_windows_at_moments_of_their_own():
    moments = {grid_of(f"room_{number}").ends_ms(NOON_MS) for number in range(100)}
    assert len(moments) > 90
    assert all(NOON_MS < moment <= NOON_MS + WINDOW_MS for moment in moments)
    assert grid_of("room_1") == grid_of("room_1")


def test_the_moment_of_a_room_never_changes():
    """Another hash would name every batch anew, and empty every cache in the world."""
    assert grid_of("room_abc123") == Grid(500, 30_000, 7_565)


def test_a_clock_that_was_set_back_makes_one_window_of_those_it_mixed():
    logged = [AT, AT + 40_000, AT + 10_000, AT + 50_000, AT + 70_000]
    found = windows(spans(logged), GRID)
    assert stretches(found) == [(0, 4), (4, 5)]
    assert (found[0].count, found[0].from_ms, found[0].to_ms) == (4, 1, 4)
    assert found[0].ends_ms == AT + 60_000


def test_times_of_what_is_not_shown_do_not_count():
    shown, hidden = Span(1, 3, AT, 2, 70, 80), Span(2, 2, AT + WINDOW_MS, 0, 0, 0)
    (joined,) = windows([shown, hidden], GRID)
    assert (joined.from_ms, joined.to_ms) == (70, 80)
    (joined,) = windows([Span(1, 3, AT, 0, 0, 0), hidden], GRID)
    assert (joined.from_ms, joined.to_ms, joined.count) == (0, 0, 0)


STEPS = st.lists(
    st.tuples(st.integers(1, 400), st.integers(-70_000, 70_000) | st.integers(0, 3000)), max_size=30
)


@given(STEPS, st.integers(0, WINDOW_MS - 1))
def test_windows_are_the_log_cut_once_wherever_one_begins(steps: list[tuple[int, int]], shift_ms: int):
    grid = GRID._replace(shift_ms=shift_ms)
    logged: list[int] = []
    now_ms = NOON_MS
    for count, step_ms in steps:
        logged += [now_ms] * count
        now_ms += step_ms
    found = windows(spans(logged, grid=grid), grid)
    cuts = [0, *(window.last for window in found)]
    assert [window.after for window in found] == cuts[:-1]
    assert cuts[-1] == len(logged)
    assert all(0 < window.last - window.after <= POSITIONS for window in found)
    for window in found:
        start = cell_start(window.after)
        again = windows(spans(logged, start, grid), grid)
        assert [other for other in again if other.after >= window.after][0] == window  # noqa: RUF015


@given(st.lists(st.integers(0, 20_000), max_size=60))
def test_with_a_clock_that_goes_on_a_window_is_a_period_and_closes_once(steps: list[int]):
    logged = [NOON_MS + sum(steps[:number]) for number in range(len(steps))]
    found = windows(spans(logged), GRID)
    periods = [len(list(group)) for _, group in groupby(logged, lambda at_ms: at_ms // WINDOW_MS)]
    assert [window.last - window.after for window in found] == periods
    # What is closed while the log grows is a window of the whole log.
    for head in range(1, len(logged) + 1):
        now_ms = logged[head - 1]
        for window in windows(spans(logged[:head]), GRID):
            if window.closed(head, now_ms):
                assert window in found


@pytest.mark.parametrize(("after", "start"), [(0, 0), (1, 0), (499, 0), (500, 500), (501, 500), (1000, 1000)])
def test_where_the_window_of_the_next_record_can_begin(after: int, start: int):
    assert cell_start(after) == start


def test_ends_are_in_order():
    found = windows(spans([AT + number * 7000 for number in range(50)]), GRID)
    assert all(one.ends_ms < other.ends_ms for one, other in pairwise(found))
