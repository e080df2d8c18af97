"""Which rows run together: neighbours of one sort by one author, and nobody else."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.feed import Feed
from clawtank_tui.state.runs import SHORTEST, TOGETHER_MS, run_together
from support.feed_rows import NOON_MS, commit, row, said, status, stretches


def runs_of(feed):
    return sorted({run for run in (feed.run_of(index) for index in range(feed.first, feed.end)) if run})


def test_a_push_by_one_author_is_one_run():
    feed = Feed()
    feed.append([said("hello"), *[commit(number) for number in range(10)], said("done")])

    assert runs_of(feed) == [(1, 1, 11)]
    assert (feed.run_of(0), feed.run_of(11)) == (None, None)
    assert [kept.fields["sha"] for kept in feed.rows_of(feed.run_of(5))] == [f"{n:07x}" for n in range(10)]


def test_a_run_goes_on_with_what_arrives_later():
    feed = Feed()
    lengths = []
    for number in range(5):
        feed.append([commit(number)])
        run = feed.run_of(0)
        lengths.append(run and run.end)

    assert lengths == [None, None, 3, 4, 5]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (commit(), commit(author="Codex")),
        (commit(), commit(branch="storage")),
        (commit(), commit(at_ms=NOON_MS + TOGETHER_MS + 1)),
        (commit(), status()),
        (status(), status(agent="Codex")),
        (said("hello"), said("hello")),
        (row("git.commit", sha="a1b2c3d"), row("git.commit", sha="a1b2c3d")),
    ],
)
def test_what_two_tell_or_long_apart_does_not_run_together(before, after):
    assert not run_together(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (commit(1), commit(2, at_ms=NOON_MS + TOGETHER_MS)),
        (commit(1), commit(2, at_ms=NOON_MS - 1000)),
        (status("testing", task_id="T-1"), status("idle")),
    ],
)
def test_what_one_tells_soon_after_does(before, after):
    assert run_together(before, after)


@given(parts=st.lists(stretches(), max_size=8), capacity=st.integers(5, 100))
def test_runs_are_neighbours_that_belong_together_and_all_of_them(parts, capacity):
    feed = Feed(capacity)
    for part in parts:
        feed.append(part)
    held = list(feed)
    joined = [run_together(*pair) for pair in itertools.pairwise(held)]

    for run in runs_of(feed):
        assert run.end - run.start >= SHORTEST
        assert feed.first <= run.first < run.end <= feed.end
        inner = joined[run.first - feed.first : run.end - 1 - feed.first]
        assert all(inner)
        assert run.end == feed.end or not joined[run.end - 1 - feed.first]
        assert run.first == feed.first or not joined[run.first - 1 - feed.first]


def test_rows_that_may_no_longer_be_seen_are_in_no_run():
    feed = Feed()
    feed.append([commit(1), commit(2), commit(3), said("hello"), status(), status(), status()])
    feed.empty(frozenset({"git.commit"}))

    assert runs_of(feed) == [(4, 4, 7)]


def test_a_run_keeps_its_name_when_its_beginning_is_forgotten():
    feed = Feed(4)
    feed.append([commit(number) for number in range(6)])
    assert runs_of(feed) == [(0, 2, 6)]
    feed.clear()
    feed.append([commit(1), commit(2)])
    assert runs_of(feed) == []
    with pytest.raises(IndexError):
        feed.run_of(5)
