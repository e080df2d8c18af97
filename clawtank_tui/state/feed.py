"""The feed's rows: appended, never changed, the oldest forgotten.

A row keeps one index for life, so that what a reader looks at does not move when rows are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clawtank_tui.state.model import Row

CAPACITY = 20_000


class Feed:
    """A bounded store of rows by absolute index: the first row ever is 0."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Start empty; holds at most `capacity` rows."""
        self._capacity = capacity
        # Forgetting moves the whole list once, so it is done for many rows together.
        self._chunk = max(capacity // 20, 1)
        self._rows: list[Row] = []
        self._first = 0

    @property
    def first(self) -> int:
        """Return the index of the oldest row held."""
        return self._first

    @property
    def end(self) -> int:
        """Return the index the next row will get."""
        return self._first + len(self._rows)

    def append(self, rows: Iterable[Row]) -> int:
        """Add rows at the end.

        Returns:
            How many of the oldest rows were forgotten for it.
        """
        self._rows.extend(rows)
        excess = len(self._rows) - self._capacity
        if excess <= 0:
            return 0
        forgotten = min(max(excess, self._chunk), len(self._rows))
        del self._rows[:forgotten]
        self._first += forgotten
        return forgotten

    def clear(self) -> None:
        """Forget every row; those to come go on counting where these ended."""
        self._first += len(self._rows)
        self._rows.clear()

    def __len__(self) -> int:
        """Return how many rows are held."""
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        """Return the row at an absolute index.

        Raises:
            IndexError: If it is forgotten or not there yet.
        """
        if not self._first <= index < self.end:
            raise IndexError(f"row {index} is not held: {self._first} to {self.end - 1} are")
        return self._rows[index - self._first]

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows held, oldest first."""
        return iter(self._rows)
