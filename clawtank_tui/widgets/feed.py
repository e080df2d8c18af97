"""The activity feed: what happened, newest below; it follows, and never moves what is being read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.cache import LRUCache

from clawtank_tui.state.model import Phase, Row, RowKind, ViewState
from clawtank_tui.widgets.event_row import local_time, paint_date, paint_row
from clawtank_tui.widgets.list_pane import ListPane

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from clawtank_tui.state.feed import Feed
    from clawtank_tui.widgets.cells import Line

_KEPT = 4000
"""Painted rows kept for scrolling back and forth."""


class FeedPane(ListPane):
    """Rows of the feed; follows the end until the reader scrolls up."""

    TITLE = "ACTIVITY"
    LEAD = "──"
    EDGE = " "
    FOLLOWS = True

    def __init__(self, feed: Feed, tz: tzinfo | None) -> None:
        super().__init__()
        self._feed = feed
        self._tz = tz
        self._emptied = feed.emptied
        self._waiting_for = ""
        self._painted: LRUCache[tuple[int, int, bool], tuple[Line, ...]] = LRUCache(_KEPT)

    def show(self, view: ViewState) -> None:
        """Show the feed as far as it got."""
        if self._feed.emptied != self._emptied:
            self._emptied = self._feed.emptied
            self._painted.clear()
            self.viewport.resize(self.viewport.room)
        live = view.connection.phase is Phase.LIVE
        self._waiting_for = "Nothing has happened here yet." if live else "Waiting for the relay …"
        self.viewport.hold(self._feed.end, self._feed.first)
        self.repaint()

    def brief(self) -> str:
        """Count what arrived below."""
        return f"{self.viewport.unseen} new" if self.viewport.unseen else ""

    def empty_text(self) -> str:
        """Say what would be here."""
        return self._waiting_for

    def item_lines(self, item: int, width: int) -> Sequence[Line]:
        """Paint a row, under the date where a day begins; nothing for what may no longer be seen."""
        row = self._feed[item]
        if row.kind is RowKind.GONE:
            return ()
        oldest = item == self._feed.first
        key = (item, width, oldest)
        lines = self._painted.get(key)
        if lines is None:
            lines = paint_row(row, width, self._tz)
            if oldest or self._day(self._feed[item - 1]) != self._day(row):
                lines = (paint_date(self._day(row), width), *lines)
            self._painted[key] = lines
        return lines

    def _day(self, row: Row) -> date:
        return local_time(row.at_ms, self._tz).date()
