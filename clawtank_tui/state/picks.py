"""A cursor and marks over rows that come and go while one decides: by key, never by place.

Pure. What others take away under the cursor leaves a ghost in its place: the cursor does not slip to the next
row, and a key that was pressed for the one hits nothing. A row that came under the cursor by itself counts
as seen only a moment later.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

SEEN_S = 0.4
"""How long a row that nobody moved to must have been under the cursor before a key can mean it."""


class Picks:
    """The cursor and the marks of one list.

    Attributes:
        rows: The keys of the rows in sight order, a ghost among them.
        cursor: The key of the row under the cursor; empty for none.
        marks: Keys of marked rows.
        ghost: The key of the row that is gone and still shown; empty for none.
    """

    def __init__(self) -> None:
        """Start over an empty list."""
        self.rows: tuple[str, ...] = ()
        self.cursor = ""
        self.marks: frozenset[str] = frozenset()
        self.ghost = ""
        self._left: frozenset[str] = frozenset()
        self._came_s = -math.inf

    @property
    def index(self) -> int:
        """Return the place of the cursor's row; -1 without one."""
        return self.rows.index(self.cursor) if self.cursor else -1

    def unseen(self, now_s: float) -> bool:
        """Say whether the row came under the cursor by itself, too short a while ago to be meant."""
        return now_s - self._came_s < SEEN_S

    def hold(self, keys: Sequence[str], now_s: float, *, always: bool = True) -> None:
        """Take note of the rows there are now.

        Args:
            keys: Their keys, in order.
            now_s: Monotonic seconds.
            always: Whether a list with rows always has a cursor.
        """
        rows, present = list(keys), frozenset(keys)
        if self.cursor and self.cursor not in present:
            place = self._place_in(rows)
            if self.cursor in self._left:
                self.cursor = rows[min(place, len(rows) - 1)] if rows else ""
                self._came_s = now_s
            else:
                rows.insert(place, self.cursor)
        elif not self.cursor and rows and always:
            self.cursor, self._came_s = rows[0], now_s
        self.ghost = self.cursor if self.cursor not in present else ""
        self.rows, self.marks = tuple(rows), self.marks & present
        self._left &= present

    def _place_in(self, rows: Sequence[str]) -> int:
        """Return where the cursor's row would stand now: behind what stood before it."""
        before = set(self.rows[: self.index])
        return max((place + 1 for place, key in enumerate(rows) if key in before), default=0)

    def move(self, step: int) -> None:
        """Move the cursor by rows; a ghost it leaves is gone."""
        if not self.rows:
            return
        if not self.cursor:
            self.put(self.rows[-1])
            return
        place = self.index
        rest = [key for key in self.rows if key != self.ghost]
        place += step
        if self.ghost and step > 0:
            place -= 1  # the rows behind it have moved up
        self.rows = tuple(rest)
        self.put(rest[min(max(place, 0), len(rest) - 1)] if rest else "")

    def put(self, key: str) -> None:
        """Put the cursor on a row, which counts as seen; empty takes it away."""
        self.cursor, self._came_s = key, -math.inf
        if key != self.ghost:
            self.rows = tuple(row for row in self.rows if row != self.ghost)
            self.ghost = ""

    def toggle(self) -> None:
        """Mark the row under the cursor, or take its mark away; then go on to the next."""
        if self.cursor and self.cursor != self.ghost:
            self.marks ^= {self.cursor}
            self.move(1)

    def mark(self, keys: Iterable[str]) -> None:
        """Mark rows; if they all are marked already, take their marks away."""
        wanted = frozenset(keys) - {self.ghost}
        self.marks = self.marks - wanted if wanted <= self.marks else self.marks | wanted

    def chosen(self) -> tuple[str, ...]:
        """Return what a decision is about, in order: the marked rows, or the one under the cursor."""
        if self.marks:
            return tuple(key for key in self.rows if key in self.marks)
        return (self.cursor,) if self.cursor and self.cursor != self.ghost else ()

    def go_on(self, decided: Collection[str]) -> None:
        """Leave rows that were decided: the cursor goes to the next that was not, and the marks are gone."""
        self.marks = frozenset()
        self._left = frozenset(decided)
        if self.cursor not in decided:
            return
        place = self.index
        rest = [*self.rows[place:], *reversed(self.rows[:place])]
        self.cursor = next((key for key in rest if key not in decided), self.cursor)
