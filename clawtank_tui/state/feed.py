"""The feed's rows: appended, the oldest forgotten, and emptied when they may no longer be seen.

A row keeps one index for life, so that what a reader looks at does not move when rows are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType

from clawtank_tui.state.model import NOTHING, Row, RowKind
from clawtank_tui.state.runs import Run, Runs
from relay.protocol.events import CATEGORY_OF, Category

CAPACITY = 20_000
_GONE = Row(0, RowKind.GONE)


class Feed:
    """A bounded store of rows by absolute index: the first row ever is 0."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Start empty; holds at most `capacity` rows."""
        self._capacity = capacity
        # Forgetting moves the whole list once, so it is done for many rows together.
        self._chunk = max(capacity // 20, 1)
        self._rows: list[Row] = []
        self._first = 0
        self._emptied = 0
        self._runs = Runs()

    @property
    def emptied(self) -> int:
        """Return how often rows were emptied: what was painted of them before has to go too."""
        return self._emptied

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
        for row in rows:
            self._rows.append(row)
            self._runs.add(row)
        excess = len(self._rows) - self._capacity
        if excess <= 0:
            return 0
        forgotten = min(max(excess, self._chunk), len(self._rows))
        del self._rows[:forgotten]
        self._first += forgotten
        self._runs.forget(forgotten)
        return forgotten

    def empty(self, types: frozenset[str]) -> None:
        """Empty the rows of event types that may no longer be seen; their places stay."""
        if types:
            self._rows = [_without(row, types) for row in self._rows]
            self._emptied += 1
            self._find_runs()

    def clear(self) -> None:
        """Forget every row; those to come go on counting where these ended."""
        self._first += len(self._rows)
        self._rows.clear()
        self._find_runs()

    def run_of(self, index: int) -> Run | None:
        """Return the run that a row belongs to; None for one that stands for itself, or has little company.

        Raises:
            IndexError: If it is forgotten or not there yet.
        """
        self[index]
        return self._runs.of(index)

    def rows_of(self, run: Run) -> list[Row]:
        """Return the rows of a run."""
        return self._rows[run.first - self._first : run.end - self._first]

    def _find_runs(self) -> None:
        self._runs = Runs(self._first)
        for row in self._rows:
            self._runs.add(row)

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


def _without(row: Row, types: frozenset[str]) -> Row:
    """Return what may be kept of a row; a task's title, which other rows borrow, goes with the tasks."""
    if row.kind is not RowKind.EVENT:
        return row
    if row.type in types:
        return replace(_GONE, at_ms=row.at_ms)
    if "task.created" in types and "title" in row.fields and CATEGORY_OF.get(row.type) is Category.AGENT:
        left = {name: value for name, value in row.fields.items() if name != "title"}
        return replace(row, fields=MappingProxyType(left) if left else NOTHING)
    return row
