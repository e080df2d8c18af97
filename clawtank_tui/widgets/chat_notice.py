"""Why a message was not sent, or cannot be, and what this viewer alone is told: above the chat's line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clawtank_tui.widgets.cells import Line, fit, wrap
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from rich.style import Style
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
        self._calm = False
        self.display = False

    def show(self, text: str, *, framed: bool, calm: bool = False) -> None:
        """Show a sentence; disappear when it is empty. A calm one is no warning."""
        if (text, framed, calm) == (self._text, self._framed, self._calm):
            return
        self._text, self._framed, self._calm = text, framed, calm
        self.display = bool(text)
        self.repaint()
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the sentence takes; Textual asks for it."""
        return min(len(self._wrapped(width)), _MOST)

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the sentence, the later lines indented."""
        edge = ("│ " if self._framed else " ", STYLES["rule"])
        sign = "· " if self._calm else "! "
        for number, line in enumerate(self._wrapped(width)[:height]):
            yield fit([edge, ("  " if number else sign, self._style), *line], width)

    def _wrapped(self, width: int) -> list[Line]:
        return wrap([(self._text, self._style)], max(width - _MARGIN, 1))

    @property
    def _style(self) -> Style:
        return STYLES["accent" if self._calm else "warn"]
