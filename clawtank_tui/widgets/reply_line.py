"""What is being answered: the beginning of a message, above the line on which the answer is written."""

from __future__ import annotations

from collections.abc import Iterator

from clawtank_tui.widgets.cells import Line, apart, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES


class ReplyLine(LinePane):
    """One line, there only while something is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._quote, self._framed = "", True
        self.display = False

    def show(self, quote: str, *, framed: bool) -> None:
        """Show a quote; disappear when it is empty."""
        self._quote, self._framed = quote, framed
        self.display = bool(quote)
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the quote, and how to be rid of it; the quote gives way where it is narrow."""
        edge = ("│ " if self._framed else " ", STYLES["rule"])
        left = [edge, ("↳ ", STYLES["accent"]), (self._quote, STYLES["quiet"])]
        yield fit(apart(left, [("Esc", STYLES["key"]), (" drops ", STYLES["faint"])], width), width)
