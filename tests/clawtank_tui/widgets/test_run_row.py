"""A summary is as high with many rows as with few, and as wide as the page whatever stands in it."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.intake import event_row
from clawtank_tui.widgets.cells import width_of
from clawtank_tui.widgets.run_row import paint_heading, paint_summary
from support.feed_rows import commit, status

if TYPE_CHECKING:
    from clawtank_tui.state.model import Row


@pytest.mark.parametrize(("write", "height"), [(commit, 2), (lambda _: status(), 1)])
def test_more_rows_make_no_more_lines(write, height) -> None:
    heights = {len(paint_summary([write(n) for n in range(count)], 60, UTC)) for count in (3, 10, 4000)}
    assert heights == {height}


@given(
    kind=st.sampled_from(["git.commit", "agent.status_change"]),
    words=st.text(min_size=1, max_size=200),
    number=st.integers(0, 10**12),
    width=st.integers(2, 120),
)
def test_nothing_in_a_run_can_bend_a_column(kind: str, words: str, number: int, width: int) -> None:
    names = ("author", "agent_name", "branch", "message", "sha", "status", "task_id")
    fields: dict[str, object] = {**dict.fromkeys(names, words), "additions": number, "progress": number}
    rows: list[Row] = []
    for seq in range(3):
        read = event_row({"seq": seq, "type": kind, **fields, "author": f"x{words}"}, 0)
        assert read is not None
        rows.append(read[1])
    lines = [*paint_summary(rows, width, UTC), paint_heading(rows, width, UTC)]
    assert {width_of(line) for line in lines} == {width}
    assert not any("\n" in text for line in lines for text, _ in line)
