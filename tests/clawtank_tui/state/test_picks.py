"""Cursor and marks over rows that come and go: no key hits another row than the one it was pressed for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.picks import SEEN_S, Picks


def picks(*keys: str, at_s: float = 0.0) -> Picks:
    made = Picks()
    made.hold(keys, at_s)
    return made


def test_the_first_row_that_comes_is_under_the_cursor_but_counts_only_a_moment_later() -> None:
    made = picks("a", "b", at_s=5.0)
    assert made.chosen() == ("a",)
    assert made.unseen(5.0)
    assert not made.unseen(5.0 + SEEN_S)


def test_a_row_one_moves_to_counts_at_once() -> None:
    made = picks("a", "b", at_s=5.0)
    made.move(1)
    assert (made.cursor, made.unseen(5.0)) == ("b", False)


def test_what_arrives_moves_the_cursor_to_no_other_row() -> None:
    made = picks("b")
    made.hold(("a", "b", "c"), 1.0)
    assert made.chosen() == ("b",)


def test_what_others_take_away_leaves_a_ghost_that_no_decision_hits() -> None:
    made = picks("a", "b", "c")
    made.move(1)
    made.hold(("a", "c", "d"), 1.0)
    assert (made.rows, made.ghost) == (("a", "b", "c", "d"), "b")
    assert made.chosen() == ()
    made.hold(("a", "c", "d", "e"), 2.0)
    assert made.rows == ("a", "b", "c", "d", "e"), "it stays as long as the cursor does"


def test_leaving_a_ghost_leads_to_its_neighbours_and_it_is_gone() -> None:
    for step, expected in ((1, "c"), (-1, "a")):
        made = picks("a", "b", "c")
        made.move(1)
        made.hold(("a", "c"), 1.0)
        made.move(step)
        assert (made.cursor, made.rows, made.ghost) == (expected, ("a", "c"), "")


def test_the_last_row_of_all_may_be_a_ghost_and_can_be_left() -> None:
    made = picks("a")
    made.hold((), 1.0)
    assert made.rows == ("a",)
    made.move(1)
    assert (made.rows, made.cursor) == ((), "")


def test_a_row_that_comes_back_is_no_ghost_any_more() -> None:
    made = picks("a", "b")
    made.hold(("b",), 1.0)
    made.hold(("a", "b"), 2.0)
    assert (made.ghost, made.chosen()) == ("", ("a",))


def test_a_decision_leads_on_to_the_next_row_and_at_the_end_to_the_one_before() -> None:
    made = picks("a", "b", "c")
    made.go_on(["a"])
    assert made.cursor == "b"
    made.put("c")
    made.go_on(["c"])
    assert made.cursor == "b"


def test_what_was_decided_here_leaves_no_ghost() -> None:
    made = picks("a")
    made.go_on(["a"])
    made.hold((), 1.0)
    assert (made.rows, made.cursor) == ((), "")
    made.hold(("b",), 2.0)
    assert made.cursor == "b"
    assert made.unseen(2.0)


def test_marks_are_what_a_decision_is_about_in_the_order_of_rows() -> None:
    made = picks("a", "b", "c", "d")
    made.toggle()
    made.move(1)
    made.toggle()
    assert made.chosen() == ("a", "c")
    made.hold(("a", "b", "d"), 1.0)
    assert made.chosen() == ("a",)
    made.go_on(["a"])
    assert made.marks == frozenset()


def test_marking_all_again_takes_the_marks_away() -> None:
    made = picks("a", "b")
    made.mark(["a"])
    made.mark(["a", "b"])
    assert made.chosen() == ("a", "b")
    made.mark(["a", "b"])
    assert made.chosen() == ("a",), "the cursor's row, unmarked"


def test_a_list_that_follows_has_a_cursor_only_when_it_is_moved() -> None:
    made = Picks()
    made.hold(("a", "b"), 0.0, always=False)
    assert made.chosen() == ()
    made.move(-1)
    assert made.chosen() == ("b",)
    made.hold(("a", "b", "c"), 1.0, always=False)
    assert made.chosen() == ("b",)


moves = st.one_of(
    st.tuples(st.just("hold"), st.lists(st.sampled_from("abcdefg"), unique=True)),
    st.tuples(st.just("move"), st.sampled_from([-3, -1, 1, 2])),
    st.tuples(st.just("toggle"), st.none()),
)


@given(st.lists(moves, max_size=30))
def test_only_moving_changes_which_row_a_decision_hits(story: list[tuple[str, object]]) -> None:
    made, present = Picks(), frozenset[str]()
    for step, (kind, value) in enumerate(story):
        before = made.cursor
        if kind == "hold":
            assert isinstance(value, list)
            present = frozenset(value)
            made.hold(value, float(step))
            # What was there stays; only an empty cursor is given a row.
            assert made.cursor == before or not before
        elif kind == "move":
            assert isinstance(value, int)
            made.move(value)
        else:
            made.toggle()
        assert not made.cursor or made.cursor in made.rows
        assert len(set(made.rows)) == len(made.rows)
        assert set(made.chosen()) <= present
