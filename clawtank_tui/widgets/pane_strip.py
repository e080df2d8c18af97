"""The narrow screen's strip: the panes by name, each with its news in a few words, the present one lit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clawtank_tui.widgets.cells import Line, Piece, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES


class PaneStrip(LinePane):
    """One line of pane names and details."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Sequence[tuple[str, str, bool]] = ()

    def show(self, parts: Sequence[tuple[str, str, bool]]) -> None:
        """Show panes as name, detail and whether it is the present one."""
        self._parts = parts
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line; what does not fit is cut at the end."""
        pieces: list[Piece] = []
        for name, detail, active in self._parts:
            if pieces:
                pieces.append(("│", STYLES["rule"]))
            pieces.append((f" {name.upper()} ", STYLES["tab.active" if active else "title"]))
            if detail:
                pieces.append((f"{detail} ", STYLES["quiet"]))
        yield fit(pieces, width)
