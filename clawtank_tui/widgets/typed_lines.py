"""The lines somebody typed, to go back to: as a shell does it, with the one being written at the end."""

from __future__ import annotations

_KEPT = 100


class TypedLines:
    """Lines by age, and where in them their writer is."""

    def __init__(self) -> None:
        """Start with none."""
        self._lines: list[str] = []
        self._back = 0
        self._draft = ""

    def add(self, line: str) -> None:
        """Keep a line that was sent, once if it is the same as the last, and be at the end again."""
        if self._lines[-1:] != [line]:
            self._lines = [*self._lines, line][-_KEPT:]
        self._back, self._draft = 0, ""

    def go(self, back: int, written: str) -> str:
        """Return an older line, or a newer one when `back` is negative; at the ends, what is there.

        Args:
            back: How many lines further back.
            written: What is on the line now: kept while one looks at older ones.
        """
        if not self._back:
            self._draft = written
        self._back = min(max(self._back + back, 0), len(self._lines))
        return self._lines[-self._back] if self._back else self._draft
