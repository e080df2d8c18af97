"""Folding hides nothing for good: no row lost, none twice, the order kept, and none taken from a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clawtank_tui.state.feed import Feed
from clawtank_tui.state.folds import Folds, Part
from support.feed_rows import commit, said, stretches

if TYPE_CHECKING:
    from clawtank_tui.state.model import Row


def folded(*rows: Row) -> tuple[Feed, Folds]:
    feed = Feed()
    folds = Folds(feed)
    feed.append(rows)
    folds.take()
    return feed, folds


def parts(feed: Feed, folds: Folds) -> list[Part]:
    return [folds.part(index)[0] for index in range(feed.first, feed.end)]


PUSH = [commit(number) for number in range(4)]


def test_a_run_is_folded_to_its_summary_until_somebody_unfolds_it() -> None:
    feed, folds = folded(said("hello"), *PUSH)
    assert parts(feed, folds) == [Part.ALONE, Part.SUMMARY, *[Part.HIDDEN] * 3]
    _, run = folds.part(3)
    assert run is not None
    folds.toggle(run)
    assert parts(feed, folds) == [Part.ALONE, Part.HEADING, *[Part.MEMBER] * 3]
    feed.append([commit(4)])
    folds.take()
    assert parts(feed, folds)[-1] is Part.MEMBER, "what arrives belongs to the run as the viewer left it"
    folds.toggle(run)
    assert parts(feed, folds) == [Part.ALONE, Part.SUMMARY, *[Part.HIDDEN] * 4]


def test_rows_that_are_read_stay_until_the_end_is_followed_again() -> None:
    feed, folds = folded(commit(1), commit(2))
    feed.append([commit(3), commit(4)])
    folds.take(read=2)
    assert parts(feed, folds) == [Part.ALONE] * 4
    folds.take()
    assert parts(feed, folds) == [Part.SUMMARY, *[Part.HIDDEN] * 3]


def test_what_arrived_unread_folds_at_once() -> None:
    feed, folds = folded(said("hello"))
    feed.append(PUSH)
    folds.take(read=1)
    assert parts(feed, folds)[1:] == [Part.SUMMARY, *[Part.HIDDEN] * 3]


class Folding(RuleBasedStateMachine):
    """Whatever arrives, is forgotten or emptied, and whatever the viewer folds."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = Feed(40)
        self.folds = Folds(self.feed)
        self.read = 0

    @rule(rows=stretches())
    def arrive(self, rows: list[Row]) -> None:
        first = self.feed.first
        before = {index: self.folds.part(index)[0] for index in range(first, self.feed.end)}
        self.feed.append(rows)
        self.folds.take(self.read)
        for index in range(self.feed.first, min(self.read, self.feed.end)):
            if self.feed.first == first and index in before:
                assert self.folds.part(index)[0] is before[index], "it was being read"

    @rule(back=st.integers(1, 20))
    def scroll_up(self, back: int) -> None:
        self.read = max(self.feed.end - back, self.feed.first)

    @rule()
    def follow(self) -> None:
        self.read = 0
        self.folds.take()
        runs = [self.feed.run_of(index) for index in range(self.feed.first, self.feed.end)]
        shapes = [self.folds.part(index)[0] for index in range(self.feed.first, self.feed.end)]
        assert all(run is None or shape is not Part.ALONE for run, shape in zip(runs, shapes, strict=True))

    @precondition(lambda self: len(self.feed))
    @rule(data=st.data())
    def toggle(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(self.feed.first, self.feed.end - 1))
        before, run = self.folds.part(index)
        if run is not None:
            self.folds.toggle(run)
            hidden = {Part.SUMMARY, Part.HIDDEN}
            assert (self.folds.part(index)[0] in hidden) != (before in hidden)

    @rule(kind=st.sampled_from(["git.commit", "agent.status_change"]))
    def empty(self, kind: str) -> None:
        self.feed.empty(frozenset({kind}))
        self.folds.restart()
        self.folds.take(self.read)

    @rule()
    def clear(self) -> None:
        self.feed.clear()
        self.read = 0
        self.folds.take()

    @invariant()
    def every_row_is_told_once_and_in_order(self) -> None:
        told: list[int] = []
        for index in range(self.feed.first, self.feed.end):
            part, run = self.folds.part(index)
            if part is Part.SUMMARY:
                assert run is not None
                told += range(run.first, run.end)
            elif part is not Part.HIDDEN:
                told.append(index)
        assert told == list(range(self.feed.first, self.feed.end))


TestFolding = Folding.TestCase
