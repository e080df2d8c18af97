"""The activity feed: what happened, newest below; it follows, and never moves what is being read.

What runs together is folded to a summary, which Enter or a click unfolds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.cache import LRUCache
from textual.events import Click

from clawtank_tui.state.folds import Folds, Part
from clawtank_tui.state.model import Phase, Row, RowKind, ViewState
from clawtank_tui.widgets.event_row import local_time, paint_date, paint_row
from clawtank_tui.widgets.list_pane import ListPane
from clawtank_tui.widgets.run_row import paint_heading, paint_summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from clawtank_tui.state.feed import Feed
    from clawtank_tui.state.runs import Run
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
        self._folds = Folds(feed)
        self._tz = tz
        self._emptied = feed.emptied
        self._waiting_for = ""
        self._painted: LRUCache[tuple[int, ...], tuple[Line, ...]] = LRUCache(_KEPT)

    def show(self, view: ViewState) -> None:
        """Show the feed as far as it got."""
        if self._feed.emptied != self._emptied:
            self._emptied = self._feed.emptied
            self._painted.clear()
            self._folds.restart()
            self._fold()
            self.viewport.resize(self.viewport.room)
        live = view.connection.phase in (Phase.LIVE, Phase.REPLAY)
        self._waiting_for = "Nothing has happened here yet." if live else "Waiting for the relay …"
        self._fold()
        self.viewport.hold(self._feed.end, self._feed.first)
        self.repaint()

    def _fold(self) -> None:
        """Fold new runs; while the reader is elsewhere than at the end, only those not read yet."""
        self._folds.take(self.viewport.seen if self.viewport.paused else 0)

    def move(self, lines: int) -> None:
        """Scroll by lines; who comes back to the end finds folded what waited for it."""
        was_paused = self.viewport.paused
        super().move(lines)
        if was_paused and not self.viewport.paused:
            self.go_end()

    def go_end(self) -> None:
        """Go to the end, and follow what arrives."""
        self._folds.take()
        super().go_end()

    def enter_does(self) -> str:
        """Say in a word what Enter does here: `unfold`, `fold`, or nothing."""
        parts = {self._folds.part(place.item)[0] for place in self.viewport.visible()}
        if Part.SUMMARY in parts:
            return "unfold"
        return "fold" if parts & {Part.HEADING, Part.MEMBER} else ""

    def unfold(self) -> None:
        """Unfold the lowest summary in sight; when there is none, fold all that is unfolded in sight."""
        runs: dict[Part, list[Run]] = {}
        for place in self.viewport.visible():
            part, run = self._folds.part(place.item)
            if run is not None:
                runs.setdefault(part, []).append(run)
        summaries = runs.get(Part.SUMMARY)
        open_runs = [*runs.get(Part.HEADING, ()), *runs.get(Part.MEMBER, ())]
        self._toggle(
            *(summaries[-1:] if summaries else sorted({run.start: run for run in open_runs}.values()))
        )

    @on(Click)
    def unfold_clicked(self, event: Click) -> None:
        """Unfold the summary that was clicked, or fold what is under the heading that was."""
        places, line = list(self.viewport.visible()), event.y - self.framed
        if 0 <= line < len(places):
            part, run = self._folds.part(places[line].item)
            if run is not None and part in (Part.SUMMARY, Part.HEADING):
                self._toggle(run)

    def _toggle(self, *runs: Run) -> None:
        for run in runs:
            self._folds.toggle(run)
            self.viewport.reshape(run.first, run.end)
        self.repaint()

    def brief(self) -> str:
        """Count what arrived below."""
        return f"{self.viewport.unseen} new" if self.viewport.unseen else ""

    def empty_text(self) -> str:
        """Say what would be here."""
        return self._waiting_for

    def item_lines(self, item: int, width: int) -> Sequence[Line]:
        """Paint a row, or its run, under the date where a day begins; nothing for what is hidden or gone."""
        if not self._feed.first <= item < self._feed.end:
            return ()  # forgotten since the last paint
        row = self._feed[item]
        part, run = self._folds.part(item)
        if row.kind is RowKind.GONE or part is Part.HIDDEN:
            return ()
        above = self._above(item)
        length = run.end if run is not None and part is not Part.MEMBER else 0
        key = (item, width, above, part is Part.SUMMARY, length)
        lines = self._painted.get(key)
        if lines is None:
            lines = self._paint(row, part, run, width)
            if above < 0 or self._day(self._feed[above]) != self._day(row):
                lines = (paint_date(self._day(row), width), *lines)
            self._painted[key] = lines
        return lines

    def _paint(self, row: Row, part: Part, run: Run | None, width: int) -> tuple[Line, ...]:
        if run is not None and part is Part.SUMMARY:
            return paint_summary(self._feed.rows_of(run), width, self._tz)
        lines = paint_row(row, width, self._tz)
        if run is not None and part is Part.HEADING:
            return (paint_heading(self._feed.rows_of(run), width, self._tz), *lines)
        return lines

    def _above(self, item: int) -> int:
        """Return the row that stands above another; -1 if it is the first."""
        if item == self._feed.first:
            return -1
        part, run = self._folds.part(item - 1)
        return run.first if run is not None and part is Part.HIDDEN else item - 1

    def _day(self, row: Row) -> date:
        return local_time(row.at_ms, self._tz).date()
