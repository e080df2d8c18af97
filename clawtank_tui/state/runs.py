"""Rows that tell one thing together: an author's commits in a row, an agent's statuses in a row.

Found as rows arrive, by what they are and when, never by how they came: a newcomer's history has the same
runs as the screen of whoever watched all the while. Only neighbours run together, so order is never touched.
Spec: Event Batching, Smart Grouping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clawtank_tui.state.model import Row

SHORTEST = 3
"""Rows from which on a run is worth one line in their place."""
TOGETHER_MS = 30 * 60_000
"""Neighbours further apart than this are two stories, whoever tells them."""


class Run(NamedTuple):
    """Rows `first … end - 1` of a feed.

    Attributes:
        start: Where it began: its name for life, also when its first rows are forgotten.
    """

    start: int
    first: int
    end: int


class Runs:
    """The runs among rows that are added at the end and forgotten from the beginning."""

    def __init__(self, first: int = 0) -> None:
        """Start empty; the next row's index is `first`."""
        self._first = first
        self._starts: list[int] = []
        self._ends: dict[int, int] = {}
        self._last: Row | None = None

    def add(self, row: Row) -> None:
        """Take the next row."""
        index = self._first + len(self._starts)
        joins = self._last is not None and self._starts and run_together(self._last, row)
        start = self._starts[-1] if joins else index
        self._starts.append(start)
        self._ends[start] = index + 1
        self._last = row

    def forget(self, count: int) -> None:
        """Forget the oldest rows."""
        forgotten = set(self._starts[:count])
        del self._starts[:count]
        self._first += count
        for start in forgotten:
            if self._ends[start] <= self._first:
                del self._ends[start]

    def of(self, index: int) -> Run | None:
        """Return the run of a row that is held; None if it is too short to be one."""
        start = self._starts[index - self._first]
        end = self._ends[start]
        return Run(start, max(start, self._first), end) if end - start >= SHORTEST else None


def run_together(row: Row, following: Row) -> bool:
    """Say whether two neighbours belong to one run."""
    same = _subject(row)
    return (
        same is not None and same == _subject(following) and abs(following.at_ms - row.at_ms) <= TOGETHER_MS
    )


def _subject(row: Row) -> tuple[object, ...] | None:
    """Return what all rows of a run share; None for a row that stands for itself."""
    fields = row.fields
    match row.type:
        case "git.commit" if "author" in fields:
            return row.type, fields["author"], fields.get("branch")
        case "agent.status_change" if "agent_name" in fields:
            return row.type, fields["agent_name"]
        case _:
            return None
