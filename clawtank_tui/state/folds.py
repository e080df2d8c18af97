"""Which runs of a feed are folded to a summary, and which the viewer unfolded.

Pure but for the feed it looks at. A run folds by itself, but never under the eyes of a reader: of rows that
were read while the feed is not followed, none is taken away before it is followed again.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clawtank_tui.state.feed import Feed
    from clawtank_tui.state.runs import Run


class Part(Enum):
    """What a row is on the screen."""

    ALONE = "alone"
    """Itself."""
    SUMMARY = "summary"
    """What stands for its whole folded run."""
    HIDDEN = "hidden"
    """Told by the summary of its run."""
    HEADING = "heading"
    """Itself, under the heading of its unfolded run."""
    MEMBER = "member"
    """Itself, somewhere below such a heading."""


class Folds:
    """The folds of one feed."""

    def __init__(self, feed: Feed) -> None:
        """Start where the feed stands: what is in it folds at the first `take`."""
        self._feed = feed
        self._first = self._taken = feed.first
        self._folded: set[int] = set()
        self._unfolded: set[int] = set()
        self._waiting: set[int] = set()

    def take(self, read: int = 0) -> None:
        """Fold what has become a run.

        Args:
            read: Rows before this index are being read: a run that reaches into them waits. 0: nobody minds.
        """
        feed = self._feed
        if feed.first != self._first:
            self._forget()
        if not read:
            self._folded |= self._waiting
            self._waiting.clear()
        for index in range(max(self._taken, feed.first), feed.end):
            run = feed.run_of(index)
            if run is None or run.start in self._folded or run.start in self._unfolded:
                continue
            (self._folded if run.first >= read else self._waiting).add(run.start)
        self._taken = feed.end

    def restart(self) -> None:
        """Look at every row again: some were emptied, and their runs are others now."""
        self._folded.clear()
        self._waiting.clear()
        self._taken = self._feed.first

    def _forget(self) -> None:
        self._first = first = self._feed.first
        alive = self._feed.run_of(first) if first < self._feed.end else None
        oldest = first if alive is None else alive.start
        for starts in (self._folded, self._unfolded, self._waiting):
            starts.difference_update([start for start in starts if start < oldest])

    def part(self, index: int) -> tuple[Part, Run | None]:
        """Say what a row is on the screen, and of which run; None for a row that stands alone."""
        run = self._feed.run_of(index)
        if run is not None and run.start in self._folded:
            return (Part.SUMMARY if index == run.first else Part.HIDDEN), run
        if run is not None and run.start in self._unfolded:
            return (Part.HEADING if index == run.first else Part.MEMBER), run
        return Part.ALONE, None

    def toggle(self, run: Run) -> None:
        """Unfold a run, or fold it again."""
        if run.start in self._folded:
            self._folded.remove(run.start)
            self._unfolded.add(run.start)
        else:
            self._unfolded.discard(run.start)
            self._folded.add(run.start)
