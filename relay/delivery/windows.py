"""The batches that everybody can name: a room's log, cut by time and length, the same from every node.

A cut falls where a window of 30 seconds ends, and after every 500 positions, so that a flood comes in pieces
that caches take. Windows begin at another moment in each room: a thousand rooms do not close theirs in the
same second, for all caches to ask at once. Nothing is kept of it: the cuts are a function of the log.

Spec: Event Batching, CDN Integration.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from relay.storage.contract import Grid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relay.storage.contract import Span

WINDOW_MS = 30_000
POSITIONS = 500
SETTLED_MS = 2_000
"""How long after its end a window is closed: what was logged in it may still be on its way to the disk.
One that takes longer is in the list a second time, with the window's name of then; nothing is lost by it."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the log that is a batch of its own.

    Attributes:
        after: The position before it.
        last: The position it ends with.
        count: Events in it that may be shown.
        from_ms: When the earliest of them happened.
        to_ms: When the latest of them happened.
        ends_ms: When nothing can be logged in it any more.
    """

    after: int
    last: int
    count: int
    from_ms: int
    to_ms: int
    ends_ms: int

    def closed(self, head: int, now_ms: int) -> bool:
        """Say whether nothing can come into it any more, in a log that stands at `head`."""
        full = self.last % POSITIONS == 0
        return full or self.last < head or now_ms >= self.ends_ms + SETTLED_MS


def grid_of(room_id: str, window_ms: int = WINDOW_MS) -> Grid:
    """Return the cells that a room's windows are, those of viewers who chose batches too."""
    return Grid(POSITIONS, window_ms, zlib.crc32(room_id.encode()) % window_ms)


def cell_start(after: int) -> int:
    """Return the position before the first one that can be in a window with the record after `after`."""
    return after // POSITIONS * POSITIONS


def windows(spans: Iterable[Span], grid: Grid) -> list[Window]:
    """Return the windows that spans are, in order, from `cell_start` of some position on.

    A clock that was set back may have logged records in a window that had ended. Then the cells overlap, and
    are one window: of two batches neither may hold what the other does.
    """
    found: list[Window] = []
    for span in spans:
        window = Window(
            span.first - 1, span.last, span.count, span.from_ms, span.to_ms, grid.ends_ms(span.logged_ms)
        )
        if found and window.after < found[-1].last:
            found[-1] = _joined(found[-1], window)
        else:
            found.append(window)
    return found


def _joined(one: Window, other: Window) -> Window:
    shown = [window for window in (one, other) if window.count]
    return replace(
        one,
        last=max(one.last, other.last),
        count=one.count + other.count,
        from_ms=min((window.from_ms for window in shown), default=0),
        to_ms=max((window.to_ms for window in shown), default=0),
        ends_ms=max(one.ends_ms, other.ends_ms),
    )
