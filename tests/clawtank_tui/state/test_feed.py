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


def test_rows_that_may_no_longer_be_seen_leave_nothing_but_their_place():
    feed = Feed()
    feed.append(
        [
            Row(1, RowKind.EVENT, "git.commit", "e-1", {"author": "alice", "message": "feat: x"}),
            Row(2, RowKind.NOTE, fields={"text": "hello"}),
            Row(3, RowKind.EVENT, "chat.public", "e-3", {"author": "bob", "content": "hi"}),
        ]
    )
    feed.empty(frozenset({"git.commit"}))
    assert [row.kind for row in feed] == [RowKind.GONE, RowKind.NOTE, RowKind.EVENT]
    assert "alice" not in repr(list(feed))
    assert (feed.first, feed.end, feed[2].type, feed.emptied) == (0, 3, "chat.public", 1)
    feed.empty(frozenset())
    assert feed.emptied == 1


def test_a_title_that_a_row_borrowed_from_a_task_goes_with_the_tasks():
    feed = Feed()
    status = {"agent_name": "Claude", "status": "testing", "task_id": "T1", "title": "Scaffold"}
    feed.append([Row(1, RowKind.EVENT, "agent.status_change", "e-1", status)])
    feed.empty(frozenset({"task.created", "task.completed"}))
    assert dict(feed[0].fields) == {"agent_name": "Claude", "status": "testing", "task_id": "T1"}
