"""The feed's rows keep their index for life, and memory is bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.feed import Feed
from clawtank_tui.state.model import Row, RowKind


def rows(start, count):
    return [Row(number, RowKind.EVENT) for number in range(start, start + count)]


@given(capacity=st.integers(1, 60), batches=st.lists(st.integers(0, 90), max_size=8))
def test_rows_keep_their_index_and_the_oldest_are_forgotten(capacity, batches):
    feed, total, forgotten = Feed(capacity), 0, 0
    for count in batches:
        forgotten += feed.append(rows(total, count))
        total += count

        assert len(feed) <= capacity
        assert (feed.first, feed.end) == (forgotten, total)
        assert [row.at_ms for row in feed] == [feed[index].at_ms for index in range(feed.first, feed.end)]
        assert all(feed[index].at_ms == index for index in range(feed.first, feed.end))


def test_what_is_not_held_is_an_index_error():
    feed = Feed(4)
    feed.append(rows(0, 6))

    for index in (0, 1, 6, -1):
        with pytest.raises(IndexError):
            feed[index]


def test_forgetting_is_done_for_many_rows_together():
    feed = Feed(100)
    feed.append(rows(0, 100))

    assert [feed.append(rows(number, 1)) for number in range(100, 107)] == [5, 0, 0, 0, 0, 5, 0]


def test_rows_after_a_new_beginning_count_on():
    feed = Feed(4)
    feed.append(rows(0, 6))
    feed.clear()
    assert (len(feed), feed.first, feed.end) == (0, 6, 6)

    feed.append(rows(0, 2))
    assert [feed[index].at_ms for index in (6, 7)] == [0, 1]
    with pytest.raises(IndexError):
        feed[5]
