"""Why a message was not sent, cannot be, or is not seen yet: a sentence above the line one writes on."""

from __future__ import annotations

from collections.abc import Iterator

from clawtank_tui.widgets.cells import Line, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES


class ChatNotice(LinePane):
    """One line, there only while there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._framed = True

    def show(self, text: str, *, framed: bool) -> None:
        """Show a sentence; disappear when it is empty."""
        self._text, self._framed = text, framed
        self.display = bool(text)
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line."""
        edge = "│ " if self._framed else " "
        yield fit([(edge, STYLES["rule"]), ("! ", STYLES["warn"]), (self._text, STYLES["warn"])], width)
