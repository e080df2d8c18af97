"""The moderation log: who did what to whom, when and why; what was taken back is struck out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style

from clawtank_tui.state.desk_words import what, why
from clawtank_tui.state.lines import clock_time
from clawtank_tui.widgets.cells import Line, Piece, fit, wrap
from clawtank_tui.widgets.palette import STYLES, name_style
from clawtank_tui.widgets.pick_pane import PickPane

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk, Entry

INDENT = 2
_STRUCK = Style(strike=True)


@dataclass(frozen=True, slots=True)
class Logged:
    """A row: a line of the log, and the line that it takes back, if it is one that does."""

    line: Entry
    undone: Entry | None = None


class LogPane(PickPane[Logged]):
    """The log, newest last; it follows until the reader moves the cursor."""

    TITLE = "LOG"
    FOLLOWS = True

    def __init__(self, tz: tzinfo | None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tz = tz
        self._today_ms = 0

    def show(self, desk: Desk, now_ms: int, now_s: float) -> None:
        """Show a desk; `now_ms` says which day needs no date."""
        self._today_ms = now_ms
        lines = {line.entry_id: line for line in desk.log}
        self.hold({name: Logged(line, lines.get(line.undoes)) for name, line in lines.items()}, now_s)

    def empty_text(self) -> str:
        """Say that nothing was done."""
        return "Nobody has moderated anything yet."

    def paint_item(self, key: str, item: Logged, width: int) -> Sequence[Line]:
        """Paint a line of the log."""
        return _paint(item, clock_time(item.line.at_ms, self._tz, self._today_ms), width)


@lru_cache(maxsize=1024)
def _paint(row: Logged, at: str, width: int) -> tuple[Line, ...]:
    entry = row.line
    struck = entry.undone
    did = STYLES["faint"] + _STRUCK if struck else STYLES["text"]
    pieces: list[Piece] = [
        (f"{at} ", STYLES["faint"]),
        (entry.by, STYLES["note"] if entry.by == "relay" else name_style(entry.by)),
        (" ", STYLES["text"]),
        (what(entry, row.undone), did),
    ]
    if reason := why(entry):
        pieces.append((f"  {reason}", STYLES["quiet"]))
    if struck:
        pieces.append(("  undone", STYLES["good"]))
    elif entry.undoable:
        pieces.append(("  u", STYLES["key"]))
    first, *more = wrap(pieces, width, INDENT)
    indent: Piece = (" " * INDENT, STYLES["text"])
    return (fit(first, width), *(fit([indent, *line], width) for line in more))
