"""Why a message was not sent, cannot be, or is not seen yet: a sentence above the line one writes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clawtank_tui.widgets.cells import Line, fit, wrap
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from textual.geometry import Size

_MARGIN = 4
"""Cells of the frame and the sign."""
_MOST = 3
"""Lines at most: the talk above needs the room."""


class ChatNotice(LinePane):
    """A sentence, there only while there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._framed = True
        self.display = False

    def show(self, text: str, *, framed: bool) -> None:
        """Show a sentence; disappear when it is empty."""
        if (text, framed) == (self._text, self._framed):
            return
        self._text, self._framed = text, framed
        self.display = bool(text)
        self.repaint()
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the sentence takes; Textual asks for it."""
        return min(len(self._wrapped(width)), _MOST)

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the sentence, the later lines indented."""
        edge = ("│ " if self._framed else " ", STYLES["rule"])
        for number, line in enumerate(self._wrapped(width)[:height]):
            yield fit([edge, ("  " if number else "! ", STYLES["warn"]), *line], width)

    def _wrapped(self, width: int) -> list[Line]:
        return wrap([(self._text, STYLES["warn"])], max(width - _MARGIN, 1))
