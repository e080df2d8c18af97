"""The base of everything painted: a widget that owns its lines and repaints only those that changed.

Textual repaints a widget whole; over SSH that is what a screen costs. A `LinePane` paints its lines, compares
them with those on the screen, and asks for the rows that differ.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region
from textual.widget import Widget

from clawtank_tui.widgets.cells import Line, blank, paint

if TYPE_CHECKING:
    from textual.strip import Strip


_NEVER = (-1, -1)


class LinePane(Widget):
    """A widget made of lines."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: list[Line] = []
        self._strips: list[Strip] = []
        self._shown_size = _NEVER
        self._base = Style.null()

    @abstractmethod
    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint at most `height` lines of exactly `width` cells, as things are now."""

    def repaint(self) -> None:
        """Paint again, and send to the terminal the rows that changed."""
        width, height = self.size
        if self._shown_size != (width, height):
            # Of a new size, or out of sight: Textual asks for the lines when it shows them, at whatever size;
            # told that they are others, because it keeps what it showed last at a size it had before.
            self._shown_size = _NEVER
            self._shown, self._strips = [], []
            self.refresh()
            return
        before, self._shown = self._shown, self._all_lines(width, height)
        changed = [y for y in range(height) if before[y] != self._shown[y]]
        for y in changed:
            self._strips[y] = paint(self._shown[y], self._base)
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Return a painted line; Textual asks for it."""
        if self._shown_size != self.size:
            width, height = self._shown_size = self.size
            self._shown = self._all_lines(width, height)
            self._base = self.rich_style
            self._strips = [paint(line, self._base) for line in self._shown]
        return self._strips[y]

    def notify_style_update(self) -> None:
        """Paint anew when colours have changed; Textual calls it whenever they may have.

        Only then does it also ask for the lines; where nothing changed, those that differ are ours to send.
        """
        super().notify_style_update()
        if self.rich_style != self._base:
            self._shown_size = _NEVER

    def _all_lines(self, width: int, height: int) -> list[Line]:
        painted = list(self.lines(width, height))[:height]
        return [*painted, *(blank(width) for _ in range(height - len(painted)))]
