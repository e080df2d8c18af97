"""Runs in the feed, as lines: folding and unfolding, and what arrives never moves what is read."""

from __future__ import annotations

from datetime import UTC

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clawtank_tui.state.feed import Feed
from clawtank_tui.state.folds import Part
from clawtank_tui.state.model import RoomInfo, Row, ViewState
from clawtank_tui.widgets.feed import FeedPane
from support.feed_rows import MINUTE_MS, NOON_MS, commit, said, status, stretches

VIEW = ViewState(RoomInfo("room"))
WIDTH, HEIGHT = 80, 13


class Pane:
    """A feed pane without an app: what it would paint, as text."""

    def __init__(self, capacity: int = 1000) -> None:
        self.feed = Feed(capacity)
        self.pane = FeedPane(self.feed, UTC)
        self.pane.framed = False
        self.text()

    def arrive(self, *rows: Row) -> list[str]:
        self.feed.append(rows)
        self.pane.show(VIEW)
        return self.text()

    def text(self) -> list[str]:
        return ["".join(text for text, _ in line).rstrip()[1:] for line in self.pane.lines(WIDTH, HEIGHT)]


def push(count: int) -> list[Row]:
    return [commit(number, at_ms=NOON_MS + number * 1000) for number in range(1, count + 1)]


def test_a_push_is_two_lines_with_who_how_much_and_the_newest() -> None:
    lines = Pane().arrive(*push(10))

    assert lines[1:3] == [
        "12:00:10  ▸   Claude      10 commits on main · +55 −10",
        "                          000000a subject 10",
    ]
    assert lines[3:] == [""] * 10


def test_one_more_commit_moves_no_line() -> None:
    pane = Pane()
    before = pane.arrive(said("hello"), *push(3))
    after = pane.arrive(commit(4, at_ms=NOON_MS + 4000))

    assert [line[:26] for line in after[2:]] == ["12:00:04  ▸   Claude      ", " " * 26, *[""] * 9]
    assert "4 commits" in after[2]
    assert after[:2] == before[:2]


def test_enter_unfolds_under_a_heading_and_folds_again() -> None:
    pane = Pane()
    folded = pane.arrive(said("hello"), *push(3), said("done"))
    assert pane.pane.enter_does() == "unfold"

    pane.pane.unfold()
    lines = pane.text()
    assert lines[:2] == folded[:2]
    assert lines[2] == "12:00:01  ▾   Claude      3 commits on main · +6 −3"
    assert [line[26:47] for line in lines[3:6]] == [f"commit 000000{n} subjec" for n in (1, 2, 3)]
    assert "done" in lines[6]
    assert pane.pane.enter_does() == "fold"

    pane.pane.unfold()
    assert pane.text() == folded


def test_enter_goes_up_from_the_newest_and_then_folds_all() -> None:
    pane = Pane()
    folded = pane.arrive(*push(3), said("then"), *[commit(n, branch="storage") for n in (7, 8, 9)])
    pane.pane.unfold()
    assert [sum(sign in line for line in pane.text()) for sign in "▸▾"] == [1, 1]
    assert "on main" in next(line for line in pane.text() if "▸" in line)
    pane.pane.unfold()
    assert [sum(sign in line for line in pane.text()) for sign in "▸▾"] == [0, 2]
    pane.pane.unfold()
    assert pane.text() == folded


def test_a_run_longer_than_the_page_unfolds_from_its_heading_and_the_feed_waits() -> None:
    pane = Pane()
    pane.arrive(said("hello"), *push(40))
    pane.pane.unfold()
    lines = pane.text()

    assert "▾" in lines[0], "as much of it as the page holds"
    assert "0000001" in lines[1]
    assert "paused" in lines[-1]
    pane.pane.move(20)
    assert pane.pane.enter_does() == "fold"
    pane.pane.unfold()
    assert "▸" in "".join(pane.text())
    assert not pane.pane.viewport.paused


def test_statuses_are_the_newest_of_them_and_how_many_came_before() -> None:
    states = [status(word, at_ms=NOON_MS) for word in ("thinking", "executing", "testing")]
    lines = Pane().arrive(*states, status("committing", at_ms=NOON_MS + MINUTE_MS))

    assert lines[1].startswith("12:01:00  ▸ ◆ Claude      is committing")
    assert lines[1].endswith("+3 earlier")
    assert lines[2] == ""


def test_a_run_that_closes_under_a_readers_eyes_waits_for_the_end() -> None:
    pane = Pane()
    tall = " and so on" * 6
    pane.arrive(*[said(f"word {number}") for number in range(20)], *[commit(n, more=tall) for n in (1, 2)])
    pane.pane.move(-1)
    before = pane.text()
    assert "subject 1" in before[-3]
    assert pane.arrive(*[commit(n, more=tall) for n in (3, 4)])[:-1] == before[:-1]
    pane.pane.go_end()
    assert "4 commits" in "".join(pane.text())


def test_a_day_that_begins_after_a_run_begins_only_once() -> None:
    before_midnight = NOON_MS + 12 * 60 * MINUTE_MS - 1000
    late = [commit(number, at_ms=before_midnight + number * 400) for number in range(1, 5)]
    lines = Pane().arrive(*late, said("good morning", at_ms=before_midnight + 5000))

    assert ["──" in line[:2] for line in lines[:5]] == [True, False, False, True, False]
    assert "18 February" in lines[3]


class Reading(RuleBasedStateMachine):
    """Whatever arrives and whatever is unfolded: the page is whole, and a reader keeps their place."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = Pane(capacity=80)

    @rule(rows=stretches())
    def arrive(self, rows: list[Row]) -> None:
        pane = self.shown.pane
        paused, first = pane.viewport.paused, self.shown.feed.first
        before, places = self.shown.text(), list(pane.viewport.visible())
        after = self.shown.arrive(*rows)
        if paused and self.shown.feed.first == first and len(places) == pane.viewport.page:
            assert list(pane.viewport.visible()) == places
            steady = [pane._folds.part(place.item)[0] not in (Part.SUMMARY, Part.HEADING) for place in places]
            for line, (was, now) in enumerate(zip(before[:-1], after[:-1], strict=True)):
                assert was == now or not steady[line]

    @rule(lines=st.integers(-30, 30))
    def scroll(self, lines: int) -> None:
        self.shown.pane.move(lines)

    @rule()
    def enter(self) -> None:
        pane = self.shown.pane
        above = list(pane.viewport.visible())
        does = pane.enter_does()
        unfolded = next((p for p in reversed(above) if pane._folds.part(p.item)[0] is Part.SUMMARY), None)
        pane.unfold()
        if does == "unfold" and unfolded is not None:
            below = list(pane.viewport.visible())
            _, run = pane._folds.part(unfolded.item)
            assert run is not None
            items = {place.item for place in below}
            assert {run.first, run.end - 1} <= items or below[0].item == run.first, "as much as there is room"

    @rule()
    def to_end(self) -> None:
        self.shown.pane.go_end()

    @rule()
    def hide_commits(self) -> None:
        self.shown.feed.empty(frozenset({"git.commit"}))
        self.shown.pane.show(VIEW)

    @invariant()
    def nothing_is_lost_at_the_end(self) -> None:
        pane, feed = self.shown.pane, self.shown.feed
        lines = self.shown.text()
        assert len(lines) == HEIGHT
        tall = [item for item in range(feed.first, feed.end) if pane.item_lines(item, pane._list_width)]
        if pane.viewport.following and tall:
            *_, last = pane.viewport.visible()
            assert last.item == tall[-1]


TestReading = Reading.TestCase
TestReading.settings = settings(max_examples=40, stateful_step_count=25)
